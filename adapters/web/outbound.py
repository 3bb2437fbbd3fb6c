"""Card to page: the Messenger of the local chat page."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

from adapters.web.board import Board
from adapters.web.hub import Hub
from adapters.web.messages import Link, file_of, is_message_id
from adapters.web.people import GROUPS, PEOPLE, PLATFORM, WORKSPACE, is_here
from bot.messaging import Actor, ActorFacts, Card, Choice, Memory, MessageRef, OutFile, Place, PlaceFacts
from bot.messaging.failures import FileTooLarge, PlaceGone

UPLOAD_LIMIT = 1_000_000_000
"""Bytes. Nothing is uploaded: the page streams the stored file."""


class WebMessenger:
    """Implements `bot.messaging.Messenger`. Needs no open page: what it posts is kept and read later."""

    beat = 1.0

    def __init__(self, memory: Memory, link: Link, now: Callable[[], int]) -> None:
        self.hub = Hub()
        self.board = Board(memory, self.hub, link, now)

    async def post(
        self, place: Place, card: Card, files: Sequence[OutFile] = (), *, key: str, only_for: Actor | None = None,
        reply_to: str | None = None,
    ) -> MessageRef:  # fmt: skip
        """Put a message on the board, where threads say what answers what. Raises PlaceGone, FileTooLarge."""
        self._check(place.platform, place.workspace, place.channel)
        if place.thread is not None and not is_message_id(place.thread):
            raise PlaceGone("no such thread")
        for file in files:
            if file.size > UPLOAD_LIMIT:
                raise FileTooLarge(f"{file.size} bytes")
        message = await self.board.put(
            f"post:{key}",
            place.channel,
            thread=place.thread,
            only_for=only_for.user if only_for else None,
            card=asdict(card),
            files=tuple(file_of(file) for file in files),
        )
        return MessageRef(
            platform=PLATFORM, workspace=WORKSPACE, channel=message.channel, message=message.id, thread=message.thread
        )

    async def edit(self, ref: MessageRef, card: Card) -> None:
        """Show another card. Raises PlaceGone where the message is not there any more."""
        self._check(ref.platform, ref.workspace, ref.channel)
        if await self.board.edit(ref.channel, ref.message, card) is None:
            raise PlaceGone("no such message")

    async def delete(self, ref: MessageRef) -> None:
        """Take the message away."""
        self._check(ref.platform, ref.workspace, ref.channel)
        await self.board.remove(ref.channel, ref.message)

    async def place(self, place: Place) -> PlaceFacts:
        """The page's own channels take everything."""
        if not is_here(place.platform, place.workspace, place.channel):
            return PlaceFacts(can_post=False, can_attach=False, upload_limit=0, why="unknown_channel")
        return PlaceFacts(can_post=True, can_attach=True, upload_limit=UPLOAD_LIMIT, name=place.channel)

    async def actor(self, actor: Actor) -> ActorFacts:
        """The page's own people."""
        person = PEOPLE.get(actor.user)
        if person is None or (actor.platform, actor.workspace) != (PLATFORM, WORKSPACE):
            return ActorFacts(name=actor.name)
        groups = tuple(group.id for group in GROUPS.values() if person.id in group.people)
        return ActorFacts(name=person.name, groups=groups, admin=person.admin, active=True)

    async def groups(self, workspace: str) -> tuple[Choice, ...]:
        """The page's own groups."""
        return tuple(Choice(value=one.id, label=one.name) for one in GROUPS.values() if workspace == WORKSPACE)

    async def direct(self, actor: Actor) -> Place:
        """The page has channels only. Raises PlaceGone."""
        raise PlaceGone("no direct messages")

    def _check(self, platform: str, workspace: str, channel: str) -> None:
        if not is_here(platform, workspace, channel):
            raise PlaceGone("no such channel")
