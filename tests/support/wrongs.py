"""What can be wrong: pictures that are none, and how a house stands when somebody asks for too much."""

import struct
import zlib
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.jobs.states import JobState
from bot.messaging.failures import PlaceGone
from tests.support.front import ADA, Front, photo
from tests.support.loopback import piecemeal
from tests.support.media import file_of, halves, noise

Prepare = Callable[[Front], Awaitable[str | None]]
"""Brings a house there; answers with the id of what the wrong word is about, if there is one."""


def bomb() -> bytes:
    """A PNG of 2,500 megapixels by its header, a kilobyte by its data."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + chunk(b"IEND", b"")


def text_file() -> bytes:
    return b"Shopping list: eggs, milk, a fox.\n" * 20


def web_page() -> bytes:
    return b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"


def heic() -> bytes:
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(1_000)


def torn() -> bytes:
    return photo()[:20_000]


def small() -> bytes:
    return file_of(noise(200, 200))


def thread() -> bytes:
    return file_of(halves(1, 3_000), "PNG")


def banner() -> bytes:
    return file_of(halves(1_200, 300))


def enormous() -> bytes:
    return bytes(26_000_000)


def limited(credits: int) -> Prepare:
    """A limit that no approver lifts: the channel's."""

    async def prepare(house: Front) -> None:
        await house.says(f"quota set <#general> {credits}/month", by=ADA)

    return prepare


async def nothing_left(house: Front) -> None:
    await limited(56)(house)
    await house.orders()


async def bens_job(house: Front) -> str:
    return await house.orders()


async def bens_question(house: Front) -> str:
    return await house.asked()


async def bens_lost_job(house: Front) -> str:
    job = await house.orders()
    await house.lost(job)
    return job


async def bens_finished_job(house: Front) -> str:
    job = await house.orders()
    await house.says("cancel")
    await house.desk.until_state(job, JobState.CANCELLED)
    await house.desk.settle()
    return job


async def dropped(house: Front) -> str:
    ask = await house.asked()
    await house.presses(f"drop:{ask}")
    return ask


async def expired(house: Front) -> str:
    ask = await house.asked()
    house.desk.clock.advance(24 * 3600 + 1)
    await house.sweeps()
    return ask


async def question_then_a_lower_limit(house: Front) -> str:
    ask = await house.asked()
    await limited(100)(house)
    return ask


async def picture_gone(house: Front) -> str:
    job = await house.orders("animate she waves", photo())
    (picture,) = await house.rows("SELECT sha256 FROM blob")
    await house.house.blobs.delete(picture["sha256"])
    return job


async def elsewhere(house: Front) -> str:
    await house.says("quota topup 100", by=ADA, team="other")
    return await house.orders(team="other")


async def asked_elsewhere(house: Front) -> str:
    await house.says("quota topup 200", by=ADA, team="other")
    return await house.asked(team="other")


async def closed(house: Front) -> None:
    house.desk.messenger.can_post = False


async def closes(house: Front) -> None:
    house.desk.messenger.post_failures = [PlaceGone("not_in_channel")]


async def no_storage(house: Front) -> None:
    await house.storage(there=False)


async def no_disk(house: Front) -> None:
    (house.folder / "blobs").write_bytes(b"")


def leads_to(address: str) -> Prepare:
    async def prepare(house: Front) -> None:
        target = address.format(port=house.web.url.rpartition(":")[2])
        house.web.answers["GET /fox.jpg"] = web.Response(status=302, headers={"Location": target})

    return prepare


async def no_end_of_it(house: Front) -> None:
    house.web.answers["GET /fox.jpg"] = piecemeal(b"\xff\xd8\xff", declared=30_000_000)


async def a_page_there(house: Front) -> None:
    house.web.answers["GET /fox.jpg"] = web.Response(body=web_page(), content_type="image/jpeg")
