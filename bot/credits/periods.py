"""Days, weeks and months of a time zone, as spans of milliseconds."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import BadValue

PeriodKind = Literal["day", "week", "month"]
KINDS: tuple[PeriodKind, ...] = ("day", "week", "month")


@dataclass(frozen=True, slots=True)
class Period:
    """From `start_ms` to just before `end_ms`, UTC. Named `2026-11-20`, `2026-W47` (ISO, from Monday) or `2026-11`."""

    name: str
    start_ms: int
    end_ms: int


_latest: dict[tuple[str, PeriodKind], Period] = {}
"""The period asked for last, by zone and kind: next time it is most likely the same."""


def period_of(at_ms: int, timezone: str, kind: PeriodKind) -> Period:
    """The period that a moment lies in. Periods follow each other without gap or overlap, whatever the clocks do.

    Raises BadValue for a time zone or a kind that doesn't exist.
    """
    period = _latest.get((timezone, kind))
    if period is None or not period.start_ms <= at_ms < period.end_ms:
        period = _latest[timezone, kind] = _work_out(at_ms, timezone, kind)
    return period


def _work_out(at_ms: int, timezone: str, kind: PeriodKind) -> Period:
    if kind not in KINDS:
        raise BadValue(field="period", value=kind, allowed=KINDS)
    zone = zone_of(timezone)
    first = _first_day(datetime.fromtimestamp(at_ms // 1000, zone).date(), kind)
    if at_ms < _midnight(first, zone):  # an hour around midnight that comes twice
        first = _first_day(first - timedelta(days=1), kind)
    elif at_ms >= _midnight(_next(first, kind), zone):
        first = _next(first, kind)
    return Period(_name(first, kind), _midnight(first, zone), _midnight(_next(first, kind), zone))


def zone_of(timezone: str) -> ZoneInfo:
    """The time zone of that name (`Europe/Berlin`). Raises BadValue."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadValue(field="timezone", value=timezone) from error


def _first_day(day: date, kind: PeriodKind) -> date:
    if kind == "day":
        return day
    return day.replace(day=1) if kind == "month" else day - timedelta(days=day.weekday())


def _next(first: date, kind: PeriodKind) -> date:
    return _first_day(first + timedelta(days={"day": 1, "week": 7, "month": 31}[kind]), kind)


def _name(first: date, kind: PeriodKind) -> str:
    if kind == "week":
        return "{}-W{:02}".format(*first.isocalendar())
    return first.isoformat() if kind == "day" else f"{first:%Y-%m}"


def _midnight(day: date, zone: ZoneInfo) -> int:
    """When the day begins, in ms; where clocks skip midnight, the moment they do so."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000
