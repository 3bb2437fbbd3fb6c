"""The providers' own SDKs, unmodified, against the sandbox over real sockets."""

import asyncio
import gc
import io
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import av
import fal_client
import fal_client.client as fal_module
import httpx
import pytest
import wavespeed

from bot.sandbox.server import Sandbox, SandboxOptions
from tests.support.media import file_of, halves
from tests.support.sandbox import ready_clips

Result = TypeVar("Result")

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]

TEXT = "fal-ai/kling-video/v1.6/standard/text-to-video"
IMAGE = "fal-ai/kling-video/v1.6/pro/image-to-video"
MODEL = "kwaivgi/kling-v1.6-i2v-standard"
PICTURE = halves(640, 480)
SPEED = 200.0


@dataclass
class Fal:
    """fal-client pointed at a sandbox."""

    box: Sandbox
    client: fal_client.SyncClient

    def result(self, application: str, **arguments: Any) -> Any:
        return self.client.subscribe(application, {"prompt": "a boat", **arguments}, interval=0.02)


@dataclass
class WaveSpeed:
    """The wavespeed SDK pointed at a sandbox."""

    box: Sandbox
    client: Any

    def run(self, **options: Any) -> Any:
        return self.client.run(MODEL, {"prompt": "a boat", "image": picture_uri()}, poll_interval=0.02, **options)


@pytest.fixture(autouse=True)
def _own_litter() -> Iterator[None]:
    """fal-client leaves its connections open: sweep them up here, where that is no failure."""
    yield
    gc.collect()


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Sandbox]:
    options = SandboxOptions(folder=tmp_path, ready=ready_clips(), clips="shared", speed=SPEED)
    async with Sandbox(options) as sandbox:
        yield sandbox


@pytest.fixture
def fal(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Fal:
    for name in ("QUEUE_URL_FORMAT", "RUN_URL_FORMAT"):
        monkeypatch.setattr(fal_module, name, f"{box.base_url}/fal/")
    for name in ("REST_URL", "CDN_URL"):
        monkeypatch.setattr(fal_module, name, f"{box.base_url}/fal")
    return Fal(box, fal_client.SyncClient(key="sandbox:sandbox"))


@pytest.fixture
def speed(box: Sandbox) -> WaveSpeed:
    client = wavespeed.Client("sandbox", base_url=f"{box.base_url}/wavespeed", retry_interval=0.01)
    return WaveSpeed(box, client)


async def away(work: Callable[..., Result], *args: Any, **options: Any) -> Result:
    """Run what blocks beside the sandbox, which lives in this event loop."""
    return await asyncio.to_thread(work, *args, **options)


def picture_uri() -> str:
    return str(fal_client.encode_image(PICTURE))


async def calls(box: Sandbox) -> Counter[str]:
    """How often each call was made, by its ending."""
    async with httpx.AsyncClient() as client:
        return Counter((await client.get(f"{box.base_url}/sandbox/calls")).json()["calls"])


async def seconds_of(address: str) -> float:
    """The length of the MP4 at that address, every frame of it decoded."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
    with av.open(io.BytesIO(answer.content), "r") as film:
        assert len(list(film.decode(video=0))) > 0
        return (film.duration or 0) / 1_000_000


async def test_the_lines_that_point_an_sdk_here_do(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QUEUE_URL_FORMAT", "RUN_URL_FORMAT", "REST_URL", "CDN_URL"):
        monkeypatch.setattr(fal_module, name, "https://example.invalid")
    exec(box.sdk_lines()["fal-client"], {})
    handle = await away(fal_client.SyncClient(key="sandbox:sandbox").submit, TEXT, {"prompt": "a boat"})
    assert handle.request_id == box.sold[0].id
    names: dict[str, Any] = {}
    exec(box.sdk_lines()["wavespeed"], names)
    ran = await away(names["client"].run, "kwaivgi/kling-v1.6-t2v-standard", {"prompt": "a boat"}, poll_interval=0.02)
    assert len(ran["outputs"]) == 1


async def test_fal_makes_a_video_from_words(fal: Fal) -> None:
    seen: list[fal_client.Status] = []
    result = await away(
        fal.client.subscribe,
        TEXT,
        {"prompt": "a boat", "duration": "10"},
        with_logs=True,
        interval=0.005,
        on_queue_update=seen.append,
    )
    assert {type(one) for one in seen} <= {fal_client.Queued, fal_client.InProgress, fal_client.Completed}
    assert isinstance(seen[-1], fal_client.Completed)
    assert any(isinstance(status, fal_client.InProgress) and status.logs for status in seen)
    assert result["video"]["content_type"] == "video/mp4"
    assert await seconds_of(result["video"]["url"]) == 10.0


@pytest.mark.parametrize("repository", ["fal_v3", "fal"])
async def test_fal_makes_a_video_from_an_upload(fal: Fal, repository: Any) -> None:
    address = await away(fal.client.upload, file_of(PICTURE), "image/jpeg", "cat.jpg", repository=repository)
    result = await away(fal.result, IMAGE, image_url=address)
    assert await seconds_of(result["video"]["url"]) == 5.0
    assert fal.box.sold[0].fields["image_url"]["bytes"] == len(file_of(PICTURE))


async def test_fal_uploads_in_parts(fal: Fal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fal_module, "MULTIPART_THRESHOLD", 1_000)
    monkeypatch.setattr(fal_module, "MULTIPART_CHUNK_SIZE", 700)
    data = file_of(PICTURE)
    address = await away(fal.client.upload, data, "image/jpeg", "cat.jpg")
    async with httpx.AsyncClient() as client:
        assert (await client.get(address)).content == data


async def test_fal_takes_files_images_and_data_uris(fal: Fal, tmp_path: Path) -> None:
    file = tmp_path / "cat.png"
    await away(PICTURE.save, file)
    addresses = [await away(fal.client.upload_file, file), await away(fal.client.upload_image, PICTURE), picture_uri()]
    for address in addresses:
        await away(fal.client.submit, IMAGE, {"prompt": "p", "image_url": address})
    assert all(len(task.order.pictures) == 1 for task in fal.box.sold)


async def test_fals_asynchronous_client_works_too(fal: Fal) -> None:
    client = fal_client.AsyncClient(key="sandbox:sandbox")
    address = await client.upload(file_of(PICTURE), "image/jpeg", "cat.jpg")
    result = await client.subscribe(IMAGE, {"prompt": "p", "image_url": address}, interval=0.02)
    assert await seconds_of(result["video"]["url"]) == 5.0


async def test_fal_cancels_what_waits(fal: Fal) -> None:
    fal.box.faults.add("stuck", count=1)
    handle = await away(fal.client.submit, TEXT, {"prompt": "p"})
    await away(handle.cancel)
    status = await away(handle.status)
    assert isinstance(status, fal_client.Completed)
    assert status.error_type == "client_cancelled"
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        await away(handle.get)
    assert (caught.value.status_code, caught.value.error_type) == (499, "client_cancelled")


async def test_fal_cancels_too_late(fal: Fal) -> None:
    handle = await away(fal.client.submit, TEXT, {"prompt": "p"})
    await away(handle.get, interval=0.02)
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        await away(handle.cancel)
    assert caught.value.status_code == 400


async def test_fal_raises_what_is_wrong_with_a_body(fal: Fal) -> None:
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        await away(fal.client.submit, TEXT, {"prompt": "p", "duration": 5})
    body = caught.value.response.json()
    assert (caught.value.status_code, caught.value.error_type) == (422, None)
    assert (body["detail"][0]["type"], body["detail"][0]["loc"]) == ("literal_error", ["body", "duration"])
    assert fal.box.sold == []


async def test_fal_raises_for_a_bad_key(fal: Fal) -> None:
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        await away(fal_client.SyncClient(key="bad:key").submit, TEXT, {"prompt": "p"})
    assert caught.value.status_code == 401


async def test_fal_raises_for_a_locked_user(fal: Fal) -> None:
    fal.box.faults.add("balance_exhausted", call="any")
    with pytest.raises(fal_client.FalClientHTTPError, match=r"User is locked\. Reason: Exhausted balance") as caught:
        await away(fal.client.submit, TEXT, {"prompt": "p"})
    assert caught.value.status_code == 403
    with pytest.raises(httpx.HTTPStatusError, match="403"):
        await away(fal.client.upload, b"x", "image/png")


@pytest.mark.parametrize(
    ("kind", "error_type"),
    [("policy_after_work", "content_policy_violation"), ("generation_failed", "no_media_generated")],
)
async def test_fal_raises_from_a_failing_result(fal: Fal, kind: str, error_type: str) -> None:
    fal.box.faults.add(kind)
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        await away(fal.result, TEXT)
    assert caught.value.status_code == 422
    assert caught.value.response.json()["detail"][0]["type"] == error_type


async def test_fal_asks_again_after_429_and_after_the_ingress(fal: Fal) -> None:
    fal.box.faults.add("rate_limited", count=1)
    fal.box.faults.add("nginx_503", count=1)
    await away(fal.client.submit, TEXT, {"prompt": "p"})
    assert await calls(fal.box) == {"fal submit 429": 1, "fal submit 503": 1, "fal submit 200": 1}
    assert len(fal.box.sold) == 1


async def test_fal_takes_a_503_of_fal_itself_as_final(fal: Fal) -> None:
    fal.box.faults.add("error_503", count=1)
    with pytest.raises(fal_client.FalClientHTTPError) as caught:
        await away(fal.client.submit, TEXT, {"prompt": "p"})
    assert (caught.value.status_code, caught.value.error_type) == (503, "runner_scheduling_failure")
    assert await calls(fal.box) == {"fal submit 503": 1}


async def test_fal_buys_twice_when_an_answer_is_lost(fal: Fal) -> None:
    """What klingbot's own client must never do."""
    fal.box.faults.add("accept_then_drop", count=1)
    handle = await away(fal.client.submit, TEXT, {"prompt": "p"})
    assert [task.answer for task in fal.box.sold] == ["accept_then_drop", "sent"]
    assert fal.box.sold[1].id == handle.request_id


@pytest.mark.parametrize("sync", [False, True])
async def test_wavespeed_makes_a_video(speed: WaveSpeed, sync: bool) -> None:
    result = await away(speed.run, enable_sync_mode=sync)
    assert await seconds_of(result["outputs"][0]) == 5.0
    assert speed.box.sold[0].headers["x-client-name"] == "wavespeed-python"


async def test_wavespeed_uploads_by_name_and_from_memory(speed: WaveSpeed, tmp_path: Path) -> None:
    file = tmp_path / "cat.png"
    await away(PICTURE.save, file)
    for source in (str(file), io.BytesIO(file_of(PICTURE))):
        address = await away(speed.client.upload, source)
        await away(speed.client.run, MODEL, {"prompt": "p", "image": address}, poll_interval=0.02)
    assert all(task.fields["image"]["url"].startswith(speed.box.base_url) for task in speed.box.sold)


async def test_wavespeed_raises_for_a_failed_task(speed: WaveSpeed) -> None:
    speed.box.faults.add("generation_failed")
    with pytest.raises(RuntimeError, match=r"Prediction failed \(task_id: [0-9a-f]{32}\): Generation failed"):
        await away(speed.run)


@pytest.mark.parametrize(
    ("kind", "status"), [("balance_exhausted", 402), ("rate_limited", 429), ("error_500", 500), ("error_504", 504)]
)
async def test_wavespeed_submits_once_whatever_the_no(speed: WaveSpeed, kind: str, status: int) -> None:
    speed.box.faults.add(kind, count=1)
    with pytest.raises(RuntimeError, match=f"Failed to submit prediction: HTTP {status}"):
        await away(speed.run)
    assert await calls(speed.box) == {f"wavespeed submit {status}": 1}


async def test_wavespeed_raises_for_a_bad_key_and_a_bad_body(speed: WaveSpeed) -> None:
    stranger = wavespeed.Client("bad", base_url=f"{speed.box.base_url}/wavespeed")
    with pytest.raises(RuntimeError, match="HTTP 401"):
        await away(stranger.run, MODEL, {"prompt": "p"})
    with pytest.raises(RuntimeError, match=r"HTTP 400.*image"):
        await away(speed.client.run, MODEL, {"prompt": "p"})


@pytest.mark.parametrize("kind", ["accept_then_drop", "no_id"])
async def test_wavespeed_does_not_buy_twice_when_an_answer_is_lost(speed: WaveSpeed, kind: str) -> None:
    speed.box.faults.add(kind, count=1)
    with pytest.raises(RuntimeError):
        await away(speed.run)
    assert [task.answer for task in speed.box.sold] == [kind]


async def test_wavespeed_asks_for_a_result_again(speed: WaveSpeed) -> None:
    for kind in ("rate_limited", "error_500", "error_503", "closed"):
        speed.box.faults.add(kind, call="check", count=1)
    result = await away(speed.run)
    assert len(result["outputs"]) == 1


async def test_wavespeed_tells_when_a_synchronous_call_gives_up(speed: WaveSpeed) -> None:
    speed.box.faults.add("stuck")
    body = {"prompt": "p", "image": picture_uri()}
    told = await away(speed.client.run_no_throw, MODEL, body, enable_sync_mode=True)
    assert (told["status"], told["outputs"], told["task_id"]) == ("processing", None, speed.box.sold[0].id)
    looked = await away(speed.client.get_result, told["task_id"])
    assert looked["data"]["status"] == "processing"
