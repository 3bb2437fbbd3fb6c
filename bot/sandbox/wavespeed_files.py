"""WaveSpeed's three ways to upload a file."""

from collections.abc import Iterable

from aiohttp import BodyPartReader, web

from bot.sandbox.dialect import Route, json_object
from bot.sandbox.shop import Shop
from bot.sandbox.wavespeed_wire import no, yes


class WaveSpeedFiles:
    """Uploads below WaveSpeed's prefix; their addresses are `/media/<id>/<name>`."""

    def __init__(self, shop: Shop, prefix: str) -> None:
        self._shop, self._prefix = shop, prefix

    def routes(self) -> Iterable[Route]:
        """Every path of the uploads."""
        return (
            Route("POST", "/api/v3/media/uploads", "upload", self._ticket),
            Route("POST", "/api/v3/media/upload/binary", "upload", self._binary),
            Route("POST", "/api/v3/upload", "upload", self._plain),
            Route("PUT", "/media/{id}/{name}", "upload", self._put, open=True),
            Route("GET", "/media/{id}/{name}", "file", self._get, open=True),
        )

    def _address(self, place: tuple[str, str]) -> str:
        return f"{self._shop.base}{self._prefix}/media/{place[0]}/{place[1]}"

    async def _ticket(self, request: web.Request) -> web.Response:
        body = await json_object(request) or {}
        if not isinstance(body.get("filename"), str) or not isinstance(body.get("size"), int):
            return no(400, "filename and size are required")
        address = self._address(self._shop.gallery.new_place(body["filename"]))
        headers = {"Content-Type": str(body["content_type"])} if "content_type" in body else {}
        upload = {"method": "PUT", "url": address, "headers": headers}
        return yes({"upload": upload, "download_url": address})

    async def _binary(self, request: web.Request) -> web.Response:
        kept = await self._keep_form(request)
        if kept is None:
            return no(400, "multipart field file is required")
        place, size = kept
        return yes({"type": "image", "download_url": self._address(place), "filename": place[1], "size": size})

    async def _plain(self, request: web.Request) -> web.Response:
        kept = await self._keep_form(request)
        return no(400, "multipart field file is required") if kept is None else yes({"url": self._address(kept[0])})

    async def _keep_form(self, request: web.Request) -> tuple[tuple[str, str], int] | None:
        """The place and size of the form's file; None if there is none."""
        if not request.content_type.startswith("multipart/"):
            return None
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "file":
                data = bytes(await part.read())
                place = self._shop.gallery.new_place(part.filename or "upload.bin")
                await self._shop.gallery.keep_upload(*place, data)
                return place, len(data)
        return None

    async def _put(self, request: web.Request) -> web.Response:
        data = await request.read()
        try:
            await self._shop.gallery.keep_upload(request.match_info["id"], request.match_info["name"], data)
        except KeyError:
            return no(404, "upload not found")
        return web.Response()

    async def _get(self, request: web.Request) -> web.StreamResponse:
        path = self._shop.gallery.upload_at(request.path)
        return no(404, "file not found") if path is None else web.FileResponse(path)
