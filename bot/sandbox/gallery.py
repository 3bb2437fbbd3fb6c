"""Pictures that clients hand in: uploads kept under an address; addresses and data URIs become checked pictures."""

import asyncio
import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from PIL import Image

from bot.clock import Clock
from bot.kling.images import KLING_IMAGES

PictureFault = Literal["download", "load", "format", "too_many_bytes", "too_small", "shape"]

_DATA_URI = re.compile(r"data:(?P<type>[\w/.+-]*)(?:;[\w=.+-]+)*;base64,(?P<body>.*)", re.DOTALL)
_ID = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_MOST_PIXELS = 60_000_000


class BadPicture(Exception):
    """A picture that a provider would refuse: why, and its width and height where they are known."""

    def __init__(self, reason: PictureFault, width: int = 0, height: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.width, self.height = reason, width, height


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was checked and kept."""

    sha256: str
    width: int
    height: int


class Gallery:
    """Uploads and pictures in two folders of the sandbox."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._clock = clock
        self.pictures = folder / "pictures"
        self._uploads = folder / "uploads"
        for place in (self.pictures, self._uploads):
            place.mkdir(parents=True, exist_ok=True)

    def new_place(self, name: str) -> tuple[str, str]:
        """An id and a safe name for an upload to come."""
        return self._clock.randbytes(16).hex(), re.sub(r"[^A-Za-z0-9._-]", "_", Path(name).name)[-80:].lstrip(
            "."
        ) or "upload.bin"

    async def keep_upload(self, place: str, name: str, data: bytes) -> None:
        """Keep the bytes of an upload. Raises KeyError for an id or a name that `new_place` can't have given."""
        path = self._uploads / place / name
        if not _ID.fullmatch(place) or not _NAME.fullmatch(name):
            raise KeyError(place)
        path.parent.mkdir(exist_ok=True)
        await asyncio.to_thread(path.write_bytes, data)

    def upload_at(self, address: str) -> Path | None:
        """The file of an upload by its address, any path that ends in `<id>/<name>`; None for anything else."""
        parts = [unquote(part) for part in urlsplit(address).path.split("/")]
        if len(parts) < 2 or not _ID.fullmatch(parts[-2]) or not _NAME.fullmatch(parts[-1]):
            return None
        path = self._uploads / parts[-2] / parts[-1]
        return path if path.is_file() else None

    async def take(self, value: str, formats: tuple[str, ...] = KLING_IMAGES.formats) -> Picture:
        """Check a picture given as the address of an upload or as a data URI, and keep it. Raises BadPicture."""
        return await asyncio.to_thread(self._take, value, formats)

    def _take(self, value: str, formats: tuple[str, ...]) -> Picture:
        data = self._bytes(value)
        width, height = _measure(data, formats)
        digest = hashlib.sha256(data).hexdigest()
        path = self.pictures / digest
        if not path.exists():
            path.write_bytes(data)
        return Picture(digest, width, height)

    def _bytes(self, value: str) -> bytes:
        if value.startswith("data:"):
            return _decoded(value)
        parts = urlsplit(value)
        path = self.upload_at(value) if parts.hostname in ("127.0.0.1", "localhost") else None
        if parts.scheme not in ("http", "https") or path is None:
            raise BadPicture("download")
        return path.read_bytes()

    async def without_bytes(self, value: Any) -> Any:
        """A body as the book shows it: pictures, whether data URIs or uploads of ours, as hash and size."""
        return await asyncio.to_thread(self._without_bytes, value)

    def _without_bytes(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {str(name): self._without_bytes(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._without_bytes(inner) for inner in value]
        if not isinstance(value, str):
            return value
        if value.startswith("data:"):
            try:
                return _fingerprint(_decoded(value))
            except BadPicture:
                return _fingerprint(value.encode()) | {"unreadable": True}
        path = self.upload_at(value) if value.startswith("http") else None
        return value if path is None else {"url": value} | _fingerprint(path.read_bytes())


def _fingerprint(data: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _decoded(value: str) -> bytes:
    found = _DATA_URI.fullmatch(value)
    try:
        return base64.b64decode(found["body"], validate=True) if found else b""
    except binascii.Error as error:
        raise BadPicture("load") from error


def _measure(data: bytes, formats: tuple[str, ...]) -> tuple[int, int]:
    """Width and height of a picture that Kling would take, as it is shown. Raises BadPicture."""
    if len(data) > KLING_IMAGES.max_bytes:
        raise BadPicture("too_many_bytes")
    try:
        width, height = _opened(data, formats)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture("load") from error
    if min(width, height) < KLING_IMAGES.min_side:
        raise BadPicture("too_small", width, height)
    if max(width, height) > KLING_IMAGES.max_shape * min(width, height):
        raise BadPicture("shape", width, height)
    return width, height


def _opened(data: bytes, formats: tuple[str, ...]) -> tuple[int, int]:
    with Image.open(BytesIO(data)) as picture:
        if picture.format not in formats:
            raise BadPicture("format", picture.width, picture.height)
        if picture.width * picture.height > _MOST_PIXELS:
            raise BadPicture("load", picture.width, picture.height)
        picture.load()
        turned = picture.getexif().get(0x0112, 1) >= 5
        return (picture.height, picture.width) if turned else picture.size
