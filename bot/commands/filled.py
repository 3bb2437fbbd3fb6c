"""A filled form, a menu's option or an attachment's role as the typed line that says the same."""

from collections.abc import Mapping, Sequence

from bot.commands.flags import FLAG_NAMES, Flag
from bot.commands.scanning import plain
from bot.commands.spelling import quoted
from bot.commands.subwords.table import SUBWORDS
from bot.commands.words import VERBS
from bot.errors import UnknownWord
from bot.messaging import Ask, Attachment

_YES = frozenset(("true", "yes", "on", "1"))
_WORDS = ("job", "topic", "prompt")


def line(ask: Ask) -> str:
    """The line of an ask: as typed where nothing was filled in; else its verb, its flags, and its words behind them.

    Raises UnknownWord for a verb or a field that there isn't. An empty value is a field that was left alone.
    """
    roles = _roles(ask.attachments)
    if not ask.verb and not ask.choices and not roles:
        return ask.text
    choices = {plain(name): value.strip() for name, value in ask.choices.items() if value.strip()}
    verb, _, sub = ask.verb.partition(" ")
    if verb and verb not in VERBS:
        raise UnknownWord("verb", verb)
    if word := SUBWORDS.get((verb, sub)):
        return " ".join(filter(None, (verb, sub, word.write(choices), ask.text.strip())))
    if verb == "resolve":
        said = [choices.get(name, "") for name in ("job", "how", "task")]
        return " ".join(filter(None, (verb, *said, ask.text.strip())))
    words = [choices.pop(name) for name in _WORDS if name in choices and name != "prompt"]
    if verb == "extend" and not words and not ask.about:
        words = ["1"]
    prompt = choices.pop("prompt", "")
    return " ".join(filter(None, (verb, *words, *_flags(choices), *roles, prompt, ask.text.strip())))


def _roles(attachments: Sequence[Attachment]) -> list[str]:
    """The flags that say what the attached pictures were put in for."""
    numbers: dict[str, list[str]] = {}
    for number, attachment in enumerate(attachments, start=1):
        if attachment.role:
            numbers.setdefault(attachment.role, []).append(str(number))
    return [f"--{_known(role).name} {','.join(places)}" for role, places in numbers.items()]


def _flags(choices: Mapping[str, str]) -> list[str]:
    return [word for name, value in choices.items() for word in _flag(_known(name), value)]


def _known(name: str) -> Flag:
    flag = FLAG_NAMES.get(plain(name))
    if flag is None:
        raise UnknownWord("flag", name)
    return flag


def _flag(flag: Flag, value: str) -> list[str]:
    if flag.kind == "switch":
        return [f"--{flag.name}"] if value.casefold() in _YES else []
    if flag.many:
        return [f"--{flag.name} {_safe(one)}" for one in value.split()]
    return [f"--{flag.name} {quoted(value) if flag.kind == 'phrase' else _safe(value)}"]


def _safe(value: str) -> str:
    """A value as one word; in quotes where it wouldn't be read as one."""
    return value if value.isascii() and value.replace(":", "").replace(".", "").isalnum() else quoted(value)
