"""Plain messages of the bot: one key is one message, every refusal of Discord's leads to the right next thing."""

import time
from dataclasses import replace

import pytest

from bot.messaging import Actor, Card, MessageRef, Place
from bot.messaging.failures import FileTooLarge, MessengerError, PlaceGone, TryLater
from bot.messaging.lately import SHORTLY
from tests.support.at_discord import ANAS, HERE, Bot, bot, video
from tests.support.local_discord import LocalDiscord
from tests.support.local_discord.world import (
    ANA,
    APP,
    BEN,
    CHANNEL,
    FORUM,
    GUILD,
    MIB,
    MIRA,
    PUBLIC_THREAD,
    Channel,
    Guild,
    Permission,
)

CARD = Card(title="a fox")
THREAD = "700000000000000050"


def thread(at: Bot, *, archived: bool = False, locked: bool = False) -> Place:
    there = Channel(THREAD, PUBLIC_THREAD, "talk", GUILD, CHANNEL, archived=archived, locked=locked)
    at.discord.world.channels[THREAD] = there
    return replace(HERE, channel=THREAD)


async def test_the_same_key_twice_is_one_message(at: Bot) -> None:
    first = await at.posts(CARD, video())
    assert await at.posts(CARD, video()) == first
    assert first == MessageRef(platform="discord", workspace=GUILD, channel=CHANNEL, message=at.shown()[0]["id"])
    assert len(at.shown()) == 1
    assert at.discord.made("POST", "/messages")[0].payload["nonce"] == "k" * 20


async def test_a_video_has_alt_text_and_replies_to_the_request(at: Bot) -> None:
    asked = at.people.write("a fox please")
    await at.posts(CARD, video(alt="a red fox in the snow"), reply_to=asked["id"])
    (shown,) = at.shown()
    (attachment,) = shown["attachments"]
    assert (attachment["filename"], attachment["description"]) == ("kling-1.mp4", "a red fox in the snow")
    assert shown["message_reference"]["message_id"] == asked["id"]
    assert at.discord.messages.pings == []


async def test_a_reply_to_a_message_that_is_gone_stands_alone(at: Bot) -> None:
    await at.posts(CARD, reply_to="700000000000000999")
    assert len(at.shown()) == 1


async def test_a_flagged_video_is_a_spoiler(at: Bot) -> None:
    await at.posts(CARD, video(flagged=True))
    assert at.shown()[0]["attachments"][0]["filename"] == "SPOILER_kling-1.mp4"


async def test_an_edit_keeps_the_file(at: Bot) -> None:
    ref = await at.posts(CARD, video())
    await at.adapter.messenger.edit(ref, Card(title="a blue fox"))
    (shown,) = at.shown()
    assert (shown["embeds"][0]["title"], len(shown["attachments"])) == ("a blue fox", 1)


async def test_a_message_can_be_taken_away_twice(at: Bot) -> None:
    ref = await at.posts(CARD)
    await at.adapter.messenger.delete(ref)
    await at.adapter.messenger.delete(ref)
    assert at.shown() == []


async def test_only_for_somebody_is_a_direct_message(at: Bot) -> None:
    ref = await at.posts(CARD, only_for=ANAS)
    assert ref.channel == at.discord.world.direct(ANA).id


# what goes wrong


@pytest.mark.parametrize("after", [False, True])
async def test_a_cut_connection_is_repeated_with_the_same_nonce(at: Bot, after: bool) -> None:
    at.discord.break_next("POST", "/messages", after=after)
    await at.posts(CARD, video(b"mp4" * 1_000_000))
    assert len(at.shown()) == 1
    assert at.discord.made("POST", "/messages")[-1].files == (("kling-1.mp4", 3_000_000),)


async def test_a_connection_cut_again_and_again_is_for_later(at: Bot) -> None:
    at.discord.break_next("POST", "/messages")
    at.discord.break_next("POST", "/messages")
    with pytest.raises(TryLater):
        await at.posts(CARD)


async def test_a_5xx_whose_post_went_through_makes_no_second_message(at: Bot) -> None:
    at.discord.break_next("POST", "/messages", 503, after=True)
    with pytest.raises(TryLater):
        await at.posts(CARD)
    await at.posts(CARD)
    assert len(at.shown()) == 1


async def test_a_rate_limit_is_waited_for(at: Bot) -> None:
    body = {"message": "You are being rate limited.", "retry_after": 0.05, "global": False}
    at.discord.break_next("POST", "/messages", 429, body)
    await at.posts(CARD)
    assert len(at.shown()) == 1


async def test_a_ban_by_the_network_in_front_of_discord_is_for_much_later(at: Bot) -> None:
    """A 429 without `Via` isn't Discord's own."""
    at.discord.break_next("POST", "/messages", 429, {"message": "error code: 1015"}, headers={"Via": ""})
    with pytest.raises(TryLater) as caught:
        await at.posts(CARD)
    assert caught.value.after == 60.0


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (413, {"code": 40005, "message": "Request entity too large"}, FileTooLarge),
        (400, {"code": 50045, "message": "File uploaded exceeds the maximum size"}, FileTooLarge),
        (403, {"code": 50013, "message": "Missing Permissions"}, PlaceGone),
        (404, {"code": 10003, "message": "Unknown Channel"}, PlaceGone),
        (400, {"code": 50035, "message": "Invalid Form Body"}, PlaceGone),
        (400, {"code": 240000, "message": "Message blocked by harmful links filter"}, PlaceGone),
        (400, {"code": 50083, "message": "Thread is archived"}, TryLater),
        (401, {"code": 0, "message": "401: Unauthorized"}, TryLater),
        (503, {}, TryLater),
    ],
)
async def test_each_no_means_one_thing(at: Bot, status: int, body: dict[str, object], kind: type) -> None:
    at.discord.break_next("POST", "/messages", status, body)
    with pytest.raises(MessengerError) as caught:
        await at.posts(CARD)
    assert type(caught.value) is kind


async def test_a_file_above_the_limit_is_refused_for_its_size(at: Bot) -> None:
    with pytest.raises(FileTooLarge):
        await at.posts(CARD, video(bytes(10 * MIB + 1)))
    assert at.shown() == []


async def test_an_edit_of_a_message_that_is_gone(at: Bot) -> None:
    ref = await at.posts(CARD)
    await at.adapter.messenger.delete(ref)
    with pytest.raises(PlaceGone):
        await at.adapter.messenger.edit(ref, CARD)


async def test_before_the_login_it_is_for_later(discord: LocalDiscord) -> None:
    discord.break_next("GET", "users/@me", 503)
    async with bot(discord, connected=False) as at:
        with pytest.raises(TryLater):
            await at.posts(CARD)


# places and people


@pytest.mark.parametrize(("tier", "limit"), [(0, 10), (1, 10), (2, 50), (3, 100)])
async def test_a_file_s_limit_is_that_of_the_server_s_boosts(at: Bot, tier: int, limit: int) -> None:
    at.discord.world.guilds[GUILD].tier = tier
    facts = await at.adapter.messenger.place(HERE)
    assert (facts.can_post, facts.can_attach, facts.upload_limit) == (True, True, limit * MIB)


@pytest.mark.parametrize(
    ("taken", "named"),
    [
        (Permission.SEND_MESSAGES, "send messages"),
        (Permission.ATTACH_FILES, "attach files"),
        (Permission.EMBED_LINKS, "embed links"),
        (Permission.READ_MESSAGE_HISTORY, "read message history"),
    ],
)
async def test_a_missing_permission_is_named_beforehand(at: Bot, taken: Permission, named: str) -> None:
    at.discord.world.channels[CHANNEL].denied = {APP: taken}
    facts = await at.adapter.messenger.place(HERE)
    assert (facts.can_post, facts.why) == (False, f"I lack the permission to {named}")


async def test_a_channel_it_does_not_see_and_one_that_is_gone(at: Bot) -> None:
    at.discord.world.channels[CHANNEL].denied = {GUILD: Permission.VIEW_CHANNEL}
    for place in (HERE, replace(HERE, channel="700000000000000777"), replace(HERE, channel="no id")):
        assert not (await at.adapter.messenger.place(place)).can_post


async def test_a_thread_goes_by_its_own_permission(at: Bot) -> None:
    at.discord.world.channels[CHANNEL].denied = {APP: Permission.SEND_MESSAGES}
    assert (await at.adapter.messenger.place(thread(at))).can_post
    assert not (await at.adapter.messenger.place(HERE)).can_post


async def test_a_thread_says_which_channel_it_is_in(at: Bot) -> None:
    place = at.adapter.messenger.place
    assert [(await place(where)).parent for where in (thread(at), HERE)] == [CHANNEL, ""]


async def test_a_thread_where_it_may_not_talk(at: Bot) -> None:
    at.discord.world.channels[CHANNEL].denied = {APP: Permission.SEND_MESSAGES_IN_THREADS}
    assert not (await at.adapter.messenger.place(thread(at))).can_post
    assert (await at.adapter.messenger.place(HERE)).can_post


async def test_an_archived_thread_is_opened_again_by_a_post(at: Bot) -> None:
    place = thread(at, archived=True)
    assert (await at.adapter.messenger.place(place)).can_post
    await at.posts(CARD, place=place)
    assert not at.discord.world.channels[THREAD].archived


async def test_an_edit_in_an_archived_thread_is_for_later(at: Bot) -> None:
    ref = await at.posts(CARD, place=thread(at))
    at.discord.world.channels[THREAD].archived = True
    with pytest.raises(TryLater):
        await at.adapter.messenger.edit(ref, CARD)


async def test_a_locked_thread_is_closed_for_good(at: Bot) -> None:
    place = thread(at, archived=True, locked=True)
    facts = await at.adapter.messenger.place(place)
    assert (facts.can_post, facts.why) == (False, "it is locked")
    with pytest.raises(PlaceGone):
        await at.adapter.messenger.edit(
            MessageRef(platform="discord", workspace=GUILD, channel=THREAD, message="1"), CARD
        )


async def test_a_forum_takes_posts_and_nothing_else(at: Bot) -> None:
    facts = await at.adapter.messenger.place(replace(HERE, channel=FORUM))
    assert (facts.can_post, facts.why) == (False, "a message has to stand in a post there")
    at.discord.world.channels[THREAD] = Channel(THREAD, PUBLIC_THREAD, "an idea", GUILD, FORUM)
    assert (await at.adapter.messenger.place(replace(HERE, channel=THREAD))).can_post


async def test_direct_messages_take_everything_or_nothing(at: Bot) -> None:
    place = await at.adapter.messenger.direct(ANAS)
    assert (await at.adapter.messenger.place(place)).can_post
    at.discord.world.users[ANA].takes_dms = False
    with pytest.raises(PlaceGone):
        await at.posts(CARD, place=place)


async def test_a_server_s_roles_without_everybody_s_and_bots(at: Bot) -> None:
    guild, designers, bots = at.discord.world.guilds[GUILD], "810000000000000002", "810000000000000003"
    guild.roles |= {designers: Permission(0), bots: Permission(0)}
    guild.role_names |= {designers: "Designers", bots: "klingbot"}
    guild.bot_roles[bots] = APP
    guild.members[ANA] = [designers]
    found = await at.adapter.messenger.groups(GUILD)
    assert [(one.value, one.label) for one in found] == [(designers, "Designers"), ("810000000000000001", "Managers")]
    ana, ben = [await at.adapter.messenger.actor(replace(ANAS, user=user)) for user in (ANA, BEN)]
    offered = {one.value for one in found}
    assert (offered & set(ana.groups), offered & set(ben.groups)) == ({designers}, set())
    await at.adapter.messenger.groups(GUILD)
    assert len([one for one in at.discord.made("GET", f"guilds/{GUILD}") if one.path.endswith(GUILD)]) == 1


@pytest.mark.parametrize("workspace", ["", "no id", "700000000000000999"])
async def test_where_there_is_no_server_there_are_no_roles(at: Bot, workspace: str) -> None:
    with pytest.raises(PlaceGone):
        await at.adapter.messenger.groups(workspace)


@pytest.mark.parametrize(("user", "admin"), [(ANA, False), (MIRA, True)])
async def test_administrators_manage_the_server(at: Bot, user: str, admin: bool) -> None:
    facts = await at.adapter.messenger.actor(replace(ANAS, user=user))
    assert (facts.active, facts.admin) == (True, admin)


async def test_who_left_the_server_is_nobody_there(at: Bot) -> None:
    del at.discord.world.guilds[GUILD].members[BEN]
    facts = await at.adapter.messenger.actor(replace(ANAS, user=BEN, name="ben"))
    assert (facts.name, facts.active, facts.admin) == ("ben", False, False)


async def test_who_leaves_is_nobody_after_a_moment(at: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Removed: SHORTLY in `actor` (they were somebody for a minute, and for another one in the house)."""
    assert (await at.adapter.messenger.actor(replace(ANAS, user=BEN))).active
    del at.discord.world.guilds[GUILD].members[BEN]
    monkeypatch.setattr(at.adapter.messenger._lately, "_now", lambda: time.monotonic() + SHORTLY)
    assert not (await at.adapter.messenger.actor(replace(ANAS, user=BEN))).active


async def test_somebody_who_cannot_be_asked_about_is_nobody(at: Bot) -> None:
    at.discord.break_next("GET", f"guilds/{GUILD}", 503)
    assert not (await at.adapter.messenger.actor(ANAS)).active


async def test_which_servers_somebody_shares_with_the_bot(at: Bot) -> None:
    elsewhere = Guild("800000000000000007", "Elsewhere", roles={"800000000000000007": Permission(0)}, members={APP: []})
    at.discord.world.guilds[elsewhere.id] = elsewhere
    alone = Actor(platform="discord", workspace="", user=ANA)
    facts = await at.adapter.messenger.actor(alone)
    assert [(one.value, one.label) for one in facts.workspaces] == [(GUILD, "Studio")]


async def test_what_was_asked_a_moment_ago_is_believed(at: Bot) -> None:
    for _ in range(3):
        await at.adapter.messenger.place(HERE)
    assert len(at.discord.made("GET", f"/channels/{CHANNEL}")) == 1


# a thread for each video


async def test_with_threads_a_video_gets_one_under_its_request(discord: LocalDiscord) -> None:
    async with bot(discord, DISCORD_THREADS="1") as at:
        status = await at.posts(Card(title="Making it"), key="s" * 20)
        first = await at.posts(CARD, video(), reply_to=status.message)
        again = await at.posts(CARD, video(), reply_to=status.message)
    assert first == again
    assert first.channel == status.message
    assert discord.world.channels[first.channel].name == "a fox"
    assert len(at.shown(first.channel)) == 1


@pytest.mark.parametrize("hinder", ["permission", "direct"])
async def test_where_no_thread_can_be_the_video_is_a_reply(discord: LocalDiscord, hinder: str) -> None:
    async with bot(discord, DISCORD_THREADS="1") as at:
        if hinder == "permission":
            at.discord.world.channels[CHANNEL].denied = {APP: Permission.CREATE_PUBLIC_THREADS}
        place = HERE if hinder == "permission" else await at.adapter.messenger.direct(ANAS)
        status = await at.posts(Card(title="Making it"), key="s" * 20, place=place)
        if hinder == "direct":
            at.discord.break_next("POST", "/threads", 403, {"code": 50024, "message": "Cannot execute on a DM channel"})
        ref = await at.posts(CARD, video(), reply_to=status.message, place=place)
    assert ref.channel == place.channel
    assert at.shown(place.channel)[-1]["message_reference"]["message_id"] == status.message
