"""What became of credits, looked up: receipts, an export, what was changed, and what was paid for it all."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from bot.commands.wording.describing import headline
from bot.commands.wording.figures import count, day, either, in_credits, in_dollars, named, shorten
from bot.credits.records import Change, Provided, Record
from bot.jobs.views import JobView
from bot.kling.requests import load_request
from bot.messaging import Button, Card, Row

_BUTTONS = 5
_DETAIL = 80
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a spreadsheet may take for the beginning of a formula."""
_COLUMNS = (
    "job", "person", "tag", "channel", "provider", "held", "charged", "released", "corrected", "cost_usd", "held_at",
    "ended_at",
)  # fmt: skip
_BOM = "\ufeff"


def history(records: Sequence[Record], tag: str, zone: tzinfo) -> Card:
    """A person's receipts, newest first, with buttons for the newest ones."""
    under = f" for {tag}" if tag else ""
    if not records:
        return Card(title=f"No receipts{under}", text="Ask for a first video: video a red fox")
    lines = [_line(number, record, zone) for number, record in enumerate(records, 1)]
    jobs = [(number, record.id) for number, record in enumerate(records, 1) if record.request]
    again = f"credits history --for {tag} --csv" if tag else "credits history --csv"
    return Card(
        title=f"Your receipts{under}, newest first",
        text="\n".join(lines),
        buttons=tuple(Button(label=f"Receipt {number}", action=f"receipt:{id_}") for number, id_ in jobs[:_BUTTONS]),
        footer=f"One of them: show <job> · All of them as a file: {again}",
    )


def _line(number: int, record: Record, zone: tzinfo) -> str:
    what = headline(load_request(record.request), 30) if record.request else "better words"
    return f"{number}. {day(record.held_at, zone)} · {what} · {_sums(record)} · {record.id}"


def _sums(record: Record) -> str:
    """What was held, and what came of it."""
    if record.ended_at is None:
        return f"{record.held:,} held"
    parts = ((record.charged, "charged"), (record.released, "released"), (record.corrected, "given back"))
    return ", ".join(f"{amount:,} {word}" for amount, word in parts if amount)


def table(records: Iterable[Record]) -> bytes:
    """The records as CSV, a job a line; what a spreadsheet would take for a formula is text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for one in records:
        words = [harmless(word) for word in (one.id, one.person, one.tag, one.channel, one.provider)]
        sums = (one.held, one.charged, one.released, one.corrected, dollars(one.microusd))
        writer.writerow((*words, *sums, moment(one.held_at), moment(one.ended_at)))
    return (_BOM + out.getvalue()).encode()  # the mark tells spreadsheets that it is UTF-8


def harmless(word: str) -> str:
    """A cell that no spreadsheet calculates with."""
    return f"'{word}" if word.startswith(_FORMULA) or word.lstrip().startswith(_FORMULA) else word


def dollars(microusd: int) -> str:
    """`0.475`, with all the places that there are."""
    return f"{Decimal(microusd) / 1_000_000:f}"


def moment(ms: int | None) -> str:
    """`2026-11-20T19:46:34Z`; nothing for what hasn't come."""
    return "" if ms is None else f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def sending(what: str, jobs: int, *, direct: bool) -> Card:
    """A file is on its way, and where to."""
    where = (
        "It comes to your direct messages. If nothing comes, let me write to you there, and ask again."
        if direct
        else "There are no direct messages with you here, so it is shown in this place, to you alone."
    )
    return Card(title=f"{what}: {count(jobs, 'job')}", text=where, tone="good")


def file(what: str, jobs: int) -> Card:
    """The message that a file is on."""
    return Card(title=what, text=f"{count(jobs, 'job')}, one a line. Times are UTC, costs are dollars.")


def audit(changes: Sequence[Change], zone: tzinfo, *, of: str = "", own: Sequence[str] = ()) -> Card:
    """What administrators changed; of somebody: what was done about them and by them, and their own entries."""
    lines = [_change(one, zone) for one in changes]
    parts = ("\n".join(lines) or "Administrators changed nothing so far.", *(("Their own:", *own) if own else ()))
    return Card(
        title=f"About {of}" if of else "What administrators changed",
        text="\n".join(parts),
        footer="" if of else "About somebody: quota audit @ana",
    )


def _change(one: Change, zone: tzinfo) -> str:
    about = f" {one.subject}" if one.subject else ""
    detail = f": {shorten(one.detail, _DETAIL)}" if one.detail else ""
    return f"{day(one.at, zone)} · {shorten(one.actor, 40)} · {one.action}{about}{detail}"


def own_line(record: Record, zone: tzinfo) -> str:
    """One of somebody's jobs, for an administrator: what it did to the credits, not what it shows."""
    return f"{day(record.held_at, zone)} · {_sums(record)} · {record.id}"


def allowance_line(given: tuple[int, str, str, int], zone: tzinfo) -> str:
    """Headroom that came or went."""
    credits, kind, reason, at = given
    return f"{day(at, zone)} · {kind} {credits:+,} headroom{f', {named(reason)}' if reason else ''}"


def reconciled(
    provided: Sequence[Provided], uncertain: Sequence[JobView], *, month: str, credit_microusd: int, ledger: str
) -> Card:
    """What was charged against what providers took, what is not settled, and whether the ledger adds up."""
    rows = tuple(Row(name=one.provider or "Nobody yet", value=_paid(one, credit_microusd)) for one in provided)
    lost = sum(one.variance for one in provided)
    open_ = (
        f"{count(len(uncertain), 'job')} not settled: {either([one.id for one in uncertain[:5]], 'and')}. "
        "To settle one: resolve <job> charge, resolve <job> release, or resolve <job> task <id>"
        if uncertain
        else "No job is uncertain."
    )
    variance = f"{in_credits(lost)} of variance: bought, and paid from nobody's pool." if lost else "No variance."
    return Card(
        title=f"What {month} came to",
        text="\n".join(filter(None, ("" if provided else "Nothing was bought.", variance, open_, ledger))),
        rows=rows,
        tone="warning" if uncertain or lost else "good",
        footer=f"Every job of it: quota export {month}",
    )


def _paid(one: Provided, credit_microusd: int) -> str:
    worth = one.credits * credit_microusd
    return (
        f"{count(one.jobs, 'job')}: {one.credits:,} charged ({in_dollars(worth)}), cost {in_dollars(one.microusd)}, "
        f"{in_dollars(worth - one.microusd)} apart"
    )


def adds_up() -> str:
    """The ledger was worked out anew."""
    return "The ledger adds up."


def broken(differences: int) -> str:
    """It was, and something is wrong."""
    return f"The ledger does NOT add up: {count(differences, 'difference')}. The operator sees them: klingbot check"


def forget_question(person: str) -> Card:
    """Asked before anything is forgotten."""
    return Card(
        title="Forget what you asked for?",
        text=(
            "Prompts and pictures of all your jobs and questions go out of my books, and can't be brought back: none "
            "of them can be made again. Amounts stay in the ledger, videos and messages in the chat stay until they "
            "are deleted there."
        ),
        tone="warning",
        buttons=(Button(label="Forget them", action=f"forget:{person}", style="danger"),),
    )


def forgotten(jobs: int, files: int) -> Card:
    """What went, and what stays."""
    return Card(
        title="Forgotten",
        text=(
            f"The prompts of {count(jobs, 'job')} and {count(files, 'picture')} are gone. What was held and charged "
            "stays in the ledger, and messages in the chat stay until they are deleted there."
        ),
        tone="good",
    )
