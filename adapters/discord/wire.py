"""One call of Discord's REST API through discord.py, with what it says turned into the house's own errors."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import quote

import aiohttp
import discord
from discord.http import HTTPClient, Route

from bot.messaging.failures import FileTooLarge, MessengerError, PlaceGone, TryLater
from bot.messaging.lately import Said
from bot.messaging.texts import cut

_TOO_LARGE, _ARCHIVED, _DEAD_TOKEN = (40005, 50045), 50083, 50027
_WORDS, _LATER, _MUCH_LATER = 200, 5.0, 60.0


class Wire:
    """Discord's REST API, from ids and the token alone. Before the login it says to try later."""

    def __init__(self, http: HTTPClient) -> None:
        self._http = http

    async def call(
        self, method: str, path: str, *, json: object = None, files: Sequence[discord.File] = (), **ids: str
    ) -> Any:
        """The answer's JSON. `ids` fill the path's names in braces. Raises MessengerError's kin."""
        route = Route(method, path, **{name: quote(value, safe="@") for name, value in ids.items()})

        def request() -> Awaitable[Any]:
            for file in files:
                file.reset()
            if files:
                return self._http.request(route, form=_form(json, files), files=files)
            return self._http.request(route) if json is None else self._http.request(route, json=json)

        return await self.said(request)

    async def bytes(self, url: str) -> bytes:
        """What Discord keeps at an address of its own. Raises MessengerError's kin."""
        return await self.said(lambda: self._http.get_from_cdn(url))

    async def said(self, ask: Callable[[], Awaitable[Said]]) -> Said:
        """What Discord says. Raises MessengerError's kin.

        discord.py repeats a call after 429, 500, 502 and 504, but on Linux not after a cut connection. That is done
        once here: whatever is posted has a nonce, or an error of its own for the second time.
        """
        if self._http.token is None:
            raise TryLater("not logged in yet")
        try:
            try:
                return await ask()
            except (aiohttp.ClientError, OSError):
                return await ask()
        except discord.HTTPException as error:
            raise _translated(error) from error
        except (discord.DiscordException, aiohttp.ClientError, OSError, RuntimeError) as error:  # a closed session
            raise TryLater(cut(f"{type(error).__name__}: {error}", _WORDS), after=_LATER) from error
        except ValueError as error:
            raise PlaceGone(f"no id of Discord's: {error}") from error


def _translated(error: discord.HTTPException) -> MessengerError:
    """What a refused call means for the message it was about."""
    words = cut(f"{error.status} {error.code}: {error.text}", _WORDS)
    if error.status == 413 or error.code in _TOO_LARGE:
        return FileTooLarge(words)
    if error.code == _ARCHIVED or error.status == 429 or (error.status == 401 and error.code != _DEAD_TOKEN):
        return TryLater(words, after=_MUCH_LATER)
    return TryLater(words, after=_LATER) if error.status >= 500 else PlaceGone(words)


def _form(json: object, files: Sequence[discord.File]) -> list[dict[str, Any]]:
    """The parts of an upload, as Discord names them (reference, "Uploading Files")."""
    parts = [{"name": f"files[{at}]", "value": one.fp, "filename": one.filename} for at, one in enumerate(files)]
    return [{"name": "payload_json", "value": discord.utils._to_json(json)}, *parts]
