"""Good answers of each provider, typed from its documentation, and a door that hands out whatever a test wants."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.net.answer import Answer
from bot.net.door import Door
from tests.support.clock import START, FakeClock

Json = Any
VIDEO = "https://cdn.example/video.mp4"

GOOD: Mapping[str, Mapping[str, Sequence[Json]]] = {
    "fal": {
        "submit": [
            {
                "status": "IN_QUEUE", "request_id": "r-1", "queue_position": 0,
                "response_url": "https://queue.fal.run/fal-ai/kling-video/requests/r-1",
                "status_url": "https://queue.fal.run/fal-ai/kling-video/requests/r-1/status",
                "cancel_url": "https://queue.fal.run/fal-ai/kling-video/requests/r-1/cancel",
            },
        ],
        "check": [
            {"status": "COMPLETED", "request_id": "r-1", "logs": [{"message": "done", "level": "INFO"}], "metrics": {}},
            {"video": {"url": VIDEO, "content_type": "video/mp4", "file_size": 1}},
        ],
        "cancel": [
            {"status": "CANCELLATION_REQUESTED"},
            {"status": "COMPLETED", "request_id": "r-1", "logs": None, "error": "x", "error_type": "client_cancelled"},
            {"detail": "cancelled", "error_type": "client_cancelled"},
        ],
        "ping": [{"token": "t", "token_type": "Bearer", "base_url": "https://v3.fal.media", "expires_at": "2026"}],
        "prices": [
            {
                "prices": [
                    {
                        "endpoint_id": "fal-ai/kling-video/v1.6/pro/image-to-video", "unit_price": 0.095,
                        "unit": "seconds", "currency": "USD",
                    },
                ],
            },
        ],
        "prepare": [
            {"token": "t", "token_type": "Bearer", "base_url": "https://v3.fal.media", "expires_at": "2026"},
            {"access_url": "https://v3.fal.media/files/1.jpg"},
        ],
    },
    "wavespeed": {
        "submit": [{"code": 200, "message": "success", "data": {"id": "p-1", "status": "created", "outputs": []}}],
        "check": [
            {
                "code": 200, "message": "success",
                "data": {
                    "id": "p-1", "outputs": [VIDEO], "has_nsfw_contents": [False], "status": "completed", "error": "",
                },
            },
        ],
        "find": [
            {
                "code": 200,
                "data": {
                    "page": 1,
                    "items": [
                        {
                            "id": "p-1", "model": "kwaivgi/kling-v1.6-t2v-standard", "status": "created",
                            "created_at": "2025-11-20T12:00:00.123Z", "input": {"prompt": "a fox"},
                        },
                    ],
                },
            },
        ],
        "balance": [{"code": 200, "message": "success", "data": {"balance": 12.5}}],
        "prices": [{"code": 200, "data": {"model_id": "m", "price": 0.25, "discounted_price": 0.2, "currency": "USD"}}],
        "prepare": [{"code": 200, "data": {"type": "image", "download_url": "https://static.wavespeed.ai/1.jpg"}}],
        "enhanced": [{"code": 200, "data": {"id": "p-1", "outputs": ["a redder fox"], "status": "completed"}}],
    },
    "gmi": {
        "submit": [{"request_id": "q-1", "model": "Kling-Text2Video-V1.6-Standard", "status": "dispatched"}],
        "check": [{"request_id": "q-1", "status": "success", "outcome": {"video_url": VIDEO}, "payload": {}}],
        "cancel": [{}, {"request_id": "q-1", "status": "cancelled", "outcome": None}],
        "find": [
            {
                "requests": [
                    {
                        "request_id": "q-1", "model": "Kling-Text2Video-V1.6-Standard", "status": "processing",
                        "payload": {"prompt": "a fox"}, "created_at": START // 1000,
                    },
                ],
                "total": 1,
            },
        ],
        "models": [{"requests": [], "total": 0}, {"model_ids": ["Kling-Text2Video-V1.6-Standard"]}],
    },
    "aimlapi": {
        "submit": [{"id": "g-1", "status": "queued", "meta": {"usage": {"credits_used": 840000}}}],
        "check": [
            {
                "id": "g-1", "status": "completed", "video": {"url": VIDEO, "duration": 5.1},
                "meta": {"usage": {"credits_used": 840000}},
            },
        ],
        "find": [
            {
                "data": [{"client_request_id": "01jd0000000000000000", "inference_id": "g-1"}],
                "pagination": {"has_more": False},
            },
        ],
        "balance": [{"current_balance": "12.5", "currency": "USD"}],
    },
    "vidgo": {
        "submit": [{"code": 200, "data": {"task_id": "v-1", "status": "not_started"}}],
        "check": [
            {
                "code": 200,
                "data": {
                    "task_id": "v-1", "status": "finished", "files": [{"file_url": VIDEO, "file_type": "video"}],
                    "progress": 100, "error_message": None,
                },
            },
        ],
        "balance": [{"code": 200, "data": {"email": "a@example.org", "credits_amount": 123}}],
        "prepare": [{"success": True, "code": 200, "data": {"file_url": "https://storage.vidgo.ai/1.jpg"}}],
    },
    "kling": {
        "submit": [{"code": 0, "message": "SUCCEED", "data": {"task_id": "k-1", "task_status": "submitted"}}],
        "check": [
            {
                "code": 0, "message": "SUCCEED",
                "data": {
                    "task_id": "k-1", "task_status": "succeed", "task_status_msg": "", "final_unit_deduction": "2",
                    "task_result": {"videos": [{"id": "1", "url": VIDEO, "duration": "5.1"}]},
                },
            },
        ],
        "find": [
            {"code": 0, "data": {"task_id": "k-1", "task_info": {"external_task_id": "01jd0000000000000000"}}},
        ],
        "listed": [
            {"code": 1203, "message": "no such task"},
            {"code": 0, "data": [{"task_id": "k-1", "task_info": {"external_task_id": "01jd0000000000000000"}}]},
        ],
        "balance": [
            {
                "code": 0,
                "data": {
                    "resource_pack_subscribe_infos": [
                        {"resource_pack_name": "Video", "remaining_quantity": 118.0, "status": "online"},
                    ],
                },
            },
        ],
        "prepare": [
            {
                "code": 0,
                "data": {
                    "task_status": "succeed", "updated_at": START,
                    "task_result": {"videos": [{"id": "1", "url": VIDEO, "duration": "5.1"}]},
                },
            },
        ],
    },
}  # fmt: skip
"""By provider and call: what it answers, one answer after the other."""


class ScriptedDoor(Door):
    """Hands out answers in turn, the last one for ever, and notes what was asked. Opens nothing."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.answers: list[Answer] = []
        self.asked: list[tuple[str, str]] = []

    async def request(self, method: str, url: str, **_options: Any) -> Answer:
        self.asked.append((method, url))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def answer(said: Json, status: int = 200, **headers: str) -> Answer:
    """An answer with this JSON, or with these bytes."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return Answer(status=status, headers=headers, body=body, received_at=START)
