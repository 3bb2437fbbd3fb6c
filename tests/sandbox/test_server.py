"""The sandbox as a whole: where it listens, how one is pointed at it, how it survives."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.sandbox.dialect import BadLevel
from bot.sandbox.faults import BadFault
from bot.sandbox.server import DIALECTS, Sandbox, SandboxOptions
from tests.support.clock import FakeClock
from tests.support.sandbox import ready_clips, sandbox
from tests.support.tree import ROOT

VICTIM = """
import asyncio, sys
from pathlib import Path
from bot.clock import SystemClock
from bot.sandbox.server import Sandbox, SandboxOptions

async def main() -> None:
    options = SandboxOptions(folder=Path(sys.argv[1]), ready=Path(sys.argv[2]), clips="shared", speed=20)
    async with Sandbox(options, SystemClock()) as box:
        print(box.base_url, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_it_listens_on_loopback_only(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as bench:
        assert bench.box.base_url.startswith("http://127.0.0.1:")
        port = int(bench.box.base_url.rpartition(":")[2])
        with socket.socket() as elsewhere:
            assert elsewhere.connect_ex(("127.0.0.2", port)) != 0


async def test_it_says_how_to_point_klingbot_and_the_sdks_here(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as bench:
        base = bench.box.base_url
        assert bench.box.environment() == {
            "FAL_KEY": "sandbox:sandbox",
            "FAL_BASE_URL": f"{base}/fal",
            "FAL_REST_URL": f"{base}/fal",
            "FAL_API_BASE_URL": f"{base}/fal",
            "WAVESPEED_API_KEY": "sandbox",
            "WAVESPEED_BASE_URL": f"{base}/wavespeed",
            "GMI_API_KEY": "sandbox",
            "GMI_BASE_URL": f"{base}/gmi/api/v1/ie/requestqueue/apikey",
            "AIML_API_KEY": "sandbox",
            "AIML_BASE_URL": f"{base}/aimlapi",
            "VIDGO_API_KEY": "sandbox",
            "VIDGO_BASE_URL": f"{base}/vidgo",
            "KLING_ACCESS_KEY": "sandbox",
            "KLING_SECRET_KEY": "sandbox-secret-key-for-signatures",
            "KLING_BASE_URL": f"{base}/kling",
        }
        assert set(bench.box.sdk_lines()) == {
            *("fal-client", "wavespeed", "gmicloud", "aimlapi-sdk-python", "ComfyUI-KLingAI-API"),
        }


def test_every_provider_has_a_row() -> None:
    assert [dialect.name for dialect in DIALECTS] == ["fal", "wavespeed", "gmi", "aimlapi", "vidgo", "kling"]


async def test_faults_can_be_ordered_at_the_start(tmp_path: Path) -> None:
    async with sandbox(tmp_path, faults=("fal/error_500:x1", "latency:0.2")) as bench:
        assert [(one["provider"], one["kind"]) for one in bench.box.faults.listed()] == [
            ("fal", "error_500"),
            ("*", "latency"),
        ]


@pytest.mark.parametrize(
    ("wrong", "error"), [({"faults": ("gremlins",)}, BadFault), ({"levels": {"wavespeed": "tin"}}, BadLevel)]
)
async def test_a_bad_start_is_refused_before_anything_is_written(
    tmp_path: Path, wrong: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await Sandbox(SandboxOptions(folder=tmp_path / "new", **wrong), FakeClock()).start()
    assert left_in(tmp_path) == []


async def test_a_taken_port_is_an_error(tmp_path: Path) -> None:
    async with sandbox(tmp_path / "one") as bench:
        port = int(bench.box.base_url.rpartition(":")[2])
        with pytest.raises(OSError, match="address already in use"):
            await Sandbox(SandboxOptions(folder=tmp_path / "two", port=port), FakeClock()).start()


async def test_time_is_divided_by_speed(tmp_path: Path) -> None:
    async with sandbox(tmp_path, speed=60) as bench:
        await bench.sell_fal("standard/text-to-video")
        await bench.sell_fal("pro/text-to-video", duration="10")
        short, long = bench.box.sold
        assert 85 <= short.queue_ms <= 115
        assert 850 <= short.work_ms <= 1_150
        assert 2_833 <= long.work_ms <= 3_834


async def test_after_a_restart_everything_goes_on(tmp_path: Path) -> None:
    clock = FakeClock()
    async with sandbox(tmp_path, clock=clock) as bench:
        sold = [await bench.sell_fal() for _ in range(3)]
        cancelled = await bench.sell_fal()
        await bench.call("PUT", cancelled["cancel_url"])
        clock.advance(10)
        assert [task.state for task in bench.box.sold] == ["running", "running", "queued", "cancelled"]
    async with sandbox(tmp_path, clock=clock) as bench:
        assert [task.state for task in bench.box.sold] == ["running", "running", "queued", "cancelled"]
        await bench.finish()
        assert [task.state for task in bench.box.sold] == ["done", "done", "done", "cancelled"]
        path = f"/fal/fal-ai/kling-video/requests/{sold[2]['request_id']}"
        video = (await bench.call("GET", path)).json["video"]["url"]
        assert video.startswith(bench.box.base_url)
        assert (await bench.call("GET", video)).status == 200


async def test_a_killed_sandbox_goes_on_where_it_was(tmp_path: Path) -> None:
    victim = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", VICTIM, str(tmp_path), str(ready_clips())), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert victim.stdout is not None
    base = (await victim.stdout.readline()).decode().strip()
    headers = {"Authorization": "Key sandbox:sandbox"}
    async with ClientSession(headers=headers) as session:
        address = f"{base}/fal/fal-ai/kling-video/v1.6/standard/text-to-video"
        async with session.post(address, json={"prompt": "a boat"}) as answer:
            request_id = (await answer.json())["request_id"]
    os.kill(victim.pid, signal.SIGKILL)
    await victim.wait()
    clock = FakeClock()
    clock.advance(10 * 365 * 24 * 3_600)
    async with sandbox(tmp_path, clock=clock) as bench:
        await bench.box.rendered()
        assert [(task.id, task.state) for task in bench.box.sold] == [(request_id, "done")]
