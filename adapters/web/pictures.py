"""The pictures that people attached, kept so that an answer to one can hand it over again."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from bot.errors import BlobMissing, StoreError
from bot.messaging import Attachment
from bot.messaging.protocols import Json

_OWNER = "page"


class _Stored(Protocol):
    @property
    def sha256(self) -> str: ...


class Files(Protocol):
    """What the page needs of the house's files."""

    async def put_bytes(self, data: bytes, *, owner: str) -> _Stored:
        """Keep bytes; what nothing else needs goes after the days that files are kept."""
        ...

    def stream(self, sha256: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Kept bytes. Raises BlobMissing."""
        ...


async def keep(files: Files, attachments: Sequence[Attachment]) -> tuple[Json, ...]:
    """Keep pictures; what a message says of them. A disk that says no costs the way back to them, not the ask."""
    kept: list[Json] = []
    try:
        for one in attachments:
            data = b"".join([piece async for piece in one.read()])
            stored = await files.put_bytes(data, owner=_OWNER)
            kept.append({"name": one.name, "mime": one.declared_type, "sha256": stored.sha256})
    except StoreError:
        return ()
    return tuple(kept)


async def taken_up(files: Files, pictures: Sequence[Json]) -> tuple[Attachment, ...]:
    """The pictures of a message as attachments again; those that aren't kept any more are left out."""
    return tuple([_attachment(files, one) for one in pictures if await _there(files, one["sha256"])])


async def _there(files: Files, sha256: str) -> bool:
    try:
        async for _ in files.stream(sha256, 0, 1):
            return True
    except BlobMissing:
        return False
    return False


def _attachment(files: Files, picture: Json) -> Attachment:
    return Attachment(name=picture["name"], declared_type=picture["mime"], read=lambda: files.stream(picture["sha256"]))
