import pytest

from bot.messaging import Ask, Card, CardPicture, Choice, Command, Form, FormField, Press, Reply, Row
from bot.messaging.protocols import Json
from tests.support.page import KEY, House, page
from tests.support.switches import FakeSwitches
from tests.support.verbs import SORRY, FakeVerbs

OTHER_KEY = KEY[::-1]
PROMPT = FormField(name="prompt", label="Words", kind="text", long=True, longest=2_500)
START = FormField(name="start", label="First frame", kind="picture")
MENU = (
    Command(name="video", help="make a video", fields=(PROMPT, START)),
    Command(name="quota", help="limits", admin=True, words=(Command(name="set", help="how much", admin=True),)),
)
EDIT = Form(title="Edit", fields=(PROMPT,), submit="Make it", verb="video", about="01k7sqs37r9belrl0tmc")


async def preview(house: House, **wish: object) -> Json:
    sent = {"person": "ana", "channel": "general", "text": "a red fox", **wish}
    card: Json = (await house.browser.post_json("/web/preview", sent)).body["card"]
    return card


async def test_hello_tells_what_can_be_asked_for() -> None:
    async with page(verbs=FakeVerbs(menu=MENU)) as house:
        video, quota = (await house.browser.get("/web/hello")).body["commands"]
        assert (video["name"], [field["kind"] for field in video["fields"]]) == ("video", ["text", "picture"])
        assert (quota["admin"], [word["name"] for word in quota["words"]]) == (True, ["set"])


async def test_a_preview_says_what_the_unsent_would_come_to() -> None:
    seen: list[Ask] = []

    def look(ask: Ask) -> Card:
        seen.append(ask)
        return Card(
            title="At most 56 credits",
            rows=(Row(name="Made by", value="acme"),),
            pictures=(CardPicture(sha256="", label="start"),),
        )

    async with page(verbs=FakeVerbs(on_preview=look)) as house:
        card = await preview(house, choices={"d": "10"}, roles=["end", "start"])
        assert card["pictures"] == [{"url": None, "label": "start"}]
        assert (card["title"], card["rows"]) == ("At most 56 credits", [{"name": "Made by", "value": "acme"}])
        [ask] = seen
        assert (ask.text, ask.choices) == ("a red fox", {"d": "10"})
        assert [one.role for one in ask.attachments] == ["end", "start"]
        assert (await house.browser.history(), house.verbs.asks) == ([], [])


async def test_a_preview_of_an_answer_counts_what_it_answers_to() -> None:
    seen: list[Ask] = []
    verbs = FakeVerbs(on_ask=lambda ask: Reply(card=Card(title="Done", job="j1"), private=False))

    def look(ask: Ask) -> Card:
        seen.append(ask)
        return Card()

    verbs.on_preview = look
    async with page(verbs=verbs) as house:
        await house.browser.ask("look", [("a.jpg", b"a"), ("b.jpg", b"b")])
        root, card = await house.browser.history()
        await preview(house, reply_to=root["id"])
        await preview(house, reply_to=card["id"])
        assert [(len(ask.attachments), ask.about, ask.place.thread) for ask in seen] == [
            (2, None, root["id"]),
            (0, "j1", root["id"]),
        ]


async def test_a_preview_that_fails_says_so() -> None:
    def look(_ask: Ask) -> Card:
        raise RuntimeError("boom")

    async with page(verbs=FakeVerbs(on_preview=look)) as house:
        assert (await preview(house))["title"] == SORRY.title


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"person": "eve"}, "person"),
        ({"channel": "operators"}, "channel"),
        ({"choices": {"D D": "x"}}, "form"),
        ({"choices": {"d": 10}}, "form"),
        ({"choices": {f"k{number}": "" for number in range(41)}}, "form"),
        ({"verb": "video; rm"}, "form"),
        ({"verb": "one two three"}, "form"),
        ({"text": "x" * 10_001}, "text_too_long"),
        ({"roles": "start"}, "form"),
        ({"about": "../x"}, "form"),
        ({"more": 1}, "form"),
    ],
)
async def test_an_odd_preview_is_refused(change: dict[str, object], code: str) -> None:
    async with page() as house:
        sent = {"person": "ana", "channel": "general", "text": "x", **change}
        answer = await house.browser.post_json("/web/preview", sent)
        assert (answer.status, answer.body["error"]) == (400, code)


async def test_a_preview_of_an_answer_to_what_one_can_not_see_is_refused() -> None:
    async with page(verbs=FakeVerbs(on_ask=lambda ask: Reply(card=Card(title="Private")))) as house:
        await house.browser.ask()
        private = (await house.browser.history())[1]["id"]
        sent = {"person": "ben", "channel": "general", "text": "x", "reply_to": private}
        assert (await house.browser.post_json("/web/preview", sent)).status == 404


async def test_choices_are_completed() -> None:
    verbs = FakeVerbs(on_complete=lambda field, typed: (Choice(value=f"{field}-{typed}", label="Hug"),))
    async with page(verbs=verbs) as house:
        answer = await house.browser.get("/web/complete", person="ana", field="fx", typed="hu")
        assert answer.body == {"choices": [{"value": "fx-hu", "label": "Hug"}]}
        assert (await house.browser.get("/web/complete", person="eve", field="fx")).status == 400


async def test_a_completion_that_fails_offers_nothing() -> None:
    def complete(_field: str, _typed: str) -> tuple[Choice, ...]:
        raise RuntimeError("boom")

    async with page(verbs=FakeVerbs(on_complete=complete)) as house:
        assert (await house.browser.get("/web/complete", person="ana", field="fx")).body == {"choices": []}


async def test_a_filled_form_is_an_ask_with_a_verb_and_choices() -> None:
    async with page() as house:
        await house.browser.ask("", verb="video", choices={"prompt": "a fox", "d": "10"}, about="01k7sqs37r9belrl0tmc")
        [ask] = house.verbs.asks
        assert (ask.verb, ask.choices) == ("video", {"prompt": "a fox", "d": "10"})
        assert (ask.text, ask.about) == ("", "01k7sqs37r9belrl0tmc")
        assert [message["text"] for message in await house.browser.history()] == ["video a fox --d 10"]


async def test_a_form_that_answers_goes_to_whoever_asked_and_leaves_no_message() -> None:
    verbs = FakeVerbs(on_ask=lambda ask: Reply(form=EDIT, card=Card(title="Where no form can open")))
    async with page(verbs=verbs) as house:
        answer = await house.browser.ask()
        assert answer.body["form"]["about"] == "01k7sqs37r9belrl0tmc"
        assert [field["name"] for field in answer.body["form"]["fields"]] == ["prompt"]
        assert [message["text"] for message in await house.browser.history()] == ["a red fox"]


async def test_a_button_opens_a_form_and_the_form_is_a_press() -> None:
    form = Form(title="Why?", fields=(PROMPT,), submit="Deny", action="deny:a1")

    def pressed(press: Press) -> Reply:
        return Reply(card=Card(title="Denied"), replaces=True) if press.choices else Reply(form=form)

    ask = Reply(card=Card(title="Approve?", job="j1"), private=False)
    async with page(verbs=FakeVerbs(on_ask=lambda _: ask, on_press=pressed)) as house:
        await house.browser.ask()
        card = (await house.browser.history())[1]
        opened = (await house.browser.press(card["id"], "ask-why:a1")).body
        assert (opened["form"]["action"], opened["messages"]) == ("deny:a1", [])
        await house.browser.press(card["id"], "deny:a1", key=OTHER_KEY, choices={"prompt": "too dear"})
        assert house.verbs.presses[-1].choices == {"prompt": "too dear"}
        assert (await house.browser.history())[1]["card"]["title"] == "Denied"


async def test_what_is_asked_beside_the_chat_is_answered_there_and_said_to_nobody() -> None:
    verbs = FakeVerbs(on_ask=lambda ask: Reply(card=Card(title=f"{ask.verb} {dict(ask.choices)}")))
    async with page(verbs=verbs) as house:
        sent = {"key": KEY, "person": "mira", "channel": "general", "verb": "quota set", "choices": {"credits": "300"}}
        answer = await house.browser.post_json("/web/aside", sent)
        assert answer.body["card"]["title"] == "quota set {'credits': '300'}"
        assert (answer.body["messages"], await house.browser.history("mira")) == ([], [])
        [ask] = house.verbs.asks
        assert (ask.actor.user, ask.place.channel, ask.place.thread, ask.message) == ("mira", "general", None, None)


async def test_a_button_beside_the_chat_is_answered_there() -> None:
    verbs = FakeVerbs(on_press=lambda press: Reply(card=Card(title="Released", job="j1"), replaces=True))
    async with page(verbs=verbs) as house:
        sent = {"key": KEY, "person": "mira", "channel": "general", "action": "resolve-release:j1"}
        answer = await house.browser.post_json("/web/press", sent)
        assert (answer.body["card"]["title"], answer.body["messages"]) == ("Released", [])
        assert house.verbs.presses[0].action == "resolve-release:j1"


async def test_faults_are_switched_by_administrators() -> None:
    switches = FakeSwitches()
    async with page(switches=switches) as house:
        assert (await house.browser.get("/web/hello")).body["switches"] is True
        listed = (await house.browser.get("/web/switches", person="mira")).body
        assert (listed["place"], [one["name"] for one in listed["switches"]]) == ("*", ["late", "gone"])
        sent = {"person": "mira", "channel": "general", "name": "late", "mode": "once", "place": "acme"}
        turned = (await house.browser.post_json("/web/switches", sent)).body
        assert [(one["name"], one["mode"]) for one in turned["switches"]] == [("late", "once"), ("gone", "off")]
        assert switches.modes == {("late", "acme"): "once"}
        off = (await house.browser.post_json("/web/switches", {"person": "mira", "channel": "general"})).body
        assert {one["mode"] for one in off["switches"]} == {"off"}


async def test_others_have_no_switches() -> None:
    switches = FakeSwitches()
    async with page(switches=switches) as house:
        assert (await house.browser.get("/web/switches", person="ana")).status == 404
        sent = {"person": "ana", "channel": "general", "name": "late", "mode": "on", "place": "*"}
        assert (await house.browser.post_json("/web/switches", sent)).status == 404
        assert switches.modes == {}


async def test_without_a_sandbox_nobody_has_switches() -> None:
    async with page() as house:
        assert (await house.browser.get("/web/hello")).body["switches"] is False
        assert (await house.browser.get("/web/switches", person="mira")).status == 404


@pytest.mark.parametrize("path", ["/web/preview", "/web/aside", "/web/switches"])
async def test_another_page_can_ask_nothing_here(path: str) -> None:
    async with page(switches=FakeSwitches()) as house:
        house.browser.origin = "http://evil.example"
        assert (await house.browser.post_json(path, {})).status == 403
        house.browser.origin = ""
        assert (await house.browser.post_json(path, {})).status == 403
