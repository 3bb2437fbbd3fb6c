"""What there is: people, servers, channels and threads, and who may do what in them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any

Json = dict[str, Any]

EPOCH_MS = 1_420_070_400_000
APP = "900000000000000001"
GUILD = "800000000000000001"
CHANNEL = "700000000000000001"
FORUM = "700000000000000009"
ANA = "600000000000000001"
BEN = "600000000000000002"
MIRA = "600000000000000003"
MIB = 1024 * 1024
LIMITS = {0: 10 * MIB, 1: 10 * MIB, 2: 50 * MIB, 3: 100 * MIB}
"""Bytes a file, by a server's boost tier."""

TEXT, DM, PUBLIC_THREAD, PRIVATE_THREAD, FORUM_TYPE = 0, 1, 11, 12, 15


class Permission(IntFlag):
    """The permission bits that matter here (topics/permissions)."""

    ADMINISTRATOR = 1 << 3
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    USE_APPLICATION_COMMANDS = 1 << 31
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38


EVERYBODY = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
EVERYTHING = Permission((1 << 53) - 1)


@dataclass
class User:
    """An account."""

    id: str
    name: str
    bot: bool = False
    takes_dms: bool = True

    def payload(self) -> Json:
        return {
            "id": self.id, "username": self.name, "discriminator": "0", "global_name": self.name, "avatar": None,
            "bot": self.bot, "public_flags": 0, "flags": 0, "primary_guild": None,
        }  # fmt: skip


@dataclass
class Channel:
    """A channel or thread. `denied` are permissions taken away there, by user id or role id."""

    id: str
    type: int
    name: str
    guild: str | None = None
    parent: str | None = None
    archived: bool = False
    locked: bool = False
    recipient: str | None = None
    denied: dict[str, Permission] = field(default_factory=dict)
    tag_required: bool = False

    @property
    def is_thread(self) -> bool:
        return self.type in (PUBLIC_THREAD, PRIVATE_THREAD)


@dataclass
class Guild:
    """A server: roles with their permissions, members with their roles, and whether the app is installed in it.

    `bot_roles` belong to bots, by id: Discord made each of them when it was invited.
    """

    id: str
    name: str
    tier: int = 0
    installed: bool = True
    roles: dict[str, Permission] = field(default_factory=dict)
    role_names: dict[str, str] = field(default_factory=dict)
    bot_roles: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class World:
    """Everything, with a clock of its own that tests may move (`skew`, seconds)."""

    users: dict[str, User] = field(default_factory=dict)
    guilds: dict[str, Guild] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    skew: float = 0.0
    _serial: int = 0

    def now(self) -> float:
        return time.time() + self.skew

    def snowflake(self) -> str:
        """A fresh id; like Discord's it tells its time."""
        self._serial = (self._serial + 1) & 0x3FFFFF
        return str((int(self.now() * 1000) - EPOCH_MS) << 22 | self._serial)

    def iso(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self.now())) + ".000000+00:00"

    def permissions(self, user: str, channel: Channel) -> Permission:
        """What somebody may do in a channel (topics/permissions); nothing for who isn't in its server."""
        if channel.guild is None:
            return EVERYBODY if user in (APP, channel.recipient) else Permission(0)
        guild = self.guilds[channel.guild]
        if user not in guild.members or (user == APP and not guild.installed):
            return Permission(0)
        allowed = guild.roles[guild.id]
        for role in guild.members[user]:
            allowed |= guild.roles[role]
        if allowed & Permission.ADMINISTRATOR:
            return EVERYTHING
        place = self.channels[channel.parent] if channel.is_thread and channel.parent else channel
        for who in (guild.id, *guild.members[user], user):
            allowed &= ~place.denied.get(who, Permission(0)) & ~channel.denied.get(who, Permission(0))
        return allowed

    def direct(self, user: str) -> Channel:
        """The direct messages between the app and somebody, opened where there are none."""
        for channel in self.channels.values():
            if channel.type == DM and channel.recipient == user:
                return channel
        channel = Channel(id=self.snowflake(), type=DM, name="", recipient=user)
        self.channels[channel.id] = channel
        return channel

    def member(self, guild: str, user: str) -> Json:
        """A member of a server, as payloads show them."""
        known = self.guilds[guild]
        return {
            "user": self.users[user].payload(), "roles": known.members[user], "joined_at": "2026-01-01T00:00:00+00:00",
            "deaf": False, "mute": False, "flags": 0, "nick": None, "avatar": None, "pending": False,
        }  # fmt: skip

    def channel(self, channel: Channel) -> Json:
        """A channel, as payloads show it."""
        shown: Json = {"id": channel.id, "type": channel.type, "name": channel.name, "flags": 0}
        if channel.type == DM:
            return {**shown, "recipients": [self.users[channel.recipient or ""].payload()], "last_message_id": None}
        shown |= {
            "guild_id": channel.guild, "position": 0, "permission_overwrites": self._overwrites(channel),
            "parent_id": channel.parent, "topic": None, "nsfw": False, "rate_limit_per_user": 0,
            "last_message_id": None,
        }  # fmt: skip
        if channel.is_thread:
            shown |= {
                "owner_id": APP, "message_count": 0, "member_count": 1, "total_message_sent": 0,
                "thread_metadata": {
                    "archived": channel.archived, "locked": channel.locked, "auto_archive_duration": 1440,
                    "archive_timestamp": self.iso(), "create_timestamp": self.iso(),
                },
            }  # fmt: skip
        if channel.type == FORUM_TYPE:
            shown |= {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
        return shown

    def _overwrites(self, channel: Channel) -> list[Json]:
        guild = self.guilds[channel.guild or ""]
        return [
            {"id": who, "type": 0 if who in guild.roles else 1, "allow": "0", "deny": str(int(denied))}
            for who, denied in channel.denied.items()
        ]

    def roles(self, guild: Guild) -> list[Json]:
        colors = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
        return [
            {
                "id": role, "name": guild.role_names.get(role, "@everyone"), "color": 0, "colors": colors,
                "hoist": False, "icon": None, "unicode_emoji": None, "position": place, "permissions": str(int(bits)),
                "managed": role in guild.bot_roles, "mentionable": False, "flags": 0,
                **({"tags": {"bot_id": guild.bot_roles[role]}} if role in guild.bot_roles else {}),
            }
            for place, (role, bits) in enumerate(guild.roles.items())
        ]  # fmt: skip

    def guild(self, guild: Guild) -> Json:
        """A server, as GUILD_CREATE and REST show it."""
        here = [channel for channel in self.channels.values() if channel.guild == guild.id]
        return {
            "id": guild.id, "name": guild.name, "icon": None, "owner_id": MIRA, "roles": self.roles(guild),
            "emojis": [], "stickers": [], "features": [], "premium_tier": guild.tier,
            "channels": [self.channel(one) for one in here if not one.is_thread],
            "threads": [self.channel(one) for one in here if one.is_thread and not one.archived],
            "members": [self.member(guild.id, APP)] if APP in guild.members else [],
            "member_count": len(guild.members), "voice_states": [], "presences": [], "stage_instances": [],
            "guild_scheduled_events": [], "premium_subscription_count": 0, "preferred_locale": "en-US", "nsfw_level": 0,
            "verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0, "mfa_level": 0,
            "afk_timeout": 300, "afk_channel_id": None, "system_channel_id": None, "system_channel_flags": 0,
            "large": False, "unavailable": False, "joined_at": "2026-01-01T00:00:00+00:00", "soundboard_sounds": [],
            "premium_progress_bar_enabled": False, "application_id": None, "banner": None, "description": None,
            "discovery_splash": None, "splash": None, "public_updates_channel_id": None, "rules_channel_id": None,
            "safety_alerts_channel_id": None, "vanity_url_code": None, "widget_enabled": False, "nsfw": False,
            "max_members": 500_000, "incidents_data": None,
        }  # fmt: skip


def small_world(admins: Mapping[str, Permission] | None = None) -> World:
    """One server called Studio with Ana, Ben and Mira (who manages it), a text channel, a forum, and the app in it."""
    world = World()
    for user, name in ((ANA, "ana"), (BEN, "ben"), (MIRA, "mira")):
        world.users[user] = User(user, name)
    world.users[APP] = User(APP, "klingbot", bot=True)
    manager = "810000000000000001"
    guild = Guild(GUILD, "Studio")
    guild.roles = {GUILD: EVERYBODY, manager: Permission.MANAGE_GUILD, **(admins or {})}
    guild.role_names = {manager: "Managers"}
    guild.members = {ANA: [], BEN: [], MIRA: [manager], APP: []}
    world.guilds[GUILD] = guild
    world.channels[CHANNEL] = Channel(CHANNEL, TEXT, "videos", GUILD)
    world.channels[FORUM] = Channel(FORUM, FORUM_TYPE, "ideas", GUILD)
    return world
