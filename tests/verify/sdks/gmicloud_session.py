"""One session with GMI Cloud's own SDK, run by the Python of its environment; what came of it is JSON.

In comes JSON: `lines` that point the SDK at a server and make its `client`, and a `picture` as a data URI.
"""

import json
import sys
import time
from typing import Any

from gmicloud._internal._models import SubmitRequestRequest


def main() -> None:
    told = json.load(sys.stdin)
    names: dict[str, Any] = {}
    exec(told["lines"], names)
    videos = names["client"].video_manager

    def submitted(model: str, **payload: Any) -> Any:
        answer = videos.create_request(SubmitRequestRequest(model=model, payload=payload))
        return answer if isinstance(answer, dict) else answer.model_dump(mode="json")

    started = submitted("Kling-Image2Video-V1.6-Standard", image=told["picture"], prompt="a boat", duration="5")
    seen = [started["status"]]
    while seen[-1] not in ("success", "failed", "cancelled"):
        time.sleep(0.02)
        detail = videos.get_request_detail(started["request_id"])
        seen.append(detail.model_dump(mode="json")["status"])
    model = videos.get_model_detail("Kling-Image2Video-V1.6-Standard").model_dump(mode="json")
    json.dump(
        {
            "seen": seen,
            "outcome": detail.outcome,
            "payload": detail.payload,
            "listed": [one.request_id for one in videos.get_requests("Kling-Image2Video-V1.6-Standard")],
            "id": started["request_id"],
            "models": [one.model for one in videos.get_models()],
            "required": [one["name"] for one in model["parameters"] if one["required"]],
            "price": model["price_info"],
            "bad": submitted("Kling-Image2Video-V1.6-Standard", prompt="no picture"),
            "unknown": submitted("kling-image2video-v1.6-standard", image=told["picture"]),
        },
        sys.stdout,
    )


main()
