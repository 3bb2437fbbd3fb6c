"""Reports in words and as what a chart is drawn of; alerts; and the answers to `quota digest` and `quota alerts`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.commands.wording.figures import day, either, in_credits, in_dollars, shorten
from bot.credits.limits import DEFAULT
from bot.credits.rules import Digest, Rules
from bot.credits.spending import DAY_MS, Burndown, Share, Spending
from bot.media.chart import Chart, Gauge, Group, Item
from bot.messaging import Card, Row
from bot.providers.registry import PROVIDERS

Facts = Mapping[str, Any]

_SHOWN = {"person": 6, "tag": 4, "provider": 4}
_NAME = 60
_WEEK = 8
"""Up to so many days have the day of the week in their names."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a report tells: a team's spending in a span, what it spent in the span `before`, and how its pool does."""

    team: str
    timezone: str
    spending: Spending
    before: int
    burndown: Burndown

    @property
    def zone(self) -> ZoneInfo:
        """Where the team's days begin."""
        return ZoneInfo(self.timezone)


def report(told: Report, *, footer: str = "") -> Card:
    """All of it in words."""
    spent = told.spending
    rows = [Row(name=name, value=_listed(kind, shares)) for name, kind, shares in _parts(spent)]
    if spent.total:
        rows.append(Row(name="By day", value=_days(told)))
    return Card(
        title=f"{in_credits(spent.total)} spent, {span(told)}",
        text=_change(told),
        rows=(*rows, Row(name="Pool", value=pool(told.burndown, told.zone))),
        tone="warning" if _runs_out(told.burndown) else "plain",
        footer=footer,
        alt=alt(told),
    )


def pictured(told: Report) -> Card:
    """What stands beside the picture where the words were said before."""
    return Card(title=f"{in_credits(told.spending.total)} spent, {span(told)}", alt=alt(told))


def alt(told: Report) -> str:
    """What the picture says, in words."""
    spent = told.spending
    lines = [f"{_team(told)}, {span(told)}: {in_credits(spent.total)} spent. {_change(told)}"]
    lines.append(f"Pool: {pool(told.burndown, told.zone)}.")
    if spent.total:
        lines.append(f"By day: {_each_day(told)}.")
    lines += [f"{name}: {_listed(kind, shares)}." for name, kind, shares in _parts(spent)]
    return " ".join(lines)


def chart(told: Report) -> Chart:
    """The same as a picture."""
    spent, burn = told.spending, told.burndown
    return Chart(
        title=_team(told),
        headline=in_credits(spent.total),
        note=f"spent {span(told)}. {_change(told)}",
        gauge=Gauge(
            f"Pool: {_percent(burn)} used since {day(burn.period.start_ms, told.zone)}",
            _share(burn),
            f"{pool(burn, told.zone)}.",
            warns=_runs_out(burn),
        ),
        days_title="By day",
        days=tuple(Item(name, credits, f"{credits:,}") for name, credits in _named_days(told)) if spent.total else (),
        groups=tuple(Group(name, _items(kind, shares)) for name, kind, shares in _parts(spent)),
        footer=f"Days of {told.timezone}. A month's records: quota export",
    )


def pool(burn: Burndown, zone: ZoneInfo) -> str:
    """The burn-down: what is left, the rate, and when it is exhausted or filled up again."""
    left = f"{burn.left:,} of {in_credits(burn.spent + burn.held + burn.left)} left"
    held = f", {burn.held:,} more held" if burn.held else ""
    refill = f"the refill on {day(burn.period.end_ms, zone)}"
    rate = f"{in_credits(burn.per_day)} a day"
    at = burn.exhausted_at
    if burn.left == 0:
        return f"{left}{held}; {f'until {refill}' if burn.refills else 'a top-up fills it: quota topup 5000'}"
    if not burn.per_day:
        return f"{left}; nothing spent since {day(burn.period.start_ms, zone)}"
    if at is None:
        return f"{left}{held}; at {rate} it lasts until {refill}"
    return f"{left}{held}; at {rate} it is exhausted on {day(at, zone)}{f', before {refill}' if burn.refills else ''}"


def span(told: Report) -> str:
    """The span in words: `November 2026`, `9 to 15 November 2026`."""
    first = datetime.fromtimestamp(told.spending.start_ms / 1000, told.zone)
    last = datetime.fromtimestamp((told.spending.end_ms - 1) / 1000, told.zone)
    after = datetime.fromtimestamp(told.spending.end_ms / 1000, told.zone)
    if first.day == 1 and after.day == 1 and (first.year, first.month) == (last.year, last.month):
        return f"{first:%B %Y}"
    if (first.year, first.month, first.day) == (last.year, last.month, last.day):
        return f"{last.day} {last:%B %Y}"
    begin = f"{first.day}" if (first.year, first.month) == (last.year, last.month) else f"{first.day} {first:%B}"
    return f"{begin} to {last.day} {last:%B %Y}"


def _parts(spent: Spending) -> list[tuple[str, str, tuple[Share, ...]]]:
    """The ways to share it out; by tag only where there are tags."""
    tagged = any(share.key for share in spent.tags)
    parts = (
        ("By person", "person", spent.people),
        ("By tag", "tag", spent.tags if tagged else ()),
        ("By provider", "provider", spent.providers),
    )
    return [part for part in parts if part[2]]


def _team(told: Report) -> str:
    return shorten(told.team, _NAME) or "The team"


def _change(told: Report) -> str:
    now, before = told.spending.total, told.before
    if not now and not before:
        return "Nothing was spent, nor in as many days before."
    if not before:
        return "Nothing was spent in as many days before."
    percent = round(abs(now - before) * 100 / before)
    if not percent:
        return f"As much as in as many days before ({before:,})."
    return f"{percent:,} % {'more' if now > before else 'less'} than in as many days before ({before:,})."


def _called(kind: str, share: Share) -> str:
    if kind == "provider":
        row = PROVIDERS.get(share.key)
        return row.title if row else share.name or "unknown"
    return shorten(share.name, _NAME) or {"person": "somebody", "tag": "untagged"}[kind]


def _items(kind: str, shares: Sequence[Share]) -> tuple[Item, ...]:
    """The greatest shares, and all others as one."""
    most = _SHOWN[kind]
    shown = shares if len(shares) <= most else shares[: most - 1]
    rest = shares[len(shown) :]
    items = [Item(_called(kind, share), share.credits, f"{share.credits:,}") for share in shown]
    if rest:
        credits = sum(share.credits for share in rest)
        items.append(Item(f"{len(rest)} others", credits, f"{credits:,}"))
    return tuple(items)


def _listed(kind: str, shares: Sequence[Share]) -> str:
    return ", ".join(f"{item.name} {item.text}" for item in _items(kind, shares))


def _named_days(told: Report) -> list[tuple[str, int]]:
    """Every day with a short name: `Mon 9`, or its number alone where they are many."""
    days = told.spending.days
    named = []
    for one in days:
        when = datetime.fromtimestamp(one.start_ms / 1000, told.zone)
        named.append((f"{when:%a} {when.day}" if len(days) <= _WEEK else str(when.day), one.credits))
    return named


def _days(told: Report) -> str:
    highest = max(told.spending.days, key=lambda one: one.credits)
    when = datetime.fromtimestamp(highest.start_ms / 1000, told.zone)
    mean = -(-told.spending.total // len(told.spending.days))
    return f"{in_credits(mean)} on average, most on {when:%A} {when.day} {when:%B}: {highest.credits:,}"


def _each_day(told: Report) -> str:
    return ", ".join(f"{name}: {credits:,}" for name, credits in _named_days(told) if credits)


def _share(burn: Burndown) -> float:
    used = burn.spent + burn.held
    return used / (used + burn.left) if used + burn.left else 0.0


def _percent(burn: Burndown) -> str:
    percent = int(_share(burn) * 100)
    return "under 1 %" if _share(burn) and not percent else f"{percent} %"


def _runs_out(burn: Burndown) -> bool:
    """Whether the pool is empty, or will be before it is filled up again, within a month where it never is."""
    at = burn.exhausted_at
    return burn.left == 0 or (at is not None and (burn.refills or at < burn.now + 31 * DAY_MS))


def level(told: Facts, *, zone: ZoneInfo, whose: str) -> Card:
    """So much of a pool, of a limit or of the operator's month is used."""
    used, ceiling = int(told["used"]), int(told["ceiling"])
    what, until = str(told["what"]), day(int(told["resets_at"]), zone)
    amount = in_dollars if what == "operator" else in_credits
    left = amount(max(0, ceiling - used))
    percent = used * 100 // ceiling if ceiling else 100
    return Card(
        title=f"{whose}: {percent:,} % used",
        text=f"{_bare(used, what)} of {amount(ceiling)} are spent or held. {left} left until {until}. {_next(told)}",
        tone="bad" if percent >= 100 else "warning",
        command=_COMMANDS.get(what if not told.get("person") else "person", ""),
    )


_COMMANDS = {"pool": "quota topup 5000", "limit": "quota report", "person": "credits"}


def whose_level(told: Facts) -> str:
    """What an alert is about, as its reader calls it."""
    if told["what"] == "operator":
        return "This month's ceiling for providers"
    if told["what"] == "pool":
        return "The team's pool"
    label = shorten(str(told.get("label", "")), _NAME) or str(told["scope"]).rpartition(":")[2]
    if told.get("person"):
        return "Your limit" if told["scope"] == DEFAULT or str(told["scope"]).startswith("person:") else (
            f"Your limit as one of {label}"
        )  # fmt: skip
    return f"The limit of {label}"


def _next(told: Facts) -> str:
    if told["what"] == "operator":
        return "KLINGBOT_MONTHLY_USD sets it. At 100 % nothing more is made, in any team."
    if told.get("person"):
        return 'To ask for more: credits ask 200 "what for"'
    if told["what"] == "pool":
        return "To add credits: quota topup 5000. Who uses them: quota report"
    return (
        f"To change it: quota set {_typed(told)} {int(told['ceiling']) * 2}/{told['each']}. Who uses it: quota report"
    )


def _typed(told: Facts) -> str:
    """A channel or a tag as `quota set` takes it."""
    kind, _, name = str(told["scope"]).partition(":")
    return f"tag:{name}" if kind == "tag" else str(told.get("label", ""))


def _bare(amount: int, what: str) -> str:
    return in_dollars(amount) if what == "operator" else f"{amount:,}"


def rate(told: Facts) -> Card:
    """A day that is unlike the same days of other weeks."""
    spent, usual = int(told["spent"]), int(told["usual"])
    than = f"The mean of the same hours in the weeks before is {in_credits(usual)}."
    return Card(
        title=f"Unusual: {in_credits(spent)} in 24 hours",
        text=f"{than} Who it was: quota report week. To stop everything new at once: quota pause",
        tone="warning",
        command="quota report week",
    )


def price(told: Facts) -> Card:
    """A provider took something else than its price here."""
    quoted, cost, beyond = int(told["quoted"]), int(told["cost"]), int(told.get("beyond", 0))
    lost = (
        f" {in_credits(beyond)} were beyond what was held: nobody is charged for them, they are booked as variance."
        if beyond
        else ""
    )
    return Card(
        title=f"{_provider(told)} {'took more' if cost > quoted else 'took less'} than its price",
        text=f"{told['offer']} was quoted at {in_dollars(quoted)} and cost {in_dollars(cost)}.{lost} "
        "What it asks now: klingbot prices --refresh. To set it: KLINGBOT_PRICES",
        tone="bad" if beyond else "warning",
        command=f"show {told['job']}",
    )


def balance(told: Facts) -> Card:
    """A provider's account runs low."""
    left, needed = int(told["balance"]), int(told["needed"])
    return Card(
        title=f"The account at {_provider(told)} is running low",
        text=f"{in_dollars(left)} left; with what is open it should hold {in_dollars(needed)}. Please top it up there. "
        "KLINGBOT_LOW_BALANCE_USD sets how early I say so.",
        tone="warning",
        command="providers",
    )


def _provider(told: Facts) -> str:
    row = PROVIDERS.get(str(told["provider"]))
    return row.title if row else shorten(str(told["provider"]), 40)


def digest_set(digest: Digest | None, channel: str, timezone: str) -> Card:
    """When and where the weekly report comes now."""
    if digest is None:
        return Card(title="Changed", text="No weekly report comes any more. On demand: quota report week", tone="good")
    text = f"The week's report comes to {channel} every {_when(digest)} ({timezone})."
    return Card(title="Changed", text=text, tone="good")


def digest_when(digest: Digest, channel: str) -> str:
    """For the audit: `Monday at 09:00, #finance`."""
    return f"{_when(digest)}, {channel}"


def _when(digest: Digest) -> str:
    hour, minute = divmod(digest.minute, 60)
    return f"{_WEEKDAYS[digest.weekday]} at {hour:02}:{minute:02}"


def alerts_at(levels: Sequence[int] | None, channel: str) -> str:
    """For the audit: `#finance, 50 80 100`."""
    percent = "as before" if levels is None else " ".join(map(str, levels)) or "off"
    return ", ".join(filter(None, (channel, percent)))


def alerts_set(rules: Rules, channel: str) -> Card:
    """Where alerts go now, and at which levels."""
    if not rules.alert_levels:
        text = "Nobody is told any more what is used up. To switch it on: quota alerts #finance 50,80,100"
        return Card(title="Changed", text=text, tone="good")
    at = either([f"{level} %" for level in rules.alert_levels], "and")
    return Card(
        title="Changed",
        text=f"At {at} of the pool and of every limit I tell it {channel}. "
        "What is somebody's own limit only that person is told.",
        tone="good",
    )


def coming(direct: bool) -> str:
    """Where the picture of a report goes."""
    return f"As a picture it comes {'to your direct messages' if direct else 'for you alone, below'}."
