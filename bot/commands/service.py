"""The front door of the core: every ask and every press comes in here, finds its verb, and leaves as a card."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from bot.commands import wording
from bot.commands.grammar import Typed, parse
from bot.commands.house import House, Who
from bot.commands.looking import Looking
from bot.commands.making import Making
from bot.commands.people import who_is
from bot.commands.ruling import Ruling
from bot.errors import KlingbotError, NotAllowed, Refusal, StoreError
from bot.messaging import Actor, Ask, Card, Press, Reply

log = logging.getLogger(__name__)

Verb = Callable[[Ask, Typed, Who], Awaitable[Reply]]
Pressed = Callable[[Press, str, Who], Awaitable[Reply]]


class Commands:
    """The verbs and buttons, for every adapter alike. Never raises: what goes wrong is a card as well."""

    def __init__(self, house: House) -> None:
        self._house = house
        making, looking, ruling = Making(house), Looking(house), Ruling(house)
        self._verbs: Mapping[str | None, Verb] = {
            None: making.order,
            "video": making.order,
            "animate": making.order,
            "cost": making.order,
            "again": making.again,
            "status": looking.status,
            "show": looking.show,
            "credits": looking.credits,
            "help": looking.help,
            "cancel": ruling.cancel,
            "quota": ruling.quota,
            "jobs": ruling.jobs,
            "resolve": ruling.resolve,
        }
        self._buttons: Mapping[str, Pressed] = {
            "confirm": making.confirm,
            "drop": making.drop,
            "again": making.press_again,
            "receipt": looking.receipt,
            "cancel": ruling.press_cancel,
            "resolve-charge": ruling.press_charge,
            "resolve-release": ruling.press_release,
        }

    async def ask(self, ask: Ask) -> Reply:
        """What a person typed, with its pictures; the same key twice does it once."""
        return await self._answered(lambda: self._ask(ask))

    async def press(self, press: Press) -> Reply:
        """A pressed button, also one of a message from before a restart."""
        return await self._answered(lambda: self._press(press))

    async def glance(self, actor: Actor) -> Card:
        """The person's credits in a few rows, for places that show them all the time."""
        reply = await self._answered(lambda: self._glance(actor))
        return reply.card or self.sorry()

    def sorry(self) -> Card:
        """What to show when something broke that nobody foresaw."""
        return wording.sorry()

    async def _ask(self, ask: Ask) -> Reply:
        typed = parse(ask.text, providers=self._house.providers.keys())
        who = await who_is(self._house, ask.actor)
        return await self._verbs[typed.verb](ask, typed, who)

    async def _press(self, press: Press) -> Reply:
        name, _, argument = press.action.partition(":")
        pressed = self._buttons.get(name)
        if pressed is None:
            log.warning("a button nobody knows: %s", name[:40])
            return Reply(card=wording.sorry())
        who = await who_is(self._house, press.actor)
        return await pressed(press, argument, who)

    async def _glance(self, actor: Actor) -> Reply:
        who = await who_is(self._house, actor)
        return Reply(card=wording.glance(await self._house.headroom(who.person, who.workspace)))

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
