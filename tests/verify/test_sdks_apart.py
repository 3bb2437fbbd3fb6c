"""The SDKs that can't share an environment, unmodified, each run by its own Python against the sandbox."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.server import Sandbox, SandboxOptions
from tests.support.media import file_of, halves
from tests.support.sandbox import ready_clips
from tests.support.tree import ROOT

PICTURE = "data:image/png;base64," + base64.b64encode(file_of(halves(640, 480), "PNG")).decode()
TEXT = "kling-video/v1.6/standard/text-to-video"


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Sandbox]:
    options = SandboxOptions(folder=tmp_path / "box", ready=ready_clips(), clips="shared", speed=200.0)
    async with Sandbox(options) as sandbox:
        yield sandbox


async def session(name: str, home: Path, told: Any) -> Any:
    """Run a script with the Python of the environment that `make verify` made for it."""
    python = ROOT / f".venv-{name}" / "bin" / "python"
    if not python.exists():
        pytest.fail(f"{python} isn't there: make verify makes it")
    script = ROOT / "tests" / "verify" / "sdks" / f"{name}_session.py"
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "NO_PROXY": "*", "PYTHONDONTWRITEBYTECODE": "1"}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(python, script, stdin=pipe, stdout=pipe, stderr=pipe, env=env)
    out, err = await asyncio.wait_for(process.communicate(json.dumps(told).encode()), 120)
    assert process.returncode == 0, err.decode()
    return json.loads(out)


async def is_a_video(address: str) -> bool:
    async with httpx.AsyncClient() as client:
        answer = await client.get(address)
    return answer.status_code == 200 and answer.content[4:8] == b"ftyp"


async def test_gmis_sdk_signs_in_makes_a_video_and_looks_around(box: Sandbox, tmp_path: Path) -> None:
    said = await session("gmicloud", tmp_path, {"lines": box.sdk_lines()["gmicloud"], "picture": PICTURE})
    assert (said["seen"][0], said["seen"][-1]) == ("dispatched", "success")
    assert "processing" in said["seen"]
    assert await is_a_video(said["outcome"]["video_url"])
    assert (said["payload"]["prompt"], said["payload"]["duration"]) == ("a boat", "5")
    assert said["listed"] == [said["id"]] == [task.id for task in box.sold]
    assert box.sold[0].path == "/gmi/api/v1/ie/requestqueue/requests"
    assert len(said["models"]) == 4
    assert said["required"] == ["image"]
    assert said["price"] == {"price": 56, "pricing_type": "per_second", "unit": "thousandth of a dollar"}
    assert (said["bad"]["code"].strip(), said["bad"]["error"]) == ("400", "image")
    assert said["unknown"]["code"].strip() == "404"


class TestAimlapi:
    async def said(self, box: Sandbox, home: Path, model: str = TEXT, lines: str = "", **body: Any) -> Any:
        told = {"lines": lines or box.sdk_lines()["aimlapi-sdk-python"], "model": model, "body": body}
        return await session("aimlapi", home, told)

    @pytest.mark.parametrize("other", [False, True])
    async def test_its_sdk_makes_a_video_from_words(self, box: Sandbox, tmp_path: Path, other: bool) -> None:
        if other:
            box.faults.add("other_shape")
            box.faults.add("other_shape", call="check")
        said = await self.said(box, tmp_path, duration=10, aspect_ratio="9:16")
        assert (said["seen"][0], said["seen"][-1], "generating" in said["seen"]) == ("queued", "completed", True)
        assert await is_a_video(said["made"]["video"]["url"])
        assert said["made"]["meta"] == {"usage": {"credits_used": 1_120_000}}
        assert (box.sold[0].order.duration, box.sold[0].order.ratio) == (10, "9:16")

    @pytest.mark.parametrize(
        ("model", "body"),
        [
            ("kling-video/v1.6/pro/image-to-video", {"image_url": PICTURE}),
            ("klingai/kling-video-v1.6-standard-effects", {"image_url": [PICTURE] * 2, "effect_scene": "hug"}),
        ],
    )
    async def test_its_sdk_makes_a_video_from_pictures(
        self, box: Sandbox, tmp_path: Path, model: str, body: dict[str, Any]
    ) -> None:
        said = await self.said(box, tmp_path, model, **body)
        assert await is_a_video(said["made"]["video"]["url"])
        assert len(box.sold[0].order.pictures) == (2 if "effect_scene" in body else 1)

    async def test_its_sdk_takes_a_failure_for_a_result(self, box: Sandbox, tmp_path: Path) -> None:
        box.faults.add("generation_failed")
        made = (await self.said(box, tmp_path))["made"]
        assert (made["status"], made["error"]["message"]) == ("error", "Generation failed. Please try again.")

    async def test_its_sdk_raises_what_is_wrong(self, box: Sandbox, tmp_path: Path) -> None:
        bad = await self.said(box, tmp_path, duration=7)
        assert (bad["raised"], bad["status"], "duration" in bad["said"]) == ("BadRequestError", 400, True)
        stranger = box.sdk_lines()["aimlapi-sdk-python"].replace('"sandbox"', '"bad"')
        refused = await self.said(box, tmp_path, lines=stranger)
        assert (refused["raised"], refused["status"]) == ("AuthenticationError", 401)
        box.faults.add("balance_exhausted")
        poor = await self.said(box, tmp_path)
        assert (poor["raised"], "run out of credits" in poor["said"]) == ("PermissionDeniedError", True)
        assert box.sold == []

    async def test_its_sdk_buys_twice_when_an_answer_is_lost(self, box: Sandbox, tmp_path: Path) -> None:
        """What klingbot's own client must never do."""
        box.faults.add("accept_then_drop", count=1)
        said = await self.said(box, tmp_path)
        assert [task.answer for task in box.sold] == ["accept_then_drop", "sent"]
        assert said["made"]["id"] == box.sold[1].id
