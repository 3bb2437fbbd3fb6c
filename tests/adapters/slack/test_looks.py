"""Whatever a card or a form holds, Slack takes it, and its library agrees."""

import json
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from adapters.slack import looks
from adapters.slack.inbound import Heard
from bot.commands.forms import commands
from bot.messaging import Button, Card, CardPicture, Choice, Form, FormField, Row
from tests.support.local_slack.payloads import check_message, check_view
from tests.support.local_slack.world import Json
from tests.support.slack import words

JOB = "0123456789abcdefghij"
HERE = Heard(key="k", kind="ask", team="T0", user="U0", channel="C0", trigger="1.1")
texts = (
    st.text(max_size=40) | st.text(min_size=1, max_size=9).map(lambda one: one * 700) | st.just(f"1. fox {JOB} done")
)
actions = st.from_regex(r"[a-z-]{1,20}:[0-9a-v]{0,70}", fullmatch=True)
buttons = st.builds(
    Button, label=texts, action=actions, style=st.sampled_from(("plain", "primary", "danger")), confirm=texts,
    opens=st.booleans(),
)  # fmt: skip
rows = st.builds(Row, name=texts, value=texts)
cards = st.builds(
    Card, title=texts, text=texts, rows=st.lists(rows, max_size=40).map(tuple), footer=texts, command=texts,
    buttons=st.lists(buttons, max_size=40).map(tuple), progress=st.none() | st.floats(0, 1), alt=texts,
    pictures=st.lists(st.builds(CardPicture, sha256=st.just("0" * 64), label=texts), max_size=4).map(tuple),
)  # fmt: skip
choices = st.builds(Choice, value=st.text(min_size=1, max_size=300), label=texts)
fields = st.builds(
    FormField, name=st.from_regex(r"[a-z]{1,12}", fullmatch=True), label=texts, help=texts, value=texts,
    kind=st.sampled_from(("text", "choice", "number", "switch", "picture", "job", "person")), required=st.booleans(),
    choices=st.lists(choices, max_size=120, unique_by=lambda one: one.value[:150]).map(tuple),
    open_choices=st.booleans(), longest=st.none() | st.integers(1, 9_000), long=st.booleans(), most=st.integers(1, 20),
)  # fmt: skip
unique = st.lists(fields, min_size=1, max_size=20, unique_by=lambda one: one.name).map(tuple)
forms = st.builds(Form, title=texts, submit=texts, fields=unique, about=st.none() | st.just(JOB))
kept = st.lists(st.just({"id": "F0123456789"}), max_size=10).map(tuple)
heards = st.builds(
    lambda files, channel: replace(HERE, files=files, channel=channel), kept, st.sampled_from(("", "C0"))
)


def approved(blocks: list[Json]) -> None:
    """The library's own validation, by its models."""
    for block in blocks:
        parsed = Block.parse(json.loads(json.dumps(block)))
        assert parsed is not None
        parsed.validate_json()
        parsed.to_dict()


@settings(max_examples=25)
@given(cards)
def test_every_card_is_a_message_that_slack_takes(card: Card) -> None:
    message = looks.message(card)
    check_message(message)
    approved(message["blocks"])
    assert "<!" not in message["text"]


@settings(max_examples=25)
@given(st.lists(cards, min_size=1, max_size=4))
def test_every_home_is_a_view_that_slack_takes(shown: list[Card]) -> None:
    view = looks.home(shown, {JOB: "https://acme.slack.com/archives/C0/p1"})
    check_view(view)
    approved(view["blocks"])
    View(**view).validate_json()


@settings(max_examples=25)
@example(
    Form(title="", submit="", fields=(FormField(name="a", label="", kind="picture"),)),
    replace(HERE, channel="C0", files=({"id": "F0123456789"},)),
)
@given(forms, heards)
def test_every_form_is_a_modal_that_slack_takes(form: Form, heard: Heard) -> None:
    view = looks.modal(form, heard)
    check_view(view)
    approved(view["blocks"])
    View(**view).validate_json()


def test_every_command_of_the_menu_as_a_form() -> None:
    for one in commands({"fal": "fal", "wavespeed": "WaveSpeed"}):
        for command in (one, *one.words):
            view = looks.modal(Form(title=command.name, fields=command.fields, submit="Go", verb=one.name), HERE)
            check_view(view)
            approved(view["blocks"])


def test_texts_of_people_are_no_markup_and_jobs_are_links() -> None:
    card = Card(
        title="*bold* <@U1>", text=f"<!here> {JOB}, done", footer="<!channel>", rows=(Row(name="a", value="<b>"),)
    )
    shown = looks.blocks(card, {JOB: "https://x"})
    assert [one["type"] for one in shown] == ["header", "rich_text", "rich_text", "context"]
    assert shown[1]["elements"][0]["elements"] == [
        {"type": "text", "text": "<!here> "}, {"type": "link", "url": "https://x", "text": JOB},
        {"type": "text", "text": ", done"},
    ]  # fmt: skip
    assert "mrkdwn" not in json.dumps(shown)
    assert words(shown).startswith("*bold* <@U1>")


def test_a_button_asks_before_credits_are_spent() -> None:
    sure = Button(label="Delete", action=f"delete:{JOB}", style="danger", confirm="Take it away?")
    [shown] = looks.blocks(Card(buttons=(sure,)))[0]["elements"]
    assert (shown["value"], shown["style"], shown["confirm"]["text"]["text"]) == (
        f"delete:{JOB}",
        "danger",
        "Take it away?",
    )
