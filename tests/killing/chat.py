"""A chat platform outside of the service: what was posted stays posted, whoever is killed.

It keeps its word about keys as real ones do: the same key twice is one message.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.messaging import Actor, ActorFacts, Card, Choice, MessageRef, OutFile, Place, PlaceFacts
from bot.messaging.failures import FileTooLarge, PlaceGone
from tests.killing.errand import Mood

PLATFORM, WORKSPACE, CHANNEL, OPERATORS = "chat", "team", "general", "operators"
ADMIN = "ada"
Json = dict[str, Any]


class Chat:
    """Implements Messenger on a file of lines, one for each thing that happened."""

    beat = 1.0

    def __init__(self, path: Path, mood: Mood = "", *, heeds_keys: bool = True) -> None:
        self._path, self._mood, self._heeds_keys = path, mood, heeds_keys
        self.closed = False

    async def post(
        self, place: Place, card: Card, files: Sequence[OutFile] = (), *, key: str, only_for: Actor | None = None,
        reply_to: str | None = None,
    ) -> MessageRef:  # fmt: skip
        if self._mood == "vanished" and files:
            raise PlaceGone("channel_not_found")
        if self._mood == "narrow" and files:
            raise FileTooLarge("413")
        if not self._heeds_keys:
            key += f"~{os.urandom(4).hex()}"
        known = [message for message in read(self._path) if message["key"] == key]
        if not known:
            hashes = [hashlib.sha256(b"".join([chunk async for chunk in file.read()])).hexdigest() for file in files]
            self._write(
                {
                    "event": "post",
                    "key": key,
                    "channel": place.channel,
                    "job": card.job,
                    "card": repr(card),
                    "files": hashes,
                }
            )
        return MessageRef(platform=PLATFORM, workspace=WORKSPACE, channel=place.channel, message=key)

    async def edit(self, ref: MessageRef, card: Card) -> None:
        if self._mood == "deleted" and self.closed:
            raise PlaceGone("message_not_found")
        self._write({"event": "edit", "key": ref.message, "job": card.job, "card": repr(card)})

    async def delete(self, ref: MessageRef) -> None:
        self._write({"event": "delete", "key": ref.message})

    async def place(self, place: Place) -> PlaceFacts:
        can_post = not (self._mood == "closed" and self.closed and place.channel == CHANNEL)
        return PlaceFacts(can_post=can_post, can_attach=True, upload_limit=10**9, why="" if can_post else "archived")

    async def actor(self, actor: Actor) -> ActorFacts:
        return ActorFacts(name=actor.user, admin=actor.user == ADMIN, active=True)

    async def groups(self, workspace: str) -> tuple[Choice, ...]:
        return ()

    async def direct(self, actor: Actor) -> Place:
        raise PlaceGone("no direct messages")

    def _write(self, event: Json) -> None:
        with self._path.open("ab", buffering=0) as file:
            file.write(json.dumps(event).encode() + b"\n")


def read(path: Path) -> list[Json]:
    """Every message that is there now, oldest first, with the last card it showed."""
    messages: dict[str, Json] = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        event = json.loads(line)
        if event["event"] == "delete":
            messages.pop(event["key"], None)
        elif event["event"] == "post":
            messages[event["key"]] = event
        elif event["key"] in messages:
            messages[event["key"]] |= {"job": event["job"], "card": event["card"]}
    return list(messages.values())
