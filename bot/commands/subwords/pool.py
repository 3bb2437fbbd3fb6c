"""`quota refill`, `topup`, `refund` and `timezone`: what they take."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.commands.spelling import quoted
from bot.commands.subwords.amounts import (
    amount,
    credits_field,
    period_field,
    rate,
    reason,
    reason_field,
    text_field,
    write_amount,
    write_rate,
)
from bot.commands.subwords.subword import SubWord
from bot.credits.periods import PeriodKind, zone_of
from bot.errors import Missing
from bot.messaging import FormField


@dataclass(frozen=True, slots=True)
class TopUp:
    """`quota topup 5000 "PO 881"`: credits that never expire, and why."""

    credits: int
    reason: str


@dataclass(frozen=True, slots=True)
class SetRefill:
    """`quota refill 10000/month`: what the pool is filled with each period."""

    credits: int
    period: PeriodKind


@dataclass(frozen=True, slots=True)
class Refund:
    """`quota refund JOB "reason"`: all of what a job was charged, back to where it came from."""

    job: str
    reason: str


def _refill(text: str) -> SetRefill:
    return SetRefill(*rate("quota refill", text))


def _topup(text: str) -> TopUp:
    count, rest = amount("quota topup", text)
    return TopUp(count, reason(rest))


def _refund(text: str) -> Refund:
    job, _, rest = text.partition(" ")
    if not job:
        raise Missing("job", "quota refund")
    return Refund(job.casefold().removeprefix("#"), reason(rest))


def _timezone(text: str) -> str:
    if not text:
        raise Missing("timezone", "quota timezone")
    return zone_of(text.strip()).key


def _write_reason(choices: Mapping[str, str]) -> str:
    return quoted(choices["reason"]) if choices.get("reason") else ""


def _write_refund(choices: Mapping[str, str]) -> str:
    return f"{choices.get('job', '')} {_write_reason(choices)}".strip()


_JOB = FormField(name="job", label="Job", kind="job", help="its id", required=True, open_choices=True)

WORDS = (
    SubWord(
        verb="quota",
        name="refill",
        summary="what the pool is filled up with",
        example="quota refill 10000/month",
        read=_refill,
        fields=(credits_field(0), period_field()),
        write=write_rate,
    ),
    SubWord(
        verb="quota",
        name="topup",
        summary="add credits that don't expire",
        example='quota topup 5000 "PO 881"',
        read=_topup,
        fields=(credits_field(), reason_field()),
        write=write_amount,
    ),
    SubWord(
        verb="quota",
        name="refund",
        summary="give back what a job was charged",
        example='quota refund <job> "blurred"',
        read=_refund,
        fields=(_JOB, reason_field()),
        write=_write_refund,
    ),
    SubWord(
        verb="quota",
        name="timezone",
        summary="where the team's days and months begin",
        example="quota timezone Europe/Lisbon",
        read=_timezone,
        fields=(text_field("timezone", "Time zone", "as Europe/Lisbon"),),
        write=lambda choices: choices.get("timezone", ""),
    ),
)
