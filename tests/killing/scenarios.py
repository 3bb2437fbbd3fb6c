"""How every change of state comes about: for each one a provider, its faults, what people do and what the chat does."""

from dataclasses import KW_ONLY, dataclass

from bot.jobs.states import DELIVERY_FOLLOWS, FOLLOWS
from tests.killing.errand import Change, Habit, Mood


@dataclass(frozen=True)
class Scenario:
    """A way to a change of state. `faults` are ordered for good, one of `turns` for each job in its turn."""

    change: Change
    name: str = ""
    _: KW_ONLY
    providers: tuple[str, ...] = ("fal",)
    faults: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
    habit: Habit = ""
    mood: Mood = ""
    fetch_tries: int = 24

    def __str__(self) -> str:
        return f"{self.change}{f'-{self.name}' if self.name else ''}"


def _job(old: str, new: str) -> Change:
    return Change(what="job", old=old, new=new)


def _result(old: str, new: str) -> Change:
    return Change(what="result", old=old, new=new)


SCENARIOS = (
    Scenario(_job("", "queued")),
    Scenario(_job("queued", "submitting")),
    Scenario(_job("queued", "failed"), faults=("balance_exhausted@submit",)),
    Scenario(_job("queued", "cancelled"), habit="cancel_queued"),
    Scenario(_job("submitting", "running")),
    Scenario(_job("submitting", "queued"), turns=("rate_limited_bare@submit:x1",)),
    Scenario(_job("submitting", "uncertain"), faults=("accept_then_drop",)),
    Scenario(_job("submitting", "failed"), faults=("policy_at_submit",)),
    Scenario(_job("running", "fetching")),
    Scenario(_job("running", "failed"), "by-the-provider", faults=("generation_failed",)),
    Scenario(_job("running", "failed"), "by-an-administrator", faults=("latency@check+60",), habit="release_running"),
    Scenario(_job("running", "cancelled"), faults=("stuck", "cancel_stops_work"), habit="cancel_running"),
    Scenario(_job("fetching", "done")),
    Scenario(_job("fetching", "failed"), faults=("missing_file@submit",), fetch_tries=2),
    Scenario(_job("uncertain", "running"), "found", providers=("wavespeed",), turns=("accept_then_drop:x1",)),
    Scenario(_job("uncertain", "running"), "named", faults=("accept_then_drop",)),
    Scenario(_job("uncertain", "failed"), turns=("closed@submit:x1", "accept_then_drop:x1"), habit="settle"),
    Scenario(_result("pending", "posting")),
    Scenario(_result("posting", "posted")),
    Scenario(_result("pending", "gone"), mood="closed"),
    Scenario(_result("posting", "gone"), mood="vanished"),
    Scenario(_result("posting", "pending"), mood="narrow"),
    Scenario(Change(what="status", old="posted", new="gone"), mood="deleted"),
)


def changes_without_a_scenario() -> set[tuple[str, str, str]]:
    """What the tables of states allow and nothing here brings about, as (job or delivery, old, new)."""
    wanted = {("job", "", "queued")}
    wanted |= {("job", old.value, new.value) for old, follow in FOLLOWS.items() for new in follow}
    wanted |= {("delivery", old.value, new.value) for old, follow in DELIVERY_FOLLOWS.items() for new in follow - {old}}
    changes = [scenario.change for scenario in SCENARIOS]
    return wanted - {("job" if change.what == "job" else "delivery", change.old, change.new) for change in changes}
