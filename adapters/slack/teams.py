"""Whose token: one from the settings, or one for each workspace with the app, encrypted at rest and renewed."""

import hmac
import logging
import secrets
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urljoin

import aiohttp
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.settings import SlackSettings
from bot.messaging import Memory
from bot.messaging.failures import FileTooLarge, MessengerError, PlaceGone, TryLater
from bot.messaging.grants import Grant, Grants
from bot.messaging.payloads import mapping
from bot.messaging.protocols import Json

log = logging.getLogger(__name__)

EVENTS, INSTALL, REDIRECT = "/slack/events", "/slack/install", "/slack/oauth_redirect"
SCOPES = (
    "commands", "app_mentions:read", "chat:write", "files:read", "files:write", "im:history", "im:write", "users:read",
    "usergroups:read", "channels:history", "groups:history",
)  # fmt: skip
AWAY = (SlackApiError, aiohttp.ClientError, OSError, TimeoutError)

_COOKIE, _STATE_SECONDS, _WORDS, _AGAIN = "slack_state", 600, 200, "Please start again at /slack/install."
_BUSY, _TOO_LARGE = ("ratelimited", "rate_limited"), ("file_too_large", "storage_limit_reached", "upload_too_large")
_SAID = {one: f"{one} (/invite @Kling)" for one in ("not_in_channel", "channel_not_found")}
_LATER = ("internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org")


class Teams:
    """Clients of the Web API, one for each workspace. A job keeps the workspace's id; the token is looked up here."""

    def __init__(self, settings: SlackSettings, memory: Memory) -> None:
        self._settings, self._memory = settings, memory
        self._bot, self._secret = settings.bot_token.get_secret_value(), settings.client_secret.get_secret_value()
        self.grants = Grants(memory, self._secret or self._bot, self._renew)

    @cached_property
    def session(self) -> aiohttp.ClientSession:
        """Our own session: the SDK's has 30 s for everything, uploads of videos included."""
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, sock_connect=10.0, sock_read=60.0))

    async def close(self) -> None:
        """Give back connections."""
        if "session" in vars(self):
            await self.session.close()

    def client(self, token: str | None = None, *, patient: bool = True) -> AsyncWebClient:
        """A client that sends once, unlike the SDK's own after a cut; a patient one waits out one rate limit."""
        retries: list[Any] = [AsyncRateLimitErrorRetryHandler(max_retry_count=1)] if patient else []
        url = self._settings.api_url
        return AsyncWebClient(token=token, base_url=url, session=self.session, retry_handlers=retries)

    async def token(self, team: str) -> str:
        """The workspace's token, or its organisation's. Raises PlaceGone where the app isn't installed there."""
        if not self._secret:
            return self._bot
        org = str((await self._memory.get(f"org:{team}") or {}).get("org") or team)
        token = await self.grants.token(team) or await self.grants.token(org) or self._bot
        if not token:
            raise PlaceGone("the app is not installed in this workspace")
        return token

    async def belongs(self, team: str, org: str) -> None:
        """Note that a workspace belongs to an organisation with the app; in a shared channel a stranger's is told."""
        if await self._memory.get(f"org:{team}") != {"org": org} and await self.grants.token(org):
            await self._memory.put(f"org:{team}", {"org": org})

    async def call(self, team: str, method: str, **args: Any) -> Json:
        """One call for a workspace; its answer. Raises MessengerError's kin."""
        return await self._call(team, method, json={name: one for name, one in args.items() if one is not None})

    async def read(self, team: str, method: str, **args: str) -> Json:
        """The same for methods that take their arguments in the query: those that read, and those about files."""
        return await self._call(team, method, params=args)

    async def maybe(self, team: str, method: str, **args: str) -> Json:
        """What `read` gives; nothing where Slack says no for good: not there, not in the plan, a scope is missing."""
        try:
            return await self.read(team, method, **args)
        except PlaceGone:
            return {}

    async def _call(self, team: str, method: str, **how: Any) -> Json:
        try:
            client = self.client(await self.token(team), patient="json" in how)
            return dict(mapping((await client.api_call(method, **how)).data))
        except AWAY as error:
            raise translated(error) from error

    async def install(self, _: web.Request) -> web.Response:
        """To Slack's page of consent, with a state that only this browser can show on its way back."""
        state = secrets.token_urlsafe(24)
        query = urlencode({"client_id": self._settings.client_id, "scope": ",".join(SCOPES), "state": state})
        address = urljoin(self._settings.api_url, f"/oauth/v2/authorize?{query}")
        response = web.Response(status=302, headers={"Location": address})
        response.set_cookie(_COOKIE, state, max_age=_STATE_SECONDS, httponly=True, samesite="Lax")
        return response

    async def installed(self, request: web.Request) -> web.Response:
        """Back from there, with a code for the workspace's token."""
        state, shown = request.cookies.get(_COOKIE, ""), request.query.get("state", "")
        if not state or not hmac.compare_digest(state.encode(), shown.encode()):
            return web.Response(status=400, text=f"This link is used up. {_AGAIN}")
        try:
            await self.grants.keep(*await self._granted(code=request.query.get("code", "")))
        except AWAY as error:
            log.warning("an installation failed: %s", word(error))
            return web.Response(status=400, text=f"Slack didn't agree. {_AGAIN}")
        response = web.Response(text="Kling is installed. Invite it to a channel with /invite @Kling.")
        response.del_cookie(_COOKIE)
        return response

    async def _granted(self, **how: str) -> tuple[str, Grant]:
        ids = {"client_id": self._settings.client_id, "client_secret": self._secret}
        told = mapping((await self.client().api_call("oauth.v2.access", data=ids | how)).data)
        team = str(mapping(told.get("team")).get("id") or mapping(told.get("enterprise")).get("id"))
        seconds = float(told.get("expires_in") or 0)
        return team, Grant(token=told["access_token"], refresh=told.get("refresh_token") or "", seconds=seconds)

    async def _renew(self, refresh: str) -> Grant:
        return (await self._granted(grant_type="refresh_token", refresh_token=refresh))[1]


def word(error: BaseException) -> str:
    """What went wrong, in Slack's word where it has one."""
    if not isinstance(error, SlackApiError):
        return f"{type(error).__name__}: {error}"[:_WORDS]
    return str(mapping(error.response.data).get("error") or f"HTTP {error.response.status_code}")[:_WORDS]


def translated(error: BaseException) -> MessengerError:
    """What a failed call means for the message it was about."""
    why = word(error)
    if not isinstance(error, SlackApiError):
        return TryLater(why)
    status, headers = error.response.status_code, error.response.headers
    if status == 429 or why in _BUSY:
        return TryLater(why, after=float(headers.get("Retry-After", 10)))
    if why in _TOO_LARGE:
        return FileTooLarge(why)
    return TryLater(why) if why in _LATER or why.startswith("HTTP") or status >= 500 else PlaceGone(_SAID.get(why, why))
