"""The page's own small world: a few people to be, one of them an administrator, in two groups, and a few channels."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.messaging import Actor, Place

PLATFORM = "web"
WORKSPACE = "page"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a visitor of the page can be."""

    id: str
    name: str
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """A place to talk in."""

    id: str
    topic: str
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the people together."""

    id: str
    name: str
    people: frozenset[str]


PEOPLE = {
    person.id: person for person in (Person("ana", "Ana"), Person("ben", "Ben"), Person("mira", "Mira", admin=True))
}
GROUPS = {
    group.id: group
    for group in (
        Group("designers", "Designers", frozenset(("ana", "ben"))), Group("leads", "Leads", frozenset(("mira",)))
    )
}  # fmt: skip
CHANNELS = {
    channel.id: channel
    for channel in (
        Channel("general", "Ask for a video, or try things out"),
        Channel("campaign", "Clips for the launch"),
        Channel("ideas", "Half-baked and proud of it"),
        Channel("operators", "What needs a decision", admin=True),
    )
}
ALERTS = Place(platform=PLATFORM, workspace=WORKSPACE, channel="operators")
"""Where alerts to the operators are posted: a channel that only administrators see."""


_NAMED = re.compile(r"(?<![^\s(,])([@#])([\w-]+)")


def referred(text: str) -> str:
    """What was typed, with references in the place of the names of people and groups (`@Ana`) and channels (`#ideas`).

    A name that nobody has stays as it is.
    """
    return _NAMED.sub(_reference, text)


def _reference(found: re.Match[str]) -> str:
    sign, name = found[1], found[2].casefold()
    known: dict[str, Collection[str]] = {"#": CHANNELS} if sign == "#" else {"@": PEOPLE, "&": GROUPS}
    return next((f"<{kind}{name}>" for kind, ids in known.items() if name in ids), found[0])


def actor(person: str) -> Actor:
    """A person of the page, as the house knows them. Raises KeyError for others."""
    return Actor(platform=PLATFORM, workspace=WORKSPACE, user=person, name=PEOPLE[person].name)


def place(channel: str, thread: str | None = None) -> Place:
    """A channel of the page, or a thread in it."""
    return Place(platform=PLATFORM, workspace=WORKSPACE, channel=channel, thread=thread)


def sees(person: str, channel: str) -> bool:
    """Whether there is such a person and such a channel, and the one may see the other."""
    return person in PEOPLE and channel in CHANNELS and (PEOPLE[person].admin or not CHANNELS[channel].admin)


def is_here(platform: str, workspace: str, channel: str) -> bool:
    """Whether such a channel is on the page."""
    return (platform, workspace) == (PLATFORM, WORKSPACE) and channel in CHANNELS
