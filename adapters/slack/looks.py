"""Card to blocks, form to modal. Texts go into rich text, where nothing of them is markup, and pings nobody."""

import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from adapters.slack.inbound import Heard
from bot.messaging import Button, Card, Form, FormField
from bot.messaging.protocols import Json
from bot.messaging.texts import bar, cut, pictures

_TITLE, _TEXT, _LABEL, _FOOTER, _HINT, _QUESTION = 150, 2_500, 75, 1_000, 150, 300
_ROWS, _BUTTONS, _A_ROW, _MESSAGE, _VIEW = 12, 25, 5, 50, 100
_MODAL_TITLE, _PARTS, _RADIOS, _OPTIONS, _FILES, _LONGEST, _VALUE = 24, 8, 3, 100, 10, 3_000, 150
JOB = re.compile(r"\b[0-9a-v]{20}\b")


def blocks(card: Card, links: Mapping[str, str] | None = None) -> list[Json]:
    """The card within Slack's limits; `links` lead to the message of a job that its text names."""
    shown: list[Json] = []
    if card.title:
        shown.append({"type": "header", "text": plain(card.title, _TITLE)})
    progress = "" if card.progress is None else bar(card.progress)
    if body := "\n".join(filter(None, (card.text, progress, pictures(card)))):
        shown.append(_rich("rich_text_section", _linked(cut(body, _TEXT), links or {})))
    if card.rows:
        rows = [(_said(f"{cut(row.name, _LABEL)}  ", bold=True), cut(row.value, _TEXT)) for row in card.rows[:_ROWS]]
        parts = [part for name, value in rows for part in (name, _said(f"{value}\n"))]
        shown.append(_rich("rich_text_section", parts))
    if card.command:
        shown.append(_rich("rich_text_preformatted", [_said(f"/kling {cut(card.command, _TEXT)}")]))
    shown += _actions(card.buttons)
    if card.footer:
        shown.append({"type": "context", "elements": [plain(card.footer, _FOOTER)]})
    return shown[:_MESSAGE] or [_rich("rich_text_section", [_said(" ")])]


def message(card: Card) -> Json:
    """What a message that shows the card consists of; its text is for notifications and screen readers."""
    line = cut(" · ".join(filter(None, (card.title, card.text))) or "klingbot", _TEXT)
    return {"text": html.escape(line, quote=False), "blocks": blocks(card)}


def modal(form: Form, heard: Heard) -> Json:
    """A form as a modal. Its hidden note carries where it belongs, and the files of the message it is about."""
    note = {
        "verb": form.verb, "about": form.about, "action": form.action, "channel": heard.channel,
        "thread": heard.thread, "message": heard.message, "files": [one["id"] for one in heard.files],
    }  # fmt: skip
    inputs = [_input(one) for one in form.short(_PARTS, pictures=not heard.files)]
    if not heard.channel:
        where = {"type": "conversations_select", "default_to_current_conversation": True, "response_url_enabled": True}
        inputs.insert(0, _input(FormField(name="channel", label="Where", kind="text", required=True), where))
    return {
        "type": "modal", "callback_id": "form", "title": plain(form.title, _MODAL_TITLE),
        "submit": plain(form.submit or "OK", _MODAL_TITLE), "blocks": inputs or blocks(Card(title="–")),
        "private_metadata": json.dumps({n: v for n, v in note.items() if v}), "close": plain("Close", _MODAL_TITLE),
    }  # fmt: skip


def home(cards: Iterable[Card], links: Mapping[str, str]) -> Json:
    """App Home: cards one below the other."""
    shown = [part for card in cards for part in ({"type": "divider"}, *blocks(card, links))]
    return {"type": "home", "blocks": shown[1 : _VIEW + 1]}


def plain(words: str, most: int) -> Json:
    """A plain text object."""
    return {"type": "plain_text", "text": cut(words.strip(), most) or "–", "emoji": True}


def _rich(kind: str, elements: list[Json]) -> Json:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": elements}]}


def _said(words: str, **style: bool) -> Json:
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def _linked(words: str, links: Mapping[str, str]) -> list[Json]:
    parts, at = list[Json](), 0
    for found in JOB.finditer(words):
        if url := links.get(found[0]):
            parts += [_said(words[at : found.start()] or " "), {"type": "link", "url": url, "text": found[0]}]
            at = found.end()
    return [*parts, _said(words[at:])] if at < len(words) else parts


def _actions(buttons: Iterable[Button]) -> list[Json]:
    shown = [_button(one, number) for number, one in enumerate(buttons)][:_BUTTONS]
    return [{"type": "actions", "elements": shown[at : at + _A_ROW]} for at in range(0, len(shown), _A_ROW)]


def _button(one: Button, number: int) -> Json:
    label, yes, no = plain(one.label, _LABEL), plain("Yes", _LABEL), plain("No", _LABEL)
    shown: Json = {"type": "button", "action_id": f"b{number}", "text": label, "value": one.action}
    if one.style != "plain":
        shown["style"] = one.style
    if one.confirm:
        shown["confirm"] = {"title": label, "text": plain(one.confirm, _QUESTION), "confirm": yes, "deny": no}
    return shown


def _input(one: FormField, element: Mapping[str, Any] | None = None) -> Json:
    return {
        "type": "input", "block_id": one.name, "optional": not one.required, "label": plain(one.label, _LABEL),
        "element": {"action_id": "v", **(element or _element(one))},
    } | ({"hint": plain(one.help, _HINT)} if one.help else {})  # fmt: skip


def _element(one: FormField) -> Json:
    if one.kind == "picture":
        return {"type": "file_input", "max_files": min(one.most, _FILES)}
    if one.kind == "person":
        return {"type": "users_select"}
    if one.kind == "switch":
        option = {"text": plain("Yes", _LABEL), "value": "yes"}
        return {"type": "checkboxes", "options": [option], **({"initial_options": [option]} if one.value else {})}
    if one.choices and len(one.choices) <= _OPTIONS and not one.open_choices:
        options = [{"text": plain(choice.label, _LABEL), "value": choice.value[:_VALUE]} for choice in one.choices]
        first = next((option for option in options if option["value"] == one.value), None)
        kind = "radio_buttons" if len(options) <= _RADIOS else "static_select"
        return {"type": kind, "options": options, **({"initial_option": first} if first else {})}
    longest = min(one.longest or _LONGEST, _LONGEST)
    value = {"initial_value": one.value[:longest]} if one.value else {}
    return {"type": "plain_text_input", "multiline": one.long, "max_length": longest, **value}
