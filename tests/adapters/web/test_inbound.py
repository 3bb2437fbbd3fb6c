import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.forms import MOST_TEXT, MOST_THUMB, AsideForm, AskForm, PressForm, Refused, Wish, parsed
from adapters.web.inbound import MOST_FILE_BYTES, Said, aside_of, ask_of, draft_of, press_of, spoken, unwrapped
from adapters.web.messages import Message
from bot.messaging import Actor, Place
from tests.support.page import KEY, page

ID = "1763640000000abcdefabcdef"
ROOT = "1763630000000abcdefabcdef"
PRESS = {"key": KEY, "person": "ana", "channel": "general", "message": ID, "action": "again:j1"}
JPEG = b"\xff\xd8\xff\xe0 a picture"


def thumb(data: bytes = JPEG) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def test_something_said_becomes_an_ask() -> None:
    form = AskForm(key=KEY, person="ana", channel="general", text=" /kling a red fox --d 10 \n", reply_to=ID)
    ask = ask_of(Said(form, ()), Message(id=ID, channel="general", thread=ROOT, author="ana"), "j1")
    assert ask.key == f"web:ana:{KEY}"
    assert ask.actor == Actor(platform="web", workspace="page", user="ana", name="Ana")
    assert ask.place == Place(platform="web", workspace="page", channel="general", thread=ROOT)
    assert (ask.text, ask.message, ask.about, ask.attachments) == ("a red fox --d 10", ID, "j1", ())


def test_what_is_said_outside_a_thread_begins_one() -> None:
    form = AskForm(key=KEY, person="ana", channel="general", text="a red fox")
    assert ask_of(Said(form, ()), Message(id=ID, channel="general"), None).place.thread == ID


def test_a_pressed_button_becomes_a_press() -> None:
    press = press_of(parsed(PressForm, json.dumps(PRESS).encode()), Message(id=ID, channel="general", thread=ROOT))
    assert (press.key, press.action) == (f"web:ana:{KEY}", "again:j1")
    assert (press.actor.user, press.place.thread) == ("ana", ROOT)


def test_two_people_with_one_key_are_two_presses() -> None:
    forms = [
        PressForm(key=KEY, person=person, channel="general", message=ID, action="x:1") for person in ("ana", "ben")
    ]
    assert len({press_of(form, Message(id=ID, channel="general")).key for form in forms}) == 2


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("a red fox", "a red fox"),
        ("/kling a red fox", "a red fox"),
        ("@kling: a red fox", "a red fox"),
        ("  @KlingBot, a red fox", "a red fox"),
        ("/kling", ""),
        ("/klingon warriors sing", "/klingon warriors sing"),
        ("@kling-fan says hi", "@kling-fan says hi"),
        ("a fox and /kling a dog", "a fox and /kling a dog"),
        ("/kling /kling twice", "/kling twice"),
    ],
)
def test_the_call_that_other_chats_need_is_left_out(said: str, meant: str) -> None:
    assert unwrapped(said) == meant


@pytest.mark.parametrize(
    ("form", "text", "choices"),
    [
        ({"text": "/kling quota set @Ana 50/day in #Ideas"}, "quota set <@ana> 50/day in <#ideas>", {}),
        ({"text": "approvals by @designers (@ben, @nobody)"}, "approvals by <&designers> (<@ben>, @nobody)", {}),
        ({"text": "@mira", "verb": "credits gift"}, "<@mira>", {}),
        ({"text": "quota set a@ana #nowhere"}, "quota set a@ana #nowhere", {}),
        ({"verb": "quota set", "choices": {"scope": "@ana"}}, "", {"scope": "<@ana>"}),
        ({"text": "a fox for @ana in #ideas"}, "a fox for @ana in #ideas", {}),
        ({"verb": "video", "choices": {"no": "@ana"}}, "", {"no": "@ana"}),
    ],
)
def test_names_in_a_line_about_credits_are_references(form: dict[str, Any], text: str, choices: dict[str, str]) -> None:
    said = AskForm(key=KEY, person="ana", channel="general", **form)
    ask = ask_of(Said(said, ()), Message(id=ID, channel="general"), None)
    assert (ask.text, ask.choices) == (text, choices)
    aside = AsideForm(key=KEY, person="ana", channel="general", **form)
    assert (aside_of(aside).text, aside_of(aside).choices) == (text, choices)
    draft = draft_of(Wish(person="ana", channel="general", **form), None)
    assert (draft.text, draft.choices) == (text, choices)


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ({"text": " a fox \n"}, "a fox"),
        ({"text": "a fox", "choices": {"d": "10", "pro": "true", "yes": "false", "no": ""}}, "a fox --d 10 --pro"),
        ({"verb": "cost", "choices": {"prompt": "a heron", "ar": "9:16"}}, "cost a heron --ar 9:16"),
        ({"verb": "credits"}, "credits"),
        ({}, ""),
    ],
)
def test_the_board_shows_what_was_filled_in_too(form: dict[str, Any], shown: str) -> None:
    assert spoken(AskForm(key=KEY, person="ana", channel="general", **form)) == shown


@pytest.mark.parametrize(
    "change",
    [
        {"key": "short"},
        {"key": "UPPER-CASE-IS-NOT-A-KEY-0123456"},
        {"key": KEY + "\n"},
        {"key": 7},
        {"message": "../x"},
        {"action": ""},
        {"action": "again:\u0000"},
        {"action": "again:ä"},
        {"action": "a" * 101},
        {"more": 1},
        {"choices": {"A": "x"}},
        {"choices": []},
        {"person": None},
    ],
)
def test_a_press_of_another_form_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Refused, match="form"):
        parsed(PressForm, json.dumps({**PRESS, **change}).encode())


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b'{"key": "\\ud800"}'])
def test_a_body_that_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(Refused, match="form"):
        parsed(PressForm, body)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"person": "eve"}, "person"), ({"channel": "nowhere"}, "channel"), ({"channel": "operators"}, "channel")],
)
def test_unknown_people_and_places_are_refused(change: dict[str, str], code: str) -> None:
    with pytest.raises(Refused, match=code):
        parsed(PressForm, json.dumps({**PRESS, **change}).encode())


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_is_sent_is_read_or_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        parsed(PressForm, body)


async def test_pictures_come_with_their_bytes() -> None:
    async with page() as house:
        files = [("one.jpg", b"first picture"), ("zwei.jpg", b"second picture")]
        assert (await house.browser.ask("animate", files)).status == 200
        [ask] = house.verbs.asks
        assert [(one.name, one.declared_type) for one in ask.attachments] == [
            ("one.jpg", "image/jpeg"),
            ("zwei.jpg", "image/jpeg"),
        ]
        assert house.verbs.pictures == [b"first picture", b"second picture"]


async def test_an_attachment_can_be_read_twice() -> None:
    async with page() as house:
        await house.browser.ask("animate", [("one.jpg", b"bytes")])
        [attachment] = house.verbs.asks[0].attachments
        assert [chunk async for chunk in attachment.read()] == [b"bytes"]


async def test_a_picture_alone_is_enough() -> None:
    async with page() as house:
        assert (await house.browser.ask("", [("one.jpg", b"bytes")])).status == 200


@pytest.mark.parametrize("text", ["", "  \n"])
async def test_nothing_at_all_is_not(text: str) -> None:
    async with page() as house:
        answer = await house.browser.ask(text)
        assert (answer.status, answer.body) == (400, {"error": "empty"})
        assert house.verbs.asks == []


async def test_too_many_pictures_are_refused() -> None:
    async with page() as house:
        answer = await house.browser.ask("x", [(f"{number}.jpg", b"x") for number in range(7)])
        assert (answer.status, answer.body) == (413, {"error": "too_many_files", "limit": 6})
        assert house.verbs.asks == []
        assert await house.browser.history() == []


async def test_a_picture_that_is_too_big_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.web.inbound.MOST_FILE_BYTES", 100_000)
    async with page() as house:
        assert (await house.browser.ask("x", [("a.jpg", bytes(100_000))])).status == 200
        answer = await house.browser.ask("x", [("a.jpg", bytes(100_001))])
        assert (answer.status, answer.body) == (413, {"error": "file_too_large", "limit": 100_000})
    assert MOST_FILE_BYTES == 26_214_400


async def test_a_text_has_its_limit() -> None:
    async with page() as house:
        assert (await house.browser.ask("x" * MOST_TEXT)).status == 200
        answer = await house.browser.ask("x" * (MOST_TEXT + 1))
        assert (answer.status, answer.body) == (400, {"error": "text_too_long", "limit": 10_000})


async def test_thumbnails_are_shown() -> None:
    async with page() as house:
        await house.browser.ask("x", [("a.jpg", b"x")], thumbs=[thumb()])
        [message] = await house.browser.history()
        assert message["thumbs"] == [thumb()]


@pytest.mark.parametrize(
    "bad",
    [
        "https://evil.example/pixel.jpg",
        "javascript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:image/jpeg;base64,",
        "data:image/jpeg;base64,PHNjcmlwdD4=",
        "data:image/jpeg;base64,/9j/ !",
        thumb(b"\xff\xd8\xff" + bytes(MOST_THUMB)),
    ],
)
async def test_a_thumbnail_is_a_small_jpeg_and_nothing_else(bad: str) -> None:
    async with page() as house:
        answer = await house.browser.ask("x", thumbs=[bad])
        assert (answer.status, answer.body) == (400, {"error": "form"})
        assert await house.browser.history() == []


@pytest.mark.parametrize("form", ["", "{}", "[]", '{"key": 1}', "\x00", json.dumps({**PRESS, "text": "x"})])
async def test_a_form_of_another_kind_is_refused(form: str) -> None:
    async with page() as house:
        answer = await house.browser.send(form)
        assert (answer.status, answer.body) == (400, {"error": "form"})


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=other\r\n\r\n{}\r\n--x--\r\n",
        ),
        ("multipart/form-data; boundary=x", b"--x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n{}\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--\r\n",
        ),
    ],
)
async def test_a_body_of_another_kind_is_refused(content_type: str, body: bytes) -> None:
    async with page() as house:
        headers = {"Content-Type": content_type, "Origin": house.browser.origin}
        async with house.browser.client.post("/web/ask", data=body, headers=headers) as answer:
            assert (answer.status, await answer.json()) == (400, {"error": "form"})
