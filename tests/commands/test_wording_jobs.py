"""Cards of jobs: honest while they run, receipts when they end, results, lists, and alerts for the operators."""

from dataclasses import replace
from typing import Any, get_args

import pytest

from bot.commands import wording
from bot.commands.wording.progress import result
from bot.commands.wording.render import render
from bot.jobs.states import ENDED, JobState
from bot.jobs.views import Ending, JobError, JobView
from bot.kling.requests import Effect, Elements, Extend, ImageToVideo, TextToVideo
from bot.messaging import Card
from tests.support.views import ATTEMPT, JOB, VIEW

MINUTE = 60_000
LOST = replace(ATTEMPT, outcome="uncertain", task=None, accepted_at=None)
UNCERTAIN = replace(VIEW, state=JobState.UNCERTAIN, attempts=(LOST,))
DONE = replace(
    VIEW,
    state=JobState.DONE,
    charged=50,
    video="f" * 64,
    ended_at=140_000,
    attempts=(
        replace(
            ATTEMPT, outcome="refused", cost=0, task=None, accepted_at=None, error="too many requests", ended_at=4_100
        ),
        replace(
            ATTEMPT, number=2, outcome="done", cost=250_000, intended_at=9_000, accepted_at=10_000, ended_at=134_000
        ),
    ),
)


def rows(card: Card) -> dict[str, str]:
    return {row.name: row.value for row in card.rows}


def actions(card: Card) -> list[str]:
    return [button.action for button in card.buttons]


STATUSES: list[tuple[dict[str, Any], str, str]] = [
    ({"id": ""}, "Getting ready", "Nothing is held yet."),
    ({}, "Waiting for its turn", "Nothing is bought yet."),
    (
        {"attempts": (ATTEMPT,)},
        "Waiting for another try",
        "fal didn't accept it (1 attempt so far). Nothing is bought yet.",
    ),
    ({"state": JobState.SUBMITTING}, "Handing it to fal", ""),
    ({"state": JobState.RUNNING}, "fal is working on it", ""),
    ({"state": JobState.RUNNING, "queue_position": 3}, "Waiting at fal", "Number 3 in its queue."),
    ({"state": JobState.RUNNING, "progress": 0.424}, "fal is making it", "42 % done, says fal."),
    ({"state": JobState.FETCHING}, "The video is made, fetching it", "It is charged when it is stored and checked."),
    (
        {"state": JobState.UNCERTAIN, "late": True},
        "Not known whether it was bought",
        "The answer to the paid call at fal was lost. Nothing is bought again. I look for it; where I can't find out, "
        "an administrator decides. Until then 50 credits stay held.",
    ),
    (
        {"state": JobState.RUNNING, "late": True},
        "fal is working on it",
        "It takes longer than usual. I keep looking; there is nothing for you to do.",
    ),
    (
        {"cancel_asked": True},
        "Waiting for its turn",
        "Nothing is bought yet.\nStopping it; the credits are released.",
    ),
    (
        {"state": JobState.RUNNING, "cancel_asked": True},
        "fal is working on it",
        "You asked to stop it. Only if fal confirms that are the credits released; "
        "otherwise it goes on, and the video is charged when it is there.",
    ),
    (
        {"state": JobState.RUNNING, "cancel_asked": True, "cancel_refused": True},
        "fal is working on it",
        "It can't be stopped any more: fal goes on, and the video is charged when it is there.",
    ),
]


@pytest.mark.parametrize(
    ("change", "title", "said"), STATUSES, ids=[f"{title} {index}" for index, (_, title, _) in enumerate(STATUSES)]
)
def test_status(change: dict[str, Any], title: str, said: str) -> None:
    card = wording.status(replace(VIEW, **change), 2 * MINUTE)
    assert card.title == title
    assert card.text == "\n".join(filter(None, ("a red fox", said)))


def test_a_status_shows_only_what_is_known() -> None:
    card = wording.status(VIEW, 130_000)
    assert rows(card) == {
        "Video": "5 s, 16:9, standard (720p)",
        "Credits": "50 credits held",
        "Elapsed": "2 min 10 s",
        "Usually takes": "1 to 6 min",
    }
    assert card.footer == f"Job {JOB}"
    assert card.progress is None
    running = wording.status(replace(VIEW, state=JobState.RUNNING, progress=0.5), MINUTE)
    assert running.progress == 0.5
    assert "Usually takes" not in rows(running)
    assert "Usually takes" not in rows(wording.status(replace(VIEW, usual=(0, 0)), MINUTE))


def test_a_status_says_how_long_the_last_ones_took() -> None:
    card = wording.status(replace(VIEW, usual=(95, 170), measured=True), 130_000)
    assert rows(card)["Usually takes"] == "1 min 40 s, 9 of 10 within 2 min 50 s"


def test_an_estimated_price_is_an_upper_bound_while_it_is_held() -> None:
    assert rows(wording.status(replace(VIEW, estimated=True), 0))["Credits"] == "up to 50 credits held"


def test_a_job_about_to_be_made_has_no_button_no_id_and_no_hold() -> None:
    card = wording.status(replace(VIEW, id=""), 0)
    assert card.buttons == ()
    assert card.footer == ""
    assert rows(card)["Credits"] == "50 credits"


@pytest.mark.parametrize("state", [state for state in JobState if state not in ENDED])
def test_cancel_is_offered_exactly_while_it_can_be_asked_for(state: JobState) -> None:
    can = state in (JobState.QUEUED, JobState.SUBMITTING, JobState.RUNNING)
    assert actions(wording.status(replace(VIEW, state=state), 0)) == ([f"cancel:{JOB}"] if can else [])
    assert actions(wording.status(replace(VIEW, state=state, cancel_asked=True), 0)) == []


@pytest.mark.parametrize("state", sorted(ENDED))
def test_a_status_turns_into_the_receipt(state: JobState) -> None:
    view = replace(DONE, state=state)
    assert wording.status(view, 10**9) == wording.receipt(view)


def test_a_receipt_tells_every_attempt_with_its_price() -> None:
    card = wording.receipt(DONE)
    assert card.title == "Video finished"
    assert card.text.splitlines() == [
        "a red fox",
        "0 s: asked for",
        "4 s: attempt 1 at fal: not accepted (too many requests), not billed",
        "9 s: attempt 2 at fal: made after 2 min 4 s, billed $0.25, task T1",
        "2 min 20 s: video stored and checked",
    ]
    assert rows(card) == {
        "Video": "5 s, 16:9, standard (720p)",
        "Credits": "50 charged",
        "Made by": "fal",
        "Asked by": "Ana",
    }
    assert actions(card) == [f"again:{JOB}"]


def test_a_receipt_of_a_job_under_way() -> None:
    card = wording.receipt(replace(VIEW, state=JobState.RUNNING, attempts=(ATTEMPT,)))
    assert card.title == "Under way"
    assert card.text.splitlines()[-1] == "4 s: attempt 1 at fal: accepted, price $0.25, task T1"
    assert card.buttons == ()


ENDINGS: list[tuple[JobError, int, str]] = [
    (
        JobError(ending="policy", provider="fal", detail="no swords"),
        0,
        "fal refused it under its content rules. Other words or another picture may pass. It said: “no swords”. "
        "Nothing was charged.",
    ),
    (
        JobError(ending="provider", provider="fal", billed=True),
        0,
        "fal failed to make it. Please try again, or with another provider. "
        "The provider billed it all the same; that isn't charged to you.",
    ),
    (
        JobError(ending="charged_by_admin"),
        50,
        "It was bought, says an administrator, though no video came. 50 credits were charged.",
    ),
    (JobError(ending="released_by_admin"), 0, "An administrator released the credits. Nothing was charged."),
    (JobError(ending="refused"), 0, "No provider took it. Please try again later. Nothing was charged."),
]


@pytest.mark.parametrize(("error", "charged", "said"), ENDINGS, ids=[error.ending for error, _, _ in ENDINGS])
def test_an_ending_without_a_video_is_explained(error: JobError, charged: int, said: str) -> None:
    card = wording.receipt(replace(VIEW, state=JobState.FAILED, error=error, charged=charged, ended_at=9_000))
    assert card.title == "No video this time"
    assert card.text.splitlines()[1] == said
    assert rows(card)["Credits"] == ("50 charged" if charged else "none charged; 50 released")


@pytest.mark.parametrize("ending", get_args(Ending))
def test_every_ending_has_words(ending: Ending) -> None:
    view = replace(VIEW, state=JobState.FAILED, error=JobError(ending=ending), charged=0, ended_at=1)
    assert len(wording.receipt(view).text.splitlines()[1]) > 20


def test_a_stopped_job_is_no_failure() -> None:
    view = replace(VIEW, state=JobState.CANCELLED, error=JobError(ending="cancelled"), charged=0, ended_at=9_000)
    card = wording.receipt(view)
    assert (card.title, card.tone) == ("Stopped", "plain")
    assert card.text.splitlines() == ["a red fox", "0 s: asked for", "9 s: stopped, credits released"]


def test_a_charge_below_the_hold_shows_what_was_released() -> None:
    assert rows(wording.receipt(replace(DONE, charged=48)))["Credits"] == "48 charged; 2 released"


def test_many_attempts_are_cut_in_the_middle_and_counted() -> None:
    many = tuple(replace(ATTEMPT, number=number, error="x" * 500, intended_at=number) for number in range(1, 41))
    text = wording.receipt(replace(DONE, attempts=many)).text
    assert "… 33 more attempts" in text
    assert text.count("attempt ") == 7
    assert "attempt 40" in text
    assert len(text) < 3_000


def test_a_result_carries_its_command_and_a_description() -> None:
    card = wording.result(DONE)
    assert card.title == "a red fox"
    assert card.command == "video a red fox"
    assert card.alt == "Video: a red fox"
    assert card.text == ""
    assert rows(card) == {
        "Video": "5 s, 16:9, standard (720p)",
        "Made by": "fal, in 2 min 20 s",
        "Credits": "50 charged",
    }
    names = ["again", "edit", "pro", "extend", "receipt", "delete"]
    assert actions(card) == [f"{name}:{JOB}" for name in names]
    in_pro = replace(DONE, request=TextToVideo(prompt="a red fox", tier="pro"))
    assert actions(wording.result(in_pro)) == [f"{name}:{JOB}" for name in names if name != "pro"]
    assert card.buttons[0].confirm == "Make it once more? The last one was 50 credits."
    assert card.footer == f"Job {JOB}"


def test_a_result_that_does_not_fit_says_where_it_is() -> None:
    assert result(DONE, fits=False).text == "The video is too large for this place. It is kept with me."
    linked = result(replace(DONE, flagged=True), fits=False, link="https://bot.example/f")
    assert linked.text.splitlines() == [
        "The video is too large for this place. It is here: https://bot.example/f",
        "fal marked it as possibly sensitive.",
    ]


A, B = f"blob:{'a' * 64}", f"blob:{'b' * 64}"
REQUESTS = [
    (
        ImageToVideo(start=A),
        "A picture in motion",
        "5 s, shape of the picture, standard (720p), from 1 picture",
        "Video from a picture",
    ),
    (
        ImageToVideo(start=A, end=B, prompt="go", tier="pro", aspect_ratio="1:1"),
        "go",
        "5 s, 1:1, pro (1080p), from 2 pictures",
        "Video from a picture: go",
    ),
    (
        Elements(references=(A, B), prompt="meet", duration=10),
        "meet",
        "10 s, 16:9, standard (720p), from 2 pictures",
        "Video from 2 pictures: meet",
    ),
    (
        Effect(scene="hug", people=(A, B)),
        "The effect hug",
        "5 s, standard (720p), from 2 pictures",
        "Video: the effect hug on 2 pictures",
    ),
    (Extend(job="0" * 20), "A longer video", "standard (720p)", "Video"),
]


@pytest.mark.parametrize(("request_", "title", "facts", "alt"), REQUESTS, ids=[title for _, title, _, _ in REQUESTS])
def test_each_kind_of_request_is_described(request_: Any, title: str, facts: str, alt: str) -> None:
    card = wording.result(replace(DONE, request=request_))
    assert (card.title, rows(card)["Video"], card.alt) == (title, facts, alt)


def test_own_jobs_are_numbered_as_show_counts_them() -> None:
    card = wording.jobs_list([DONE, VIEW], 200_000)
    assert card.title == "Your newest jobs"
    assert card.text.splitlines() == [
        f"1. a red fox · done · 3 min 20 s ago · 50 charged · {JOB}",
        f"2. a red fox · waiting · 3 min 20 s ago · 50 credits held · {JOB}",
    ]
    assert wording.jobs_list([], 0).title == "No jobs"


def test_everybodys_jobs_are_named_and_bounded() -> None:
    card = wording.jobs_list([UNCERTAIN] * 50, MINUTE, everybody=True)
    lines = card.text.splitlines()
    assert card.title == "50 open jobs"
    assert lines[0] == f"Ana: a red fox · not settled · 1 min ago · 50 credits held · {JOB}"
    assert lines[-1] == f"… and {50 - (len(lines) - 1)} more"
    assert len(card.text) < 3_000


ALERTS: list[tuple[dict[str, Any], str, str]] = [
    (
        {"kind": "uncertain", "provider": "fal", "candidates": 0},
        "Was this bought? Please decide",
        "The answer to the paid call at fal was lost. No task that could be it was found there. Nothing was bought "
        "again. Please look at the provider's own list. If its task is there, resolve it with the task's id, and the "
        "video still comes.",
    ),
    (
        {"kind": "no_video", "provider": "fal", "detail": "truncated"},
        "Billed, but no video",
        "fal made the video, but it could not be fetched whole. The person was not charged; what it cost is booked as "
        "variance.\nIt said: “truncated”.",
    ),
    (
        {"kind": "auth", "provider": "fal"},
        "fal refuses our key",
        "Please check the key in the settings. Until then its offers fail.",
    ),
    (
        {"kind": "balance", "provider": "fal"},
        "No money left at fal",
        "Please top up the account there. Until then its offers fail.",
    ),
    (
        {"kind": "provider_off", "provider": "fal"},
        "fal is switched off, and works for us",
        "A job is still being made there. Switch fal on to get its video.",
    ),
    (
        {"kind": "overdue", "seconds": 7_200},
        "Far longer than usual",
        f"fal has had this for 2 h. I keep looking. If it never comes, settle it: resolve {JOB} charge, or release",
    ),
    (
        {"kind": "stuck", "error": "KeyError"},
        "Stuck on a fault of mine",
        "One of its steps breaks every time (“KeyError”). I keep trying, ever more seldom, and nothing is bought "
        "twice. My log tells more.",
    ),
    ({"kind": "new_kind"}, "Please have a look", "fal: new kind."),
]


@pytest.mark.parametrize(("told", "title", "text"), ALERTS, ids=[told["kind"] for told, _, _ in ALERTS])
def test_alert(told: dict[str, Any], title: str, text: str) -> None:
    card = render("alert", UNCERTAIN, told, 0)
    assert (card.title, card.text) == (title, text)
    assert rows(card)["Asked by"] == "Ana"


def test_an_uncertain_job_is_decided_by_buttons_that_ask_first() -> None:
    card = wording.alert(UNCERTAIN, {"kind": "uncertain", "candidates": 2})
    assert "2 tasks there could be it." in card.text
    assert actions(card) == [f"resolve-charge:{JOB}", f"resolve-release:{JOB}"]
    assert all(button.confirm for button in card.buttons)
    assert card.command == f"resolve {JOB} task <id>"


@pytest.mark.parametrize("state", [JobState.UNCERTAIN, JobState.RUNNING])
def test_whatever_else_is_told_of_an_uncertain_job_it_can_still_be_decided(state: JobState) -> None:
    card = wording.alert(replace(UNCERTAIN, state=state), {"kind": "stuck", "error": "KeyError"})
    assert bool(card.buttons) is bool(card.command) is (state is JobState.UNCERTAIN)


def test_a_decided_question_turns_into_the_receipt() -> None:
    failed = replace(
        UNCERTAIN, state=JobState.FAILED, charged=0, ended_at=9_000, error=JobError(ending="released_by_admin")
    )
    assert wording.alert(failed, {"kind": "uncertain"}) == wording.receipt(failed) == wording.settled(failed)
    assert wording.settled(replace(UNCERTAIN, state=JobState.RUNNING)).title == "Taken over"


def test_stopping_promises_no_more_than_is_known() -> None:
    assert wording.stopping(VIEW).text == "a red fox\nNothing was bought yet, so your credits are released."
    assert "Only if fal confirms" in wording.stopping(replace(VIEW, state=JobState.RUNNING)).text


def test_deliveries_are_rendered_by_kind() -> None:
    view: JobView = replace(VIEW, state=JobState.RUNNING)
    assert render("status", view, {}, MINUTE) == wording.status(view, MINUTE)
    assert render("result", DONE, {}, MINUTE) == wording.result(DONE)
    assert render("result", DONE, {"fits": False, "limit": 5}, 0) == wording.result(DONE, fits=False)
    assert render("alert", view, {"kind": "auth"}, 0) == wording.alert(view, {"kind": "auth"})
