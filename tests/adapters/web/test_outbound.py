from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.web import WebMessenger
from adapters.web.people import ALERTS, actor, place
from bot.messaging import Actor, Button, Card, CardPicture, MessageRef, OutFile, Place, Row
from bot.messaging.failures import FileTooLarge, PlaceGone
from bot.messaging.protocols import Json
from tests.support.clock import FakeClock
from tests.support.memory import FakeMemory

SHA = "ab" * 32
POSTER = "cd" * 32
CARD = Card(
    title="A red fox",
    text="runs",
    tone="good",
    rows=(Row(name="Length", value="5 s"),),
    buttons=(Button(label="Again", action="again:j1", confirm="Really?"),),
    command="/kling a red fox",
    footer="Job j1",
    progress=0.5,
    picture=POSTER,
    alt="A fox",
    pictures=(CardPicture(sha256=SHA, label="first frame"),),
    job="j1",
)


async def nothing() -> AsyncIterator[bytes]:
    yield b""


VIDEO = OutFile(
    name="fox.mp4", mime="video/mp4", size=9, sha256=SHA, alt="A fox runs", read=nothing, poster=POSTER, flagged=True
)


def made(memory: FakeMemory | None = None) -> WebMessenger:
    return WebMessenger(memory or FakeMemory(), lambda sha256, name: f"/files/{sha256[:4]}/{name}", FakeClock().now)


async def seen(messenger: WebMessenger, person: str = "ana", channel: str = "general") -> list[Json]:
    messages, _ = await messenger.board.page(channel, person)
    return [messenger.board.show(message) for message in messages]


async def test_a_card_is_shown_whole_with_links_for_hashes() -> None:
    messenger = made()
    ref = await messenger.post(place("general"), CARD, [VIDEO], key="k")
    [message] = await seen(messenger)
    assert message == {
        "id": ref.message,
        "channel": "general",
        "thread": None,
        "at": 1_763_640_000_000,
        "version": 0,
        "from": {"id": "", "name": "klingbot", "bot": True},
        "private": False,
        "nonce": "",
        "text": "",
        "thumbs": [],
        "pictures": [],
        "card": {
            "title": "A red fox",
            "text": "runs",
            "tone": "good",
            "rows": [{"name": "Length", "value": "5 s"}],
            "buttons": [
                {"label": "Again", "action": "again:j1", "style": "plain", "confirm": "Really?", "opens": False}
            ],
            "command": "/kling a red fox",
            "footer": "Job j1",
            "progress": 0.5,
            "picture": "/files/cdcd/picture",
            "alt": "A fox",
            "pictures": [{"url": "/files/abab/picture", "label": "first frame"}],
            "job": "j1",
            "field": "",
        },
        "files": [
            {
                "name": "fox.mp4",
                "mime": "video/mp4",
                "size": 9,
                "alt": "A fox runs",
                "flagged": True,
                "url": "/files/abab/fox.mp4",
                "poster": "/files/cdcd/poster.jpg",
            }
        ],
    }


async def test_the_same_key_twice_makes_one_message_also_after_a_restart() -> None:
    memory = FakeMemory()
    first = await made(memory).post(place("general"), CARD, key="k")
    again = await made(memory).post(place("general"), replace(CARD, title="Other"), key="k")
    assert again == first
    assert [message["card"]["title"] for message in await seen(made(memory))] == ["A red fox"]


async def test_a_post_that_broke_off_half_way_is_made_whole_by_the_next_try() -> None:
    memory = FakeMemory()
    first = await made(memory).post(place("general"), CARD, key="k")
    del memory.rows[next(key for key in memory.rows if key.startswith("message/"))]
    assert await made(memory).post(place("general"), CARD, key="k") == first
    assert len(await seen(made(memory))) == 1


async def test_other_keys_make_other_messages_in_order() -> None:
    messenger = made()
    for number in range(20):
        await messenger.post(place("general"), Card(title=str(number)), key=f"k{number}")
    assert [message["card"]["title"] for message in await seen(messenger)] == [str(number) for number in range(20)]


async def test_an_edit_after_a_restart_changes_the_card_and_keeps_the_files() -> None:
    memory = FakeMemory()
    ref = await made(memory).post(place("general"), CARD, [VIDEO], key="k")
    await made(memory).edit(ref, Card(title="Done"))
    [message] = await seen(made(memory))
    assert (message["card"]["title"], message["version"], len(message["files"])) == ("Done", 1, 1)


async def test_a_deleted_message_is_gone_for_good() -> None:
    memory = FakeMemory()
    messenger = made(memory)
    ref = await messenger.post(place("general"), CARD, [VIDEO], key="k")
    await messenger.delete(ref)
    await messenger.delete(ref)
    assert await seen(messenger) == []
    with pytest.raises(PlaceGone):
        await messenger.edit(ref, CARD)
    assert await messenger.post(place("general"), CARD, key="k") == ref
    assert await seen(messenger) == []
    assert SHA not in str(memory.rows)


async def test_a_private_message_is_seen_by_that_person_only() -> None:
    messenger = made()
    await messenger.post(place("general"), CARD, key="k", only_for=actor("ana"))
    assert [message["private"] for message in await seen(messenger, "ana")] == [True]
    assert await seen(messenger, "ben") == []
    assert await seen(messenger, "mira") == []


async def test_alerts_are_seen_by_administrators_only() -> None:
    messenger = made()
    await messenger.post(ALERTS, CARD, key="k")
    assert len(await seen(messenger, "mira", ALERTS.channel)) == 1
    assert await seen(messenger, "ana", ALERTS.channel) == []


@pytest.mark.parametrize(
    "where",
    [
        place("nowhere"),
        Place(platform="other", workspace="page", channel="general"),
        Place(platform="web", workspace="other", channel="general"),
        place("general", "no-thread"),
        place("general", "1763640000000/../x"),
    ],
)
async def test_an_unknown_place_is_gone(where: Place) -> None:
    with pytest.raises(PlaceGone):
        await made().post(where, CARD, key="k")


async def test_a_message_that_never_was_is_gone() -> None:
    ref = MessageRef(platform="web", workspace="page", channel="general", message="1763640000000abcdefabcdef")
    with pytest.raises(PlaceGone):
        await made().edit(ref, CARD)
    await made().delete(ref)


async def test_a_file_beyond_the_limit_is_too_large() -> None:
    limit = (await made().place(place("general"))).upload_limit
    with pytest.raises(FileTooLarge):
        await made().post(place("general"), CARD, [replace(VIDEO, size=limit + 1)], key="k")


async def test_the_pages_places() -> None:
    here = await made().place(place("general", "1763640000000abcdefabcdef"))
    assert (here.can_post, here.can_attach, here.why) == (True, True, "")
    nowhere = await made().place(place("nowhere"))
    assert (nowhere.can_post, nowhere.upload_limit, nowhere.why) == (False, 0, "unknown_channel")


async def test_the_pages_groups_and_who_is_in_them() -> None:
    found = {one.value: one.label for one in await made().groups("page")}
    assert found == {"designers": "Designers", "leads": "Leads"}
    people = {user: (await made().actor(actor(user))).groups for user in ("ana", "ben", "mira")}
    assert people == {"ana": ("designers",), "ben": ("designers",), "mira": ("leads",)}
    assert await made().groups("another") == ()


async def test_the_pages_people() -> None:
    ana, mira = await made().actor(actor("ana")), await made().actor(actor("mira"))
    assert (ana.name, ana.admin, ana.active) == ("Ana", False, True)
    assert (mira.admin, mira.active) == (True, True)


@pytest.mark.parametrize(
    ("platform", "workspace", "user"), [("web", "page", "eve"), ("web", "x", "mira"), ("x", "page", "mira")]
)
async def test_nobody_else_is_anybody(platform: str, workspace: str, user: str) -> None:
    facts = await made().actor(Actor(platform=platform, workspace=workspace, user=user, name="Eve"))
    assert (facts.admin, facts.active) == (False, False)


def test_edits_may_follow_each_second() -> None:
    assert made().beat == 1.0
