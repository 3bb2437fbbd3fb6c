"""Scopes as the ledger knows them, for those that people name: who or what is meant, here where it was said."""

from dataclasses import dataclass, replace

from bot.commands.house import House, Who
from bot.commands.subwords.scopes import ScopeWord
from bot.credits.limits import DEFAULT
from bot.credits.people import ensure_person, persons_named
from bot.errors import BadValue, NotFound
from bot.messaging import Actor, Ask, Place
from bot.store.ids import new_id


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope as the ledger knows it, and how people call it."""

    key: str
    label: str


async def resolve(house: House, ask: Ask, who: Who, word: ScopeWord) -> Scope:
    """Who or what is meant, here where it was said. Raises NotFound."""
    match word.kind:
        case "person":
            return await _person(house, ask, who, word)
        case "channel":
            return await _channel(house, ask, word)
        case "role":
            return await _role(house, ask, word)
        case "tag":
            return Scope(f"tag:{word.id}", word.id)
    return Scope(DEFAULT, "everybody")


async def person(house: House, ask: Ask, who: Who, word: ScopeWord) -> Scope:
    """Somebody, and nothing else. Raises BadValue and NotFound."""
    if word.kind != "person":
        raise BadValue("person", word.name or word.id or word.kind, ("@ana",))
    return await _person(house, ask, who, word)


def _home(ask: Ask) -> tuple[str, str]:
    """The platform and workspace that names belong to: where it was said, or which the command line named."""
    if ask.actor.platform == "cli":
        return ask.place.platform, ask.place.workspace
    return ask.actor.platform, ask.actor.workspace


async def _person(house: House, ask: Ask, who: Who, word: ScopeWord) -> Scope:
    """By the platform's id: whoever is a member. By a name: the one person here who has it."""
    if not word.id:
        found = await house.database.view(persons_named, workspace=who.workspace, name=word.name)
        if len(found) != 1:
            raise NotFound("person", word.name)
        return Scope(f"person:{found[0][0]}", found[0][1])
    platform, workspace = _home(ask)
    actor = Actor(platform=platform, workspace=workspace, user=word.id)
    facts = await house.facts(actor)
    if not facts.active:
        raise NotFound("person", word.name or word.id)
    name = facts.name or word.name or word.id
    known = await house.database.run(
        ensure_person, platform=actor.platform, platform_workspace=actor.workspace, platform_user=actor.user,
        name=name, new_id=new_id(house.clock), now=house.clock.now(),
    )  # fmt: skip
    return Scope(f"person:{known}", name)


async def _channel(house: House, ask: Ask, word: ScopeWord) -> Scope:
    place, label = await channel_place(house, ask, word), word.name
    key = await house.heading(place)
    if key != f"{place.platform}:{place.channel}":  # a thread counts under the channel that it is in
        place, label = replace(place, channel=key.partition(":")[2]), ""
    if not label:
        label = (await house.messenger(place.platform).place(place)).name or place.channel
    return Scope(f"channel:{place.platform}:{place.channel}", f"#{label.lstrip('#')}")


async def channel_place(house: House, ask: Ask, word: ScopeWord) -> Place:
    """A channel as a place to post to. Without the platform's id only the one where it was said is known by its name.

    Raises BadValue and NotFound.
    """
    if word.kind != "channel":
        raise BadValue("channel", word.name or word.id or word.kind, ("#ads",))
    here = replace(ask.place, thread=None)
    if word.id:
        return replace(here, channel=word.id)
    facts = await house.messenger(here.platform).place(here)
    if word.name.casefold() in (facts.name.casefold(), here.channel.casefold(), "here"):
        return here
    raise NotFound("channel", word.name)


async def _role(house: House, ask: Ask, word: ScopeWord) -> Scope:
    platform, workspace = _home(ask)
    groups = await house.messenger(platform).groups(workspace)
    wanted = word.name.casefold()
    for group in groups:
        if group.value == word.id or (wanted and group.label.casefold() == wanted):
            return Scope(f"role:{platform}:{group.value}", group.label)
    raise NotFound("role", word.name or word.id)
