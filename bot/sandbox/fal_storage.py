"""fal's uploads: the CDN with its tokens, the tickets of the storage, and uploads in parts."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.sandbox.dialect import Route, json_object
from bot.sandbox.shop import Shop

_GRANT = "sandbox-upload-token"
"""What an upload shows. It opens nothing: the sandbox hands it to everybody."""


class FalStorage:
    """What rest.fal.ai and v3.fal.media do with files, under fal's prefix `base`."""

    def __init__(self, shop: Shop, prefix: str) -> None:
        self._shop = shop
        self._prefix = prefix
        self._parts: dict[str, dict[int, bytes]] = {}

    def routes(self) -> Iterable[Route]:
        """Every path of the storage."""
        place = "/files/b/{id}/{name}"
        return (
            Route("POST", "/storage/auth/token", "upload", self._token),
            Route("POST", "/storage/upload/initiate", "upload", self._ticket),
            Route("POST", "/storage/upload/initiate-multipart", "upload", self._ticket_in_parts),
            Route("POST", "/files/upload/multipart", "upload", self._begin_parts),
            Route("POST", "/files/upload", "upload", self._upload),
            Route("PUT", place + "/multipart/{upload}/{number:[0-9]+}", "upload", self._part, open=True),
            Route("POST", place + "/multipart/{upload}/complete", "upload", self._complete, open=True),
            Route("PUT", place, "upload", self._put, open=True),
            Route("GET", place, "file", self._get, open=True),
        )

    def _address(self, place: tuple[str, str]) -> str:
        return f"{self._shop.base}{self._prefix}/files/b/{place[0]}/{place[1]}"

    async def _token(self, request: web.Request) -> web.Response:
        expires = datetime.fromtimestamp(self._shop.clock.now() / 1000, UTC) + timedelta(hours=12)
        base = f"{self._shop.base}{self._prefix}"
        token = {"token": _GRANT, "token_type": "Bearer", "base_url": base, "expires_at": expires.isoformat()}
        return web.json_response(token)

    async def _upload(self, request: web.Request) -> web.Response:
        place = self._shop.gallery.new_place(request.headers.get("X-Fal-File-Name", "upload.bin"))
        await self._shop.gallery.keep_upload(*place, await request.read())
        return web.json_response({"access_url": self._address(place)})

    async def _ticket(self, request: web.Request) -> web.Response:
        place = await self._named_place(request)
        return web.json_response({"upload_url": self._address(place), "file_url": self._address(place)})

    async def _ticket_in_parts(self, request: web.Request) -> web.Response:
        place = await self._named_place(request)
        upload = self._new_parts()
        answer = {"upload_url": f"{self._address(place)}/multipart/{upload}", "file_url": self._address(place)}
        return web.json_response(answer)

    async def _begin_parts(self, request: web.Request) -> web.Response:
        place = self._shop.gallery.new_place(request.headers.get("X-Fal-File-Name", "upload.bin"))
        return web.json_response({"access_url": self._address(place), "uploadId": self._new_parts()})

    async def _named_place(self, request: web.Request) -> tuple[str, str]:
        body = await json_object(request) or {}
        return self._shop.gallery.new_place(str(body.get("file_name", "upload.bin")))

    def _new_parts(self) -> str:
        upload = self._shop.clock.randbytes(16).hex()
        self._parts[upload] = {}
        return upload

    async def _part(self, request: web.Request) -> web.Response:
        upload, number = request.match_info["upload"], int(request.match_info["number"])
        if upload not in self._parts:
            return _not_found()
        self._parts[upload][number] = await request.read()
        return web.Response(headers={"ETag": f'"{upload[:8]}-{number}"'})

    async def _complete(self, request: web.Request) -> web.Response:
        parts = self._parts.pop(request.match_info["upload"], None)
        body = await json_object(request) or {}
        named: list[Any] = body.get("parts", [])
        if parts is None or sorted(parts) != sorted(part.get("partNumber") for part in named):
            return _not_found()
        return await self._keep(request, b"".join(parts[number] for number in sorted(parts)))

    async def _put(self, request: web.Request) -> web.Response:
        return await self._keep(request, await request.read())

    async def _keep(self, request: web.Request, data: bytes) -> web.Response:
        try:
            await self._shop.gallery.keep_upload(request.match_info["id"], request.match_info["name"], data)
        except KeyError:
            return _not_found()
        return web.Response()

    async def _get(self, request: web.Request) -> web.StreamResponse:
        path = self._shop.gallery.upload_at(request.path)
        return _not_found() if path is None else web.FileResponse(path)


def _not_found() -> web.Response:
    return web.json_response({"detail": "Not Found"}, status=404)
