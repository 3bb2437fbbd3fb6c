"""What there is: workspaces with their people, channels and installed tokens; messages and files."""

import itertools
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

TEAM, OTHER_TEAM, APP_ID = "T0ACME", "T0OTHER", "A0KLING"
BOT, BOT_ID = "U0KLING", "B0KLING"
ANA, BEN, MIRA, GUEST = "U0ANA", "U0BEN", "U0MIRA", "U0GUEST"
GENERAL, PRIVATE = "C0GENERAL", "C0PRIVATE"
DESIGNERS, LEADS = "S0DESIGN", "S0LEADS"
BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-1-2-local", "xapp-1-local", "0123456789abcdef0123456789abcdef"
CLIENT_ID, CLIENT_SECRET = "111.222", "fedcba9876543210fedcba9876543210"
SCOPES = (
    "commands", "app_mentions:read", "chat:write", "files:read", "files:write", "im:history", "im:write", "users:read",
    "usergroups:read", "channels:history", "groups:history",
)  # fmt: skip


@dataclass
class Member:
    """Somebody in a workspace."""

    id: str
    name: str
    admin: bool = False
    owner: bool = False
    deleted: bool = False
    groups: tuple[str, ...] = ()
    team: str = ""  # another organisation's, in a shared channel


@dataclass
class Channel:
    """A conversation; `members` are those who see it. The bot posts only where it is one of them."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    private: bool = False
    archived: bool = False
    direct: str | None = None


@dataclass
class Token:
    """An installation's token: for which workspace, with which scopes, until when (seconds), and how to renew it."""

    team: str
    scopes: tuple[str, ...] = SCOPES
    expires: float | None = None
    refresh: str = ""
    revoked: bool = False


@dataclass
class World:
    """Everything; `skew` moves its clock (seconds). User groups: ids and names, where the plan is `paid`."""

    members: dict[str, Member] = field(default_factory=dict)
    usergroups: dict[str, str] = field(default_factory=dict)
    paid: bool = True
    channels: dict[str, Channel] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    messages: dict[str, list[Json]] = field(default_factory=dict)
    ephemerals: list[Json] = field(default_factory=list)
    files: dict[str, Json] = field(default_factory=dict)
    file_bytes: dict[str, bytes] = field(default_factory=dict)
    skew: float = 0.0
    _serial: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def now(self) -> float:
        return time.time() + self.skew

    def ts(self) -> str:
        """A message's id: its time, unlike any other."""
        return f"{int(self.now())}.{next(self._serial):06d}"

    def ident(self, letter: str) -> str:
        """A fresh id of a kind."""
        return letter + uuid.uuid4().hex[:10].upper()

    def direct(self, user: str) -> Channel:
        """The direct messages between the bot and somebody."""
        ident = f"D0{user.removeprefix('U0')}"
        return self.channels.setdefault(ident, Channel(ident, "", {BOT, user}, direct=user))

    def message(self, channel: str, ts: str) -> Json | None:
        return next((one for one in self.messages.get(channel, []) if one["ts"] == ts), None)

    def put_file(
        self, name: str, data: bytes, *, user: str, base: str, team: str = TEAM, kind: str = "", ident: str = "",
        alt: str = "",
    ) -> Json:  # fmt: skip
        """Store a file; what messages show of it."""
        ident = ident or self.ident("F")
        ending = name.rsplit(".", 1)[-1].lower()
        kinds = {"png": "image/png", "jpg": "image/jpeg", "mp4": "video/mp4", "gif": "image/gif"}
        url = f"{base}/files-pri/{team}-{ident}"
        shown: Json = {
            "id": ident, "name": name, "title": name, "mimetype": kind or kinds.get(ending, "application/octet-stream"),
            "filetype": ending, "size": len(data), "mode": "hosted", "user": user, "url_private": f"{url}/{name}",
            "url_private_download": f"{url}/download/{name}", "file_access": "visible", "shares": {}, "alt_txt": alt,
            "permalink": f"https://acme.slack.com/files/{user}/{ident}/{name}",
        }  # fmt: skip
        self.files[ident], self.file_bytes[ident] = shown, data
        return shown


def small_world() -> World:
    """Acme with Ana, Ben and Mira (who administers it), a channel with the bot, a private one without it."""
    world = World()
    for member in (
        Member(ANA, "ana", groups=(DESIGNERS,)), Member(BEN, "ben"),
        Member(MIRA, "mira", admin=True, groups=(DESIGNERS, LEADS)),
        Member(GUEST, "gus", deleted=True), Member(BOT, "kling"),
    ):  # fmt: skip
        world.members[member.id] = member
    world.usergroups = {DESIGNERS: "Designers", LEADS: "Leads"}
    people = {ANA, BEN, MIRA}
    world.channels[GENERAL] = Channel(GENERAL, "general", {BOT, *people})
    world.channels[PRIVATE] = Channel(PRIVATE, "secret", set(people), private=True)
    world.tokens[BOT_TOKEN] = Token(TEAM)
    return world
