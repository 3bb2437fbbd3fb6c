import pytest

from bot.errors import StoreUnavailable
from bot.messaging import Card, Reply
from tests.support.page import KEY, page
from tests.support.verbs import FakeVerbs

OTHER_KEY, THIRD_KEY = KEY[::-1], KEY[8:] + KEY[:8]


async def test_an_answer_to_a_picture_hands_the_picture_over() -> None:
    async with page() as house:
        await house.browser.ask("look", [("harbour.jpg", b"the harbour"), ("dunes.jpg", b"the dunes")])
        [root] = await house.browser.history()
        await house.browser.ask("make it move", key=OTHER_KEY, person="ben", reply_to=root["id"])
        asked = house.verbs.asks[-1]
        assert [(one.name, one.declared_type) for one in asked.attachments] == [
            ("harbour.jpg", "image/jpeg"),
            ("dunes.jpg", "image/jpeg"),
        ]
        assert house.verbs.pictures[2:] == [b"the harbour", b"the dunes"]
        assert (asked.about, asked.actor.user) == (None, "ben")


async def test_pictures_of_ones_own_come_before_those_answered_to() -> None:
    async with page() as house:
        await house.browser.ask("look", [("harbour.jpg", b"the harbour")])
        [root] = await house.browser.history()
        await house.browser.ask("this one", [("own.jpg", b"my own")], key=OTHER_KEY, reply_to=root["id"])
        assert [one.name for one in house.verbs.asks[-1].attachments] == ["own.jpg"]


async def test_an_answer_to_a_card_borrows_nothing() -> None:
    async with page(verbs=FakeVerbs(on_ask=lambda ask: Reply(card=Card(title="Which?", job="j1")))) as house:
        await house.browser.ask("look", [("harbour.jpg", b"the harbour")])
        card = (await house.browser.history())[1]
        await house.browser.ask("--d 10", key=OTHER_KEY, reply_to=card["id"])
        asked = house.verbs.asks[-1]
        assert (asked.attachments, asked.about) == ((), "j1")


async def test_a_picture_that_is_not_kept_any_more_is_left_out() -> None:
    async with page() as house:
        await house.browser.ask("look", [("harbour.jpg", b"the harbour"), ("dunes.jpg", b"the dunes")])
        [root] = await house.browser.history()
        del house.blobs.kept[next(iter(house.blobs.kept))]
        await house.browser.ask("move", key=OTHER_KEY, reply_to=root["id"])
        assert house.verbs.pictures[2:] == [b"the dunes"]


async def test_a_disk_that_says_no_costs_the_way_back_and_not_the_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    async with page() as house:

        async def full(_data: bytes, *, owner: str) -> object:
            raise StoreUnavailable(why=f"no room for {owner}")

        monkeypatch.setattr(house.blobs, "put_bytes", full)
        assert (await house.browser.ask("look", [("harbour.jpg", b"the harbour")])).status == 200
        assert house.verbs.pictures == [b"the harbour"]
        [root] = await house.browser.history()
        assert root["pictures"] == []


async def test_a_message_links_to_its_pictures() -> None:
    async with page() as house:
        await house.browser.ask("look", [("harbour.jpg", b"\xff\xd8\xff the harbour")])
        [root] = await house.browser.history()
        async with house.browser.client.get(root["pictures"][0]) as answer:
            assert (answer.content_type, await answer.read()) == ("image/jpeg", b"\xff\xd8\xff the harbour")


async def test_pictures_have_the_roles_they_were_given() -> None:
    async with page() as house:
        files = [("a.jpg", b"a"), ("b.jpg", b"b"), ("c.jpg", b"c")]
        await house.browser.ask("x", files, roles=["end", "start"])
        assert [one.role for one in house.verbs.asks[0].attachments] == ["end", "start", ""]


@pytest.mark.parametrize("roles", [["../x"], ["START"], ["x" * 41], [None], [""] * 7])
async def test_odd_roles_are_refused(roles: list[object]) -> None:
    async with page() as house:
        answer = await house.browser.ask("x", [("a.jpg", b"a")], roles=roles)
        assert (answer.status, answer.body) == (400, {"error": "form"})


async def test_what_is_taken_away_takes_its_pictures_along() -> None:
    async with page() as house:
        await house.browser.ask("look", [("harbour.jpg", b"the harbour")])
        [root] = await house.browser.history()
        await house.messenger.board.remove("general", root["id"])
        answer = await house.browser.ask("move", key=THIRD_KEY, reply_to=root["id"])
        assert (answer.status, answer.body) == (404, {"error": "gone"})
