"""Whom the platforms name as members now. They are asked at most once a minute, and who isn't named is nobody."""

from bot.messaging import Actor, ActorFacts, Messenger
from bot.messaging.lately import SHORTLY

BELIEVED_MS = 60_000 - int(SHORTLY * 1000)
"""How long a platform's yes is believed, which may be a few seconds old; a no, or no answer, is asked for again."""

_MOST_KEPT = 2_000


class Members:
    """What platforms said of people a moment ago, by who asked and where."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str, str], tuple[int, ActorFacts]] = {}

    async def facts(self, actor: Actor, messenger: Messenger | None, now: int) -> ActorFacts:
        """What the platform says of somebody at `now` (ms). Raises MessengerError's kin where it doesn't answer."""
        key = (actor.platform, actor.workspace, actor.user)
        at, told = self._told.get(key, (0, None))
        if told is not None and 0 <= now - at < BELIEVED_MS:
            return told
        self._told.pop(key, None)
        facts = ActorFacts(name=actor.name) if messenger is None else await messenger.actor(actor)
        if facts.active:
            self._told = {} if len(self._told) >= _MOST_KEPT else self._told
            self._told[key] = (now, facts)
        return facts
