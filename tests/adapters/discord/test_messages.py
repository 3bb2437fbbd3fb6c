"""Mentions, replies and direct messages, without any privileged intent unless it is granted."""

import pytest

from bot.errors import PictureHidden
from bot.messaging import Ask, Button, Card, Reply
from tests.support.at_discord import JOB, Bot, bot, video
from tests.support.local_discord import LocalDiscord
from tests.support.local_discord.people import Picture
from tests.support.local_discord.world import ANA, APP, BEN, CHANNEL, GUILD
from tests.support.verbs import FakeVerbs

PNG = Picture(b"\x89PNG")
WAVE = f"<@{APP}> make her wave --pro"


async def hears(at: Bot) -> Ask:
    await at.until(lambda: at.verbs.asks)
    return at.verbs.asks[-1]


def no(_: Ask) -> Reply:
    return Reply(card=Card(title="No"))


async def test_a_mention_with_a_picture(at: Bot) -> None:
    message = await at.people.say(WAVE, PNG)
    ask = await hears(at)
    assert (ask.text, ask.verb, ask.about) == ("make her wave --pro", "", None)
    assert (ask.key, ask.message, ask.actor.user) == (message["id"], message["id"], ANA)
    await at.until(lambda: at.verbs.pictures == [PNG.data])


async def test_the_answer_replies_to_the_message_and_pings_nobody(at: Bot) -> None:
    at.verbs.on_ask = no
    message = await at.people.say(WAVE)
    await at.until(at.shown)
    (shown,) = at.shown()
    assert shown["message_reference"]["message_id"] == message["id"]
    assert shown["mentions"] == []
    assert at.discord.messages.pings == []


@pytest.mark.parametrize("text", ["hello everybody", f"<@{BEN}> look"])
async def test_other_talk_is_none_of_its_business(at: Bot, text: str) -> None:
    await at.people.say(text, PNG)
    await at.people.say(WAVE, PNG)
    assert (await hears(at)).text == "make her wave --pro"
    assert len(at.verbs.asks) == 1


async def test_a_reply_to_a_video_of_ours_is_about_its_job(at: Bot) -> None:
    buttons = (Button(label="Again", action=f"again:{JOB}"), Button(label="Edit", action=f"edit:{JOB}", opens=True))
    ref = await at.posts(Card(title="a fox", job=JOB, buttons=buttons), video())
    await at.people.say(f"<@{APP}> --d 10", reply_to=at.discord.messages.known[CHANNEL, ref.message])
    ask = await hears(at)
    assert (ask.text, ask.about) == ("--d 10", JOB)


async def test_a_reply_that_pings_needs_no_mention(at: Bot) -> None:
    buttons = (Button(label="Edit", action=f"edit:{JOB}", opens=True),)
    ref = await at.posts(Card(title="a fox", buttons=buttons), video())
    await at.people.say("+ at night", reply_to=at.discord.messages.known[CHANNEL, ref.message])
    ask = await hears(at)
    assert (ask.text, ask.about) == ("+ at night", JOB)


async def test_somebody_elses_picture_is_hidden_without_the_intent(at: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = at.people.write("look", PNG, user=BEN)
    refused: list[str] = []
    house_asks = at.verbs.ask

    async def ask(one: Ask) -> Reply:
        try:
            return await house_asks(one)
        except PictureHidden as error:
            refused.append(error.door)
            return no(one)

    monkeypatch.setattr(at.verbs, "ask", ask)
    await at.people.say(WAVE, reply_to=photo)
    await at.until(at.shown)
    assert refused == ["Animate with Kling"]


async def test_with_the_intent_somebody_elses_picture_is_seen() -> None:
    async with LocalDiscord(content_intent=True) as discord, bot(discord, DISCORD_MESSAGE_CONTENT="1") as at:
        photo = at.people.write("look", PNG, user=BEN)
        await at.people.say(WAVE, reply_to=photo)
        await at.until(lambda: at.verbs.pictures == [PNG.data])


async def test_a_reply_to_words_of_somebody_else_with_the_intent_is_only_words() -> None:
    async with LocalDiscord(content_intent=True) as discord, bot(discord, DISCORD_MESSAGE_CONTENT="1") as at:
        await at.people.say(WAVE, reply_to=at.people.write("look", user=BEN))
        assert (await hears(at)).attachments == ()


async def test_direct_messages_need_no_mention_and_have_no_workspace(at: Bot) -> None:
    direct = at.discord.world.direct(ANA).id
    at.verbs.on_ask = no
    await at.people.say("a fox in the snow", channel=direct)
    ask = await hears(at)
    assert (ask.text, ask.actor.workspace, ask.place.workspace, ask.place.channel) == (
        "a fox in the snow", "", "", direct,
    )  # fmt: skip
    await at.until(lambda: at.shown(direct))


async def test_another_bot_is_not_listened_to(at: Bot) -> None:
    at.discord.world.users[BEN].bot = True
    await at.people.say(WAVE, user=BEN)
    await at.people.say(WAVE, user=ANA)
    assert (await hears(at)).actor.user == ANA
    assert len(at.verbs.asks) == 1


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (f"quota set <@{BEN}> 50/day", f"quota set <@{BEN}> 50/day"),
        (f"Quota set <@!{BEN}> <#{CHANNEL}> <@&{GUILD}>", f"Quota set <@{BEN}> <#{CHANNEL}> <&{GUILD}>"),
        (f"a fox for <@{BEN}> in <#{CHANNEL}> of <@&{GUILD}>", f"a fox for @{BEN} in #{CHANNEL} of @&{GUILD}"),
    ],
)
async def test_references_stand_only_in_lines_about_credits(at: Bot, said: str, text: str) -> None:
    await at.people.say(f"<@{APP}> {said}")
    assert (await hears(at)).text == text


async def test_a_mention_alone_is_nothing(at: Bot) -> None:
    await at.people.say(f"<@{APP}>")
    await at.people.say(WAVE)
    assert (await hears(at)).text == "make her wave --pro"


async def test_a_house_that_breaks_leaves_the_bot_alive(discord: LocalDiscord) -> None:
    def breaks(_: Ask) -> Reply:
        raise RuntimeError("boom")

    async with bot(discord, verbs=FakeVerbs(on_ask=breaks)) as at:
        await at.people.say(WAVE)
        await hears(at)
        at.verbs.on_ask = no
        await at.people.say(WAVE)
        await at.until(at.shown)
