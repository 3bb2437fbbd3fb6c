"""The states of a job and of a delivery, a sentence each, and which may follow which."""

from enum import StrEnum


class JobState(StrEnum):
    """Where one paid generation is."""

    QUEUED = "queued"
    """Credits are held; the paid call has not been made, or was certainly refused and may be made at the next offer."""
    SUBMITTING = "submitting"
    """Attempt and intent are stored; the paid call may be under way. Found here after a crash, nobody can tell."""
    RUNNING = "running"
    """The provider has a task; it is polled."""
    FETCHING = "fetching"
    """The provider says done; the video is downloaded, checked and stored."""
    UNCERTAIN = "uncertain"
    """The answer to the paid call was lost: looked up where the provider can tell, else an administrator decides."""
    DONE = "done"
    """The video is stored and checked; charged."""
    FAILED = "failed"
    """It ended without a video; released (or, after `uncertain`, charged by an administrator's word)."""
    CANCELLED = "cancelled"
    """It was stopped before it cost anything; released."""


ENDED = frozenset((JobState.DONE, JobState.FAILED, JobState.CANCELLED))
"""States that nothing follows."""

FOLLOWS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset((JobState.SUBMITTING, JobState.FAILED, JobState.CANCELLED)),
    JobState.SUBMITTING: frozenset((JobState.RUNNING, JobState.QUEUED, JobState.UNCERTAIN, JobState.FAILED)),
    JobState.RUNNING: frozenset((JobState.FETCHING, JobState.FAILED, JobState.CANCELLED)),
    JobState.FETCHING: frozenset((JobState.DONE, JobState.FAILED)),
    JobState.UNCERTAIN: frozenset((JobState.RUNNING, JobState.FAILED)),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}
"""What may follow each state."""


class DeliveryState(StrEnum):
    """Where one thing to show at one place is."""

    PENDING = "pending"
    """Not tried yet, or tried and certainly not shown."""
    POSTING = "posting"
    """The post may be under way; done again with the same key, which makes one message."""
    POSTED = "posted"
    """Shown; its message ref is stored."""
    GONE = "gone"
    """The place is not there any more, or closed for good. The video is kept and can be shown elsewhere."""


DELIVERY_FOLLOWS: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.PENDING: frozenset((DeliveryState.POSTING, DeliveryState.GONE)),
    DeliveryState.POSTING: frozenset(DeliveryState),
    DeliveryState.POSTED: frozenset((DeliveryState.GONE,)),
    DeliveryState.GONE: frozenset(),
}
"""What may follow each: a post is tried again as `posting`, and `pending` anew when its file was too large."""
