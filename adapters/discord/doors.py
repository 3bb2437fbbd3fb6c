"""How Discord comes in: every interaction and message is acknowledged in time, asked of the house, and answered."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

from adapters.discord import inbound, looks, registry
from adapters.discord.looks import Json
from adapters.discord.outbound import DiscordMessenger
from adapters.discord.settings import DiscordSettings
from adapters.discord.wire import Wire
from bot.errors import PictureHidden
from bot.messaging import Ask, Button, Card, Form, Memory, Press, Reply, Verbs
from bot.messaging.failures import MessengerError, PlaceGone
from bot.messaging.payloads import Payload, ident, mapping

log = logging.getLogger(__name__)

PICKED = "picked:"
"""In front of the keys of what is kept for a day: the pictures of messages that a form was opened on."""
_SAY, _DEFER, _DEFER_UPDATE, _CHOICES, _OPEN = 4, 5, 6, 8, 9
_MESSAGE_MENU, _ACKNOWLEDGED = 3, 40060
_FORM_WITHIN, _MOST_PICTURES, _AT_ONCE = 2.0, 4, 64
_CALLBACK = "/interactions/{interaction_id}/{webhook_token}/callback"
_WEBHOOK = "/webhooks/{app}/{webhook_token}"
_ORIGINAL = f"{_WEBHOOK}/messages/@original"
_CDN = ("cdn.discordapp.com", "media.discordapp.net")


class Doors:
    """Every way in. `app` is the bot's own id."""

    def __init__(
        self, verbs: Verbs, messenger: DiscordMessenger, wire: Wire, memory: Memory, settings: DiscordSettings
    ) -> None:
        self._verbs, self._messenger, self._wire, self._memory = verbs, messenger, wire, memory
        self._hosts = frozenset((*_CDN, urlsplit(settings.api_url).hostname))
        self._sees_content = settings.message_content
        self._menu = registry.table(verbs.commands())
        self._room = asyncio.Semaphore(_AT_ONCE)
        self.app = ""

    async def heard(self, payload: Payload) -> None:
        """An interaction or an ordinary message, whole. What comes too late is dropped: it has cost nothing."""
        try:
            await (self._interaction(payload) if "token" in payload else self._message(payload))
        except MessengerError as error:
            log.info("something heard went unanswered: %s", error.why)
        except Exception:
            log.exception("something heard in Discord broke")

    async def _interaction(self, payload: Payload) -> None:
        data = mapping(payload.get("data"))
        match payload.get("type"):
            case 2 if data.get("type") == _MESSAGE_MENU:
                await self._picked(payload, *inbound.picked(payload, self._bytes))
            case 2:
                await self._asked(payload, inbound.slash(payload, self._menu, self._bytes))
            case 3:
                await self._pressed(payload, ident(data.get("custom_id")))
            case 4:
                await self._typing(payload, inbound.origin(payload))
            case 5:
                await self._submitted(payload)

    async def _message(self, payload: Payload) -> None:
        """Most messages are none of our business."""
        ask = inbound.mention(payload, self.app, self._bytes, sees_content=self._sees_content)
        reply = await self._verbs.ask(ask) if ask else Reply()
        if ask and reply.card is not None:
            await self._messenger.post(ask.place, reply.card, key=f"r{ask.key}", reply_to=ask.key)

    async def _asked(self, payload: Payload, ask: Ask | None) -> None:
        """Acknowledge privately, ask, and show what there is to say where the acknowledgement stood."""
        await self._answer(payload, _DEFER, {"flags": looks.PRIVATE})
        async with self._room:  # what is new is acknowledged before more is begun
            reply = Reply(card=self._verbs.sorry()) if ask is None else await self._verbs.ask(await self._near(ask))
        shown = looks.message(reply.card) if reply.card else None
        await self._say("PATCH" if shown else "DELETE", _ORIGINAL, payload, shown)

    async def _pressed(self, payload: Payload, custom_id: str) -> None:
        """A button: some ask first, some open a form, which has to be the first answer."""
        if custom_id.startswith(looks.SURE):
            label = inbound.buttons(mapping(payload.get("message"))).get(custom_id, "")
            yes = Button(label="Yes", action=f"{looks.YES}{custom_id[1:]}", style="primary")
            await self._answer(payload, _SAY, looks.private(Card(title=f"{label}?", buttons=(yes,))))
        elif custom_id.startswith(looks.OPENS):
            await self._opened(payload, custom_id)
        else:
            await self._done(payload, custom_id, {})

    async def _opened(self, payload: Payload, custom_id: str) -> None:
        """The house gets two seconds for the form."""
        reply = Reply()
        with suppress(TimeoutError):
            async with asyncio.timeout(_FORM_WITHIN):
                reply = await self._press(payload, custom_id, {})
        if reply.form is not None:
            await self._answer(payload, _OPEN, looks.modal(reply.form))
        else:
            await self._answer(payload, _SAY, looks.private(reply.card or self._verbs.sorry()))

    async def _done(self, payload: Payload, action: str, choices: Mapping[str, str]) -> None:
        """Acknowledge a press, do it, and show the answer in the place of its message or beside it."""
        await self._answer(payload, _DEFER_UPDATE, {})
        reply = await self._press(payload, action, choices)
        if reply.card is not None and (reply.replaces or action.startswith(looks.YES)):
            await self._say("PATCH", _ORIGINAL, payload, looks.message(reply.card))
        elif reply.card is not None:
            await self._say("POST", _WEBHOOK, payload, looks.private(reply.card))

    async def _picked(self, payload: Payload, ask: Ask, told: list[Payload]) -> None:
        """Animate with Kling: a form over the pictures of somebody's message; without any, the house says so."""
        if not 0 < len(ask.attachments) <= _MOST_PICTURES:
            await self._asked(payload, ask)
            return
        await self._memory.put(f"{PICKED}{ask.key}", {"attachments": told, "done": time.time()})
        fields = tuple(dict.fromkeys(self._menu[ask.verb].values()))
        form = Form(title=registry.ANIMATE, fields=fields, submit="", verb=ask.verb, about=ask.about)
        await self._answer(payload, _OPEN, looks.modal(form, target=ask.key, pictures=False))

    async def _submitted(self, payload: Payload) -> None:
        action, ask, target = inbound.submitted(payload, self._bytes)
        if target and (kept := await self._memory.get(f"{PICKED}{target}")):
            ask = replace(ask, attachments=(*inbound.attached(kept, self._bytes), *ask.attachments))
        await (self._done(payload, action, ask.choices) if action else self._asked(payload, ask))

    async def _typing(self, payload: Payload, ask: Ask) -> None:
        typed = inbound.focused(payload, self._menu)
        found = await self._verbs.complete(ask.actor, *typed) if typed else ()
        choices = [{"name": one.label[:100], "value": one.value[:100]} for one in found[:25] if one.value]
        await self._answer(payload, _CHOICES, {"choices": choices})

    async def _press(self, payload: Payload, action: str, choices: Mapping[str, str]) -> Reply:
        ask, action = await self._near(inbound.origin(payload)), action.lstrip(inbound.MARKS)
        pressed = Press(key=ask.key, actor=ask.actor, place=ask.place, action=action, choices=choices)
        return await self._verbs.press(pressed)

    async def _near(self, ask: Ask) -> Ask:
        """Where the bot can post: from a server that it isn't in, the person's direct messages."""
        return replace(ask, place=await self._messenger.direct(ask.actor)) if ask.apart else ask

    async def _answer(self, payload: Payload, kind: int, data: Json) -> None:
        """The first answer. One that was heard although its own answer got lost counts as given."""
        interaction, token, body = ident(payload.get("id")), ident(payload.get("token")), {"type": kind, "data": data}
        try:
            await self._wire.call("POST", _CALLBACK, json=body, interaction_id=interaction, webhook_token=token)
        except MessengerError as error:
            if getattr(error.__cause__, "code", 0) != _ACKNOWLEDGED:
                raise

    async def _say(self, method: str, path: str, payload: Payload, message: Json | None = None) -> None:
        """Say more, by a token that lives for 15 minutes; when it is dead, it matters to nobody."""
        await self._wire.call(method, path, json=message, app=self.app, webhook_token=ident(payload.get("token")))

    async def _bytes(self, url: str) -> AsyncIterator[bytes]:
        """A file's bytes, from Discord's own hosts and nowhere else."""
        if not url:
            raise PictureHidden(registry.ANIMATE)
        if urlsplit(url).hostname not in self._hosts:
            raise PlaceGone("a file outside of Discord")
        yield await self._wire.bytes(url)
