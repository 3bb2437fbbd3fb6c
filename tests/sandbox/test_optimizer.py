"""WaveSpeed's prompt optimizer in the sandbox: a prediction whose output is a text."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.kling.requests import PROMPT_MAX
from bot.sandbox.optimizer import optimized
from tests.support.sandbox import Bench, sandbox

PATH = "/wavespeed/api/v3/wavespeed-ai/prompt-optimizer"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with sandbox(tmp_path) as running:
        yield running


async def finished(bench: Bench, task_id: str) -> Any:
    bench.clock.advance(10)
    answer = await bench.call("GET", f"/wavespeed/api/v3/predictions/{task_id}/result")
    return answer.json["data"]


async def test_words_come_back_better(bench: Bench) -> None:
    answer = await bench.call("POST", PATH, {"text": "a red fox", "mode": "video", "style": "default"})
    data = answer.json["data"]
    assert (answer.status, data["status"], data["outputs"]) == (200, "created", [])
    done = await finished(bench, data["id"])
    assert (done["status"], done["has_nsfw_contents"]) == ("completed", [False])
    [text] = done["outputs"]
    assert text.startswith("A red fox, ")
    assert text == optimized("a red fox")


async def test_it_is_sold_for_a_tenth_of_a_cent_and_renders_nothing(bench: Bench) -> None:
    await bench.call("POST", PATH, {"text": "a red fox"})
    [task] = bench.box.sold
    assert (task.price, task.fate, task.renders, task.text != "") == (1_000, "text", False, True)


@pytest.mark.parametrize(
    "body",
    [{}, {"text": ""}, {"text": 5}, {"text": "x" * 2_501}, {"text": "x", "mode": "film"}, {"text": "x", "style": "y"},
     {"text": "x", "image": "https://elsewhere.test/a.jpg"}],
)  # fmt: skip
async def test_a_bad_body_is_refused(bench: Bench, body: dict[str, Any]) -> None:
    assert (await bench.call("POST", PATH, body)).status == 400
    assert bench.box.sold == []


async def test_it_can_fail_like_anything_else(bench: Bench) -> None:
    bench.box.faults.add("generation_failed")
    answer = await bench.call("POST", PATH, {"text": "a red fox"})
    done = await finished(bench, answer.json["data"]["id"])
    assert (done["status"], done["outputs"]) == ("failed", [])


@pytest.mark.parametrize("mode", ["image", "video"])
def test_the_same_words_come_to_the_same_and_stay_within_what_kling_reads(mode: str) -> None:
    assert optimized("a boat.", mode) == optimized("a boat.", mode) != "a boat."
    assert len(optimized("x" * 1_000, mode)) < PROMPT_MAX
