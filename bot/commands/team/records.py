"""`credits history`, `credits forget me`, `quota export`, `audit` and `reconcile`."""

from zoneinfo import ZoneInfo

from bot.commands.house import House, Who
from bot.commands.subwords.scopes import tag
from bot.commands.team.files import send
from bot.commands.team.scopes import person
from bot.commands.team.told import Doing, Told
from bot.commands.wording import records as wording
from bot.commands.wording import team
from bot.credits import records
from bot.credits.allowances import allowances_of
from bot.credits.check import check
from bot.credits.periods import Period, period_of
from bot.credits.records import Record, by_provider, held_within, month_named
from bot.credits.spending import days_of
from bot.errors import LedgerBroken, NotFound
from bot.jobs.forgetting import forget
from bot.jobs.states import JobState
from bot.messaging import Press, Reply

_SHOWN, _MOST = 15, 10_000
_OF_SOMEBODY = 10
_BACK_MS = 92 * 86_400_000


async def _history(told: Told) -> Reply:
    house, who = told.house, told.who
    under = tag(str(told.flags["for"])) if "for" in told.flags else ""
    csv = "csv" in told.flags
    found = await house.database.view(
        records.history, workspace=who.workspace, person=who.person, tag=under, count=_MOST if csv else _SHOWN
    )
    if not csv or not found:
        return Reply(card=wording.history(found, under, await _zone(told)))
    title = f"Your receipts{f' for {under}' if under else ''}"
    direct = await send(told, wording.table(found), name="credits.csv", title=title, jobs=len(found))
    return Reply(card=wording.sending(title, len(found), direct=direct))


async def _export(told: Told) -> Reply:
    house, who = told.house, told.who
    zone = (await house.headroom(who.spender())).timezone
    name = told.what or period_of(house.clock.now(), zone, "month").name
    month = month_named(name, zone)
    found = await _held_within(house, who, month, zone)
    title = f"Credits of {name}"
    direct = await send(told, wording.table(found), name=f"credits-{name}.csv", title=title, jobs=len(found))
    return Reply(card=wording.sending(title, len(found), direct=direct))


async def _held_within(house: House, who: Who, month: Period, zone: str) -> list[Record]:
    """Everything of a month, the oldest first; read day by day, so that others needn't wait for all of it."""
    found: list[Record] = []
    for day in days_of(month.start_ms, month.end_ms, zone):
        found += reversed(
            await house.database.view(held_within, workspace=who.workspace, start=day.start_ms, end=day.end_ms)
        )
    return found


async def _audit(told: Told) -> Reply:
    house, who, zone = told.house, told.who, await _zone(told)
    view = house.database.view
    if told.what is None:
        changes = await view(records.changes, workspace=who.workspace, count=_SHOWN)
        return Reply(card=wording.audit(changes, zone))
    scope = await person(house, told.ask, who, told.what)
    mine = scope.key.partition(":")[2]
    changes = await view(records.changes, workspace=who.workspace, person=mine, count=_OF_SOMEBODY)
    jobs = await view(records.history, workspace=who.workspace, person=mine, count=_OF_SOMEBODY)
    given = await view(
        allowances_of, workspace=who.workspace, person=mine, since=house.clock.now() - _BACK_MS
    )  # fmt: skip
    own = [*(wording.own_line(one, zone) for one in jobs)]
    own += [wording.allowance_line(one, zone) for one in given[:_OF_SOMEBODY]]
    return Reply(card=wording.audit(changes, zone, of=scope.label, own=own))


async def _reconcile(told: Told) -> Reply:
    house, who = told.house, told.who
    room = await house.headroom(who.spender())
    month = period_of(house.clock.now(), room.timezone, "month")
    found = await _held_within(house, who, month, room.timezone)
    jobs = await house.reader.open_jobs(who.workspace)
    uncertain = [view for view in jobs if view.state is JobState.UNCERTAIN]
    return Reply(
        card=wording.reconciled(
            by_provider(found), uncertain, month=month.name, credit_microusd=house.policy.credit_microusd,
            ledger=await _ledger(told),
        )
    )  # fmt: skip


async def _ledger(told: Told) -> str:
    """Whether the whole ledger adds up, for those whom the operator trusts: it takes seconds, and is everybody's."""
    if not told.house.is_trusted(told.ask.actor):
        return ""
    try:
        await told.house.database.view(check)
    except LedgerBroken as error:
        return wording.broken(len(error.differences))
    return wording.adds_up()


async def _zone(told: Told) -> ZoneInfo:
    """Where the team's days begin."""
    return team.zone(await told.house.headroom(told.who.spender()))


async def _forget(told: Told) -> Reply:
    return Reply(card=wording.forget_question(told.who.person))


async def press_forget(house: House, press: Press, whose: str, who: Who) -> Reply:
    """Yes to that, by the very person."""
    if whose != who.person:
        raise NotFound("ask", whose)
    gone = await house.database.run(forget, who.person)
    for sha256 in gone.files:
        await house.blobs.delete(sha256)
    return Reply(card=wording.forgotten(gone.jobs, len(gone.files)), replaces=True)


DOING: Doing = {
    ("credits", "history"): _history,
    ("credits", "forget"): _forget,
    ("quota", "export"): _export,
    ("quota", "audit"): _audit,
    ("quota", "reconcile"): _reconcile,
}
