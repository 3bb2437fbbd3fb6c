"""Card to message, form to modal: Discord's payloads, within its limits. Nothing in them pings anybody."""

import re
from collections.abc import Mapping
from typing import Any

from bot.messaging import Button, Card, Form, FormField, Tone
from bot.messaging.texts import bar, cut, pictures

Json = dict[str, Any]

OPENS, SURE, YES = "~", "?", "!"
"""Marks in front of a button's action: pressing it opens a form; it asks first; it is the answer to that."""
PRIVATE = 1 << 6
"""The flag of a message that one person sees."""
UPLOAD, CHECK = 19, 23
"""Parts of a modal that come back in a way of their own: files, and a box that is ticked."""

_COLOURS: Mapping[Tone, int] = {
    "plain": 0x5865F2, "working": 0x4F8EF7, "good": 0x2E9E5B, "warning": 0xD9902F, "bad": 0xD0454C,
}  # fmt: skip
_STYLES = {"plain": 2, "primary": 1, "danger": 4}
_MARKUP = re.compile(r"([\\*_~`|>#<\[\]])")
_AT = re.compile(r"@(?=everyone|here|&|!|\d)")
_ALL, _TITLE, _TEXT, _VALUE, _FOOTER, _COMMAND, _LABEL = 6_000, 256, 3_500, 1_000, 1_000, 1_500, 80
_ROWS, _INLINE, _BUTTONS, _A_ROW, _ID = 12, 40, 25, 5, 100
_EMPTY = "\u200b"
_PART, _INPUT, _RADIOS, _SELECT = 18, 4, 21, 3
_PARTS, _RADIO_OPTIONS, _OPTIONS, _FILES, _LONGEST, _MODAL_TITLE, _NAME, _HELP = 5, 10, 25, 10, 4_000, 45, 45, 100


def message(card: Card) -> Json:
    """The payload of a message that shows the card."""
    nobody = {"parse": [], "replied_user": False}
    buttons = [_button(one) for one in card.buttons[:_BUTTONS]]
    rows = [{"type": 1, "components": buttons[at : at + _A_ROW]} for at in range(0, len(buttons), _A_ROW)]
    return {"allowed_mentions": nobody, "content": "", "embeds": [_embed(card)], "components": rows}


def private(card: Card) -> Json:
    """The same for one person's eyes, as an answer to what they did."""
    return message(card) | {"flags": PRIVATE}


def modal(form: Form, *, target: str = "", pictures: bool = True) -> Json:
    """The payload that opens a form. `target` names a picked message, whose pictures need no upload."""
    meaning = f"press|{form.action}" if form.action else f"ask|{form.verb}|{form.about or ''}|{target}"
    shown = [
        {"type": _PART, "label": one.label[:_NAME], "component": _input(one)}
        | ({"description": one.help[:_HELP]} if one.help else {})
        for one in form.short(_PARTS, pictures=pictures)
    ]
    return {"custom_id": meaning[:_ID], "title": form.title[:_MODAL_TITLE], "components": shown}


def plain(text: str) -> str:
    """Text as text: markup shows as it was typed, and mentions are broken."""
    return _AT.sub(f"@{_EMPTY}", _MARKUP.sub(r"\\\1", text))


def _embed(card: Card) -> Json:
    """The card within Discord's lengths, of each part and of all together."""
    title, text, footer = cut(plain(card.title), _TITLE), cut(_body(card), _TEXT), cut(card.footer, _FOOTER)
    fields, left = list[Json](), _ALL - len(title) - len(text) - len(footer)
    for row in card.rows[:_ROWS]:
        name, value = cut(plain(row.name) or _EMPTY, _TITLE), cut(plain(row.value) or _EMPTY, _VALUE)
        left -= len(name) + len(value)
        fields += [{"name": name, "value": value, "inline": len(row.value) < _INLINE}] if left >= 0 else []
    empty = not (title or text or footer or fields)
    shown: Json = {"color": _COLOURS[card.tone], "description": _EMPTY if empty else text, "fields": fields}
    return shown | ({"title": title} if title else {}) | ({"footer": {"text": footer}} if footer else {})


def _body(card: Card) -> str:
    line = cut(card.command.replace("```", f"`{_EMPTY}``"), _COMMAND)
    progress = "" if card.progress is None else bar(card.progress)
    parts = (plain(card.text), progress, plain(pictures(card)), f"```\n/kling {line}\n```" if line else "")
    return "\n".join(filter(None, parts))


def _button(one: Button) -> Json:
    """A button that carries its whole meaning, so that it outlives this process."""
    mark = OPENS if one.opens else SURE if one.confirm else ""
    return {"type": 2, "style": _STYLES[one.style], "label": cut(one.label, _LABEL), "custom_id": mark + one.action}


def _input(one: FormField) -> Json:
    shown: Json = {"custom_id": one.name, "required": one.required}
    if one.kind == "picture":
        least = max(one.least, 1 if one.required else 0)
        return {**shown, "type": UPLOAD, "min_values": least, "max_values": min(one.most, _FILES)}
    if one.kind == "switch":
        return {"type": CHECK, "custom_id": one.name, "default": bool(one.value)}
    if 2 <= len(one.choices) <= _OPTIONS and not one.open_choices:
        options = [
            {"value": choice.value[:100], "label": choice.label[:100], "default": choice.value == one.value}
            for choice in one.choices
        ]
        return {**shown, "type": _RADIOS if len(options) <= _RADIO_OPTIONS else _SELECT, "options": options}
    longest = min(one.longest or _LONGEST, _LONGEST)
    value = {"value": one.value[:longest]} if one.value else {}
    return {**shown, "type": _INPUT, "style": 2 if one.long else 1, "max_length": longest, **value}
