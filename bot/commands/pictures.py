"""Pictures that come with an ask: read within limits, judged by their bytes, fitted; stored when the ask goes ahead."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.commands.house import House
from bot.errors import AnswerTooLarge, BadStatus, BlobMissing, NetError, NotFound, PictureRefused
from bot.jobs.views import JobView
from bot.kling.images import KLING_IMAGES, ImageRules, Mend, strictest
from bot.media import videos
from bot.media.pictures import fit
from bot.media.pool import in_pool
from bot.messaging import Attachment
from bot.store.scripts import one

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
        known: dict[str, object] = {
            "sha256": self.sha256, "mime": self.mime, "width": self.width, "height": self.height,
        }  # fmt: skip
        return {**known, "changes": list(self.changes)} if self.changes else known


async def take(
    house: House, attachments: Sequence[Attachment], addresses: Sequence[str], mend: Mend | None = None
) -> list[Taken]:
    """Every picture of an ask, attachments first, then public addresses; raises PictureRefused, numbered from 1.

    They are made to fit every offer that is on, whichever is chosen later. `mend` is for those of a bad shape.
    """
    rules = strictest(offer.images for offer in house.offers.values() if offer.provider in house.providers)
    taken = []
    for number, attachment in enumerate(attachments, start=1):
        taken.append(await _fitted(await _read(attachment, number), number, rules, mend))
    for number, address in enumerate(addresses, start=len(attachments) + 1):
        taken.append(await _fitted(await _fetched(house, address, number), number, rules, mend))
    return taken


async def stored(house: House, view: JobView) -> list[Taken]:
    """The pictures of an earlier job; raises NotFound when they are no longer stored."""
    row = one(await house.database.read("SELECT pictures FROM ask WHERE id = :id", {"id": view.ask}))
    try:
        return [
            Taken(**{**facts, "changes": ()}, data=await house.blobs.read(facts["sha256"]))
            for facts in json.loads(row["pictures"])
        ]
    except BlobMissing:
        raise NotFound("picture", view.id) from None


async def last_frame(house: House, view: JobView) -> Taken:
    """The picture that a finished video ends with. Raises NotFound when the video is no longer stored."""
    try:
        with house.blobs.open(str(view.video)) as file:
            data = await in_pool(videos.last_frame, file)
    except BlobMissing:
        raise NotFound("video", view.id) from None
    return replace(await _fitted(data, 1), changes=())


def imagined(count: int) -> list[Taken]:
    """Pictures that nobody has sent yet, told apart by their numbers: enough for a price."""
    return [
        Taken(sha256=f"{number:064x}", data=b"", mime="", width=0, height=0, changes=())
        for number in range(1, count + 1)
    ]


async def keep(house: House, taken: Sequence[Taken], *, owner: str) -> None:
    """Store the pictures, before the ask that names them is written."""
    for picture in taken:
        await house.blobs.put_bytes(picture.data, owner=owner)


async def _read(attachment: Attachment, number: int) -> bytes:
    data = bytearray()
    if attachment.size > PICTURE_BYTES:
        raise PictureRefused(number, "too_many_bytes", f"{attachment.size:,}", f"{PICTURE_BYTES:,}")
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


async def _fitted(data: bytes, number: int, rules: ImageRules = KLING_IMAGES, mend: Mend | None = None) -> Taken:
    fitted = await in_pool(fit, data, number, rules, mend)
    return Taken(
        sha256=hashlib.sha256(fitted.data).hexdigest(),
        data=fitted.data,
        mime=fitted.mime,
        width=fitted.width,
        height=fitted.height,
        changes=fitted.changes,
    )
