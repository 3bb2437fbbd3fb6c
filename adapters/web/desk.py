"""What a page looks up while somebody writes, and what it asks beside the chat: prices, choices, credits, faults."""

import logging
from dataclasses import asdict

from aiohttp import web

from adapters.web import forms, inbound, people
from adapters.web.board import Board
from adapters.web.forms import AsideForm, Refused, SwitchForm, Wish, parsed
from adapters.web.routes import Answer, Chat, person_of
from bot.messaging import Card, Choice, Switches, Verbs

_log = logging.getLogger(__name__)


class Desk:
    """The handlers of everything that leaves no message behind."""

    def __init__(self, chat: Chat, verbs: Verbs, board: Board, switches: Switches | None) -> None:
        self._chat = chat
        self._verbs = verbs
        self._board = board
        self._switches = switches

    async def hello(self, _request: web.Request) -> web.Response:
        """`GET /web/hello`: who one can be, where one can talk, what can be asked for, how much one may send."""
        return web.json_response(
            {
                "people": [asdict(person) for person in people.PEOPLE.values()],
                "channels": [asdict(channel) for channel in people.CHANNELS.values()],
                "commands": [asdict(command) for command in self._verbs.commands()],
                "switches": self._switches is not None,
                "limits": {
                    "files": forms.MOST_FILES,
                    "file_bytes": inbound.MOST_FILE_BYTES,
                    "text": forms.MOST_TEXT,
                    "thumb": forms.MOST_THUMB,
                },
            }
        )

    async def glance(self, request: web.Request) -> web.Response:
        """`GET /web/glance?person`: that person's credits, as a card."""
        actor = people.actor(person_of(request))
        try:
            card = await self._verbs.glance(actor)
        except Exception:
            _log.exception("a glance at credits failed")
            card = self._verbs.sorry()
        return self._card(card)

    async def preview(self, request: web.Request) -> web.Response:
        """`POST /web/preview`: what the unsent would come to, as a card. Of pictures only the roles are sent."""
        wish = parsed(Wish, await inbound.read_body(request))
        to = await self._chat.visible(wish.channel, wish.reply_to, wish.person) if wish.reply_to else None
        try:
            card = await self._verbs.preview(inbound.draft_of(wish, to))
        except Exception:
            _log.exception("a preview failed")
            card = self._verbs.sorry()
        return self._card(card)

    async def complete(self, request: web.Request) -> web.Response:
        """`GET /web/complete?person&field&typed`: choices for a field of which not all are listed."""
        actor = people.actor(person_of(request))
        field, typed = request.query.get("field", ""), request.query.get("typed", "")
        choices: tuple[Choice, ...] = ()
        try:
            choices = await self._verbs.complete(actor, field[: forms.MOST_TYPED], typed[: forms.MOST_TYPED])
        except Exception:
            _log.exception("a completion failed")
        return web.json_response({"choices": [asdict(choice) for choice in choices]})

    async def aside(self, request: web.Request) -> web.Response:
        """`POST /web/aside`: an ask that is answered in place, with a card or a form, and said to nobody."""
        form = parsed(AsideForm, await inbound.read_body(request))
        reply, _ = await self._chat.safely(self._verbs.ask(inbound.aside_of(form)))
        return self._chat.told(Answer((), reply.form, None if reply.form else reply.card))

    async def switches(self, request: web.Request) -> web.Response:
        """`GET /web/switches?person[&place]`: the faults that can be switched, for an administrator of a demo."""
        switches = self._switches_for(person_of(request))
        return web.json_response(_listed(switches, request.query.get("place", "")))

    async def switch(self, request: web.Request) -> web.Response:
        """`POST /web/switches`: switch one, or all of them off."""
        form = parsed(SwitchForm, await inbound.read_body(request))
        switches = self._switches_for(form.person)
        if form.name is None:
            switches.clear()
        else:
            switches.turn(form.name, form.mode, form.place)
        return web.json_response(_listed(switches, form.place))

    def _switches_for(self, person: str) -> Switches:
        if self._switches is None or not people.PEOPLE[person].admin:
            raise Refused("no_switches", 404)
        return self._switches

    def _card(self, card: Card) -> web.Response:
        return web.json_response({"card": self._board.show_card(card)})


def _listed(switches: Switches, place: str) -> dict[str, object]:
    places = switches.places()
    if place not in [choice.value for choice in places]:
        place = places[0].value
    return {
        "places": [asdict(choice) for choice in places],
        "place": place,
        "switches": [asdict(switch) for switch in switches.listed(place)],
    }
