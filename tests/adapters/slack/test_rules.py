"""What Slack does on bad days: repeats, reorders, lets sockets and addresses end, shows pages for files."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from adapters.slack.teams import Teams
from bot.errors import PictureHidden, StoreUnavailable
from bot.messaging import Ask, Attachment, Card, Reply
from bot.messaging.failures import PlaceGone
from bot.messaging.protocols import Json
from tests.support.local_slack.server import ANSWER_SECONDS, signed
from tests.support.local_slack.world import ANA, BOT_TOKEN, GENERAL, PRIVATE, TEAM
from tests.support.memory import FakeMemory
from tests.support.slack import Mode, Team, team, until
from tests.support.verbs import FakeVerbs

BOTH: list[Mode] = ["socket", "http"]
both = pytest.mark.parametrize("mode", BOTH)
NO = Reply(card=Card(title="I can't post here", text="Invite me: /invite @Kling"))


@both
async def test_one_message_is_one_ask_however_often_it_comes(mode: Mode) -> None:
    async with team(mode) as house:
        said = house.people.write("<@U0KLING> a fox")
        acks = [await house.people.mention("", message=said, event_id="Ev1", retry=retry) for retry in range(3)]
        acks += [await house.people.mention("", message=said) for _ in range(11)]
        acks += await asyncio.gather(*(house.people.mention("", message=said) for _ in range(5)))
        await house.quiet()
        assert all(ack.ok for ack in acks)
        assert len(house.verbs.asks) == 1


async def test_a_retry_of_something_never_heard_is_heard() -> None:
    async with team() as house:
        await house.people.mention("a fox", retry=2)
        await house.asked()


async def test_later_messages_may_come_first() -> None:
    async with team() as house:
        first, second = house.people.write("<@U0KLING> one"), house.people.write("<@U0KLING> two")
        await house.people.mention("", message=second)
        await house.people.mention("", message=first)
        await house.quiet()
        assert [ask.text for ask in house.verbs.asks] == ["two", "one"]


class Broken(FakeMemory):
    broken = False

    async def add(self, key: str, value: Json) -> Json:
        if self.broken:
            raise StoreUnavailable(why="disk full")
        return await super().add(key, value)


@both
async def test_what_could_not_be_stored_is_not_acknowledged_and_comes_again(mode: Mode) -> None:
    memory = Broken()
    async with team(mode, memory=memory) as house:
        memory.broken = True
        said = house.people.write("<@U0KLING> a fox")
        assert not (await house.people.mention("", message=said, event_id="Ev1")).ok
        assert house.verbs.asks == []
        memory.broken = False
        assert (await house.people.mention("", message=said, event_id="Ev1", retry=1)).ok
        await house.quiet()
        assert len(house.verbs.asks) == 1


async def test_what_was_stored_before_a_crash_is_worked_on_at_the_next_start_without_addresses_that_end() -> None:
    hanging = Hanging()
    async with team(verbs=hanging) as house:
        assert (await house.people.slash("a fox")).ok
        await hanging.begun.wait()
        [(_, row)] = await house.memory.scan("inbox:")
        assert row["told"]["text"] == "a fox"
        assert not {"answer", "trigger"} & row["told"].keys()
        heard = FakeVerbs(on_ask=lambda ask: NO)
        async with team(slack=house.slack, memory=house.memory, verbs=heard):
            await until(lambda: house.slack.world.ephemerals)
            assert [ask.text for ask in heard.asks] == ["a fox"]
            assert house.slack.world.ephemerals[0]["text"].startswith("I can't post here")


async def test_sockets_are_refreshed_one_after_the_other_and_nothing_is_lost() -> None:
    async with team() as house:
        refreshing = asyncio.create_task(house.slack.refresh())
        acks = [await house.people.slash(f"fox {number}") for number in range(40)]
        await refreshing
        acks += [await house.people.slash(f"hen {number}") for number in range(10)]
        await house.quiet()
        assert all(ack.ok for ack in acks)
        assert len({ask.text for ask in house.verbs.asks}) == len(house.verbs.asks) == 50


async def test_signs_of_life_come_while_a_socket_is_open() -> None:
    async with team() as house:
        await until(lambda: house.beats)
        assert set(house.beats) == {"slack"}


@both
async def test_an_answers_address_that_is_over_leads_to_an_ephemeral_message(mode: Mode) -> None:
    async with team(mode) as house:
        house.verbs.on_ask = lambda ask: _late(house)
        await house.people.slash("a fox")
        await house.quiet()
        assert house.slack.world.ephemerals[0]["user"] == ANA


async def test_a_private_answer_to_a_mention_stands_where_it_can_be_seen() -> None:
    async with team() as house:
        house.verbs.on_ask = lambda ask: NO
        await house.people.mention("a fox")
        root = house.people.write("my dog", house.people.photo(b"a dog"))
        await house.people.mention("wave", thread=root["ts"])
        await house.people.direct("a fox")
        await house.quiet()
        assert [one.get("thread_ts") for one in house.slack.world.ephemerals] == [None, root["ts"]]
        assert len(house.said(channel=house.slack.world.direct(ANA).id)) == 1


def _late(house: Team) -> Reply:
    house.slack.world.skew += ANSWER_SECONDS + 1
    return NO


async def test_where_the_bot_isnt_the_sentence_comes_by_that_address_and_then_by_direct_message() -> None:
    async with team() as house:
        house.verbs.on_ask = lambda ask: NO
        await house.people.slash("a fox", channel=PRIVATE)
        await house.quiet()
        assert "/invite @Kling" in house.slack.made("response_url")[0].args["text"]
        house.verbs.on_ask = lambda ask: _late(house)
        await house.people.slash("a fox", channel=PRIVATE)
        await house.quiet()
        [message] = house.said(channel=house.slack.world.direct(ANA).id)
        assert "/invite @Kling" in message["text"]


@both
async def test_a_sign_in_page_instead_of_a_picture_is_no_picture(mode: Mode) -> None:
    reading = Reading()
    async with team(mode, verbs=reading) as house:
        house.slack.html_files = True
        await house.people.mention("wave", house.people.photo(b"mine"))
        await house.quiet()
        assert reading.found == [PictureHidden]
        assert "files:read" in reading.whys[0]


class Reading(FakeVerbs):
    """Reads what is attached, and keeps what came of it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[type[Exception] | bytes] = []
        self.whys: list[str] = []

    async def ask(self, ask: Ask) -> Reply:
        for one in ask.attachments:
            try:
                self.found.append(await _bytes(one))
            except Exception as error:
                self.found.append(type(error))
                self.whys.append(str(error))
        return Reply()


class Hanging(FakeVerbs):
    """Never comes to an end with an ask."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def ask(self, ask: Ask) -> Reply:
        self.begun.set()
        await asyncio.sleep(60)
        return NO


async def _bytes(attachment: Attachment) -> bytes:
    return b"".join([chunk async for chunk in attachment.read()])


@pytest.mark.parametrize("id_only", [True, False])
async def test_a_file_of_another_organisation_and_one_of_a_form_are_asked_for_by_their_ids(id_only: bool) -> None:
    async with team() as house:
        photo = house.people.photo(b"theirs", id_only=True)
        await house.people.mention("wave", photo)
        await house.people.slash("")
        given = {"id": photo["id"]} if id_only else photo
        await house.people.submit(house.slack.methods.modals[0], {"prompt": "zoom"}, files={"start": [given]})
        await house.quiet()
        assert house.verbs.pictures == [b"theirs", b"theirs"]
        assert len(house.slack.made("files.info")) == 2


@asynccontextmanager
async def elsewhere() -> AsyncIterator[tuple[str, list[str]]]:
    """A host that isn't Slack's, and the Authorization headers that it got."""
    heard: list[str] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append(request.headers.get("Authorization", ""))
        return web.json_response({"ok": True})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", heard
    finally:
        await runner.cleanup()


async def test_the_token_goes_to_slack_and_nowhere_else() -> None:
    reading = Reading()
    async with team(verbs=reading) as house, elsewhere() as (there, heard):
        files = house.adapter._files
        told = {"id": "F1", "name": "x", "mimetype": "image/png"}
        for url in (
            f"{there}/x.png",
            "http://files.slack.com/x",
            "https://evil-slack.com/x",
            "https://slack.com.evil.org/x",
        ):
            await house.people.mention("wave", {**told, "url_private_download": url})
            await house.quiet()
        assert reading.found == [PlaceGone] * 4
        assert (heard, house.slack.made("download")) == ([], [])
        files.check("https://files.slack.com/x")
        with pytest.raises(PlaceGone):
            files.check("file:///etc/passwd")


async def test_a_redirect_away_from_slack_is_not_followed_with_the_token() -> None:
    reading = Reading()
    async with team(verbs=reading) as house, elsewhere() as (there, heard):

        async def away(request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": f"{there}/away"})

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", away)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host = f"127.0.0.1:{runner.addresses[0][1]}"
        house.adapter._files._own = host
        await house.people.mention("wave", {"id": "F1", "mimetype": "image/png", "url_private": f"http://{host}/x"})
        await house.quiet()
        assert (reading.found, heard) == ([PlaceGone], [])
        settings = house.adapter._settings.model_copy(update={"api_url": f"http://{host}/api/"})
        teams = Teams(settings, FakeMemory())
        try:
            await teams.call(TEAM, "chat.postMessage", channel=GENERAL, text="x")
            await teams.read(TEAM, "users.info", user=ANA)
        finally:
            await teams.close()
            await runner.cleanup()
        assert heard == ["", ""]
        assert BOT_TOKEN not in str(heard)


async def test_a_wrong_signature_or_an_old_one_is_refused() -> None:
    async with team("http") as house:
        body = "command=%2Fkling&text=a+fox&team_id=T0ACME&user_id=U0ANA&channel_id=C0GENERAL&trigger_id=1.1"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for headers, status in (
            (signed(body, time.time(), "0" * 32), 401),
            (signed(body, time.time() - 400), 401),
            ({}, 401),
            (signed(body, time.time()), 200),
        ):
            async with house.client.post("/slack/events", data=body, headers=headers | form) as answer:
                assert answer.status == status
        await house.quiet()
        assert len(house.verbs.asks) == 1


async def test_slack_checks_the_address_with_a_challenge() -> None:
    async with team("http") as house:
        body = '{"type": "url_verification", "challenge": "abc"}'
        headers = signed(body, time.time()) | {"Content-Type": "application/json"}
        async with house.client.post("/slack/events", data=body, headers=headers) as answer:
            assert "abc" in await answer.text()
