"""Content rules: nothing that is against them is stored or spent, and flagged videos are shown as the team wants."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.wording.render import render
from bot.jobs.states import JobState
from bot.messaging.failures import FileTooLarge
from bot.providers.base import TaskStatus
from tests.support.clips import clip
from tests.support.desk import render as plain
from tests.support.front import ADA, BEN, CAT, Front, actor, front, photo, shown


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made
        await made.check_books()


async def rule(house: Front, text: str, by: str = ADA) -> str:
    return shown(await house.says(f"quota rules {text}".strip(), by=by))


async def test_rules_are_shown_changed_and_noted(house: Front) -> None:
    assert "Refused words: none" in await rule(house, "")
    assert "Refused words: nude, gore" in await rule(house, 'refuse nude, gore, "Nüde"')
    assert "Refused words: nude\n" in await rule(house, "allow GORE")
    assert "Flagged videos: not shown at all" in await rule(house, "flagged never")
    assert "Effects: off" in await rule(house, "effects off")
    notes = await house.rows("SELECT action, detail FROM audit ORDER BY id")
    assert [(row["action"], row["detail"]) for row in notes] == [
        ("quota rules refuse", "nude and gore"), ("quota rules allow", "gore"), ("quota rules flagged", "never"),
        ("quota rules effects", "off"),
    ]  # fmt: skip
    assert "Only for administrators" in await rule(house, "refuse fox", by=BEN)
    assert "takes spoiler, button or never" in await rule(house, "flagged maybe")
    assert "Unknown word" in await rule(house, "forbid nude")


@pytest.mark.parametrize("line", ["a nude fox --yes", "cost a nude fox", "video a Nüde fox --dry", "a nude fox --d 10"])
async def test_a_refused_word_stops_every_way_in_before_anything_is_stored(house: Front, line: str) -> None:
    await rule(house, "refuse nude")
    before = await house.books()
    said = shown(await house.says(line))
    assert "The word “nude” is refused in prompts here." in said
    assert "quota rules allow nude" in said
    assert "Nothing was spent." in said
    assert await house.books() == before


async def test_the_negative_prompt_may_name_what_is_refused(house: Front) -> None:
    await rule(house, "refuse nude")
    assert await house.orders("a fox --no nude")


async def test_what_was_asked_before_the_rule_is_stopped_by_it(house: Front) -> None:
    done = await house.finished("a nude fox")
    ask = await house.asked("a nude fox --d 10")
    await rule(house, "refuse nude")
    before = await house.books()
    for reply in (
        await house.presses(f"confirm:{ask}"),
        await house.presses(f"again:{done}"),
        await house.says("--d 10", about=done),
    ):
        assert "refused in prompts here" in shown(reply)
    assert await house.books() == before


async def test_a_rule_made_at_the_last_moment_still_counts(house: Front) -> None:
    """The transaction that spends looks again: without its look this buys."""

    async def forbid() -> None:
        await rule(house, "refuse nude")

    house.desk.messenger.after_post.append(forbid)
    assert "refused in prompts here" in shown(await house.says("a nude fox --yes"))
    assert await house.counted() == (0, 0, 0)


async def test_effects_off_are_refused_and_not_proposed(house: Front) -> None:
    assert await house.commands.complete(actor(BEN), "fx", "squ")
    await rule(house, "effects off")
    before = await house.books()
    said = shown(await house.says("effect squish --yes", photo()))
    assert "This team doesn't use ready-made effects." in said
    assert "quota rules effects on" in said
    assert await house.books() == before
    assert await house.commands.complete(actor(BEN), "fx", "squ") == ()


async def flagged(house: Front) -> str:
    """A finished video that its provider flagged; the cards are the real ones."""
    object.__setattr__(house.desk.postman, "render", render)
    assert plain is not render
    for provider in house.desk.providers.values():
        provider.statuses = [TaskStatus(state="done", video_url="https://made.up/x.mp4", flagged=True)]
    house.desk.downloads.append(clip(5, width=640, height=360))
    job = await house.orders()
    await house.desk.until_state(job, JobState.DONE)
    await house.desk.settle()
    return job


async def test_a_flagged_video_is_a_spoiler_at_first(house: Front) -> None:
    await flagged(house)
    ((file, _),) = house.desk.messenger.results()[0].files
    assert file.flagged


async def test_behind_a_button_it_is_shown_to_whoever_presses(house: Front) -> None:
    await rule(house, "flagged button")
    job = await flagged(house)
    assert house.desk.messenger.results() == []
    (result,) = [one for one in house.desk.messenger.messages.values() if one.reply_to and one.card.job == job]
    assert result.card.buttons[0].action == f"reveal:{job}"
    house.desk.messenger.takes_direct = True
    assert "to your direct messages" in shown(await house.presses(f"reveal:{job}", by=CAT, key="p"))
    await house.presses(f"reveal:{job}", by=CAT, key="p")
    await house.desk.settle()
    (message,) = house.desk.messenger.results()
    ((file, data),) = message.files
    assert message.place.channel == "direct-cat"
    assert (file.mime, file.flagged) == ("video/mp4", False)
    assert data == clip(5, width=640, height=360)


async def test_one_that_is_too_large_after_all_is_told_of(house: Front) -> None:
    await rule(house, "flagged button")
    job = await flagged(house)
    house.desk.messenger.post_failures.append(FileTooLarge("too large"))
    await house.presses(f"reveal:{job}", by=CAT)
    await house.desk.settle()
    (message,) = [one for one in house.desk.messenger.messages.values() if "too large for this place" in one.card.text]
    assert (message.place.channel, message.only_for, message.files) == ("general", actor(CAT), [])


async def test_never_means_nowhere_and_the_card_says_why_it_was_charged(house: Front) -> None:
    await rule(house, "flagged never")
    job = await flagged(house)
    (result,) = [one for one in house.desk.messenger.messages.values() if "doesn't show such videos" in one.card.text]
    assert "50 credits were charged, because it was made." in result.card.text
    assert f"quota refund {job}" in result.card.text
    assert {button.action.partition(":")[0] for button in result.card.buttons} == {"again", "receipt"}
    for reply in (await house.presses(f"reveal:{job}"), await house.says("extend 1 it goes on")):
        assert "this team doesn't show flagged videos" in shown(reply)
    await house.desk.settle()
    assert house.desk.messenger.results() == []
