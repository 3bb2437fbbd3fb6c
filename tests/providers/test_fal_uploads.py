"""Where a picture goes on its way to fal, and what happens when the way is closed."""

from typing import Any

import pytest

from bot.errors import SubmitRefused
from bot.kling.requests import ImageToVideo
from bot.providers.fal import SMALL, Fal
from tests.support.loopback import Loopback
from tests.support.orders import KEY, order, ref

WEEK = '{"expiration_duration_seconds": 604800}'
LOCKED = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
SIZE = SMALL + 1


def serve(server: Loopback) -> None:
    token = {"token": "cdn-token", "token_type": "Bearer", "base_url": f"{server.url}/rest/cdn"}
    initiated = {"upload_url": f"{server.url}/rest/put", "file_url": "https://storage.example/b.jpg"}
    server.answers |= {
        "POST /rest/storage/auth/token": (200, {**token, "expires_at": "2026-11-20T13:00:00Z"}),
        "POST /rest/cdn/files/upload": (200, {"access_url": "https://v3.fal.media/files/x/a.jpg"}),
        "POST /rest/storage/upload/initiate": (200, initiated),
        "PUT /rest/put": (200, {}),
    }


async def address(fal: Fal) -> str:
    request = ImageToVideo(start=ref(1), prompt="it runs")
    body = await fal.prepare(order("fal/image/standard", request, size=SIZE))
    return str(body.json["image_url"])


async def test_a_picture_goes_to_the_cdn_with_a_token_of_its_own(server: Loopback, fal: Fal) -> None:
    serve(server)
    assert await address(fal) == "https://v3.fal.media/files/x/a.jpg"
    token, upload = server.seen
    assert (token.json, dict(token.query)) == ({}, {"storage_type": "fal-cdn-v3"})
    assert token.headers["authorization"] == f"Key {KEY}"
    assert len(upload.body) == SIZE
    assert upload.headers["authorization"] == "Bearer cdn-token"
    assert upload.headers["content-type"] == "image/jpeg"
    assert upload.headers["x-fal-file-name"] == f"{ref(1)[5:21]}.jpg"
    assert upload.headers["x-fal-object-lifecycle"] == WEEK


async def test_storage_takes_it_when_the_cdn_does_not(server: Loopback, fal: Fal) -> None:
    serve(server)
    server.answers["POST /rest/cdn/files/upload"] = (500, {})
    assert await address(fal) == "https://storage.example/b.jpg"
    initiated, put = server.seen[-2:]
    assert initiated.json == {"file_name": f"{ref(1)[5:21]}.jpg", "content_type": "image/jpeg"}
    assert dict(initiated.query) == {"storage_type": "gcs"}
    assert initiated.headers["authorization"] == f"Key {KEY}"
    assert len(put.body) == SIZE
    assert put.headers["content-type"] == "image/jpeg"
    assert "authorization" not in put.headers, "our key is not for the storage"


async def test_it_goes_inside_the_request_when_no_upload_works(server: Loopback, fal: Fal) -> None:
    assert (await address(fal)).startswith("data:image/jpeg;base64,cGljdHVyZSAx")


@pytest.mark.parametrize("answer", [{}, {"token": "t"}, {"token": "t", "base_url": "file:///etc"}, []])
async def test_a_token_that_is_none_is_not_used(server: Loopback, fal: Fal, answer: Any) -> None:
    serve(server)
    server.answers["POST /rest/storage/auth/token"] = (200, answer)
    assert await address(fal) == "https://storage.example/b.jpg"


async def test_an_upload_is_not_lured_to_a_private_address(server: Loopback, fal: Fal) -> None:
    serve(server)
    token = {"token": "t", "token_type": "Bearer", "base_url": "http://169.254.169.254"}
    server.answers["POST /rest/storage/auth/token"] = (200, token)
    assert await address(fal) == "https://storage.example/b.jpg"


@pytest.mark.parametrize(
    ("status", "detail", "reason"), [(403, LOCKED, "balance"), (403, "no scope", "auth"), (401, "no key", "auth")]
)
async def test_a_locked_account_ends_it(server: Loopback, fal: Fal, status: int, detail: str, reason: str) -> None:
    server.answers["POST /rest/storage/auth/token"] = (status, {"detail": detail})
    with pytest.raises(SubmitRefused) as refused:
        await address(fal)
    assert refused.value.reason == reason
