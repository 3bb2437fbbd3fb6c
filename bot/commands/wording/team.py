"""The team's credits: what a person can still spend and why not more, and the pool with its limits."""

from collections.abc import Sequence
from datetime import UTC, tzinfo

from bot.commands.wording.figures import day, in_credits
from bot.commands.wording.progress import line
from bot.credits.reports import Headroom
from bot.jobs.views import JobView
from bot.messaging import Card, Row

_JOBS = 5


def credits(room: Headroom, views: Sequence[JobView], now: int, zone: tzinfo = UTC) -> Card:
    """What the person can still spend, which limit binds, what is held, and the newest jobs."""
    jobs = [line(view, now, f"{number}.") for number, view in enumerate(views[:_JOBS], start=1)]
    return Card(
        title=f"You can spend {in_credits(room.left)}",
        text="\n".join(filter(None, (_binding(room), *jobs))),
        rows=(*_mine(room, zone), *_pool(room, zone)),
        tone="warning" if room.left == 0 else "plain",
    )


def glance(room: Headroom, zone: tzinfo = UTC) -> Card:
    """The same in a few short rows, for places that show it all the time."""
    at = _resets_at(room)
    rows = [Row(name="Left", value=in_credits(room.left)), Row(name="Held", value=f"{room.held:,}")]
    if at is not None:
        rows.append(Row(name="Resets", value=day(at, zone)))
    return Card(title="Your credits", rows=tuple(rows))


def headroom_line(room: Headroom, zone: tzinfo = UTC) -> str:
    """What is left, for the foot of another card: `1,450 credits left, resets 1 December`."""
    when = _resets(room, zone)
    return f"{in_credits(room.left)} left{f', {when}' if when else ''}"


def left_after(room: Headroom, price: int, zone: tzinfo = UTC) -> str:
    """What would be left after spending `price`, and when it is filled up again."""
    when = _resets(room, zone)
    if price > room.left:
        return f"not enough: {in_credits(room.left)} left{f', {when}' if when else ''}"
    return f"{room.left - price:,} of {in_credits(room.left)}{f', {when}' if when else ''}"


def quota(room: Headroom, *, changed: bool = False, zone: tzinfo = UTC) -> Card:
    """The pool and the limit of each member, as an administrator sees and sets them."""
    return Card(
        title="Changed" if changed else "The team's pool and limits",
        tone="good" if changed else "plain",
        rows=(*_pool(room, zone), Row(name="Limit for everybody", value=_limit(room)), _asked(room)),
        text='To change it: quota set default 300/month, quota topup 5000 "PO 881", quota refill 10000/month',
    )


def _asked(room: Headroom) -> Row:
    return Row(name="Asked before spending", value=f"above {in_credits(room.confirm_over)}")


def _limit(room: Headroom) -> str:
    return "none" if room.limit is None else f"{in_credits(room.limit)} a {room.limit_period}"


def _binding(room: Headroom) -> str:
    if room.limit is None or room.binds == "limit":
        return ""
    return "The team's pool has less than your own limit leaves, so the pool decides."


def _mine(room: Headroom, zone: tzinfo) -> tuple[Row, ...]:
    if room.limit is None:
        return (Row(name="Your limit", value="none; the team's pool decides"),)
    value = f"{_limit(room)}: {room.used:,} used, {room.limit_left or 0:,} left, resets {day(room.resets_at, zone)}"
    held = (Row(name="Held for your open jobs", value=in_credits(room.held)),) if room.held else ()
    return (Row(name="Your limit", value=value), *held)


def _pool(room: Headroom, zone: tzinfo) -> tuple[Row, ...]:
    when = "no refill" if room.pool_resets_at is None else f"resets {day(room.pool_resets_at, zone)}"
    parts = f"{room.pool_refill:,} of the refill ({when}), {room.pool_topup:,} of top-ups"
    left = f"{in_credits(room.pool_left)} left: {parts}"
    held = (Row(name="Held for everybody", value=in_credits(room.pool_held)),) if room.pool_held else ()
    return (Row(name="Team's pool", value=left), *held)


def _resets(room: Headroom, zone: tzinfo) -> str:
    at = _resets_at(room)
    return "" if at is None else f"resets {day(at, zone)}"


def _resets_at(room: Headroom) -> int | None:
    """When there will be more: of what leaves the person the least."""
    return room.resets_at if room.binds == "limit" else room.pool_resets_at
