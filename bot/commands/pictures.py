"""Pictures that come with an ask: read within limits, judged by their bytes, fitted; stored when the ask goes ahead."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.commands.house import House
from bot.errors import AnswerTooLarge, BadStatus, NetError, PictureRefused
from bot.media.pictures import Fitted, fit
from bot.messaging import Attachment

PICTURE_BYTES = 25_000_000
"""What is read of one picture at most; larger ones are refused, smaller ones are fitted to what Kling takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One usable picture: its bytes as they go to a provider. `changes` is what was done to it."""

    sha256: str
    data: bytes
    mime: str
    width: int
    height: int
    changes: tuple[str, ...]

    @property
    def ref(self) -> str:
        """How a request names it."""
        return f"blob:{self.sha256}"

    @property
    def facts(self) -> dict[str, object]:
        """What the ask's row keeps."""
        return {"sha256": self.sha256, "mime": self.mime, "width": self.width, "height": self.height}


async def take(house: House, attachments: Sequence[Attachment], addresses: Sequence[str]) -> list[Taken]:
    """Every picture of an ask, attachments first, then public addresses; raises PictureRefused, numbered from 1."""
    taken = []
    for number, attachment in enumerate(attachments, start=1):
        taken.append(await _fitted(await _read(attachment, number), number))
    for number, address in enumerate(addresses, start=len(attachments) + 1):
        taken.append(await _fitted(await _fetched(house, address, number), number))
    return taken


async def keep(house: House, taken: Sequence[Taken], *, owner: str) -> None:
    """Store the pictures, before the ask that names them is written."""
    for picture in taken:
        await house.blobs.put_bytes(picture.data, owner=owner)


async def _read(attachment: Attachment, number: int) -> bytes:
    data = bytearray()
    async for chunk in attachment.read():
        data += chunk
        if len(data) > PICTURE_BYTES:
            raise PictureRefused(number, "too_many_bytes", f"more than {PICTURE_BYTES:,}", f"{PICTURE_BYTES:,}")
    return bytes(data)


async def _fetched(house: House, address: str, number: int) -> bytes:
    try:
        return await house.fetch_picture(address)
    except AnswerTooLarge as error:
        raise PictureRefused(number, "too_many_bytes", f"more than {error.limit:,}", f"{error.limit:,}") from error
    except BadStatus as error:
        raise PictureRefused(number, "unreachable", f"it answers {error.status}", address[:200]) from error
    except NetError as error:
        raise PictureRefused(number, "unreachable", getattr(error, "why", ""), address[:200]) from error


async def _fitted(data: bytes, number: int) -> Taken:
    fitted: Fitted = await asyncio.to_thread(fit, data, number)
    return Taken(
        sha256=hashlib.sha256(fitted.data).hexdigest(),
        data=fitted.data,
        mime=fitted.mime,
        width=fitted.width,
        height=fitted.height,
        changes=fitted.changes,
    )
