"""What an open page asks for: history, credits, news; and what it brings: things said and buttons pressed."""

import logging
from collections.abc import Awaitable
from dataclasses import asdict

from aiohttp import web

from adapters.web import inbound, people
from adapters.web.board import Board
from adapters.web.hub import Hub
from adapters.web.inbound import Refused, Said
from adapters.web.messages import Message, is_message_id
from bot.messaging import Reply, Verbs
from bot.messaging.protocols import Json

_log = logging.getLogger(__name__)


class Chat:
    """The handlers. They know what a browser sends and what the house wants, and nothing of either's reasons."""

    def __init__(self, verbs: Verbs, board: Board, hub: Hub) -> None:
        self._verbs = verbs
        self._board = board
        self._hub = hub

    async def hello(self, _request: web.Request) -> web.Response:
        """`GET /web/hello`: who one can be, where one can talk, how much one may send."""
        return web.json_response(
            {
                "people": [asdict(person) for person in people.PEOPLE.values()],
                "channels": [asdict(channel) for channel in people.CHANNELS.values()],
                "limits": {
                    "files": inbound.MOST_FILES,
                    "file_bytes": inbound.MOST_FILE_BYTES,
                    "text": inbound.MOST_TEXT,
                    "thumb": inbound.MOST_THUMB,
                },
            }
        )

    async def history(self, request: web.Request) -> web.Response:
        """`GET /web/history?person&channel[&before]`: some messages, oldest first, and what earlier ones are before."""
        person, channel, before = _person(request), request.query.get("channel", ""), request.query.get("before")
        if not people.sees(person, channel):
            raise Refused("channel")
        if before is not None and not is_message_id(before):
            raise Refused("before")
        messages, earlier = await self._board.page(channel, person, before)
        return web.json_response({"messages": [self._board.show(message) for message in messages], "earlier": earlier})

    async def glance(self, request: web.Request) -> web.Response:
        """`GET /web/glance?person`: that person's credits, as a card."""
        actor = people.actor(_person(request))
        try:
            card = await self._verbs.glance(actor)
        except Exception:
            _log.exception("a glance at credits failed")
            card = self._verbs.sorry()
        return web.json_response({"card": asdict(card)})

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """`GET /web/socket?person`: a WebSocket that tells what happens in all channels."""
        person = _person(request)
        if self._hub.full:
            raise Refused("too_many_pages", 503)
        return await self._hub.serve(request, person)

    async def ask(self, request: web.Request) -> web.Response:
        """`POST /web/ask`: something said."""
        return self._told(*await self.say(await inbound.read_ask(request)))

    async def say(self, said: Said) -> tuple[Message, Message | None]:
        """Put what a person said on the board, hand it to the house, show its answer."""
        form = said.form
        to = await self._visible(form.channel, form.reply_to, form.person) if form.reply_to else None
        message = await self._board.put(
            f"said:{form.person}:{form.key}",
            form.channel,
            thread=to.root if to else None,
            author=form.person,
            nonce=form.key,
            text=form.text.strip(),
            thumbs=tuple(form.thumbs),
        )
        ask = inbound.ask_of(said, message, to.job if to else None)
        return message, await self._answer(ask.key, message, form.person, self._verbs.ask(ask))

    async def press(self, request: web.Request) -> web.Response:
        """`POST /web/press`: hand a pressed button to the house, show its answer."""
        form = inbound.read_press(await inbound.read_body(request))
        message = await self._visible(form.channel, form.message, form.person)
        press = inbound.press_of(form, message)
        return self._told(await self._answer(press.key, message, form.person, self._verbs.press(press)))

    async def _visible(self, channel: str, message: str, person: str) -> Message:
        found = await self._board.get(channel, message)
        if found is None or not found.seen_by(person):
            raise Refused("gone", 404)
        return found

    async def _answer(self, key: str, to: Message, person: str, doing: Awaitable[Reply]) -> Message | None:
        """Show what the house answers; whatever goes wrong in it, the person gets a word."""
        try:
            reply = await doing
        except Exception:
            _log.exception("an ask or a press failed")
            key, reply = f"sorry:{key}", Reply(card=self._verbs.sorry())
        if reply.card is None:
            return None
        edited = await self._board.edit(to.channel, to.id, reply.card) if reply.replaces and to.card else None
        return edited or await self._board.put(
            f"reply:{key}",
            to.channel,
            thread=to.root,
            only_for=person if reply.private else None,
            card=asdict(reply.card),
        )

    def _told(self, *messages: Message | None) -> web.Response:
        shown: list[Json] = [self._board.show(message) for message in messages if message is not None]
        return web.json_response({"messages": shown})


def _person(request: web.Request) -> str:
    person = request.query.get("person", "")
    if person not in people.PEOPLE:
        raise Refused("person")
    return person
