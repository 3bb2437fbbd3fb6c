"""Verbs and buttons that make videos, or say what they would cost.

Everything that refuses does so before anything is stored or held. Spending happens in one transaction (`asks.accept`),
after the status card is posted, so that a place where the bot can't answer is found out first.
"""

from contextlib import suppress
from dataclasses import replace

from bot.commands import wording
from bot.commands.drafting import Draft, Drafting, ImaginedAlbum, RealAlbum
from bot.commands.editing import edit_form, extend_form
from bot.commands.enhancing import Enhancing
from bot.commands.filled import line
from bot.commands.fixing import fixes
from bot.commands.grammar import parse
from bot.commands.help import EXAMPLES
from bot.commands.house import House, Who
from bot.commands.quoting import Quoting
from bot.commands.typed import Typed
from bot.commands.words import MAKING
from bot.errors import NotFound, Refusal, TooLate
from bot.jobs.forgetting import is_forgotten
from bot.messaging import Ask, Press, Reply

PAID = MAKING | {"again", "extend"}
"""Verbs whose lines come to a price; no verb at all is one of them."""


class Making:
    """`video`, `animate`, `elements`, `effect`, `extend`, `again`, `cost`, and the buttons that lead to a price."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._quoting = Quoting(house)
        self._enhancing = Enhancing(house, self._quoting)

    async def order(self, ask: Ask, typed: Typed, who: Who, *, asking: bool = False) -> Reply:
        """A video from what was typed and attached; with `cost` or `--dry` its price only."""
        if (row := await self._quoting.earlier(ask)) is not None:
            return await self._quoting.go_on(row, who)
        if ask.about and _says_nothing(ask, typed):
            view = await self._house.named_job(ask.about, who)
            return Reply(card=wording.status(view, self._house.clock.now()))
        draft = await Drafting(self._house, RealAlbum(self._house)).draft(ask, typed, who)
        if "enhance" in typed.flags:
            return await self._enhancing.order(ask, draft, who)
        return await self._quoting.go(ask, draft, who, asking=asking)

    async def imagine(self, ask: Ask, typed: Typed, who: Who) -> Draft:
        """What an unsent ask would want; reads no file."""
        return await Drafting(self._house, ImaginedAlbum()).draft(ask, typed, who)

    async def propose(self, ask: Ask, error: Refusal, who: Who) -> Reply | None:
        """Ways out of what can't be done as it was typed, each at its price; None where there are none."""
        drafting = Drafting(self._house, RealAlbum(self._house))
        ways: list[tuple[str, Draft]] = []
        for fix in fixes(ask.text, error):
            with suppress(Refusal):
                typed = self.read(replace(ask, text=fix.line))
                if typed.verb is None or typed.verb in PAID:
                    label = f"{fix.label}, without --enhance" if "enhance" in typed.flags else fix.label
                    ways.append((label, await drafting.draft(ask, typed, who)))
        return await self._quoting.propose(ask, error, ways, who) if ways else None

    def read(self, ask: Ask) -> Typed:
        """The line of an ask, read with what is known around it."""
        return parse(
            ask.text,
            providers=self._house.providers.keys(),
            pictures=len(ask.attachments),
            reply=ask.about is not None,
            fixed=bool(ask.verb),
        )

    async def press_again(self, press: Press, job: str, who: Who) -> Reply:
        """The same once more."""
        return await self._press(press, job, who, "again")

    async def press_pro(self, press: Press, job: str, who: Who) -> Reply:
        """The same in pro, asked about first."""
        return await self._press(press, job, who, "--pro", asking=True)

    async def press_extend(self, press: Press, job: str, who: Who) -> Reply:
        """More of a video, asked about first; where a form can be opened, with words for how it goes on."""
        reply = await self._press(press, job, who, "extend", asking=True)
        return reply if "prompt" in press.choices else replace(reply, form=extend_form(job))

    async def press_edit(self, press: Press, job: str, who: Who) -> Reply:
        """A form with everything that a job was asked for, to be changed."""
        view = await self._house.job(job, who.workspace)
        if is_forgotten(view.request):
            raise TooLate("repeat", view.state)
        titles = {name: provider.title for name, provider in self._house.providers.items()}
        form = edit_form(view.id, view.request, titles)
        return Reply(form=form, card=wording.edit_by_hand(view))

    async def press_try(self, press: Press, number: str, who: Who) -> Reply:
        """An example of help, with its price, asked about first."""
        if not number.isdecimal() or int(number) >= len(EXAMPLES):
            raise NotFound("example", number)
        ask = Ask(key=press.key, actor=press.actor, place=press.place, text=EXAMPLES[int(number)])
        return await self.order(ask, self.read(ask), who, asking=True)

    async def confirm(self, press: Press, ask: str, who: Who) -> Reply:
        """Yes to a quote."""
        return await self._quoting.confirm(ask, who)

    async def pick(self, press: Press, argument: str, who: Who) -> Reply:
        """Yes to one of several ways out."""
        return await self._quoting.pick(argument, who)

    async def swap(self, press: Press, ask: str, who: Who) -> Reply:
        """The two pictures the other way round."""
        return await self._quoting.swap(ask, who)

    async def press_enhance(self, press: Press, ask: str, who: Who) -> Reply:
        """Better words for a question that stands."""
        return await self._enhancing.press(press, ask, who)

    async def drop(self, press: Press, ask: str, who: Who) -> Reply:
        """No to a quote."""
        return await self._quoting.drop(ask, who)

    async def _press(self, press: Press, job: str, who: Who, text: str, *, asking: bool = False) -> Reply:
        """A button about a job as the line that says the same, with what its form says beside it."""
        view = await self._house.job(job, who.workspace)
        verb = "" if text.startswith("-") else text
        ask = Ask(
            key=press.key, actor=press.actor, place=press.place, text="" if verb else text, about=view.id, verb=verb,
            choices=press.choices,
        )  # fmt: skip
        ask = replace(ask, text=line(ask))
        return await self.order(ask, self.read(ask), who, asking=asking)


def _says_nothing(ask: Ask, typed: Typed) -> bool:
    """An answer to a job's message with nothing in it."""
    return typed.verb is None and not (typed.prompt or typed.flags or ask.attachments or typed.addresses)
