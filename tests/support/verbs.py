"""A house that answers what it is told to, for adapters."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.messaging import Actor, Ask, Card, Choice, Command, Press, Reply, Row

SORRY = Card(title="Sorry", text="Something broke on my side.", tone="bad")
GLANCE = Card(
    rows=(Row(name="Left", value="1,455"), Row(name="Held", value="45"), Row(name="Resets", value="1 December"))
)


@dataclass
class FakeVerbs:
    """Implements `bot.messaging.Verbs`; keeps what it was asked, with the bytes of attachments."""

    on_ask: Callable[[Ask], Reply] = lambda ask: Reply()
    on_press: Callable[[Press], Reply] = lambda press: Reply()
    on_glance: Callable[[Actor], Card] = lambda actor: GLANCE
    on_preview: Callable[[Ask], Card] = lambda ask: Card(title="It would cost 50 credits")
    menu: tuple[Command, ...] = ()
    on_complete: Callable[[str, str], tuple[Choice, ...]] = lambda field, typed: ()
    asks: list[Ask] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)

    async def ask(self, ask: Ask) -> Reply:
        self.asks.append(ask)
        self.pictures += [b"".join([chunk async for chunk in one.read()]) for one in ask.attachments]
        return self.on_ask(ask)

    async def press(self, press: Press) -> Reply:
        self.presses.append(press)
        return self.on_press(press)

    async def glance(self, actor: Actor) -> Card:
        return self.on_glance(actor)

    async def preview(self, ask: Ask) -> Card:
        return self.on_preview(ask)

    def commands(self) -> tuple[Command, ...]:
        return self.menu

    async def complete(self, actor: Actor, field: str, typed: str) -> tuple[Choice, ...]:
        return self.on_complete(field, typed)

    def sorry(self) -> Card:
        return SORRY
