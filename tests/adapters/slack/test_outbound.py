"""Cards and videos out, and what Slack may say to them."""

import asyncio
import time
from dataclasses import replace

import pytest

from bot.messaging import Actor, Ask, Button, Card, Choice, MessageRef, Place, Reply, Row
from bot.messaging.failures import PlaceGone, TryLater
from bot.messaging.lately import SHORTLY
from tests.support.local_slack.server import Fault
from tests.support.local_slack.world import (
    ANA,
    BEN,
    BOT_TOKEN,
    DESIGNERS,
    GENERAL,
    GUEST,
    LEADS,
    MIRA,
    OTHER_TEAM,
    PRIVATE,
    SCOPES,
    TEAM,
    Member,
)
from tests.support.slack import HERE, Team, team, until, video, words

JOB = "0123456789abcdefghij"
WHO = Actor(platform="slack", workspace=TEAM, user=ANA)
SECRET = Place(platform="slack", workspace=TEAM, channel=PRIVATE)
DONE = Card(title="Done", text="<@U0BEN> & <!channel>", job=JOB)


def asked(house: Team, method: str) -> int:
    """How often a method was called, refused or not."""
    return sum(one.method == method for one in house.slack.calls)


async def posted(house: Team, key: str = "k") -> MessageRef:
    return await house.adapter.messenger.post(HERE, DONE, key=key)


async def test_a_card_is_text_beside_blocks_without_unfurls_and_pings_nobody() -> None:
    async with team() as house:
        await posted(house)
        [message] = house.said()
        assert message["text"] == "Done · &lt;@U0BEN&gt; &amp; &lt;!channel&gt;"
        assert message["unfurls"] == {"unfurl_links": False, "unfurl_media": False}
        assert [one["type"] for one in message["blocks"]] == ["header", "rich_text"]
        assert message["blocks"][1]["elements"][0]["elements"] == [{"type": "text", "text": "<@U0BEN> & <!channel>"}]


async def test_the_same_key_is_one_message() -> None:
    async with team() as house:
        assert await posted(house) == await posted(house)
        assert len(house.said()) == 1


async def test_edited_and_deleted_twice() -> None:
    async with team() as house:
        ref = await posted(house)
        await house.adapter.messenger.edit(ref, Card(title="Later"))
        assert words(house.said()[0]["blocks"]) == "Later"
        await house.adapter.messenger.delete(ref)
        await house.adapter.messenger.delete(ref)
        assert house.said() == []
        with pytest.raises(PlaceGone, match="message_not_found"):
            await house.adapter.messenger.edit(ref, Card(title="Gone"))


async def test_a_video_goes_into_the_thread_of_its_status_with_alt_text() -> None:
    async with team() as house:
        status = await posted(house)
        data = bytes(range(256)) * 4096
        await house.adapter.messenger.post(HERE, DONE, (video(data),), key="result", reply_to=status.message)
        film, card = house.said(status.message)
        assert (film["files"][0]["alt_txt"], film["files"][0]["title"]) == ("a fox", "Done")
        assert house.slack.world.file_bytes[film["files"][0]["id"]] == data
        assert card["blocks"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("method", ["chat.postMessage", "files.completeUploadExternal", "files.getUploadURLExternal"])
async def test_a_lost_answer_makes_no_second_message(method: str, after: bool) -> None:
    async with team() as house:
        house.slack.faults.append(Fault(method, 0, after=after))
        status = (await posted(house, "status")).message if method.startswith("files") else None
        with pytest.raises(TryLater):
            await house.adapter.messenger.post(HERE, DONE, (video(),), key="r", reply_to=status)
        await house.adapter.messenger.post(HERE, DONE, (video(),), key="r", reply_to=status)
        messages = [one for one in house.said() if one["ts"] != status]
        assert [bool(one.get("files")) for one in messages] == [True, False]


async def test_a_file_that_slack_shares_late_is_waited_for() -> None:
    async with team() as house:
        house.slack.faults.append(Fault("files.completeUploadExternal", 0, after=True))
        with pytest.raises(TryLater):
            await house.adapter.messenger.post(HERE, DONE, (video(),), key="r")
        file = next(iter(house.slack.world.files.values()))
        shares, file["shares"] = file["shares"], {}
        with pytest.raises(TryLater, match="being shared"):
            await house.adapter.messenger.post(HERE, DONE, (video(),), key="r")
        file["shares"] = shares
        await house.adapter.messenger.post(HERE, DONE, (video(),), key="r")
        assert [bool(one.get("files")) for one in house.said()] == [True, False]


def limit(method: str, seconds: str) -> Fault:
    return Fault(method, 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": seconds})


async def test_a_short_rate_limit_is_waited_out_and_a_second_one_told() -> None:
    async with team() as house:
        house.slack.faults.append(limit("chat.postMessage", "0"))
        ref = await posted(house)
        house.slack.faults += [limit("chat.update", "0"), limit("chat.update", "7")]
        with pytest.raises(TryLater) as told:
            await house.adapter.messenger.edit(ref, DONE)
        assert told.value.after == 7


async def test_a_channel_without_the_bot_is_told_before_anything_is_sent() -> None:
    async with team() as house:
        with pytest.raises(PlaceGone, match="channel_not_found"):
            await house.adapter.messenger.post(SECRET, DONE, key="k")
        house.slack.world.channels[GENERAL].members.discard("U0KLING")
        with pytest.raises(PlaceGone, match="not_in_channel"):
            await posted(house)


async def test_for_one_person_alone_it_is_ephemeral_else_a_direct_message() -> None:
    async with team() as house:
        await house.adapter.messenger.post(HERE, DONE, key="k", only_for=WHO)
        assert house.slack.world.ephemerals[0]["user"] == ANA
        await house.adapter.messenger.post(SECRET, DONE, key="k2", only_for=WHO)
        assert len(house.said(channel=house.slack.world.direct(ANA).id)) == 1


async def test_a_flagged_video_is_shown_to_whoever_presses_and_to_nobody_else() -> None:
    async with team() as house:
        await house.adapter.messenger.post(HERE, DONE, (video(flagged=True),), key="k")
        [card] = house.said()
        assert "files" not in card
        button = card["blocks"][-1]["elements"][0]
        assert button["text"]["text"] == "Show"
        await house.people.press(card, button["value"], user=BEN)
        await house.quiet()
        [shown] = house.said(channel=house.slack.world.direct(BEN).id)
        assert house.slack.world.file_bytes[shown["files"][0]["id"]] == b"an mp4"
        assert len(house.said()) == 1


async def test_who_somebody_is() -> None:
    async with team() as house:
        house.slack.world.members["U0FAR"] = Member("U0FAR", "far", admin=True, team=OTHER_TEAM)
        ask = house.adapter.messenger.actor
        ana, mira, gone, far, nobody = [
            await ask(Actor(platform="slack", workspace=TEAM, user=user))
            for user in (ANA, MIRA, GUEST, "U0FAR", "U0NOBODY")
        ]
        assert (ana.name, ana.admin, ana.active) == ("ana", False, True)
        assert (mira.admin, gone.active, nobody.active) == (True, False, False)
        assert (far.active, far.admin) == (False, False)


async def test_which_user_groups_somebody_is_in_is_asked_once_a_minute() -> None:
    async with team() as house:
        who = house.adapter.messenger.actor
        ana, ben, mira = [await who(replace(WHO, user=user)) for user in (ANA, BEN, MIRA)]
        assert (ana.groups, ben.groups, mira.groups) == ((DESIGNERS,), (), (DESIGNERS, LEADS))
        assert await house.adapter.messenger.groups(TEAM) == (
            Choice(value=DESIGNERS, label="Designers"), Choice(value=LEADS, label="Leads")
        )  # fmt: skip
        await who(WHO)
        assert asked(house, "usergroups.list") == 1
        assert asked(house, "users.info") == 3


async def test_who_leaves_is_nobody_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removed: SHORTLY in `actor` (they were somebody for a minute, and for another one in the house)."""
    async with team() as house:
        assert (await house.adapter.messenger.actor(WHO)).active
        house.slack.world.members[ANA] = replace(house.slack.world.members[ANA], deleted=True)
        monkeypatch.setattr(house.adapter.messenger._lately, "_now", lambda: time.monotonic() + SHORTLY)
        assert not (await house.adapter.messenger.actor(WHO)).active


@pytest.mark.parametrize("why", ["scope", "plan"])
async def test_where_there_are_no_user_groups_only_they_are_missing(why: str) -> None:
    async with team() as house:
        if why == "scope":
            house.slack.world.tokens[BOT_TOKEN].scopes = tuple(one for one in SCOPES if one != "usergroups:read")
        house.slack.world.paid = why != "plan"
        for user in (ANA, MIRA):
            facts = await house.adapter.messenger.actor(replace(WHO, user=user))
            assert (facts.groups, facts.active, facts.admin) == ((), True, user == MIRA)
        assert await house.adapter.messenger.groups(TEAM) == ()
        assert asked(house, "usergroups.list") == 1


async def test_while_user_groups_cannot_be_asked_about_nobody_is_let_through() -> None:
    """A limit on a group that Slack doesn't tell of just now would not hold."""
    async with team() as house:
        house.slack.faults.append(limit("usergroups.list", "7"))
        assert not (await house.adapter.messenger.actor(WHO)).active
        assert (await house.adapter.messenger.actor(WHO)).groups == (DESIGNERS,)


async def test_uploads_are_few_at_a_time() -> None:
    async with team() as house:
        now = most = 0

        async def read() -> None:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await until(lambda: most == 3)
            now -= 1

        posts = [house.adapter.messenger.post(HERE, DONE, (video(read=read),), key=f"{n}") for n in range(6)]
        await asyncio.gather(*posts)
        assert most == 3


async def test_home_shows_credits_and_jobs_with_links_and_the_team_to_administrators() -> None:
    async with team() as house:
        ref = await posted(house)

        def answer(ask: Ask) -> Reply:
            if ask.verb == "credits":
                return Reply(
                    card=Card(title="You can spend 1,455", text=f"1. fox · {JOB}", rows=(Row(name="Held", value="45"),))
                )
            return Reply(card=Card(title=ask.verb, buttons=(Button(label="Settle", action="go:jobs"),)))

        house.verbs.on_ask = answer
        assert (await house.people.home()).ok
        assert (await house.people.home(user=MIRA)).ok
        await house.quiet()
        mine, hers = house.slack.methods.homes[ANA], house.slack.methods.homes[MIRA]
        [link] = [one for one in mine["blocks"][1]["elements"][0]["elements"] if one["type"] == "link"]
        assert (link["url"], link["text"]) == (
            f"https://acme.slack.com/archives/{GENERAL}/p{ref.message.replace('.', '')}", JOB,
        )  # fmt: skip
        assert ("Held" in words(mine["blocks"]), "quota" in words(mine["blocks"])) == (True, False)
        assert [word in words(hers["blocks"]) for word in ("approvals", "quota", "jobs", "Settle")] == [True] * 4
        await house.people.press({}, "go:jobs", user=MIRA, view=hers)
        await house.quiet()
        assert house.verbs.presses[0].action == "go:jobs"
