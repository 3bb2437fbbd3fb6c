"""Verbs that change what is: `cancel` for everybody's own jobs; the team's credits; `jobs` and `resolve`."""

import json

from bot.commands import wording
from bot.commands.arguments import Settle
from bot.commands.grammar import Typed
from bot.commands.house import House, Who
from bot.commands.settling import settle
from bot.commands.subwords.table import SUBWORDS
from bot.commands.team.table import DOING
from bot.commands.team.told import Told
from bot.errors import CannotPost, Conflict, Missing, NotFound, TooLate
from bot.jobs import scripts
from bot.jobs.delivery_scripts import gone
from bot.jobs.states import JobState
from bot.jobs.views import JobView
from bot.messaging import Actor, Ask, MessageRef, Press, Reply
from bot.messaging.failures import MessengerError
from bot.store.scripts import first

STOPPABLE = frozenset((JobState.QUEUED, JobState.SUBMITTING, JobState.RUNNING))
"""States in which a wish to stop is taken, as `scripts.ask_cancel` does."""


_RESULT = """
SELECT id, ref FROM delivery WHERE job = :job AND kind = 'result' AND state = 'posted' AND ref IS NOT NULL
"""


class Ruling:
    """What needs a right: a job's owner may stop it, an administrator everything else here."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def cancel(self, ask: Ask, typed: Typed, who: Who) -> Reply:
        """Stop a job, if it still can be; without a job, the newest one."""
        return await self._cancel(ask.actor, await self._house.named_job(typed.job or ask.about or "1", who), who)

    async def press_cancel(self, press: Press, job: str, who: Who) -> Reply:
        """The button of the same name."""
        return await self._cancel(press.actor, await self._house.job(job, who.workspace), who)

    async def _cancel(self, actor: Actor, view: JobView, who: Who) -> Reply:
        """Ask once, and say how the job stands then: what was true before may be history."""
        house = self._house
        await house.require_owner(actor, who.person, view, "cancel")
        asked = await house.database.run(scripts.ask_cancel, view.id, now=house.clock.now())
        view = await house.reader.view(view.id)
        if not asked and not (view.cancel_asked and view.state in STOPPABLE):
            raise TooLate("cancel", view.state)
        house.ring()
        open_still = view.state in STOPPABLE and not view.cancel_refused
        return Reply(card=wording.stopping(view) if open_still else wording.status(view, house.clock.now()))

    async def press_delete(self, press: Press, job: str, who: Who) -> Reply:
        """Take the message with a job's video away; job and entries stay. Raises NotFound where none is shown."""
        house = self._house
        view = await house.job(job, who.workspace)
        await house.require_owner(press.actor, who.person, view, "delete")
        row = first(await house.database.read(_RESULT, {"job": view.id}))
        if row is None:
            raise NotFound("message", view.id)
        ref = MessageRef(**json.loads(row["ref"]))
        try:
            await house.messenger(ref.platform).delete(ref)
        except MessengerError as error:
            raise CannotPost(error.why) from error
        await house.database.run(gone, row["id"], error="deleted by a person")
        return Reply(card=wording.taken_away(view))

    async def word(self, ask: Ask, typed: Typed, who: Who) -> Reply:
        """What stands behind `quota` or `credits`, as its row in the table says."""
        key = (str(typed.verb), typed.words[0] if typed.words else "")
        word = SUBWORDS[key]
        if foreign := [name for name in typed.flags if name not in word.flags]:
            raise Conflict(foreign[0], key[0])
        if word.admin:
            await self._house.require_admin(ask.actor, key[0])
        return await DOING[key](Told(house=self._house, ask=ask, who=who, what=typed.change, flags=typed.flags))

    async def jobs(self, ask: Ask, typed: Typed, who: Who) -> Reply:
        """Everybody's open jobs, those that wait for a decision first."""
        await self._house.require_admin(ask.actor, "jobs")
        views = await self._house.reader.open_jobs(who.workspace)
        return Reply(card=wording.jobs_list(views, self._house.clock.now(), everybody=True))

    async def resolve(self, ask: Ask, typed: Typed, who: Who) -> Reply:
        """An administrator's word on a job whose answer was lost."""
        await self._house.require_admin(ask.actor, "resolve")
        if not isinstance(typed.change, Settle):
            raise Missing("job", "resolve")
        return await self._settle(ask.actor, await self._house.named_job(typed.change.job, who), typed.change, who)

    async def press_charge(self, press: Press, job: str, who: Who) -> Reply:
        """The alert's button: it was bought."""
        return await self._pressed(press, Settle(job, "charge"), who)

    async def press_release(self, press: Press, job: str, who: Who) -> Reply:
        """The alert's button: it was not bought."""
        return await self._pressed(press, Settle(job, "release"), who)

    async def _pressed(self, press: Press, word: Settle, who: Who) -> Reply:
        await self._house.require_admin(press.actor, "resolve")
        return await self._settle(press.actor, await self._house.job(word.job, who.workspace), word, who)

    async def _settle(self, actor: Actor, view: JobView, word: Settle, who: Who) -> Reply:
        if word.how == "release":  # what the provider bills all the same, the operator pays
            self._house.require_trust(actor, "resolve")
        await settle(self._house, view, word, actor=who.person)
        return Reply(card=wording.settled(await self._house.reader.view(view.id)))
