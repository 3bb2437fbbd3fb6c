"""Values for fields whose choices are open: effects on sale, a person's jobs, providers, camera moves, topics."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from bot.commands import wording
from bot.commands.choices import MOVES
from bot.commands.choosing import CHEAPEST, FAST
from bot.commands.help import TOPICS
from bot.commands.house import House
from bot.commands.nearness import near
from bot.commands.people import known
from bot.commands.scanning import plain
from bot.credits.rules import rules_of
from bot.kling.requests import WHOLE_MOVES
from bot.messaging import Actor, Choice

MOST = 25
_JOBS = 25
_AMOUNTS = (-10, -5, 5, 10)


class Completing:
    """Answers while somebody types."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._fields: Mapping[str, Callable[[Actor, str], Awaitable[tuple[Choice, ...]]]] = {
            "fx": self._scenes,
            "effect": self._scenes,
            "job": self._jobs,
            "via": self._providers,
            "camera": self._moves,
            "topic": self._topics,
        }

    async def complete(self, actor: Actor, field: str, typed: str) -> tuple[Choice, ...]:
        """At most 25, the best first; none for a field whose choices aren't open."""
        found = self._fields.get(plain(field))
        return (await found(actor, typed.strip()))[:MOST] if found else ()

    async def _scenes(self, actor: Actor, typed: str) -> tuple[Choice, ...]:
        who = await known(self._house, actor)
        if who.workspace and not (await self._house.database.view(rules_of, who.workspace)).effects:
            return ()
        on = [
            offer for offer in self._house.offers.values() if offer.enabled and offer.provider in self._house.providers
        ]
        scenes = {scene for offer in on if offer.workflow == "effect" for scene in offer.scenes}
        return _matching({scene: scene.replace("_", " ") for scene in sorted(scenes)}, typed)

    async def _jobs(self, actor: Actor, typed: str) -> tuple[Choice, ...]:
        who = await known(self._house, actor)
        views = await self._house.reader.of_person(who.person, who.workspace, limit=_JOBS)
        return _matching({view.id: wording.short(view) for view in views}, typed)

    async def _providers(self, _actor: Actor, typed: str) -> tuple[Choice, ...]:
        return _matching({CHEAPEST: "the cheapest", FAST: "the fastest", **self._house.titles}, typed)

    async def _moves(self, _actor: Actor, typed: str) -> tuple[Choice, ...]:
        return _matching({move: move.replace("_", " ") for move in _moves()}, typed)

    async def _topics(self, _actor: Actor, typed: str) -> tuple[Choice, ...]:
        return _matching({topic: topic for topic in TOPICS}, typed)


def _moves() -> Iterable[str]:
    for move in MOVES:
        yield from (move,) if move in WHOLE_MOVES else (f"{move}:{amount}" for amount in _AMOUNTS)


def _matching(labels: Mapping[str, str], typed: str) -> tuple[Choice, ...]:
    """What begins with the typed text, then what has it inside, then what may have been meant."""
    word = typed.casefold()
    begun = [value for value, label in labels.items() if label.casefold().startswith(word) or value.startswith(word)]
    inside = [value for value, label in labels.items() if word in label.casefold() or word in value]
    meant = [] if begun or inside else list(near(word.replace(" ", "_"), labels))
    return tuple(Choice(value=value, label=labels[value][:100]) for value in dict.fromkeys((*begun, *inside, *meant)))
