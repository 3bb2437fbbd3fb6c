"""`approvals`, `quota approve-over` and `approve-own`, `credits ask` and `credits gift`: what they take."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.commands.spelling import quoted
from bot.commands.subwords.amounts import credits_field, reason, reason_field, text_field, write_amount
from bot.commands.subwords.scopes import ScopeWord, take_scope, unknown_scope
from bot.commands.subwords.subword import SubWord
from bot.commands.values import whole
from bot.errors import BadValue, Missing, NotFound, UnknownWord
from bot.messaging import FormField

_OFF = ("off", "none", "never")
_ADMINS = ("administrators", "admins", "administrator")
_JOINS = ("and", "or")
_HOWS: Mapping[str, Literal["approve", "once", "deny"]] = {"approve": "approve", "once": "once", "deny": "deny"}
_QUESTION = re.compile(r"[0-9a-v]{5,20}")
_NUMBER = re.compile(r"[-+]?\d")


@dataclass(frozen=True, slots=True)
class ApproveOver:
    """`quota approve-over 100 by role:Leads in #leads`: from which price on, by whom, asked where.

    No credits = never. What is None isn't changed; no approvers = administrators, no channel (`in off`) = nowhere else.
    """

    credits: int | None
    approvers: tuple[ScopeWord, ...] | None = None
    channel: ScopeWord | None = None
    nowhere: bool = False


@dataclass(frozen=True, slots=True)
class AskMore:
    """`credits ask 200 "launch week"`: more headroom, and what for."""

    credits: int
    reason: str


@dataclass(frozen=True, slots=True)
class Gift:
    """`credits gift 50 @ana "thanks"`: some of one's own headroom to somebody."""

    credits: int
    receiver: ScopeWord
    reason: str


@dataclass(frozen=True, slots=True)
class Decide:
    """`approvals approve k3f9q`, `approvals deny k3f9q "too dear"`: a decision where no buttons are.

    `which` is a question's id, or how it ends.
    """

    how: Literal["approve", "once", "deny"]
    which: str
    reason: str = ""


def decision(text: str) -> Decide | None:
    """What follows `approvals`; None where that is no decision. Raises Missing, BadValue and NotFound.

    A mistyped decision is never the words of a video: that would be bought.
    """
    how, _, rest = text.strip().partition(" ")
    said = _HOWS.get(how.casefold())
    if said is None:
        return None
    which, _, why = rest.strip().partition(" ")
    if not which:
        raise Missing("approval", "approvals")
    if not _QUESTION.fullmatch(which.casefold()):
        raise NotFound("ask", which)
    return Decide(said, which.casefold(), reason(why))


def _over(text: str) -> ApproveOver:
    first, _, rest = text.strip().partition(" ")
    if not first or first.casefold() in ("by", "in"):
        raise Missing("threshold", "quota approve-over")
    credits = None if first.casefold() in _OFF else whole(first)
    if credits is None and first.casefold() not in _OFF:
        raise BadValue("quota approve-over", first, ("100", "off"))
    approvers, rest = _by(rest.strip())
    channel, nowhere, rest = _in(rest)
    if rest:
        raise UnknownWord("word", rest.split()[0], ("by", "in"))
    return ApproveOver(credits, approvers, channel, nowhere)


def _by(text: str) -> tuple[tuple[ScopeWord, ...] | None, str]:
    """`by role:Leads @ana`, and what is left of the text."""
    word, _, rest = text.partition(" ")
    if word.casefold() != "by":
        return None, text
    found: list[ScopeWord] = []
    rest = re.sub(r"\s*,\s*", " ", rest.strip())
    while rest and rest.split()[0].casefold() != "in":
        word, _, after = rest.partition(" ")
        if word.casefold() in (*_JOINS, *_ADMINS):
            rest = after.strip()
            continue
        scope, after = take_scope(rest)
        if scope is None or scope.kind not in ("role", "person"):
            raise unknown_scope(rest)
        found.append(scope)
        rest = after
    return tuple(found), rest


def _in(text: str) -> tuple[ScopeWord | None, bool, str]:
    """`in #leads`, or `in off`, and what is left of the text."""
    word, _, rest = text.partition(" ")
    if word.casefold() != "in":
        return None, False, text
    first, _, after = rest.strip().partition(" ")
    if first.casefold() in _OFF:
        return None, True, after.strip()
    if first.casefold() == "here":
        return ScopeWord("channel", name="here"), False, after.strip()
    channel, left = take_scope(rest.strip())
    if channel is None:
        raise unknown_scope(rest or "in")
    return channel, False, left


def _own(text: str) -> bool:
    word = text.strip().casefold()
    if word not in ("on", "off"):
        raise BadValue("quota approve-own", text, ("on", "off"))
    return word == "on"


def _ask(text: str) -> AskMore | None:
    """A number and words; words alone are those of a video."""
    if text and not _NUMBER.match(text):
        return None
    count, rest = _credits("more", text)
    return AskMore(count, reason(rest))


def _gift(text: str) -> Gift | None:
    """A number and somebody, in either order; anything else are words of a video."""
    receiver, rest = take_scope(text)
    if receiver is not None:
        count, rest = _credits("gift", rest)
    elif text and not _NUMBER.match(text):
        return None
    else:
        count, rest = _credits("gift", text)
        receiver, rest = take_scope(rest)
    if receiver is None:
        raise Missing("gift", "credits gift")
    return Gift(count, receiver, reason(rest))


def _credits(field: str, text: str) -> tuple[int, str]:
    """Credits, at least 1, and what follows them. Raises Missing and BadValue."""
    if not text:
        raise Missing(field, "credits")
    first, _, rest = text.partition(" ")
    count = whole(first)
    if not count:
        raise BadValue(field, first)
    rest = rest.strip()
    word, _, after = rest.partition(" ")
    return count, after.strip() if word.casefold() in ("credits", "credit", "to") else rest


def _write_over(choices: Mapping[str, str]) -> str:
    by, at = choices.get("by", ""), choices.get("in", "")
    words = (choices.get("credits") or "off", f"by {by}" if by else "", f"in {at}" if at else "")
    return " ".join(filter(None, words))


def _write_gift(choices: Mapping[str, str]) -> str:
    person = choices.get("person", "")
    named = person if person[:1] in ("<", "@", "") else f"@{person}"
    why = quoted(choices["reason"]) if choices.get("reason") else ""
    return " ".join(filter(None, (choices.get("credits", ""), named, why)))


_THRESHOLD = FormField(
    name="credits", label="Credits", kind="number", help="above that price; leave empty for never", minimum=0, step=1
)
_PERSON = FormField(name="person", label="To", kind="person", help="somebody in this team", required=True)
_ON_OFF = text_field("own", "Their own", "on or off")

WORDS = (
    SubWord(
        verb="credits",
        name="ask",
        summary="ask approvers for more than your limit",
        example='credits ask 200 "launch week"',
        read=_ask,
        fields=(credits_field(), reason_field("approvers read it")),
        write=write_amount,
        admin=False,
    ),
    SubWord(
        verb="credits",
        name="gift",
        summary="let somebody use some of your limit",
        example='credits gift 50 @ana "thanks"',
        read=_gift,
        fields=(credits_field(), _PERSON, reason_field("they read it")),
        write=_write_gift,
        admin=False,
    ),
    SubWord(
        verb="quota",
        name="approve-over",
        summary="which price needs approval, by whom, asked in which channel",
        example="quota approve-over 100 by role:Leads in #leads",
        read=_over,
        fields=(
            _THRESHOLD,
            text_field("by", "By", "role:Name, @somebody, several of them, or administrators", required=False),
            text_field("in", "In", "#channel where they are asked, or off", required=False),
        ),
        write=_write_over,
    ),
    SubWord(
        verb="quota",
        name="approve-own",
        summary="whether approvers may approve what they asked for: on, off",
        example="quota approve-own on",
        read=_own,
        fields=(_ON_OFF,),
        write=lambda choices: choices.get("own", ""),
    ),
)
