"""The team's credits: what a person can still spend and why not more, and the pool with its limits."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.commands.wording.figures import day, in_credits
from bot.commands.wording.progress import line
from bot.credits.limits import DEFAULT, Limit, Used
from bot.credits.reports import Headroom
from bot.credits.rules import Rules
from bot.jobs.views import JobView
from bot.messaging import Card, Row

_JOBS = 5
_LIMITS = 20
_MORE = 'To have more: credits ask 200 "launch week"'


def credits(room: Headroom, views: Sequence[JobView], now: int) -> Card:
    """What the person can still spend, which limit binds, what is held, and the newest jobs."""
    jobs = [line(view, now, f"{number}.") for number, view in enumerate(views[:_JOBS], start=1)]
    return Card(
        title=f"You can spend {in_credits(room.left)}",
        text="\n".join(filter(None, (_binding(room), *jobs))),
        rows=(*_mine(room), *_pool(room)),
        tone="warning" if room.left == 0 else "plain",
        footer=_MORE if room.own is not None else "",
    )


def glance(room: Headroom) -> Card:
    """The same in a few short rows, for places that show it all the time."""
    at = _resets_at(room)
    rows = [Row(name="Left", value=in_credits(room.left)), Row(name="Held", value=f"{room.held:,}")]
    if at is not None:
        rows.append(Row(name="Resets", value=day(at, zone(room))))
    return Card(title="Your credits", rows=tuple(rows))


def left_after(room: Headroom, price: int) -> str:
    """What would be left after spending `price`, and when it is filled up again."""
    when = _resets(room)
    if price > room.left:
        return f"not enough: {in_credits(room.left)} left{f', {when}' if when else ''}"
    return f"{room.left - price:,} of {in_credits(room.left)}{f', {when}' if when else ''}"


def quota(room: Headroom, limits: Sequence[Limit], *, changed: bool = False, said: str = "") -> Card:
    """The pool, every limit and the rules, as an administrator sees and sets them; `said` is what was just changed."""
    how = (
        "To change it: quota refill 10000/month, quota set default 300/month, quota set role:Designers 1000/month, "
        "quota set job 120, quota approve-over 200, quota alerts #finance 50,80,100. All of it: help admin"
    )
    return Card(
        title="Changed" if changed else "The team's pool and limits",
        tone="good" if changed else "plain",
        rows=(*_pool(room), *_limits(limits), *_rules(room)),
        text="\n".join(filter(None, (_paused(room), said if changed else how))),
    )


def refill_set(credits: int, period: str) -> str:
    """What fills the pool from now on."""
    if not credits:
        return "Nothing fills the pool up any more; what was topped up stays."
    return f"The pool is filled up with {in_credits(credits)} each {period}."


def topped_up(credits: int, reason: str) -> str:
    """What came to the pool."""
    return f"{in_credits(credits)} added that don't expire{f': {reason}' if reason else ''}."


def cap_set(credits: int | None) -> str:
    """What one job may cost from now on."""
    return f"One job may cost {'any price' if credits is None else f'at most {in_credits(credits)}'}."


def limit_cleared(label: str) -> str:
    """A scope that has no limit of its own any more."""
    return f"The limit of {label} is gone."


def limit_set(limit: Limit, room: Headroom, limits: Sequence[Limit]) -> Card:
    """A limit as it stands now, and which other one is tighter still."""
    wider = next((one for one in limits if one.scope == DEFAULT and _is_tighter(one, limit)), None)
    also = f"\nThe limit for everybody ({_rate(wider)}) is tighter and holds as well." if wider else ""
    return Card(
        title="Changed",
        text=f"{whose_limit(limit)}: {_rate(limit)}.{also}",
        tone="good",
        rows=(*_pool(room), *_limits(limits)),
    )


def _is_tighter(one: Limit, other: Limit) -> bool:
    """Whether a limit makes another one of the same people idle."""
    return other.personal and one.scope != other.scope and one.period == other.period and one.credits < other.credits


def scope_of_person(name: str, room: Headroom) -> Card:
    """What somebody may use and has used, limit by limit."""
    return Card(title=f"{name} can spend {in_credits(room.left)}", rows=(*_mine(room, name), *_pool(room)))


def scope_card(label: str, limit: Limit, used: Used | None) -> Card:
    """One limit. `used` is what everybody used under it; None where it counts each person by themselves."""
    if used is None:
        return Card(title=f"{label}: {_rate(limit)}", text="Each member has that much for themselves.")
    resets = day(used.period.end_ms)
    return Card(
        title=f"{label}: {used.left:,} of {in_credits(limit.credits)} left",
        rows=(Row(name=_rate(limit), value=f"{used.used:,} used, {used.left:,} left, resets {resets}"),),
    )


def no_limit(label: str) -> Card:
    """A scope without a limit of its own."""
    return Card(title=f"{label} has no limit of its own", text="Everybody's own limit and the team's pool hold there.")


def timezone_set(room: Headroom) -> Card:
    """Where days and months begin now."""
    return Card(title="Changed", text=f"Days, weeks and months begin at midnight of {room.timezone}.", tone="good")


def paused(why: str) -> Card:
    """Nothing new from now on."""
    text = "Nothing new is made from now on. What is under way is finished and shown."
    return Card(title="Paused", text=f"{why}\n{text}" if why else text, command="quota resume")


def resumed() -> Card:
    """On again."""
    return Card(title="Going on", text="New videos are made again.", tone="good")


def refunded(view: JobView, given: int, why: str) -> Card:
    """What a job gave back; nothing where the same command came twice."""
    who = view.person_name or "the person"
    text = f"{in_credits(given)} went back to where they came from, and {who} may use them again."
    return Card(title="Given back", text="\n".join(filter(None, (text, why))) if given else "It was given back before.")


def whose_limit(limit: Limit) -> str:
    """Whose a limit is: `Everybody, each`, `Designers, each`, `#ads in all`."""
    name = "Everybody" if limit.scope == DEFAULT else limit.label or limit.scope.rpartition(":")[2]
    if limit.scope.startswith("tag:"):
        return f"tag:{name} in all"
    if limit.scope.startswith("person:"):
        return name
    return f"{name}, each" if limit.personal else f"{name} in all"


def zone(room: Headroom) -> ZoneInfo:
    """Where the team's days begin."""
    return ZoneInfo(room.timezone)


def _limits(limits: Sequence[Limit]) -> tuple[Row, ...]:
    shown = tuple(Row(name=whose_limit(one), value=_rate(one)) for one in limits[:_LIMITS])
    more = len(limits) - len(shown)
    return (*shown, Row(name="And", value=f"{more} more limits")) if more else shown


def _rules(room: Headroom) -> tuple[Row, ...]:
    rules = room.rules
    cap = "any price" if rules.job_cap is None else f"at most {in_credits(rules.job_cap)}"
    approval = "never" if rules.approve_over is None else f"above {in_credits(rules.approve_over)}"
    return (
        Row(name="One job", value=cap),
        Row(name="Asked before spending", value=f"above {in_credits(room.confirm_over)}"),
        Row(name="Approval", value=approval),
        *((Row(name="Made at once", value=at_once(rules)),) if rules.together or rules.together_team else ()),
    )


def at_once(rules: Rules) -> str:
    """How many jobs are made at once: `3 of one person, 10 of the team`."""
    one, all_ = (f"{most:,}" if most else "any number" for most in (rules.together, rules.together_team))
    return f"{one} of one person, {all_} of the team"


def _paused(room: Headroom) -> str:
    if room.stopped is not None:
        return "The operator paused everything: nothing new is made. To go on, they say: quota resume everything"
    return "" if room.rules.paused is None else "It is paused: nothing new is made. To go on: quota resume"


def _rate(limit: Limit) -> str:
    return f"{in_credits(limit.credits)} a {limit.period}"


def _binding(room: Headroom) -> str:
    if room.stopped is not None:
        return " ".join(filter(None, ("The operator paused everything here.", room.stopped)))
    if room.rules.paused is not None:
        return " ".join(filter(None, ("An administrator paused this team.", room.rules.paused)))
    if not room.limits or room.binds is not None:
        return ""
    return "The team's pool has less than your own limit leaves, so the pool decides."


def _mine(room: Headroom, name: str = "") -> tuple[Row, ...]:
    """The person's limits; they are called by their `name` where somebody else reads it."""
    whose = f"{name}'s" if name else "Your"
    if not room.limits:
        return (Row(name=f"{whose} limit", value="none; the team's pool decides"),)
    rows = [_used(one, room, f"{whose} limit") for one in room.limits]
    held = f"Held for {'' if name else 'your '}open jobs"
    return (*rows, *((Row(name=held, value=in_credits(room.held)),) if room.held else ()))


def _used(one: Used, room: Headroom, own: str) -> Row:
    name = own if one.limit.scope == DEFAULT else f"Limit of {one.limit.label or one.limit.scope}"
    extra = f" and {one.extra:,} more" if one.extra > 0 else f" less {-one.extra:,} given away" if one.extra else ""
    value = (
        f"{_rate(one.limit)}{extra}: {one.used:,} used, {one.left:,} left, resets {day(one.period.end_ms, zone(room))}"
    )
    binds = room.binds is one and len(room.limits) > 1
    return Row(name=f"{name} (the tightest)" if binds else name, value=value)


def _pool(room: Headroom) -> tuple[Row, ...]:
    when = "no refill" if room.pool_resets_at is None else f"resets {day(room.pool_resets_at, zone(room))}"
    parts = f"{room.pool_refill:,} of the refill ({when}), {room.pool_topup:,} of top-ups"
    left = f"{in_credits(room.pool_left)} left: {parts}"
    held = (Row(name="Held for everybody", value=in_credits(room.pool_held)),) if room.pool_held else ()
    return (Row(name="Team's pool", value=left), *held)


def _resets(room: Headroom) -> str:
    at = _resets_at(room)
    return "" if at is None else f"resets {day(at, zone(room))}"


def _resets_at(room: Headroom) -> int | None:
    """When there will be more: of what leaves the person the least."""
    return room.binds.period.end_ms if room.binds else room.pool_resets_at
