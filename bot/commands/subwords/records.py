"""`credits history`, `credits forget me`, `quota export`, `audit` and `reconcile`: what they take."""

from collections.abc import Mapping

from bot.commands.spelling import quoted
from bot.commands.subwords.amounts import text_field
from bot.commands.subwords.scopes import ScopeWord, take_scope, unknown_scope
from bot.commands.subwords.subword import SubWord
from bot.credits.records import month_named
from bot.errors import BadValue, UnknownWord
from bot.messaging import FormField

_YES = ("true", "yes", "on", "1")


def _history(text: str) -> bool | None:
    """Only flags may follow: anything else is prose."""
    return None if text else True


def _forget(text: str) -> bool | None:
    return True if text.casefold().rstrip(".!") == "me" else None


def _export(text: str) -> str:
    """The month's name, empty for the one that runs."""
    if text:
        month_named(text, "UTC")
    return text


def _audit(text: str) -> ScopeWord | None:
    if not text:
        return None
    scope, rest = take_scope(text)
    if scope is None or rest:
        raise unknown_scope(text)
    if scope.kind != "person":
        raise BadValue("person", text, ("@ana",))
    return scope


def _nothing(text: str) -> bool:
    if text:
        raise UnknownWord("word", text, ("quota reconcile",))
    return True


def _write_history(choices: Mapping[str, str]) -> str:
    tag = f"--for {quoted(choices['for'])}" if choices.get("for") else ""
    csv = "--csv" if choices.get("csv", "").casefold() in _YES else ""
    return f"{tag} {csv}".strip()


WORDS = (
    SubWord(
        verb="credits",
        name="history",
        summary="your receipts: what was held, charged and given back; --csv sends a file",
        example="credits history",
        read=_history,
        fields=(
            text_field("for", "Tag", "only what was made for it", required=False),
            FormField(name="csv", label="As a file", kind="switch", help="CSV, to your direct messages"),
        ),
        write=_write_history,
        admin=False,
        free=True,
        flags=("for", "csv"),
    ),
    SubWord(
        verb="credits",
        name="forget",
        summary="take your prompts and pictures out of my books; amounts stay",
        example="credits forget me",
        read=_forget,
        write=lambda _choices: "me",
        admin=False,
    ),
    SubWord(
        verb="quota",
        name="export",
        summary="every job of a month as a CSV file",
        example="quota export 2026-11",
        read=_export,
        fields=(text_field("month", "Month", "as 2026-11; the one that runs without it", required=False),),
        write=lambda choices: choices.get("month", ""),
    ),
    SubWord(
        verb="quota",
        name="audit",
        summary="what administrators changed, or what was done about somebody and by them",
        example="quota audit @ana",
        read=_audit,
        fields=(FormField(name="person", label="Of", kind="person", help="somebody; everybody without"),),
        write=lambda choices: choices.get("person", ""),
        free=True,
    ),
    SubWord(
        verb="quota",
        name="reconcile",
        summary="what was charged against what providers cost, and what isn't settled",
        example="quota reconcile",
        read=_nothing,
        free=True,
    ),
)
