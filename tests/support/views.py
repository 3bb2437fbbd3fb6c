"""A job, an attempt and a headroom as people see them, to be changed with `replace`."""

from bot.credits.limits import Limit, Used
from bot.credits.periods import Period
from bot.credits.reports import Headroom
from bot.jobs.states import JobState
from bot.jobs.views import AttemptView, JobView
from bot.kling.requests import TextToVideo

JOB = "0123456789abcdefghij"
FIRST_OF_DECEMBER = 1_796_083_200_000
"""1 December 2026, midnight UTC."""

ATTEMPT = AttemptView(
    id="0" * 20,
    number=1,
    provider="fal",
    offer="fal/text/standard",
    outcome="accepted",
    microusd=250_000,
    cost=None,
    task="T1",
    error="",
    intended_at=4_000,
    accepted_at=5_000,
    ended_at=None,
)

VIEW = JobView(
    id=JOB,
    ask="1" * 20,
    state=JobState.QUEUED,
    request=TextToVideo(prompt="a red fox"),
    person="p",
    person_name="Ana",
    credits=50,
    charged=None,
    estimated=False,
    provider="fal",
    offer="fal/text/standard",
    usual=(60, 360),
    progress=None,
    queue_position=None,
    cancel_asked=False,
    late=False,
    flagged=False,
    error=None,
    video=None,
    poster=None,
    parent=None,
    relation=None,
    attempts=(),
    created_at=0,
    submitted_at=None,
    ended_at=None,
)

ROOM = Headroom(
    pool_refill=9_000,
    pool_topup=500,
    pool_held=120,
    pool_resets_at=FIRST_OF_DECEMBER,
    limits=(
        Used(
            limit=Limit(scope="default", credits=1_500, period="month"),
            period=Period("2025-11", 0, FIRST_OF_DECEMBER),
            used=50,
        ),
    ),
    held=50,
    confirm_over=100,
)
