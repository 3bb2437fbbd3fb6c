"""What an unsent ask would come to, for a form or a page while somebody still types. Reads no file, stores nothing."""

from bot.commands import wording
from bot.commands.choosing import priced
from bot.commands.house import House
from bot.commands.making import PAID, Making
from bot.commands.people import known
from bot.commands.typed import Typed
from bot.messaging import Ask, Card


class Previewing:
    """Prices what isn't asked yet."""

    def __init__(self, house: House, making: Making) -> None:
        self._house, self._making = house, making

    async def preview(self, ask: Ask, typed: Typed) -> Card:
        """Its price, who would make it, what each picture is for. Raises Refusals for what is wrong with it."""
        if typed.verb is not None and typed.verb not in PAID:
            return wording.free(typed.verb)
        who = await known(self._house, ask.actor)
        draft = await self._making.imagine(ask, typed, who)
        await self._house.require_allowed(who.workspace, draft.want.request)
        _, price = await priced(self._house, draft.want)
        spender = who.spender(await self._house.heading(ask.place), draft.want.tag)
        room = await self._house.headroom(spender) if who.person else None
        card = wording.estimate(price, draft.want, room)
        return wording.pictured(card, draft.want.request, stored=[], imagined=True)
