"""fal's answers: the two shapes of a no, the states of a request, and the headers that go with them."""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.sandbox.dialect import Problem
from bot.sandbox.fal_inputs import detail
from bot.sandbox.tasks import Task

_LOCKED = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
_REFUSED = "The content could not be processed because it contained material flagged by a content checker."
_PROBLEMS: dict[Problem, tuple[int, str, str]] = {
    "auth": (401, "Cannot access application. Authentication is required.", ""),
    "busy": (429, "Too many requests.", "concurrent_requests_limit"),
    "balance": (403, _LOCKED, ""),
    "error_500": (500, "Internal server error.", "internal_error"),
    "error_502": (502, "The runner sent an incomplete response.", "runner_incomplete_response"),
    "error_503": (503, "No runner could be scheduled.", "runner_scheduling_failure"),
    "error_504": (504, "The request timed out.", "request_timeout"),
}


def yes(answer: dict[str, Any], request_id: str, status: int = 200) -> web.Response:
    """An answer of the queue; every one carries the request's id."""
    return web.json_response(answer, status=status, headers={"x-fal-request-id": request_id})


def no(status: int, text: str, request_id: str, kind: str = "") -> web.Response:
    """A no of the queue or its machinery: a string, and its type where it has one."""
    response = yes({"detail": text} | ({"error_type": kind} if kind else {}), request_id, status)
    if kind:
        response.headers["X-Fal-Error-Type"] = kind
    return _retryable(response, status >= 429)


def unprocessable(entries: list[dict[str, Any]], request_id: str) -> web.Response:
    """A no of the model: a list of what is wrong."""
    return _retryable(yes({"detail": entries}, request_id, 422), False)


def _retryable(response: web.Response, again: bool) -> web.Response:
    """Say in the older and the newer header whether to try again."""
    response.headers["X-Fal-Retryable"] = "true" if again else "false"
    response.headers["X-Fal-Needs-Retry"] = "1" if again else "0"
    return response


def problem_answer(problem: Problem, request_id: str) -> web.Response:
    """A no that every provider has words for."""
    if problem == "policy":
        return unprocessable([detail("content_policy_violation", ("prompt",), _REFUSED, "")], request_id)
    status, text, kind = _PROBLEMS[problem]
    return no(status, text, request_id, kind)


def failure_answer(task: Task) -> web.Response:
    """The result of a task that made no video."""
    status, text, kind, entries = _ending(task)
    return unprocessable(entries, task.id) if entries else no(status, text, task.id, kind)


def state_of(task: Task, response_url: str, waiting: list[str], now: int, *, logs: bool) -> dict[str, Any]:
    """The status document."""
    common = {"request_id": task.id, "response_url": response_url}
    if task.state == "queued":
        position = waiting.index(task.id) if task.id in waiting else 0
        return {"status": "IN_QUEUE", "queue_position": position, **common}
    lines = _log_lines(task, now) if logs else None
    if not task.ended:
        return {"status": "IN_PROGRESS", "logs": lines, **common}
    state: dict[str, Any] = {"status": "COMPLETED", "logs": lines, "metrics": {}, **common}
    if task.state == "done":
        return state | {"metrics": {"inference_time": ((task.ended_at or 0) - (task.started_at or 0)) / 1000}}
    _, text, kind, _ = _ending(task)
    return state | {"error": text, "error_type": kind}


def _ending(task: Task) -> tuple[int, str, str, list[dict[str, Any]]]:
    """How a task ended that made no video: status of its result, words, type, and the list of a model's own no."""
    if task.state == "cancelled":
        return 499, "Request was cancelled by the client.", "client_cancelled", []
    if task.fate == "refused":
        return 422, task.refusal[0]["msg"], task.refusal[0]["type"], task.refusal
    if task.fate == "policy":
        entry = detail("content_policy_violation", ("prompt",), _REFUSED, task.order.prompt)
        return 422, _REFUSED, "content_policy_violation", [entry]
    text = "The model produced no media."
    return 422, text, "no_media_generated", [detail("no_media_generated", (), text, None)]


def _log_lines(task: Task, now: int) -> list[dict[str, Any]]:
    share = 1.0 if task.ended else task.share_done(now)
    begun = task.started_at or task.sold_at
    return [
        {
            "message": f"Sandbox work {percent} %",
            "level": "INFO",
            "source": "USER",
            "timestamp": datetime.fromtimestamp((begun + task.work_ms * percent / 100) / 1000, UTC).strftime(
                "%Y-%m-%dT%H:%M:%S.%f"
            ),
        }
        for percent in (0, 25, 50, 75, 100)
        if percent <= share * 100
    ]
