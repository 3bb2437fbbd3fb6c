"""Verbs that only look: `status`, `show`, `help`. They cost nothing and store nothing."""

from bot.commands import wording
from bot.commands.grammar import Typed
from bot.commands.help import help_card
from bot.commands.house import House, Who
from bot.messaging import Ask, Press, Reply


class Looking:
    """What people ask about jobs, and how this works."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def status(self, ask: Ask, typed: Typed, who: Who) -> Reply:
        """How a job is getting on; without a job, the person's newest ones."""
        if typed.job or ask.about:
            view = await self._house.named_job(typed.job or ask.about or "", who)
            return Reply(card=wording.status(view, self._house.clock.now()))
        views = await self._house.reader.of_person(who.person, who.workspace)
        return Reply(card=wording.jobs_list(views, self._house.clock.now()))

    async def show(self, ask: Ask, typed: Typed, who: Who) -> Reply:
        """A job's receipt; without a job, the newest one's."""
        return Reply(card=wording.receipt(await self._house.named_job(typed.job or ask.about or "1", who)))

    async def receipt(self, press: Press, job: str, who: Who) -> Reply:
        """The receipt button."""
        return Reply(card=wording.receipt(await self._house.job(job, who.workspace)))

    async def help(self, ask: Ask, typed: Typed, who: Who) -> Reply:
        """How this works."""
        topic = typed.words[0] if typed.words else ""
        return Reply(card=help_card(topic, admin=await self._house.is_admin(ask.actor)))
