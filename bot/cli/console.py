"""A chat platform made of lines on a terminal, for `demo --once`."""

from collections.abc import Sequence
from pathlib import Path

from bot.messaging import Actor, ActorFacts, Card, Choice, MessageRef, OutFile, Place, PlaceFacts
from bot.messaging.failures import PlaceGone

_LIMIT = 10_000_000_000


def lines(card: Card) -> list[str]:
    """A card as plain lines."""
    body = [card.title, *card.text.splitlines(), *(f"  {row.name}: {row.value}" for row in card.rows)]
    if card.command:
        body.append(f"  > {card.command}")
    if card.footer:
        body.append(f"  {card.footer}")
    return [line for line in body if line.strip()]


class Console:
    """Implements Messenger: prints cards and saves files into a folder; `saved` are those so far."""

    beat = 1.0

    def __init__(self, out: Path) -> None:
        self.out = out
        self.saved: list[Path] = []
        self._shown: dict[str, list[str]] = {}

    async def post(
        self, place: Place, card: Card, files: Sequence[OutFile] = (), *, key: str, only_for: Actor | None = None,
        reply_to: str | None = None,
    ) -> MessageRef:  # fmt: skip
        """Print the card, save the files."""
        if key not in self._shown:
            self._print(key, card)
            for file in files:
                self.saved.append(await self._save(file))
        return MessageRef(platform=place.platform, workspace=place.workspace, channel=place.channel, message=key)

    async def edit(self, ref: MessageRef, card: Card) -> None:
        """Print what changed."""
        self._print(ref.message, card)

    async def delete(self, ref: MessageRef) -> None:
        """Lines that are printed stay."""

    async def place(self, place: Place) -> PlaceFacts:
        """A terminal takes everything."""
        return PlaceFacts(can_post=True, can_attach=True, upload_limit=_LIMIT)

    async def actor(self, actor: Actor) -> ActorFacts:
        """Whoever sits here."""
        return ActorFacts(name=actor.name, admin=True, active=True)

    async def groups(self, workspace: str) -> tuple[Choice, ...]:
        """One person makes no groups."""
        return ()

    async def direct(self, actor: Actor) -> Place:
        """Nobody else reads along, so there is no other place. Raises PlaceGone."""
        raise PlaceGone("one terminal")

    def _print(self, key: str, card: Card) -> None:
        before = self._shown.get(key, [])
        now = lines(card)
        for line in now:
            if line not in before:
                print(line, flush=True)
        self._shown[key] = now

    async def _save(self, file: OutFile) -> Path:
        place = self.out / file.name
        with place.open("wb") as target:
            async for chunk in file.read():
                target.write(chunk)
        return place
