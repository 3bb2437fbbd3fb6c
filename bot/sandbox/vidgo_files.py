"""Vidgo's three ways to upload a picture: five in a minute altogether, kept for 72 hours."""

import base64
import binascii
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from aiohttp import BodyPartReader, web

from bot.sandbox.dialect import Route, json_object
from bot.sandbox.gallery import BadPicture
from bot.sandbox.lanes import Window
from bot.sandbox.shop import Shop
from bot.sandbox.vidgo_wire import Refusals

PER_MINUTE = 5
FORMATS = ("JPEG", "PNG", "WEBP")
"""Of a video's pictures."""

_UPLOADED = (*FORMATS, "GIF")
_KEPT_MS = 72 * 3_600_000


class VidgoFiles:
    """Uploads below Vidgo's prefix; their addresses are `/temp/<id>/<time>-<name>`."""

    def __init__(self, shop: Shop, prefix: str, refusals: Refusals) -> None:
        self._shop, self._prefix, self._refusals = shop, prefix, refusals
        self._window = Window(PER_MINUTE, round(60_000 / shop.speed))

    def routes(self) -> Iterable[Route]:
        """Every path of the uploads."""
        return (
            Route("POST", "/api/common/upload/stream", "upload", self._stream),
            Route("POST", "/api/common/upload/base64", "upload", self._base64),
            Route("POST", "/api/common/upload/url", "upload", self._url),
            Route("GET", "/temp/{id}/{name}", "file", self._get, open=True),
        )

    def is_there(self, address: str) -> bool:
        """Whether an address is one of an upload that is still kept."""
        made = address.rsplit("/", 1)[-1].partition("-")[0]
        young = made.isdecimal() and self._shop.clock.now() - int(made) < _KEPT_MS
        return address.startswith("http") and young and self._shop.gallery.upload_at(address) is not None

    async def _stream(self, request: web.Request) -> web.Response:
        if not request.content_type.startswith("multipart/"):
            return self._no(400, "multipart field file is required")
        fields: dict[str, str] = {}
        found: tuple[str, bytes] | None = None
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "file":
                found = (part.filename or "upload.bin", bytes(await part.read()))
            elif isinstance(part, BodyPartReader):
                fields[part.name or ""] = await part.text()
        if found is None:
            return self._no(400, "multipart field file is required")
        return await self._keep(found[1], found[0], fields)

    async def _base64(self, request: web.Request) -> web.Response:
        body = await json_object(request) or {}
        text = str(body.get("base64_data") or body.get("base64Data") or "")
        try:
            data = base64.b64decode(text.partition(";base64,")[2] or text, validate=True)
        except binascii.Error:
            data = b""
        return await self._keep(data, "upload.bin", body) if data else self._no(400, "base64_data is not valid")

    async def _url(self, request: web.Request) -> web.Response:
        body = await json_object(request) or {}
        path = self._shop.gallery.upload_at(str(body.get("file_url") or body.get("fileUrl") or ""))
        if path is None:
            return self._no(400, "file_url can't be downloaded")
        return await self._keep(path.read_bytes(), path.name, body)

    async def _keep(self, data: bytes, original: str, fields: dict[str, Any]) -> web.Response:
        now = self._shop.clock.now()
        if not self._window.take(now):
            return self._no(429, "Too Many Requests")
        try:
            picture = await self._shop.gallery.take(_uri(data), _UPLOADED)
        except BadPicture as bad:
            if bad.reason in ("load", "format", "too_many_bytes"):
                return self._no(400, f"not a picture that is taken: {bad.reason}")
            picture = None
        name = str(fields.get("file_name") or fields.get("fileName") or original)
        folder = str(fields.get("upload_path") or fields.get("uploadPath") or "")
        place, kept_as = self._shop.gallery.new_place(f"{now}-{name[-60:].replace('/', '_')}")
        await self._shop.gallery.keep_upload(place, kept_as, data)
        url = f"{self._shop.base}{self._prefix}/temp/{place}/{kept_as}"
        stored = {
            "file_id": picture.sha256[:32] if picture else place, "file_name": name, "original_name": original,
            "file_size": len(data), "mime_type": _mime(data), "upload_path": f"temp/{folder}".rstrip("/"),
            "file_url": url, "download_url": url, "upload_time": _time(now), "expires_at": _time(now + _KEPT_MS),
        }  # fmt: skip
        return web.json_response(
            {"success": True, "code": 200, "msg": "File uploaded successfully", "data": stored}
        )  # fmt: skip

    async def _get(self, request: web.Request) -> web.StreamResponse:
        path = self._shop.gallery.upload_at(request.path) if self.is_there(f"http:/{request.path}") else None
        return self._no(404, "file not found") if path is None else web.FileResponse(path)

    def _no(self, status: int, words: str) -> web.Response:
        return self._refusals.no(status, words, "upload")


def _uri(data: bytes) -> str:
    return "data:;base64," + base64.b64encode(data).decode()


def _mime(data: bytes) -> str:
    """What a picture is, from its first bytes."""
    if data.startswith(b"\x89PNG"):
        return "image/png"
    if data.startswith(b"GIF8"):
        return "image/gif"
    return "image/webp" if data[8:12] == b"WEBP" else "image/jpeg"


def _time(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
