"""What the verbs work with: the rooms below, and the policy that the operator set."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.commands.membership import Members
from bot.credits.content import allowed_in
from bot.credits.limits import Spender
from bot.credits.reports import Headroom, headroom
from bot.errors import CannotPost, NotAllowed, NotFound, NotMember
from bot.jobs.reads import Reader
from bot.jobs.timing import Timing
from bot.jobs.views import JobView
from bot.kling.requests import Request
from bot.messaging import Actor, ActorFacts, Messenger, Place
from bot.providers.base import Provider
from bot.providers.offers import Offer
from bot.store.blobs import Blobs
from bot.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the operator decided: a credit's price and the month's ceiling (micro-dollars), who is admitted, who rules.

    `admitted` are `platform:workspace`; `admins` are `platform:user` or `platform:workspace:user`.
    """

    credit_microusd: int
    ceiling_microusd: int
    admitted: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class House:
    """Everything a verb may touch. One per process, made by the composition root."""

    database: Database
    blobs: Blobs
    clock: Clock
    timing: Timing
    reader: Reader
    providers: Mapping[str, Provider]
    offers: Mapping[str, Offer]
    messengers: Mapping[str, Messenger]
    policy: Policy
    fetch_picture: Callable[[str], Awaitable[bytes]]
    ring: Callable[[], None]
    members: Members = field(default_factory=Members)

    @property
    def titles(self) -> dict[str, str]:
        """Each provider that is on, with the name that people know it by."""
        return {name: provider.title for name, provider in self.providers.items()}

    def messenger(self, platform: str) -> Messenger:
        """The platform's outgoing side; raises CannotPost when it is switched off."""
        messenger = self.messengers.get(platform)
        if messenger is None:
            raise CannotPost("platform_off")
        return messenger

    async def facts(self, actor: Actor) -> ActorFacts:
        """What the platform said of a person within the last minute; whom it doesn't know is nobody."""
        if actor.platform == "cli":
            return ActorFacts(name=actor.name, admin=True, active=True)
        return await self.members.facts(actor, self.messengers.get(actor.platform), self.clock.now())

    async def require_member(self, actor: Actor) -> ActorFacts:
        """What the platform says of an active member of their team; raises NotMember for everybody else."""
        facts = await self.facts(actor)
        if not facts.active:
            raise NotMember(actor.platform)
        return facts

    def is_operator(self, actor: Actor) -> bool:
        """Whether they are named in the settings or at the command line, and not just in charge of one team."""
        named = {f"{actor.platform}:{actor.user}", f"{actor.platform}:{actor.workspace}:{actor.user}"}
        return actor.platform == "cli" or bool(named & self.policy.admins)

    def admits(self, actor: Actor) -> bool:
        """Whether the operator named their workspace."""
        return f"{actor.platform}:{actor.workspace}" in self.policy.admitted

    async def is_admin(self, actor: Actor) -> bool:
        """Administrators are the platform's own, those named in the settings, and the command line."""
        if self.is_operator(actor):
            return True
        facts = await self.facts(actor)
        return facts.admin and facts.active

    async def require_admin(self, actor: Actor, action: str) -> None:
        """Raises NotAllowed for everybody else."""
        if not await self.is_admin(actor):
            raise NotAllowed(action, "administrator")

    def is_trusted(self, actor: Actor) -> bool:
        """Whether they may fill a pool again: operators, and whoever rules a team that the operator has admitted.

        Anybody may add the bot to a team of their own and administer it; what it spends is the operator's money.
        """
        return self.is_operator(actor) or self.admits(actor)

    def require_trust(self, actor: Actor, action: str) -> None:
        """Raises NotAllowed for everybody else."""
        if not self.is_trusted(actor):
            raise NotAllowed(action, "operator")

    async def require_owner(self, actor: Actor, person: str, view: JobView, action: str) -> None:
        """Raises NotAllowed unless the job is the person's own or an administrator asks."""
        if view.person != person and not await self.is_admin(actor):
            raise NotAllowed(action, "owner")

    async def require_place(self, place: Place) -> None:
        """Raises CannotPost where the bot could not answer, before anything is held."""
        facts = await self.messenger(place.platform).place(place)
        if not facts.can_post:
            raise CannotPost(facts.why)

    async def heading(self, place: Place) -> str:
        """The channel that what is spent in a place counts under, as `platform:id`: a thread's is the one it is in."""
        messenger = self.messengers.get(place.platform)
        parent = (await messenger.place(place)).parent if messenger else ""
        return f"{place.platform}:{parent or place.channel}"

    async def require_allowed(self, workspace: str, request: Request) -> None:
        """Raises AgainstRules for what the team's content rules refuse; where nobody was seen yet, there are none."""
        if workspace:
            await self.database.view(allowed_in, workspace, request)

    async def headroom(self, spender: Spender) -> Headroom:
        """What somebody can still spend now."""
        return await self.database.view(headroom, spender=spender, now=self.clock.now())

    async def job(self, name: str, workspace: str) -> JobView:
        """A job of this workspace by its id; raises NotFound, also for another team's."""
        view = await self.reader.view(name)
        if view.workspace != workspace:
            raise NotFound("job", name)
        return view

    async def named_job(self, name: str, who: "Who") -> JobView:
        """A job as people name it: its id, or a number counted from the person's newest. Raises NotFound."""
        if len(name) > 3 or not name.isdecimal():
            return await self.job(name, who.workspace)
        views = await self.reader.of_person(who.person, who.workspace, limit=int(name))
        if not 1 <= int(name) <= len(views):
            raise NotFound("job", name)
        return views[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A person in a workspace, by our ids. `groups` are their roles and user groups, as `platform:id`."""

    workspace: str
    person: str
    groups: tuple[str, ...] = ()

    def spender(self, channel: str = "", tag: str = "") -> Spender:
        """Them as somebody who spends, in a channel (`House.heading`) and under a tag."""
        return Spender(workspace=self.workspace, person=self.person, groups=self.groups, channel=channel, tag=tag)
