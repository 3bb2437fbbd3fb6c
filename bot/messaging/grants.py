"""What lets the bot into many workspaces: each one's token, sealed at rest, and renewed before it ends."""

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace

from cryptography.fernet import Fernet, InvalidToken

from bot.messaging.protocols import Json, Memory

_RENEW_BEFORE = 7_200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A token, what renews it (empty for one that never ends), for how long it is good, since when it is ours."""

    token: str
    refresh: str = ""
    seconds: float = 0.0
    at: float = 0.0


class Grants:
    """Grants by workspace, under a key made from a secret of the settings.

    `renew` gets a refresh token and answers with the next grant; what it raises ends a look at a token that is over.
    """

    def __init__(
        self,
        memory: Memory,
        secret: str,
        renew: Callable[[str], Awaitable[Grant]],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._memory, self._renew, self._now = memory, renew, now
        key = hashlib.sha256(f"klingbot:{secret}".encode()).digest()
        self._box = Fernet(base64.urlsafe_b64encode(key))
        self._renewing = asyncio.Lock()

    async def token(self, workspace: str) -> str | None:
        """The workspace's token, renewed where it ends soon; None without a grant."""
        grant = await self._load(workspace)
        if grant and self._ends(grant):
            async with self._renewing:
                grant = await self._renewed(workspace, await self._load(workspace) or grant)
        return grant.token if grant else None

    async def keep(self, workspace: str, grant: Grant) -> Grant:
        """Seal a new grant, and keep it."""
        grant = replace(grant, at=self._now())
        await self._memory.put(f"grant:{workspace}", {"sealed": self._sealed(asdict(grant))})
        return grant

    async def forget(self, workspace: str, when: float) -> None:
        """The bot was thrown out then; a grant since stays."""
        grant = await self._load(workspace)
        if grant is None or grant.at <= when + 1:
            await self._memory.delete(f"grant:{workspace}")

    async def _renewed(self, workspace: str, grant: Grant) -> Grant:
        """A new grant, unless somebody has just got one, here or in another process."""
        if not self._ends(grant):
            return grant
        try:
            return await self.keep(workspace, await self._renew(grant.refresh))
        except Exception:
            now = await self._load(workspace) or grant
            if now == grant and now.at + now.seconds < self._now():
                raise
            return now

    def _ends(self, grant: Grant) -> bool:
        return bool(grant.refresh) and grant.at + grant.seconds - self._now() < _RENEW_BEFORE

    def _sealed(self, value: Json) -> str:
        return self._box.encrypt(json.dumps(value).encode()).decode()

    async def _load(self, workspace: str) -> Grant | None:
        """None also for what was sealed with another secret: it is as good as not there."""
        row = await self._memory.get(f"grant:{workspace}")
        try:
            return Grant(**json.loads(self._box.decrypt(str(row["sealed"]).encode()))) if row else None
        except InvalidToken:
            return None
