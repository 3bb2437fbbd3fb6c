"""A chat platform in memory, that can be told to fail."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bot.messaging import Actor, ActorFacts, Card, Choice, MessageRef, OutFile, Place, PlaceFacts
from bot.messaging.failures import PlaceGone


@dataclass
class Shown:
    """One message as people see it."""

    ref: MessageRef
    place: Place
    card: Card
    files: list[tuple[OutFile, bytes]]
    only_for: Actor | None
    key: str
    reply_to: str | None = None


def ref_of(place: Place, key: str) -> MessageRef:
    """Where a message with that key is."""
    return MessageRef(platform=place.platform, workspace=place.workspace, channel=place.channel, message=f"m-{key}")


@dataclass
class FakeMessenger:
    """Implements Messenger. `failures` are raised one after the other by the next calls of `post` or
    `edit`, `post_failures` by those of `post` alone. `after_post` is done one after the other, each when a message is
    there and its ref is not yet answered. `workspaces` are those of whoever writes to the bot alone; `known_groups` are
    everywhere, with the users in each by its id in `members`; `gone` are users who left; `parents` are the channels
    that threads are in."""

    beat: float = 1.0
    limit: int = 1_000_000_000
    can_post: bool = True
    messages: dict[str, Shown] = field(default_factory=dict)
    edits: list[tuple[str, Card]] = field(default_factory=list)
    posts: int = 0
    failures: list[Exception] = field(default_factory=list)
    post_failures: list[Exception] = field(default_factory=list)
    fail_after_posting: list[Exception] = field(default_factory=list)
    after_post: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    admins: frozenset[str] = frozenset(("ada",))
    workspaces: tuple[Choice, ...] = ()
    known_groups: tuple[Choice, ...] = ()
    members: dict[str, frozenset[str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    parents: dict[str, str] = field(default_factory=dict)
    takes_direct: bool = False
    direct_messages: set[str] = field(default_factory=set)

    async def post(
        self, place: Place, card: Card, files: Sequence[OutFile] = (), *, key: str, only_for: Actor | None = None,
        reply_to: str | None = None,
    ) -> MessageRef:  # fmt: skip
        self.posts += 1
        if failures := self.post_failures or self.failures:
            raise failures.pop(0)
        if key not in self.messages:
            ref = ref_of(place, key)
            read = [(file, b"".join([chunk async for chunk in file.read()])) for file in files]
            self.messages[key] = Shown(ref, place, card, read, only_for, key, reply_to)
        if self.after_post:
            await self.after_post.pop(0)()
        if self.fail_after_posting:
            raise self.fail_after_posting.pop(0)
        return ref_of(place, key)

    async def edit(self, ref: MessageRef, card: Card) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.edits.append((ref.message, card))
        for shown in self.messages.values():
            if shown.ref == ref:
                shown.card = card

    async def delete(self, ref: MessageRef) -> None:
        self.messages = {key: shown for key, shown in self.messages.items() if shown.ref != ref}

    async def place(self, place: Place) -> PlaceFacts:
        return PlaceFacts(
            can_post=self.can_post or place.channel in self.direct_messages,
            can_attach=True,
            upload_limit=self.limit,
            why="" if self.can_post else "gone",
            parent=self.parents.get(place.channel, ""),
        )

    async def direct(self, actor: Actor) -> Place:
        if not self.takes_direct:
            raise PlaceGone("no direct messages")
        channel = f"direct-{actor.user}"
        self.direct_messages.add(channel)
        return Place(platform=actor.platform, workspace=actor.workspace, channel=channel)

    async def actor(self, actor: Actor) -> ActorFacts:
        if not actor.workspace:
            return ActorFacts(name=actor.name or actor.user, workspaces=self.workspaces)
        groups = tuple(group for group, users in self.members.items() if actor.user in users)
        return ActorFacts(
            name=actor.name or actor.user, groups=groups, admin=actor.user in self.admins,
            active=actor.user not in self.gone,
        )  # fmt: skip

    async def groups(self, workspace: str) -> tuple[Choice, ...]:
        return self.known_groups

    def results(self) -> list[Shown]:
        """Messages with a video."""
        return [shown for shown in self.messages.values() if shown.files]
