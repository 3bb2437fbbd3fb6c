from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.credits.periods import KINDS, Period, PeriodKind, period_of
from bot.errors import BadValue

HOUR = 3_600_000
ZONES = sorted(available_timezones() - {"Factory", "localtime"})


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("kind", "zone", "moment", "name", "start", "end"),
    [
        ("day", "UTC", "2026-11-20T13:00", "2026-11-20", "2026-11-20T00:00", "2026-11-21T00:00"),
        ("week", "UTC", "2026-11-20T13:00", "2026-W47", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("month", "UTC", "2026-11-20T13:00", "2026-11", "2026-11-01T00:00", "2026-12-01T00:00"),
        ("month", "UTC", "2026-12-31T23:59:59", "2026-12", "2026-12-01T00:00", "2027-01-01T00:00"),
        ("month", "UTC", "2028-02-29T12:00", "2028-02", "2028-02-01T00:00", "2028-03-01T00:00"),
        ("week", "UTC", "2027-01-01T12:00", "2026-W53", "2026-12-28T00:00", "2027-01-04T00:00"),
        ("week", "UTC", "2026-11-22T23:59:59", "2026-W47", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("month", "Asia/Tokyo", "2026-11-30T15:00", "2026-12", "2026-11-30T15:00", "2026-12-31T15:00"),
        ("month", "America/New_York", "2026-12-01T04:59", "2026-11", "2026-11-01T04:00", "2026-12-01T05:00"),
        # clocks go forward, then back: 23 hours, 25 hours
        ("day", "Europe/Berlin", "2026-03-29T12:00", "2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("day", "Europe/Berlin", "2026-10-25T12:00", "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),
        # midnight itself is skipped
        ("day", "America/Sao_Paulo", "2018-11-04T12:00", "2018-11-04", "2018-11-04T03:00", "2018-11-05T02:00"),
        # from 00:01 back to 23:01 of the day before: that hour is the new day's already
        ("day", "America/St_Johns", "2009-11-01T02:40", "2009-11-01", "2009-11-01T02:30", "2009-11-02T03:30"),
        ("day", "America/St_Johns", "2009-11-01T03:20", "2009-11-01", "2009-11-01T02:30", "2009-11-02T03:30"),
        # a day that never was
        ("day", "Pacific/Apia", "2011-12-30T10:00", "2011-12-31", "2011-12-30T10:00", "2011-12-31T10:00"),
    ],
)
def test_periods_begin_and_end_at_local_midnight(
    kind: PeriodKind, zone: str, moment: str, name: str, start: str, end: str
) -> None:
    assert period_of(ms(moment), zone, kind) == Period(name, ms(start), ms(end))


@given(st.integers(0, ms("2090-01-01T00:00")), st.sampled_from(ZONES), st.sampled_from(KINDS))
def test_periods_follow_each_other_without_gap_or_overlap(moment: int, zone: str, kind: PeriodKind) -> None:
    period = period_of(moment, zone, kind)
    assert period.start_ms <= moment < period.end_ms
    assert period_of(period.start_ms, zone, kind) == period == period_of(period.end_ms - 1, zone, kind)
    following = period_of(period.end_ms, zone, kind)
    assert following.start_ms == period.end_ms
    assert following.name > period.name


def test_a_moment_of_an_earlier_period_is_not_taken_for_the_latest() -> None:
    later = period_of(ms("2026-11-20T00:00"), "Europe/Paris", "month")
    earlier = period_of(ms("2026-10-20T00:00"), "Europe/Paris", "month")
    assert (earlier.name, later.name) == ("2026-10", "2026-11")


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "europe"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(BadValue) as caught:
        period_of(0, zone, "day")
    assert caught.value.field == "timezone"


@pytest.mark.parametrize("kind", ["year", ""])
def test_an_unknown_kind_is_refused(kind: PeriodKind) -> None:
    with pytest.raises(BadValue) as caught:
        period_of(0, "UTC", kind)
    assert caught.value.allowed == ("day", "week", "month")
