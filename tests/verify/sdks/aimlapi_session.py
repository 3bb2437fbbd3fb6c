"""One session with AI/ML API's own SDK, run by the Python of its environment; what came of it is JSON.

In comes JSON: `lines` that make its `client`, the `model`, and the `body` of a generation.
"""

import json
import sys
from typing import Any

import openai


def main() -> None:
    told = json.load(sys.stdin)
    names: dict[str, Any] = {}
    exec(told["lines"], names)
    body = dict(told["body"])
    seen: list[str] = []
    try:
        made = names["client"].videos.generate_with_polling(
            model=told["model"],
            prompt=body.pop("prompt", "a boat"),
            duration=body.pop("duration", 5),
            poll_interval=0.02,
            status_callback=lambda payload: seen.append(payload["status"]),
            extra_body=body,
        )
    except openai.APIStatusError as error:
        json.dump({"raised": type(error).__name__, "status": error.status_code, "said": error.message}, sys.stdout)
    else:
        json.dump({"made": made, "seen": seen}, sys.stdout)


main()
