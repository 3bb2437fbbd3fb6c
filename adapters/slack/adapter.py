"""Slack as a whole: what the composition root makes and runs. Bolt's listeners and both transports."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import inbound
from adapters.slack.doors import Doors
from adapters.slack.files import Files
from adapters.slack.inbound import Heard
from adapters.slack.outbound import SlackMessenger
from adapters.slack.settings import SlackSettings
from adapters.slack.teams import AWAY, EVENTS, INSTALL, REDIRECT, Teams, word
from bot.errors import PlatformRefused
from bot.messaging import Memory, Routes, Verbs
from bot.messaging.failures import MessengerError
from bot.messaging.inbox import Inbox

log = logging.getLogger(__name__)

_ALL = re.compile(r"[\s\S]*")
_SOCKETS, _BEAT, _WRONG = 3, 5.0, 150
_REFUSED = ("invalid_auth", "not_authed", "not_allowed_token_type", "account_inactive", "token_revoked")


class SlackAdapter:
    """One Slack app, in one workspace or many."""

    name = "slack"

    def __init__(self, settings: SlackSettings, memory: Memory) -> None:
        self._settings, self._memory = settings, memory
        self._secret = settings.signing_secret.get_secret_value()
        self._teams = Teams(settings, memory)
        self._files = Files(self._teams, memory, settings.api_url)
        self.messenger = SlackMessenger(self._teams, self._files, memory)

    def open(self, verbs: Verbs, routes: Routes) -> None:
        """Connect the ways in to the house; called before the server starts."""
        self._doors = Doors(verbs, self.messenger, self._teams, self._files)
        self._inbox = Inbox(self._memory, self._doors.handle, also=("post:", "upload:"))
        self._app = self._listening()
        if self._secret:
            routes.add("POST", EVENTS, self._posted)
        if self._settings.client_id:
            routes.add("GET", INSTALL, self._teams.install)
            routes.add("GET", REDIRECT, self._teams.installed)

    async def run(self, beat: Callable[[str], None]) -> None:
        """Stay connected until cancelled. Raises PlatformRefused where Slack doesn't know a token."""
        token = self._settings.app_token.get_secret_value()
        sockets: list[Any] = [AsyncSocketModeHandler(self._app, token).client for _ in range(_SOCKETS if token else 0)]
        try:
            await self._inbox.resume()
            await self._connect(sockets)
            while True:
                if not sockets or any([await one.is_connected() for one in sockets]):
                    beat(self.name)
                await asyncio.sleep(_BEAT)
        finally:
            for one in sockets:
                await one.close()
            await self._inbox.stop()
            await self._teams.close()

    async def _connect(self, sockets: Sequence[Any]) -> None:
        for one in sockets:
            while not await one.is_connected():
                try:
                    await one.connect()
                except AWAY as error:
                    if word(error) in _REFUSED:
                        raise PlatformRefused(self.name, "token") from error
                    log.warning("Slack can't be reached, trying again: %s", word(error))
                    await asyncio.sleep(_BEAT)

    def _listening(self) -> AsyncApp:
        """Bolt with a listener for everything. Acknowledged when stored, not before: `process_before_response`."""
        app = AsyncApp(
            client=AsyncWebClient(base_url=self._settings.api_url), process_before_response=True,
            authorize=lambda team_id, enterprise_id: self._authorized(team_id, enterprise_id),  # no bound methods here
            signing_secret=self._secret or None, request_verification_enabled=bool(self._secret),
        )  # fmt: skip
        app.command(_ALL)(self._hears(inbound.command))
        app.shortcut(_ALL)(self._hears(inbound.shortcut))
        app.action(_ALL)(self._hears(inbound.pressed))
        app.view(_ALL)(self._view)
        app.event(_ALL)(self._hears(inbound.event))
        return app

    async def _authorized(self, team_id: str | None, enterprise_id: str | None) -> Any:
        """Whose token Bolt may use; None where the app isn't installed, which Bolt acknowledges all the same."""
        try:
            if team_id and enterprise_id:
                await self._teams.belongs(team_id, enterprise_id)
            token = await self._teams.token(team_id or enterprise_id or "")
        except (MessengerError, *AWAY):
            return None
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    async def _take(self, heard: Heard | None) -> None:
        if heard:
            told = {name: getattr(heard, name) for name in heard.__slots__}  # asdict would copy it all
            await self._inbox.take(heard.key, told, fleeting=("trigger", "answer"))

    def _hears(self, parse: Callable[[dict[str, Any]], Heard | None]) -> Callable[..., Awaitable[None]]:
        async def hear(ack: Any, body: dict[str, Any]) -> None:
            heard = parse(body)
            bare = heard and heard.kind == "ask" and heard.trigger and not heard.text  # `/kling` alone, a shortcut
            await (self._doors.menu(heard) if heard and bare else self._take(heard))
            await ack()

        return hear

    async def _view(self, ack: Any, body: dict[str, Any]) -> None:
        """A sent form; what is wrong with it stands at the field that it is about, else at the first one."""
        heard = inbound.submitted(body)
        if heard and (wrong := await self._doors.wrong(heard)):
            inputs = [one["block_id"] for one in body["view"]["blocks"] if one.get("type") == "input"]
            at = wrong.field if wrong.field in inputs else inputs[0]
            await ack(response_action="errors", errors={at: (wrong.text or wrong.title)[:_WRONG]})
        else:
            await self._take(heard)
            await ack()

    async def _posted(self, request: web.Request) -> web.Response:
        return await to_aiohttp_response(await self._app.async_dispatch(await to_bolt_request(request)))
