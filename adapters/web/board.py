"""The page's messages: kept in the house's memory, told to open pages."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from adapters.web.hub import Hub
from adapters.web.messages import Link, Message, kept, new_id, of, row_key, row_prefix, shown, shown_card
from bot.messaging import Card, Memory
from bot.messaging.protocols import Json

PAGE = 100
"""Messages read at once."""
MOST = 5_000
"""Messages of one channel that are kept; older ones are forgotten."""
LOOK_EVERY = 256
"""About how many messages are made between two looks at what is too old."""


class Board:
    """Every message of every channel. A message is made once per key; what changes is told at once."""

    def __init__(self, memory: Memory, hub: Hub, link: Link, now: Callable[[], int]) -> None:
        self._memory = memory
        self._hub = hub
        self._link = link
        self._now = now
        self._latest = 0
        self._changing = asyncio.Lock()

    async def put(self, key: str, channel: str, **what: Any) -> Message:
        """Make a message (fields of Message in `what`), unless the key made one already: then answer with that."""
        proposed = {"channel": channel, "id": new_id(self._tick(), key)}
        place = await self._memory.add(f"key/{key}", proposed)
        message = Message(id=place["id"], channel=place["channel"], key=key, **what)
        row = await self._memory.add(row_key(message.channel, message.id), kept(message))
        stands = of(row)
        if not stands.gone:
            self._tell("post", stands)
        if int(message.id[-8:], 16) % LOOK_EVERY == 0:  # ids end in a hash, so restarts don't begin the count anew
            await self._forget_old(channel)
        return stands

    async def get(self, channel: str, message: str) -> Message | None:
        """A message, also one that is gone; None where there never was one."""
        row = await self._memory.get(row_key(channel, message))
        return None if row is None else of(row)

    async def edit(self, channel: str, message: str, card: Card) -> Message | None:
        """Show another card; None where the message is not there any more."""
        return await self._change(channel, message, "edit", card=asdict(card))

    async def remove(self, channel: str, message: str) -> None:
        """Take a message away; gone already is fine."""
        nothing: dict[str, Any] = {"text": "", "thumbs": (), "pictures": (), "card": None, "files": ()}
        await self._change(channel, message, "delete", gone=True, **nothing)

    async def page(self, channel: str, person: str, before: str | None = None) -> tuple[list[Message], str | None]:
        """The newest messages a person sees, with the roots of their threads; and what earlier ones are `before`."""
        after = row_key(channel, before) if before else ""
        rows = [of(row) for _, row in await self._memory.scan(row_prefix(channel), after=after, limit=PAGE)]
        ids = {message.id for message in rows}
        missing = {message.thread for message in rows if message.thread and message.thread not in ids}
        roots = [await self.get(channel, root) for root in sorted(missing)]
        seen = [message for message in (*rows, *roots) if message is not None and message.seen_by(person)]
        return sorted(seen, key=lambda message: message.id), rows[-1].id if len(rows) == PAGE else None

    def show(self, message: Message) -> Json:
        """As a browser gets it."""
        return shown(message, self._link)

    def show_card(self, card: Card) -> Json:
        """A card that stands on no message, as a browser gets it."""
        return shown_card(card, self._link)

    async def _forget_old(self, channel: str) -> None:
        """Let go of what is older than the newest messages, and of their keys."""
        after, seen = "", 0
        while rows := await self._memory.scan(row_prefix(channel), after=after, limit=PAGE):
            for row_at, row in rows[max(0, MOST - seen) :]:
                await self._memory.delete(row_at)
                await self._memory.delete(f"key/{of(row).key}")
            after, seen = rows[-1][0], seen + len(rows)

    async def _change(self, channel: str, message: str, event: str, **what: Any) -> Message | None:
        async with self._changing:
            old = await self.get(channel, message)
            if old is None or old.gone:
                return None
            new = replace(old, version=old.version + 1, **what)
            await self._memory.put(row_key(channel, message), kept(new))
            self._tell(event, new)
            return new

    def _tell(self, event: str, message: Message) -> None:
        self._hub.tell({"type": event, "message": self.show(message)}, message.meant_for)

    def _tick(self) -> int:
        """Now in milliseconds, and never the same twice: what is said later stands below."""
        self._latest = max(self._latest + 1, self._now())
        return self._latest
