"""Signed links to stored files, and the route that streams them: with ranges, and as nothing but what they are."""

import asyncio
import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import BinaryIO, Protocol
from urllib.parse import quote

from aiohttp import hdrs, web

from bot.clock import Clock
from bot.errors import BlobMissing
from bot.media.sniff import kind
from bot.server.ranges import NotInside, Span, span_of

LINK_MS = 24 * 60 * 60 * 1_000
"""How long a link is good, at least."""

_STEP_MS = 60 * 60 * 1_000
_WRITE_SECONDS = 60.0
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TYPES = {"MP4": "video/mp4", "JPEG": "image/jpeg", "PNG": "image/png"}
_SHOWN = "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_SAVED = "default-src 'none'; frame-ancestors 'none'; sandbox"  # sandboxed, a browser doesn't play a video by itself


class Blobs(Protocol):
    """What is asked of the blob store: bytes by sha256. Both raise BlobMissing."""

    def open(self, sha256: str) -> BinaryIO:
        """The bytes, seekable."""
        ...

    def stream(self, sha256: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start`, `length` of them."""
        ...


class Files:
    """Makes links and serves them."""

    def __init__(self, clock: Clock, signing_key: bytes, blobs: Blobs) -> None:
        self._clock = clock
        self._key = signing_key
        self._blobs = blobs

    def link(self, sha256: str, name: str) -> str:
        """A signed path to a stored file. It ends on a full hour: links made within one are alike, so caches work."""
        until = (self._clock.now() // _STEP_MS + 1) * _STEP_MS + LINK_MS
        return f"/files/{sha256}/{quote(name, safe='')}?until={until}&sig={self._signature(sha256, name, until)}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """`GET /files/{sha256}/{name}`: the file, or the asked range of it."""
        sha256, name = request.match_info["sha256"], request.match_info["name"]
        self._verify(request, sha256, name)
        etag = f'"{sha256}"'
        if request.headers.get(hdrs.IF_NONE_MATCH) == etag:
            return web.Response(status=304, headers={hdrs.ETAG: etag})
        try:
            size, head = await asyncio.to_thread(self._look, sha256)
        except BlobMissing:
            raise web.HTTPNotFound from None
        response, span = _response(request, name, size, head, etag)
        await self._send(request, sha256, response, span)
        return response

    def _verify(self, request: web.Request, sha256: str, name: str) -> None:
        until, signature = request.query.get("until", ""), request.query.get("sig", "")
        if not re.fullmatch(r"[0-9]{1,15}", until) or not _SHA256.fullmatch(sha256):
            raise web.HTTPForbidden
        if not hmac.compare_digest(self._signature(sha256, name, int(until)).encode(), signature.encode()):
            raise web.HTTPForbidden
        if int(until) < self._clock.now():
            raise web.HTTPGone

    def _signature(self, sha256: str, name: str, until: int) -> str:
        digest = hmac.new(self._key, f"files\n{sha256}\n{until}\n{name}".encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _look(self, sha256: str) -> tuple[int, bytes]:
        with self._blobs.open(sha256) as file:
            head = file.read(64)
            return file.seek(0, 2), head

    async def _send(self, request: web.Request, sha256: str, response: web.StreamResponse, span: Span) -> None:
        await response.prepare(request)
        if request.method == hdrs.METH_HEAD or span.length == 0:
            return
        try:
            async for chunk in self._blobs.stream(sha256, span.start, span.length):
                async with asyncio.timeout(_WRITE_SECONDS):  # a reader that stopped reading holds nothing for ever
                    await response.write(chunk)
        except Exception as error:
            request.protocol.force_close()  # too late for a status: a cut connection says that bytes are missing
            raise ConnectionResetError from error


def _response(request: web.Request, name: str, size: int, head: bytes, etag: str) -> tuple[web.StreamResponse, Span]:
    """The answer's head, and which bytes follow it. Raises 416."""
    try:
        span = span_of(_wanted(request, etag), size)
    except NotInside:
        raise web.HTTPRequestRangeNotSatisfiable(headers={hdrs.CONTENT_RANGE: f"bytes */{size}"}) from None
    whole = Span(0, size)
    response = web.StreamResponse(status=200 if span is None else 206, headers=_headers(name, head, etag))
    response.content_length = (span or whole).length
    if span is not None:
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {span.start}-{span.start + span.length - 1}/{size}"
    return response, span or whole


def _wanted(request: web.Request, etag: str) -> str | None:
    """The `Range` header, unless it was meant for other bytes than these."""
    if request.headers.get(hdrs.IF_RANGE, etag) != etag:
        return None
    return request.headers.get(hdrs.RANGE)


def _headers(name: str, head: bytes, etag: str) -> dict[str, str]:
    """Only what a browser shows without running anything is shown; everything else is for saving."""
    mime = _TYPES.get(kind(head))
    return {
        hdrs.ACCEPT_RANGES: "bytes",
        hdrs.CACHE_CONTROL: "private, max-age=86400, immutable",
        hdrs.CONTENT_DISPOSITION: disposition("inline" if mime else "attachment", name),
        "Content-Security-Policy": _SHOWN if mime else _SAVED,
        hdrs.CONTENT_TYPE: mime or "application/octet-stream",
        hdrs.ETAG: etag,
    }


def disposition(way: str, name: str) -> str:
    """`Content-Disposition` with a plain name for old readers and the true one as RFC 5987 has it."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name) or "file"
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
