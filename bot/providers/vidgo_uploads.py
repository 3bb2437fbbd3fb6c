"""Pictures on their way to Vidgo, which takes addresses only, keeps uploads for 72 hours and allows five a minute."""

import asyncio
from collections import deque

from bot.clock import Clock
from bot.errors import CheckFailed, SubmitRefused
from bot.net.answer import dig
from bot.providers.base import PictureFile
from bot.providers.wire import UPLOAD_SECONDS, Api, picture_name, read_picture, web_address

PER_MINUTE = 5
"""Uploads that a key may make in a minute, whichever way; more are answered with 429."""

KEPT_MS = 71 * 3_600_000
"""How long an address is used again: an hour less than Vidgo keeps the file, for the task that is about to read it."""

_MINUTE_MS = 60_000
_MOST_KEPT = 1_000


class Uploads:
    """Uploads each picture once as long as its address lives, and no more than five in a minute."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api, self._clock = api, clock
        self._addresses: dict[str, tuple[str, int]] = {}
        self._begun: deque[int] = deque(maxlen=PER_MINUTE)
        self._one_by_one = asyncio.Lock()

    async def address(self, picture: PictureFile) -> str:
        """Where Vidgo finds the picture. Raises CheckFailed where it has to wait, SubmitRefused for our key's fault."""
        async with self._one_by_one:
            now = self._clock.now()
            known, since = self._addresses.get(picture.sha256, ("", 0))
            if known and now - since < KEPT_MS:
                return known
            self._wait_for_room(now)
            address = await self._upload(picture)
            self._keep(picture.sha256, address, now)
            return address

    def _wait_for_room(self, now: int) -> None:
        """Raises CheckFailed while five uploads lie within the last minute."""
        if self._begun and self._begun[-1] > now:  # the clock was set back
            self._begun.clear()
        free_at = self._begun[0] + _MINUTE_MS if len(self._begun) == PER_MINUTE else now
        if free_at > now:
            raise CheckFailed(self._api.provider, "busy", "five uploads a minute", None, (free_at - now) / 1000)
        self._begun.append(now)

    async def _upload(self, picture: PictureFile) -> str:
        data = await read_picture(picture)
        files = {"file": (picture_name(picture), data, picture.mime)}
        url = self._api.url("api/common/upload/stream")
        answer = await self._api.ask("POST", url, files=files, within=UPLOAD_SECONDS)
        said = self._api.complaint(answer)
        stored = dig(answer.json(), "data")
        address = web_address(dig(stored, "file_url")) or web_address(dig(stored, "download_url"))
        if answer.ok and address:
            return address
        if said.reason in ("auth", "balance", "policy", "invalid"):
            raise SubmitRefused(self._api.provider, said.reason, said.detail, answer.status)
        if said.reason == "busy":
            wait = answer.retry_after if answer.retry_after is not None else _MINUTE_MS / 1000 / PER_MINUTE
            raise CheckFailed(self._api.provider, said.reason, said.detail, answer.status, wait)
        self._api.expect(answer)
        raise self._api.puzzled("no address of the upload", answer)

    def _keep(self, sha256: str, address: str, now: int) -> None:
        self._addresses[sha256] = (address, now)
        while len(self._addresses) > _MOST_KEPT:
            del self._addresses[next(iter(self._addresses))]
