"""Any card and any form become a payload that Discord takes, in which nothing pings and nothing is markup."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord import looks
from bot.messaging import Button, Card, CardPicture, Form, FormField, Row
from tests.support.at_discord import MENU
from tests.support.local_discord.payloads import check_message, check_modal

WORDS = st.text(max_size=6_000)
LABELS = st.text(string.ascii_letters, min_size=1, max_size=200)


@given(
    title=WORDS, text=WORDS, footer=WORDS, command=WORDS, alt=WORDS,
    rows=st.lists(st.tuples(WORDS, WORDS), max_size=30), labels=st.lists(LABELS, max_size=40),
    progress=st.none() | st.floats(0, 1),
)  # fmt: skip
def test_any_card_keeps_within_discord_s_limits(
    title: str, text: str, footer: str, command: str, alt: str, rows: list[tuple[str, str]], labels: list[str],
    progress: float | None,
) -> None:  # fmt: skip
    card = Card(
        title=title, text=text, footer=footer, command=command, alt=alt, progress=progress,
        rows=tuple(Row(name=name, value=value) for name, value in rows),
        buttons=tuple(Button(label=label, action=f"go:{number}") for number, label in enumerate(labels)),
    )  # fmt: skip
    payload = looks.message(card)
    check_message(payload, [])
    assert payload["allowed_mentions"] == {"parse": [], "replied_user": False}


@pytest.mark.parametrize("command", MENU, ids=lambda one: one.name)
def test_every_verb_s_form_is_a_modal(command: object) -> None:
    fields = getattr(command, "fields", ())
    if fields:
        check_modal(looks.modal(Form(title="T" * 60, fields=fields, submit="", verb="v", about="j")))


def test_a_card_with_everything() -> None:
    card = Card(
        title="A *fox*", text="@everyone [x](http://y)", tone="good", progress=0.5, command="a fox ``` --pro",
        rows=(Row(name="Credits", value="50"),), footer="under *it*",
        pictures=(CardPicture(sha256="a", label="start"), CardPicture(sha256="b", label="end")),
        buttons=(Button(label="Again", action="again:1", style="primary"),),
    )  # fmt: skip
    (embed,) = looks.message(card)["embeds"]
    assert embed == {
        "color": 0x2E9E5B,
        "title": "A \\*fox\\*",
        "description": "@\u200beveryone \\[x\\](http://y)\n▰▰▰▰▰▰▱▱▱▱▱▱ 50%\n1 = start · 2 = end\n"
        "```\n/kling a fox `\u200b`` --pro\n```",
        "fields": [{"name": "Credits", "value": "50", "inline": True}],
        "footer": {"text": "under *it*"},
    }
    (row,) = looks.message(card)["components"]
    assert row["components"] == [{"type": 2, "style": 1, "label": "Again", "custom_id": "again:1"}]


def test_an_empty_card_is_still_a_message() -> None:
    check_message(looks.message(Card()), [])


@pytest.mark.parametrize("text", ["@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "</kling:1>", "<:fox:1>"])
def test_mentions_are_words(text: str) -> None:
    assert looks.plain(text) != text
    assert "<@" not in looks.plain(text).replace("\\<", "")


def test_a_short_form_keeps_what_is_needed() -> None:
    fields = tuple(FormField(name=f"f{number}", label="x", kind="number") for number in range(7))
    needed = FormField(name="job", label="Job", kind="job", required=True)
    shown = looks.modal(Form(title="x", fields=(*fields, needed), submit=""))
    assert [part["component"]["custom_id"] for part in shown["components"]] == ["f0", "f1", "f2", "f3", "job"]
