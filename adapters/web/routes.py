"""What an open page asks for: history and news; and what it brings: things said and buttons pressed."""

import logging
from collections.abc import Awaitable
from dataclasses import asdict, dataclass

from aiohttp import web

from adapters.web import inbound, people, pictures
from adapters.web.board import Board
from adapters.web.forms import PressForm, Refused, parsed
from adapters.web.hub import Hub
from adapters.web.inbound import Said
from adapters.web.messages import Message, is_message_id
from adapters.web.pictures import Files
from adapters.web.room import Room
from bot.messaging import Card, Form, Reply, Verbs

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an ask or a press: messages made or changed, a form to open, a card that stands on no message."""

    messages: tuple[Message, ...] = ()
    form: Form | None = None
    card: Card | None = None


class Chat:
    """The handlers. They know what a browser sends and what the house wants, and nothing of either's reasons."""

    def __init__(self, verbs: Verbs, board: Board, hub: Hub, files: Files) -> None:
        self._verbs = verbs
        self._board = board
        self._hub = hub
        self._files = files
        self._room = Room()

    async def history(self, request: web.Request) -> web.Response:
        """`GET /web/history?person&channel[&before]`: some messages, oldest first, and what earlier ones are before."""
        person, channel, before = person_of(request), request.query.get("channel", ""), request.query.get("before")
        if not people.sees(person, channel):
            raise Refused("channel")
        if before is not None and not is_message_id(before):
            raise Refused("before")
        messages, earlier = await self._board.page(channel, person, before)
        return web.json_response({"messages": [self._board.show(message) for message in messages], "earlier": earlier})

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """`GET /web/socket?person`: a WebSocket that tells what happens in all channels."""
        person = person_of(request)
        if self._hub.full:
            raise Refused("too_many_pages", 503)
        return await self._hub.serve(request, person)

    async def ask(self, request: web.Request) -> web.Response:
        """`POST /web/ask`: something said."""
        with self._room.share() as share:
            return self.told(await self.say(await inbound.read_ask(request, share)))

    async def say(self, said: Said) -> Answer:
        """Put what a person said on the board, hand it to the house, show its answer."""
        form = said.form
        to = await self.visible(form.channel, form.reply_to, form.person) if form.reply_to else None
        message = await self._board.put(
            f"said:{form.person}:{form.key}",
            form.channel,
            thread=to.root if to else None,
            author=form.person,
            nonce=form.key,
            text=inbound.spoken(form),
            thumbs=tuple(form.thumbs),
            pictures=await pictures.keep(self._files, said.attachments),
        )
        borrowed = await pictures.taken_up(self._files, to.pictures) if to and not said.attachments else ()
        ask = inbound.ask_of(said, message, to.job if to else None, borrowed)
        answer = await self._answer(ask.key, message, form.person, self._verbs.ask(ask))
        return Answer((message, *answer.messages), answer.form)

    async def press(self, request: web.Request) -> web.Response:
        """`POST /web/press`: hand a pressed button to the house, show its answer where the button was."""
        form = parsed(PressForm, await inbound.read_body(request))
        if form.message is None:
            reply, _ = await self.safely(self._verbs.press(inbound.press_of(form, None)))
            return self.told(Answer((), reply.form, None if reply.form else reply.card))
        message = await self.visible(form.channel, form.message, form.person)
        press = inbound.press_of(form, message)
        return self.told(await self._answer(press.key, message, form.person, self._verbs.press(press)))

    async def visible(self, channel: str, message: str, person: str) -> Message:
        """A message that a person sees. Raises Refused."""
        found = await self._board.get(channel, message)
        if found is None or not found.seen_by(person):
            raise Refused("gone", 404)
        return found

    async def safely(self, doing: Awaitable[Reply], key: str = "") -> tuple[Reply, str]:
        """What the house answers, and under which key it is shown; whatever goes wrong in it, the person gets a word.

        The word has a key of its own: the same send again may still come to something.
        """
        try:
            return await doing, f"reply:{key}"
        except Exception:
            _log.exception("an ask or a press failed")
            return Reply(card=self._verbs.sorry()), f"sorry:{key}"

    def told(self, answer: Answer) -> web.Response:
        """An answer as a browser gets it."""
        return web.json_response(
            {
                "messages": [self._board.show(message) for message in answer.messages],
                "form": asdict(answer.form) if answer.form else None,
                "card": self._board.show_card(answer.card) if answer.card else None,
            }
        )

    async def _answer(self, key: str, to: Message, person: str, doing: Awaitable[Reply]) -> Answer:
        """Show what the house answers: a form opens on the page, so the card beside it isn't needed."""
        reply, key = await self.safely(doing, key)
        if reply.form is not None or reply.card is None:
            return Answer((), reply.form)
        replaces = reply.replaces and to.card is not None
        if replaces and (edited := await self._board.edit(to.channel, to.id, reply.card)):
            return Answer((edited,))
        made = await self._board.put(
            key,
            to.channel,
            thread=to.root,
            only_for=person if reply.private else None,
            card=asdict(reply.card),
        )
        return Answer((made,))


def person_of(request: web.Request) -> str:
    """Who asks. Raises Refused for strangers."""
    person = request.query.get("person", "")
    if person not in people.PEOPLE:
        raise Refused("person")
    return person
