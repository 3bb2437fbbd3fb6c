"""How long things may take before somebody is told or something is tried again. Seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Every waiting time of the jobs room in one place; a test or a campaign may shorten them."""

    lease: float = 20.0
    """A step's claim on a job; renewed while it works, so a crash costs at most this."""
    sweep: float = 1.0
    """The longest nap of the runner, which finds whatever an alarm missed."""
    late_factor: float = 3.0
    """A job is late after this many times the usual longest duration …"""
    late_at_least: float = 15 * 60.0
    """… and never before this."""
    overdue: float = 6 * 3600.0
    """A job that still runs then is shown to the administrators; it is kept and polled on."""
    overdue_poll: float = 600.0
    """How often an overdue job is looked at."""
    look_again: tuple[float, ...] = (0.0, 10.0, 30.0, 120.0, 600.0)
    """The waits before each look for a lost answer's task; after the last look an administrator decides."""
    surely_none: float = 600.0
    """How long after a paid call it counts that a provider which knows our attempts knows nothing of this one."""
    submit_rounds: int = 6
    """How often all offers are tried when every one was refused for a passing reason."""
    submit_wait: float = 5.0
    """The wait before the second round; doubles, up to five minutes."""
    busy_patience: float = 6 * 3600.0
    """How long after its first call a job that was only ever too much for busy providers tries again, then it ends."""
    line_patience: float = 120.0
    """How long a job waits in line for the cheapest offer before it takes a dearer one of its quote that is free."""
    line_look: float = 300.0
    """How often a job in line looks for itself, though it is woken when it is its turn."""
    turn_look: float = 60.0
    """How often a job that waits for others of its team, or for the end of a pause, looks for itself."""
    rest_patience: float = 600.0
    """How long a job waits for providers that something is wrong with, before it ends without one."""
    prepare_tries: int = 5
    """How often an upload is tried before the offer counts as refused."""
    cancel_tries: int = 4
    """How often a provider that can't be reached is asked to stop before it counts as a no."""
    fetch_tries: int = 24
    """How often a finished video is fetched before it counts as not obtainable: for about 80 minutes."""
    fetch_wait: float = 2.0
    """The wait after the first failed fetch; doubles, up to five minutes."""
    delivery_wait: float = 2.0
    """The wait after a post that failed for a passing reason; doubles, up to ten minutes."""
    refresh: float = 15.0
    """How often a status card of an open job is drawn anew when nothing else changed; slows with the job's age."""
    ask_life: float = 24 * 3600.0
    """How long a question waits for its person before it expires; its price is made anew after ten minutes."""
    unfinished: float = 10 * 60.0
    """How long an ask that a crash left half done waits for its next delivery before it expires."""
