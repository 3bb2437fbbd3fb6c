"""Finished clips: whole, in ranges, or spoilt on demand."""

from aiohttp import web

from bot.sandbox.faults import KINDS
from bot.sandbox.gate import hang_up, pause
from bot.sandbox.shop import Shop
from bot.sandbox.tasks import Task

_PAGE = "<!doctype html>\n<html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>\n"

_SLICES = 20
"""Pieces of a slow download."""


class Files:
    """`/files/<task>/<name>.mp4`: no key, like the providers' own CDNs."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def get(self, request: web.Request) -> web.StreamResponse:
        """A finished task's clip; 404 for what isn't there (yet)."""
        task = self._shop.book.find_slug(request.match_info["task"])
        found = self._shop.find(task.provider, task.id) if task is not None else None
        if found is None or found.state != "done":
            return web.Response(status=404, text="not found")
        await pause(self._shop.faults, self._shop.clock, found.provider, "file")
        if self._shop.faults.draw(found.provider, "file", "before") is not None:
            return hang_up(request)
        drawn = self._shop.faults.draw(found.provider, "file", "file")
        if drawn is not None:
            return await self._spoilt(request, found, drawn.kind, drawn.delay)
        if found.video_fault:
            return await self._spoilt(request, found, found.video_fault, KINDS[found.video_fault].delay)
        return _part(request, await self._shop.studio.clip(found.slug, found.order))

    async def _spoilt(self, request: web.Request, task: Task, kind: str, delay: float) -> web.StreamResponse:
        if kind in ("expired_link", "missing_file"):
            status = 403 if kind == "expired_link" else 404
            return web.Response(status=status, text="link expired" if status == 403 else "not found")
        if kind == "html_video":
            return web.Response(text=_PAGE, content_type="text/html")
        if kind == "wrong_length_video":
            path = await self._shop.studio.ready_clip(3, task.order.ratio or "16:9", task.order.tier)
            return _part(request, path.read_bytes())
        clip = await self._shop.studio.clip(task.slug, task.order)
        if kind == "half_video":
            return _part(request, clip[: len(clip) // 2])
        if kind == "slow_video":
            return await self._dribble(request, clip, delay)
        return await self._broken_off(request, clip)

    async def _dribble(self, request: web.Request, clip: bytes, delay: float) -> web.StreamResponse:
        response = await _begun(request, len(clip))
        step = -(-len(clip) // _SLICES)
        for start in range(0, len(clip), step):
            await self._shop.clock.sleep(delay / _SLICES)
            await response.write(clip[start : start + step])
        return response

    async def _broken_off(self, request: web.Request, clip: bytes) -> web.StreamResponse:
        response = await _begun(request, len(clip))
        await response.write(clip[: len(clip) // 2])
        if request.transport is not None:
            request.transport.close()
        return response


async def _begun(request: web.Request, length: int) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "video/mp4", "Content-Length": str(length)})
    await response.prepare(request)
    return response


def _part(request: web.Request, clip: bytes) -> web.Response:
    """The clip, or the range of it that was asked for."""
    headers = {"Accept-Ranges": "bytes"}
    try:
        wanted = request.http_range
    except ValueError:
        return web.Response(status=416, headers=headers | {"Content-Range": f"bytes */{len(clip)}"})
    if wanted.start is None:
        return web.Response(body=clip, content_type="video/mp4", headers=headers)
    first, last, _ = wanted.indices(len(clip))
    if first >= last:
        return web.Response(status=416, headers=headers | {"Content-Range": f"bytes */{len(clip)}"})
    headers["Content-Range"] = f"bytes {first}-{last - 1}/{len(clip)}"
    return web.Response(status=206, body=clip[first:last], content_type="video/mp4", headers=headers)
