"""Files in and out of Slack: bytes by id from Slack's own hosts, videos up in three steps that a crash can't double."""

import asyncio
import time
from collections.abc import AsyncIterator
from urllib.parse import urljoin, urlsplit

from adapters.slack.inbound import File
from adapters.slack.teams import AWAY, Teams
from bot.errors import PictureHidden
from bot.messaging import Memory, OutFile, Place
from bot.messaging.failures import PlaceGone, TryLater
from bot.messaging.protocols import Json
from bot.messaging.texts import cut

_CHUNK, _HOPS, _LOOKS, _UPLOADS, _ALT, _TITLE = 256 * 1024, 3, 3, 3, 1_000, 200
_HOSTS, _BYTES = (".slack.com", ".slack-files.com", ".slack-edge.com"), {"Content-Type": "application/octet-stream"}


class Files:
    """Slack's files. The token goes to Slack's own hosts and nowhere else, redirects included."""

    def __init__(self, teams: Teams, memory: Memory, api_url: str) -> None:
        self._teams, self._memory, self._own = teams, memory, urlsplit(api_url).netloc
        self._room = asyncio.Semaphore(_UPLOADS)

    async def read(self, team: str, file: File) -> AsyncIterator[bytes]:
        """A file's bytes. Raises PictureHidden where Slack shows a sign-in page instead: a scope is missing."""
        url = file["url"] or str((await self._info(team, file["id"])).get("url_private_download") or "")
        token = await self._teams.token(team)
        for _ in range(_HOPS):
            headers = {"Authorization": f"Bearer {token}"}
            try:
                async with self._teams.session.get(self.check(url), headers=headers, allow_redirects=False) as answer:
                    if 300 < answer.status < 309:
                        url = urljoin(url, answer.headers.get("Location", ""))
                        continue
                    if answer.status != 200 or answer.content_type == "text/html":
                        raise PictureHidden("files:read")
                    async for chunk in answer.content.iter_chunked(_CHUNK):
                        yield chunk
                    return
            except AWAY as error:
                raise TryLater(type(error).__name__) from error
        raise PlaceGone("too many redirects")

    async def upload(self, place: Place, file: OutFile, *, thread: str | None, key: str, title: str) -> str:
        """Share a video once; its id. A flagged one is stored, and shared with nobody yet.

        After a lost answer the file is asked for by its id before anything is sent again. Slack shares it a while after
        it says so: a file that is there without a share gets that while first.
        """
        row = f"upload:{place.channel}:{key}"
        kept = await self._memory.get(row) or {"file": "", "looks": 0}
        there = await self._info(place.workspace, kept["file"]) if kept["file"] else {}
        if there.get("shares") or (there and file.flagged):
            return str(kept["file"])
        if there and kept["looks"] < _LOOKS:
            await self._memory.put(row, {**kept, "looks": kept["looks"] + 1})
            raise TryLater("the file is being shared")
        if not there:
            async with self._room:
                kept = {"file": await self._sent(place, file), "looks": 0, "done": time.time()}
            await self._memory.put(row, kept)
        await self._teams.call(
            place.workspace, "files.completeUploadExternal", files=[{"id": kept["file"], "title": cut(title, _TITLE)}],
            channel_id=None if file.flagged else place.channel, thread_ts=None if file.flagged else thread,
        )  # fmt: skip
        return str(kept["file"])

    async def show(self, place: Place, ident: str) -> None:
        """Share a stored file: a message with its permanent link does."""
        link = str((await self._info(place.workspace, ident)).get("permalink"))
        await self._teams.call(place.workspace, "chat.postMessage", channel=place.channel, text=f"<{link}|Video>")

    def check(self, url: str) -> str:
        """The address. Raises PlaceGone for one that is neither Slack's nor the configured one."""
        parts = urlsplit(url)
        slack = parts.scheme == "https" and f".{parts.hostname}".endswith(_HOSTS)
        if not slack and parts.netloc != self._own:
            raise PlaceGone("a file outside of Slack")
        return url

    async def _sent(self, place: Place, file: OutFile) -> str:
        ticket = await self._teams.read(
            place.workspace, "files.getUploadURLExternal", filename=file.name, length=str(file.size),
            alt_txt=cut(file.alt, _ALT),
        )  # fmt: skip
        url, headers = self.check(str(ticket["upload_url"])), {"Content-Length": str(file.size), **_BYTES}
        try:
            post = self._teams.session.post(url, data=file.read(), headers=headers, allow_redirects=False)
            async with post as answer:
                if answer.status != 200:
                    raise TryLater(f"the upload answers {answer.status}")
        except AWAY as error:
            raise TryLater(type(error).__name__) from error
        return str(ticket["file_id"])

    async def _info(self, team: str, ident: str) -> Json:
        return dict((await self._teams.maybe(team, "files.info", file=ident)).get("file") or {})
