"""What a provider's file has to say: its routes, its keys, its words for yes and no."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from aiohttp import web

from bot.sandbox.shop import Shop
from bot.sandbox.tasks import Task

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

Problem = Literal["auth", "busy", "balance", "policy", "error_500", "error_502", "error_503", "error_504"]
"""A no that every provider has words for."""

TASK: web.RequestKey[Task] = web.RequestKey("task", Task)
"""Where a handler leaves the task that it sold, for faults that act on the answer."""


@dataclass(frozen=True, slots=True)
class Route:
    """One path below the provider's prefix: which call of a client it is, and whether it needs no key."""

    method: str
    path: str
    call: str
    handler: Handler
    open: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """What an account may do: tasks worked on at a time, submits per minute (None = any number)."""

    places: int
    per_minute: int | None = None


class BadLevel(ValueError):
    """A provider has no such kind of account."""


class Dialect(ABC):
    """One provider's HTTP API. The class is its whole wire; what it sells from is the shop."""

    name: ClassVar[str]
    levels: ClassVar[Mapping[str, Level]]
    """Kinds of account; the first is the usual one."""
    at_root: ClassVar[bool] = False
    """Whether its paths also answer without its prefix, for an SDK that drops the path of its base address."""

    def __init__(self, shop: Shop, level: str = "") -> None:
        self.shop = shop
        chosen = self.levels[level or next(iter(self.levels))]
        shop.open(self.name, chosen.places, chosen.per_minute)

    @classmethod
    def check_level(cls, level: str) -> None:
        """Raises BadLevel for a kind of account that isn't one; an empty one is the usual."""
        if level and level not in cls.levels:
            raise BadLevel(f"{cls.name} has no level {level}; there are {', '.join(cls.levels)}")

    @property
    def base(self) -> str:
        """The address that plays the provider's hosts."""
        return f"{self.shop.base}/{self.name}"

    @abstractmethod
    def routes(self) -> Iterable[Route]:
        """Every path, fixed ones before those with variables."""

    @abstractmethod
    def key_of(self, request: web.Request) -> str:
        """The caller's key; empty if there is none or its scheme is wrong."""

    def refusal(self, request: web.Request) -> web.Response | None:
        """The answer to a call without a good key, None to one that has it. A key that begins with `bad` is not one."""
        key = self.key_of(request)
        return self.problem("auth") if not key or key.startswith("bad") else None

    @abstractmethod
    def problem(self, problem: Problem, retry_after: float | None = None) -> web.Response:
        """The provider's words for a no; `retry_after` in seconds where the answer is to say it."""

    @abstractmethod
    def without_id(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer to a submit with its id left out."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Settings that point klingbot here."""

    @abstractmethod
    def sdk_lines(self) -> dict[str, str]:
        """For each of the provider's SDKs the lines of code that point it here."""


def kept_headers(request: web.Request) -> dict[str, str]:
    """Headers worth a line in the book; never a key."""
    kept = ("content-type", "user-agent", "idempotency-key", "x-organization-id")
    return {
        name.lower(): value
        for name, value in request.headers.items()
        if name.lower() in kept or name.lower().startswith(("x-fal-", "x-client-"))
    }


async def json_object(request: web.Request) -> dict[str, Any] | None:
    """The body as a JSON object; None if it isn't one."""
    try:
        body = await request.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
