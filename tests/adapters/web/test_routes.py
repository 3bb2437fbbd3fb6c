import asyncio
import json

import pytest

from bot.messaging import Button, Card, Reply
from tests.support.page import KEY, heard, page
from tests.support.verbs import GLANCE, SORRY, FakeVerbs

CONFIRM = Card(title="190 credits", buttons=(Button(label="Make it", action="confirm:a1"),), job="j1")
OTHER_KEY = KEY[::-1]


async def test_hello_says_who_one_can_be_where_and_how_much() -> None:
    async with page() as house:
        body = (await house.browser.get("/web/hello")).body
        assert [person["id"] for person in body["people"] if person["admin"]] == ["mira"]
        assert len(body["people"]) == 3
        assert [one["id"] for one in body["channels"]] == ["general", "campaign", "ideas", "operators"]
        assert body["limits"] == {"files": 6, "file_bytes": 26_214_400, "text": 10_000, "thumb": 65_536}


async def test_what_is_said_is_shown_and_handed_to_the_house() -> None:
    async with page() as house:
        answer = await house.browser.ask("a red fox")
        [message] = await house.browser.history("ben")
        assert (message["text"], message["from"]) == ("a red fox", {"id": "ana", "name": "Ana", "bot": False})
        assert answer.body["messages"] == [message]
        assert [(ask.text, ask.message) for ask in house.verbs.asks] == [("a red fox", message["id"])]


async def test_the_same_send_again_is_the_same_ask_and_one_message() -> None:
    async with page(verbs=FakeVerbs(on_ask=lambda ask: Reply(card=CONFIRM))) as house:
        first, again = await asyncio.gather(house.browser.ask(), house.browser.ask())
        assert first.body == again.body
        assert len(await house.browser.history()) == 2
        assert len({ask.key for ask in house.verbs.asks}) == 1


async def test_a_private_answer_is_in_the_thread_for_that_person() -> None:
    async with page(verbs=FakeVerbs(on_ask=lambda ask: Reply(card=CONFIRM))) as house:
        await house.browser.ask()
        said, answer = await house.browser.history("ana")
        assert (answer["thread"], answer["private"], answer["card"]["title"]) == (said["id"], True, "190 credits")
        assert [message["id"] for message in await house.browser.history("ben")] == [said["id"]]


async def test_a_public_answer_is_for_everybody() -> None:
    async with page(verbs=FakeVerbs(on_ask=lambda ask: Reply(card=CONFIRM, private=False))) as house:
        await house.browser.ask()
        assert [message["private"] for message in await house.browser.history("ben")] == [False, False]


async def test_a_reply_stays_in_the_thread_and_is_about_the_cards_job() -> None:
    async with page(verbs=FakeVerbs(on_ask=lambda ask: Reply(card=CONFIRM))) as house:
        await house.browser.ask()
        root, card = await house.browser.history()
        await house.browser.ask("--d 10", key=OTHER_KEY, reply_to=card["id"])
        asked = house.verbs.asks[-1]
        assert (asked.about, asked.place.thread) == ("j1", root["id"])
        assert {message["thread"] for message in (await house.browser.history())[1:]} == {root["id"]}


async def test_a_reply_to_a_persons_words_is_about_no_job() -> None:
    async with page() as house:
        await house.browser.ask()
        [root] = await house.browser.history()
        await house.browser.ask("more", key=OTHER_KEY, person="ben", reply_to=root["id"])
        assert house.verbs.asks[-1].about is None


@pytest.mark.parametrize("target", ["1763640000000abcdefabcdef", "private"])
async def test_a_reply_to_what_one_can_not_see_is_refused(target: str) -> None:
    async with page(verbs=FakeVerbs(on_ask=lambda ask: Reply(card=CONFIRM))) as house:
        await house.browser.ask()
        private = (await house.browser.history())[1]["id"]
        reply_to = private if target == "private" else target
        answer = await house.browser.ask("x", key=OTHER_KEY, person="ben", reply_to=reply_to)
        assert (answer.status, answer.body) == (404, {"error": "gone"})
        assert len(house.verbs.asks) == 1


async def test_a_press_goes_to_the_house_and_its_answer_replaces_the_card() -> None:
    verbs = FakeVerbs(
        on_ask=lambda ask: Reply(card=CONFIRM),
        on_press=lambda press: Reply(card=Card(title="On its way"), replaces=True),
    )
    async with page(verbs=verbs) as house:
        await house.browser.ask()
        root, card = await house.browser.history()
        answer = await house.browser.press(card["id"], "confirm:a1")
        [press] = verbs.presses
        assert (press.action, press.actor.user, press.place.thread) == ("confirm:a1", "ana", root["id"])
        assert [message["card"]["title"] for message in answer.body["messages"]] == ["On its way"]
        assert [message["id"] for message in await house.browser.history()] == [root["id"], card["id"]]


async def test_buttons_work_after_a_restart() -> None:
    async with page(verbs=FakeVerbs(on_ask=lambda ask: Reply(card=CONFIRM))) as before:
        await before.browser.ask()
        card = (await before.browser.history())[1]
    async with page(memory=before.memory) as after:
        shown = (await after.browser.history())[1]
        assert (await after.browser.press(shown["id"], shown["card"]["buttons"][0]["action"])).status == 200
        assert shown == card
        assert [press.action for press in after.verbs.presses] == ["confirm:a1"]


async def test_a_press_may_be_answered_beside_the_card_and_once() -> None:
    verbs = FakeVerbs(
        on_ask=lambda ask: Reply(card=CONFIRM, private=False), on_press=lambda press: Reply(card=Card(title="Receipt"))
    )
    async with page(verbs=verbs) as house:
        await house.browser.ask()
        card = (await house.browser.history())[1]
        await house.browser.press(card["id"], person="ben")
        await house.browser.press(card["id"], person="ben")
        assert [message["card"]["title"] for message in (await house.browser.history("ben"))[1:]] == [
            "190 credits",
            "Receipt",
        ]
        assert len(await house.browser.history("ana")) == 2


async def test_a_button_of_somebody_elses_private_card_can_not_be_pressed() -> None:
    async with page(verbs=FakeVerbs(on_ask=lambda ask: Reply(card=CONFIRM))) as house:
        await house.browser.ask()
        card = (await house.browser.history())[1]
        answer = await house.browser.press(card["id"], "confirm:a1", person="ben")
        assert (answer.status, answer.body) == (404, {"error": "gone"})
        assert house.verbs.presses == []


async def test_an_answer_without_a_card_shows_nothing() -> None:
    async with page() as house:
        await house.browser.ask()
        [said] = await house.browser.history()
        assert (await house.browser.press(said["id"])).body == {"messages": [], "form": None, "card": None}


async def test_a_mistake_of_the_house_is_a_word_to_that_person_and_a_later_try_counts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    verbs = FakeVerbs()
    works = False

    def on_ask(_ask: object) -> Reply:
        if not works:
            raise RuntimeError("boom")
        return Reply(card=CONFIRM)

    verbs.on_ask = on_ask
    async with page(verbs=verbs) as house:
        assert (await house.browser.ask()).status == 200
        works = True
        await house.browser.ask()
        _, sorry, confirm = await house.browser.history()
        assert (sorry["card"]["title"], sorry["private"]) == (SORRY.title, True)
        assert confirm["card"]["title"] == "190 credits"
    assert "boom" in caplog.text


async def test_a_mistake_in_a_press_is_a_word_too() -> None:
    def on_press(_press: object) -> Reply:
        raise RuntimeError("boom")

    async with page(verbs=FakeVerbs(on_ask=lambda ask: Reply(card=CONFIRM), on_press=on_press)) as house:
        await house.browser.ask()
        card = (await house.browser.history())[1]
        [sorry] = (await house.browser.press(card["id"])).body["messages"]
        assert (sorry["card"]["title"], (await house.browser.history())[1]) == (SORRY.title, card)


async def test_a_glance_shows_the_rows() -> None:
    async with page() as house:
        card = (await house.browser.get("/web/glance", person="ana")).body["card"]
        assert [(row["name"], row["value"]) for row in card["rows"]] == [(row.name, row.value) for row in GLANCE.rows]


async def test_a_glance_that_fails_says_so() -> None:
    def on_glance(_actor: object) -> Card:
        raise RuntimeError("boom")

    async with page(verbs=FakeVerbs(on_glance=on_glance)) as house:
        assert (await house.browser.get("/web/glance", person="ana")).body["card"]["title"] == SORRY.title


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("/web/glance", {"person": "eve"}, "person"),
        ("/web/history", {"person": "eve", "channel": "general"}, "person"),
        ("/web/history", {"person": "ana", "channel": "nowhere"}, "channel"),
        ("/web/history", {"person": "ana", "channel": "operators"}, "channel"),
        ("/web/history", {"person": "ana", "channel": "general", "before": "x"}, "before"),
        ("/web/socket", {"person": "ana"}, "origin"),
    ],
)
async def test_odd_questions_are_refused(path: str, params: dict[str, str], code: str) -> None:
    async with page() as house:
        answer = await house.browser.get(path, **params)
        assert (answer.status // 100, answer.body) == (4, {"error": code})


async def test_a_page_is_told_what_happens_and_others_are_not_told_private_things() -> None:
    running = page(verbs=FakeVerbs(on_ask=lambda ask: Reply(card=CONFIRM)))
    async with running as house, house.browser.listen("ana") as ana, house.browser.listen("ben") as ben:
        await house.browser.ask()
        await house.browser.ask("public", key=OTHER_KEY, person="ben", channel="ideas")
        told = [await heard(ana) for _ in range(3)]
        assert [event["type"] for event in told] == ["post", "post", "post"]
        assert [event["message"]["private"] for event in told] == [False, True, False]
        assert [(await heard(ben))["message"]["private"] for _ in range(3)] == [False, False, True]


async def test_edits_and_deletions_are_told() -> None:
    verbs = FakeVerbs(
        on_ask=lambda ask: Reply(card=CONFIRM), on_press=lambda press: Reply(card=Card(title="Done"), replaces=True)
    )
    async with page(verbs=verbs) as house:
        await house.browser.ask()
        card = (await house.browser.history())[1]
        async with house.browser.listen("ana") as ana:
            await house.browser.press(card["id"])
            edit = await heard(ana)
            await house.messenger.board.remove("general", card["id"])
            delete = await heard(ana)
        assert (edit["type"], edit["message"]["card"]["title"], edit["message"]["version"]) == ("edit", "Done", 1)
        assert (delete["type"], delete["message"]["id"], delete["message"]["card"]) == ("delete", card["id"], None)


async def test_what_happens_among_administrators_is_told_to_them_only() -> None:
    async with page() as house, house.browser.listen("ana") as ana, house.browser.listen("mira") as mira:
        await house.browser.ask("for operators", person="mira", channel="operators")
        await house.browser.ask("for all", key=OTHER_KEY, person="mira")
        assert [(await heard(mira))["message"]["text"] for _ in range(2)] == ["for operators", "for all"]
        assert (await heard(ana))["message"]["text"] == "for all"


async def test_hostile_words_come_back_as_data_and_never_as_a_page() -> None:
    words = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\u202e@everyone"
    async with page(verbs=FakeVerbs(on_ask=lambda ask: Reply(card=Card(title=ask.text, text=ask.text)))) as house:
        async with house.browser.client.post(
            "/web/press", data=json.dumps({"key": words}), headers={"Origin": house.browser.origin}
        ) as answer:
            assert "alert" not in await answer.text()
        await house.browser.ask(words)
        said, card = await house.browser.history()
        assert (said["text"], card["card"]["title"]) == (words, words)
        async with house.browser.client.get("/web/history?person=ana&channel=general") as answer:
            assert answer.content_type == "application/json"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
