"""What an adapter gets from the house: its verbs, a memory and routes."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from bot.messaging.cards import Card
from bot.messaging.forms import Choice, Command
from bot.messaging.inbound import Actor, Ask, Press, Reply

Json = dict[str, Any]


class Verbs(Protocol):
    """What the house does with what people say and press. Every refusal comes back as a card, never as an error."""

    async def ask(self, ask: Ask) -> Reply:
        """Store an ask and answer it. The same `key` again changes nothing."""
        ...

    async def press(self, press: Press) -> Reply:
        """Do what a button says. The same `key` again changes nothing."""
        ...

    async def glance(self, actor: Actor) -> Card:
        """A person's credits now, as rows."""
        ...

    async def preview(self, ask: Ask) -> Card:
        """What an unsent ask would come to: price, provider, each picture's role, or what is wrong with it.

        Reads no file and stores nothing; its attachments count by their number and roles alone.
        """
        ...

    def commands(self) -> tuple[Command, ...]:
        """Every command with its fields, in the order of help: what menus, modals and forms are drawn from."""
        ...

    async def complete(self, actor: Actor, field: str, typed: str) -> tuple[Choice, ...]:
        """Up to 25 values for a field whose choices are open (an effect's scene, one of the person's jobs)."""
        ...

    def sorry(self) -> Card:
        """The card for a mistake of ours, where there is nothing better to say."""
        ...


class Memory(Protocol):
    """JSON by key, kept across restarts. An adapter sees only its own keys."""

    async def get(self, key: str) -> Json | None:
        """The value, or None."""
        ...

    async def put(self, key: str, value: Json) -> None:
        """Set the value."""
        ...

    async def add(self, key: str, value: Json) -> Json:
        """Set the value unless there is one; answers with the value that stands afterwards."""
        ...

    async def delete(self, key: str) -> None:
        """Forget the key; unknown is fine."""
        ...

    async def scan(self, prefix: str, *, after: str = "", limit: int = 1_000) -> list[tuple[str, Json]]:
        """Keys with the prefix and their values, in the order of the keys, those beyond `after` only."""
        ...


class Routes(Protocol):
    """The house's HTTP server, as an adapter sees it."""

    def add(self, method: str, path: str, handler: Callable[[Any], Awaitable[Any]]) -> None:
        """Serve a path (aiohttp's pattern syntax) with an aiohttp handler; called before the server starts."""
        ...

    def link(self, sha256: str, name: str) -> str:
        """A signed path on this server, good for a day, that streams a stored file (with ranges) under a file name."""
        ...

    def local(self, request: Any) -> bool:
        """Whether an aiohttp request comes from this very computer: no proxy between, and sent to a loopback name."""
        ...
