"""The front door of the core: every ask and every press comes in here, finds its verb, and leaves as a card."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from bot.commands import forms, wording
from bot.commands.completing import Completing
from bot.commands.filled import line
from bot.commands.homing import Homing
from bot.commands.house import House, Who
from bot.commands.looking import Looking
from bot.commands.making import PAID, Making
from bot.commands.people import who_is
from bot.commands.previewing import Previewing
from bot.commands.ruling import Ruling
from bot.commands.supplying import Supplying
from bot.commands.team.approvals import Approvals
from bot.commands.team.approving import Approving
from bot.commands.team.records import press_forget
from bot.commands.team.rules import press_reveal
from bot.commands.typed import Typed
from bot.commands.words import OF_APPROVALS, VERBS
from bot.errors import (
    BadValue,
    Conflict,
    KlingbotError,
    Missing,
    NoOffer,
    NotAllowed,
    NotFound,
    OverBudget,
    PictureRefused,
    Refusal,
    StoreError,
    UnknownWord,
    WhichWorkspace,
)
from bot.messaging import Actor, Ask, Button, Card, Choice, Command, Form, Press, Reply

log = logging.getLogger(__name__)

Verb = Callable[[Ask, Typed, Who], Awaitable[Reply]]
Pressed = Callable[[Press, str, Who], Awaitable[Reply]]


class Commands:
    """The verbs and buttons, for every adapter alike. Never raises: what goes wrong is a card as well."""

    def __init__(self, house: House) -> None:
        self._house = house
        making, looking, ruling = Making(house), Looking(house), Ruling(house)
        supplying = Supplying(house)
        self._making, self._completing, self._previewing = making, Completing(house), Previewing(house, making)
        self._homing = Homing(house)
        approving = Approving(house)
        approvals = Approvals(house, approving)
        self._verbs: Mapping[str | None, Verb] = {
            None: making.order,
            "video": making.order,
            "animate": making.order,
            "elements": making.order,
            "effect": making.order,
            "extend": making.order,
            "cost": making.order,
            "again": making.order,
            "status": looking.status,
            "show": looking.show,
            "credits": ruling.word,
            "approvals": approvals.word,
            "help": looking.help,
            "cancel": ruling.cancel,
            "quota": ruling.word,
            "jobs": ruling.jobs,
            "resolve": ruling.resolve,
            "providers": supplying.providers,
        }
        self._buttons: Mapping[str, Pressed] = {
            "confirm": making.confirm,
            "drop": making.drop,
            "pick": making.pick,
            "swap": making.swap,
            "enhance": making.press_enhance,
            "withdraw": approving.withdraw,
            "approve": approving.approve,
            "approve-once": approving.approve_once,
            "deny": approving.deny,
            "try": making.press_try,
            "again": making.press_again,
            "edit": making.press_edit,
            "pro": making.press_pro,
            "extend": making.press_extend,
            "receipt": looking.receipt,
            "reveal": partial(press_reveal, house),
            "forget": partial(press_forget, house),
            "cancel": ruling.press_cancel,
            "delete": ruling.press_delete,
            "go": self._press_go,
            "home": self._press_home,
            "resolve-charge": ruling.press_charge,
            "resolve-release": ruling.press_release,
        }

    async def ask(self, ask: Ask) -> Reply:
        """What a person typed, with its pictures; the same key twice does it once."""
        reply = await self._answered(lambda: self._ask(ask))
        return replace(reply, card=wording.apart()) if ask.apart and reply.card is None else reply

    async def press(self, press: Press) -> Reply:
        """A pressed button, also one of a message from before a restart."""
        return await self._answered(lambda: self._press(press))

    async def glance(self, actor: Actor) -> Card:
        """The person's credits in a few rows, for places that show them all the time."""
        reply = await self._answered(lambda: self._glance(actor))
        return reply.card or self.sorry()

    async def preview(self, ask: Ask) -> Card:
        """What an unsent ask would come to; no file is read and nothing stored."""
        reply = await self._answered(lambda: self._preview(ask))
        return reply.card or self.sorry()

    def commands(self) -> tuple[Command, ...]:
        """Every verb with its fields, for menus and forms."""
        return forms.commands(self._house.titles)

    async def complete(self, actor: Actor, field: str, typed: str) -> tuple[Choice, ...]:
        """Up to 25 values for a field whose choices are open; none where something broke."""
        try:
            return await self._completing.complete(await self._homing.at_home(actor), field, typed)
        except WhichWorkspace:
            return ()
        except Exception:
            log.exception("nothing to complete %s with", field[:40])
            return ()

    def sorry(self) -> Card:
        """What to show when something broke that nobody foresaw."""
        return wording.sorry()

    async def _ask(self, ask: Ask) -> Reply:
        """Read the line, then do it. What can't be done as it was typed is answered with what could be meant."""
        ask = replace(ask, actor=await self._homing.at_home(ask.actor))
        who = await who_is(self._house, ask.actor)
        said = replace(ask, text=line(ask))
        typed: Typed | None = None
        try:
            typed = self._making.read(said)
            return await self._verbs[typed.verb](said, typed, who)
        except (UnknownWord, BadValue, Missing, Conflict, NoOffer, OverBudget, PictureRefused) as error:
            if typed is not None and typed.verb is not None and typed.verb not in PAID:
                raise
            proposed = await self._making.propose(said, error, who)
            reply = proposed or Reply(card=wording.refusal(error), form=self._form(said, error))
            return replace(reply, card=_with_shortcut(reply.card, error))

    def _form(self, ask: Ask, error: Refusal) -> Form | None:
        """A form to fill in what is missing, for a command of a menu."""
        if not ask.verb or ask.verb not in PAID or not isinstance(error, Missing):
            return None
        fields = forms.fields(ask.verb, self._house.titles, ask.choices)
        return Form(title=ask.verb.capitalize(), fields=fields, submit="Go", verb=ask.verb, about=ask.about)

    async def _preview(self, ask: Ask) -> Reply:
        said = replace(ask, text=line(ask))
        return Reply(card=await self._previewing.preview(said, self._making.read(said)))

    async def _press_home(self, press: Press, workspace: str, who: Who) -> Reply:
        """Whose credits count here."""
        return await self._homing.choose(press.actor, workspace)

    async def _press_go(self, press: Press, text: str, who: Who) -> Reply:
        """A free verb's line on a button."""
        ask = Ask(key=press.key, actor=press.actor, place=press.place, text=text)
        typed = self._making.read(ask)
        if typed.verb is None or not VERBS[typed.verb].free:
            raise NotFound("command", text)
        return await self._verbs[typed.verb](ask, typed, who)

    async def _press(self, press: Press) -> Reply:
        name, _, argument = press.action.partition(":")
        pressed = self._buttons.get(name)
        if pressed is None:
            log.warning("a button nobody knows: %s", name[:40])
            return Reply(card=wording.sorry())
        if name == "home":  # this one says for which team; before that there is nobody to know
            return await pressed(press, argument, Who(workspace="", person=""))
        if name in OF_APPROVALS:  # in direct messages, it is for the team that was asked
            actor = await self._homing.at_team_of(press.actor, argument.partition(".")[0])
        else:
            actor = await self._homing.at_home(press.actor)
        press = replace(press, actor=actor)
        return await pressed(press, argument, await who_is(self._house, press.actor))

    async def _glance(self, actor: Actor) -> Reply:
        who = await who_is(self._house, await self._homing.at_home(actor))
        return Reply(card=wording.glance(await self._house.headroom(who.spender())))

    async def _answered(self, work: Callable[[], Awaitable[Reply]]) -> Reply:
        """Errors as cards: a refusal says what to do next, anything else what became of the credits."""
        try:
            return await work()
        except Refusal as error:
            if isinstance(error, NotAllowed):
                log.info("not allowed: %s", error)
            return Reply(card=wording.refusal(error))
        except StoreError as error:
            log.error("storage is away: %s", error)
            return Reply(card=wording.trouble(error))
        except KlingbotError as error:
            log.warning("%s", error)
            return Reply(card=wording.trouble(error))
        except Exception:
            log.exception("a verb broke")
            return Reply(card=wording.sorry())


def _with_shortcut(card: Card | None, error: Refusal) -> Card | None:
    """For a mistyped free verb, a button that carries it out."""
    if card is None or not isinstance(error, UnknownWord) or error.kind != "verb" or not error.near:
        return card
    meant = error.near[0]
    if not VERBS[meant].free:
        return card
    return replace(card, buttons=(Button(label=f"Run {meant}", action=f"go:{meant}", style="primary"), *card.buttons))
