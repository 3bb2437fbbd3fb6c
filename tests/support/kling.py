"""Answers of Kling's own API, typed out from its documentation."""

from typing import Any

from bot.providers.base import Task
from tests.support.clock import START

ATTEMPT = "01jd0000000000000000"
TASK = Task(id="831", extra={"workflow": "text2video"})
PARENT = "GET /v1/videos/text2video/01jd000000000000000a"
"""Where the client asks for the task of an extension's parent."""

VIDEO = "https://v1-kling.klingai.com/a.mp4"


def envelope(data: Any) -> tuple[int, Any]:
    return 200, {"code": 0, "message": "SUCCEED", "request_id": "r-1", "data": data}


def task(word: Any, **more: Any) -> dict[str, Any]:
    plain = {
        "task_id": "831", "task_status": word, "task_status_msg": "", "task_info": {"external_task_id": ATTEMPT},
        "created_at": START, "updated_at": START,
    }  # fmt: skip
    return plain | more


def made(url: Any = VIDEO, **more: Any) -> dict[str, Any]:
    return {"task_result": {"videos": [{"id": "v-1", "url": url, "duration": "5.1", **more}]}}


def no(status: int, code: int, message: str = "no") -> tuple[int, Any]:
    return status, {"code": code, "message": message, "request_id": "r-1"}
