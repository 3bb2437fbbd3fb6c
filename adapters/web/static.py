"""The page itself: a handful of files without a build step, with the headers that keep them to themselves."""

import hashlib
from pathlib import Path

from aiohttp import hdrs, web

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEADERS = {
    hdrs.CACHE_CONTROL: "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers hide the origin of the form that asks for the token
    "X-Content-Type-Options": "nosniff",
}


class Static:
    """Reads the files once; serves them from memory, and again only where they changed."""

    def __init__(self) -> None:
        self._files = {path.name: path.read_bytes() for path in _FOLDER.iterdir() if path.suffix in _TYPES}

    async def serve(self, request: web.Request) -> web.Response:
        """`GET /web/static/{name}`: a style, a script. Holds no secrets, so it is for everybody."""
        name = request.match_info["name"]
        if name not in self._files or name.endswith(".html"):
            raise web.HTTPNotFound
        return self.page(request, name)

    def page(self, request: web.Request, name: str, status: int = 200) -> web.Response:
        """One of the files as an answer."""
        body = self._files[name]
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if status == 200 and request.headers.get(hdrs.IF_NONE_MATCH) == etag:
            return web.Response(status=304, headers={**_HEADERS, hdrs.ETAG: etag})
        mime = _TYPES[Path(name).suffix]
        return web.Response(
            body=body, status=status, headers={**_HEADERS, hdrs.ETAG: etag}, content_type=mime, charset="utf-8"
        )
