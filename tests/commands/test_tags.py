"""Tags: what videos are booked under; and each kind of limit, from what is typed to the words of its refusal."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.messaging import Ask, Choice, Place, Reply
from tests.support.enhancers import with_enhancer
from tests.support.front import ADA, BEN, CAT, PRICE, Front, actor, front, place, shown

ADS = replace(place(), channel="ads")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path, on=("fal",)) as made:
        made.desk.messenger.known_groups = (Choice(value="7", label="Designers"),)
        made.desk.messenger.members = {"7": frozenset((BEN,))}
        yield made


async def says_in(house: Front, where: Place, text: str, *, by: str = BEN) -> Reply:
    ask = Ask(key=house._key(None), actor=actor(by), place=where, text=text)
    return await house.commands.ask(ask)


async def tags(house: Front) -> list[str]:
    return [row["tag"] for row in await house.rows("SELECT tag FROM job ORDER BY id")]


@pytest.mark.parametrize("flag", ["--for acme", "--tag ACME", "--project=acme", "--for '#acme'"])
async def test_a_tag_is_on_the_job_its_entries_and_its_receipt(house: Front, flag: str) -> None:
    """Removed: the tag of `asks.spender_of`."""
    job = await house.orders(f"a red fox {flag}")
    assert await tags(house) == ["acme"]
    assert {row["tag"] for row in await house.rows("SELECT tag FROM entry WHERE job = :job", job=job)} == {"acme"}
    assert "Booked under: acme" in shown(await house.says(f"show {job}"))


async def test_again_remix_and_extend_inherit_it_unless_another_is_typed(house: Front) -> None:
    job = await house.finished("a red fox --for acme")
    await house.says(f"again {job} --yes")
    await house.says("at night --yes", about=job)
    await house.says(f"extend {job} it jumps --yes")
    await house.says(f"again {job} --yes --for other")
    assert await tags(house) == ["acme", "acme", "acme", "acme", "other"]


async def test_a_channel_has_a_tag_of_its_own_until_it_is_taken_off(house: Front) -> None:
    reply = await house.says("quota tag <#ads|ads> acme", by=ADA)
    assert "Videos from #ads are booked under acme from now on" in shown(reply)
    await says_in(house, ADS, "a red fox --yes")
    await says_in(house, ADS, "a red fox --yes --for other")
    await house.says("a red fox --yes")
    assert "booked under nothing" in shown(await house.says("quota tag <#ads|ads> off", by=ADA))
    await says_in(house, ADS, "a red fox --yes")
    assert await tags(house) == ["acme", "other", "", ""]
    audit = await house.rows("SELECT action, detail FROM audit ORDER BY at, id")
    assert [(row["action"], row["detail"]) for row in audit] == [
        ("quota tag", "#ads acme"), ("quota tag", "#ads off"),
    ]  # fmt: skip


async def test_the_question_and_the_price_say_it(house: Front) -> None:
    card = (await house.says("a red fox --d 10 --for acme")).card
    assert card is not None
    assert "Booked under: acme" in shown(Reply(card=card))
    assert card.command == "video a red fox --d 10 --for acme"
    assert "Booked under: acme" in shown(await house.says("cost a red fox --for acme"))
    await house.presses(card.buttons[0].action)
    assert await tags(house) == ["acme"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("quota tag", "Which channel, and which tag?"),
        ("quota tag <#ads|ads>", "Which channel, and which tag?"),
        ("quota tag <#ads|ads> a/b", "A tag is one word"),
        ("quota tag <@cat|cat> acme", "channel takes #ads"),
        ("quota together", "How many at once?"),
        ("quota together 0", "isn't a number of videos"),
        ("quota together team many", "isn't a number of videos"),
        ("quota resume tomorrow", "It goes: quota resume, or quota resume everything"),
    ],
)
async def test_what_is_wrong_is_told_and_changes_nothing(house: Front, line: str, said: str) -> None:
    assert said in shown(await house.says(line, by=ADA))
    assert await house.rows("SELECT id FROM audit") == []


async def test_members_change_none_of_it(house: Front) -> None:
    for line in ("quota tag <#ads|ads> acme", "quota together 3", "quota pause", "quota resume everything"):
        assert shown(await house.says(line)).startswith("Only for administrators")


LIMITS = [
    ("quota set role:Designers 60/month", "The limit of Designers is 60 credits a month: 4 credits left"),
    ("quota set <#general|general> 60/week", "The limit of #general is 60 credits a week: 4 credits left"),
    ("quota set tag:acme 60/day", "The limit of the tag acme is 60 credits a day: 4 credits left"),
    ("quota set <@ben|Ben> 60/month", "Your limit is 60 credits a month: 4 credits left"),
    ("quota set default 60/month", "Your limit is 60 credits a month: 4 credits left"),
]


@pytest.mark.parametrize(("rule", "said"), LIMITS)
async def test_each_kind_of_limit_says_which_it_is_what_is_left_and_when_it_resets(
    house: Front, rule: str, said: str
) -> None:
    """Removed: one after the other groups, channel and tag in `Who.spender` and `asks.spender_of`."""
    await house.orders("a red fox --for acme")
    await house.says(rule, by=ADA)
    reply = shown(await house.says("a red fox --yes --for acme"))
    assert said in reply, "a limit of their own is said to whoever waits for approval, any other is refused"
    assert "and this costs 56" in reply
    assert "It resets" in reply
    assert len(await tags(house)) == 1


@pytest.mark.parametrize("rule", ["quota set <#general|general> 60/week", "quota set tag:acme 60/day"])
async def test_channel_and_tag_count_everybody_others_are_free(house: Front, rule: str) -> None:
    await house.says("a red fox --yes --for acme", by=CAT)
    await house.says(rule, by=ADA)
    assert "4 credits left" in shown(await house.says("a red fox --yes --for acme"))
    assert (await says_in(house, ADS, "a red fox --yes --for other")).card is None


async def test_a_thread_counts_as_the_channel_that_it_is_in(house: Front) -> None:
    """Removed: `facts.parent` in House.heading (a thread had neither the channel's limit nor its tag)."""
    house.desk.messenger.parents = {"talk": "general", "chat": "general"}
    await house.says("quota tag <#general|general> acme", by=ADA)
    await house.says("quota set <#general|general> 60/week", by=ADA)
    talk, chat = replace(place(), channel="talk"), replace(place(), channel="chat")
    assert (await says_in(house, talk, "a red fox --yes", by=CAT)).card is None
    entries = await house.rows("SELECT channel, tag FROM entry WHERE kind = 'hold'")
    assert [(one["channel"], one["tag"]) for one in entries] == [("fake:general", "acme")]
    for where in (place(), talk, chat):
        assert "4 credits left" in shown(await says_in(house, where, "a red fox --yes")), where
        assert "4 credits" in shown(await says_in(house, where, "a red fox --dry")), where
    assert await tags(house) == ["acme"]


async def test_a_limit_that_is_set_in_a_thread_is_its_channels(house: Front) -> None:
    """Removed: `house.heading` in scopes._channel (a limit on a thread, which nothing counts under)."""
    house.desk.messenger.parents = {"talk": "general"}
    talk = replace(place(), channel="talk")
    await says_in(house, talk, "quota set <#talk|talk> 60/week", by=ADA)
    limits = await house.rows("SELECT scope, label FROM spending_limit WHERE scope LIKE 'channel:%'")
    assert [(one["scope"], one["label"]) for one in limits] == [("channel:fake:general", "#general")]


async def test_better_words_are_booked_and_limited_like_the_video(house: Front) -> None:
    """Removed: `under` in `enhancements.begin`."""
    with_enhancer(house)
    await house.says("a red fox --enhance --for acme")
    (entry,) = await house.rows("SELECT tag, channel FROM entry WHERE kind = 'hold'")
    assert (entry["tag"], entry["channel"]) == ("acme", "fake:general")


async def test_together_is_set_and_shown(house: Front) -> None:
    said = shown(await house.says("quota together 3", by=ADA))
    assert "One person: 3 videos at once." in said
    said = shown(await house.says("quota together team 10", by=ADA))
    assert "One person: 3 videos at once.\nThe team: 10 videos at once." in said
    assert "Made at once: 3 of one person, 10 of the team" in shown(await house.says("quota", by=ADA))
    assert "The team: any number" in shown(await house.says("quota together team off", by=ADA))


async def test_everything_is_paused_by_the_operator_alone_in_all_teams(house: Front) -> None:
    """Removed: `standing.stopped` in `_check_rules` (it was bought in the other team)."""
    assert "whoever runs this bot" in shown(await house.says("quota pause everything", by=ADA))
    said = shown(await house.says('quota pause everything "bill is due"', by=ADA, team="small"))
    assert said.startswith("Everything is paused\nbill is due")
    refused = shown(await house.says("a red fox --yes"))
    assert "bill is due\nThe operator paused everything here: nothing new is made." in refused
    assert "The operator paused everything here. bill is due" in shown(await house.says("credits"))
    assert "Still paused" in shown(await house.says("quota resume", by=ADA))
    assert "Only for the operator" in shown(await house.says("quota resume everything", by=ADA))
    rings = len(house.rings)
    assert "Going on" in shown(await house.says("quota resume everything", by=ADA, team="small"))
    assert len(house.rings) > rings
    assert (await house.says("a red fox --yes")).card is None
    assert (await house.counted())[2] == PRICE
