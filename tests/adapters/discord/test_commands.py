"""Slash commands, the message command and its modal, completion: acknowledged, asked of the house, answered."""

import pytest

from bot.messaging import Ask, Card, Choice, Reply
from tests.support.at_discord import Bot, bot
from tests.support.local_discord import LocalDiscord
from tests.support.local_discord.people import Picture
from tests.support.local_discord.world import ANA, BEN, CHANNEL, GUILD
from tests.support.memory import FakeMemory
from tests.support.verbs import SORRY

PNG, OTHER = Picture(b"\x89PNG one"), Picture(b"\x89PNG two")


def refusing(_: Ask) -> Reply:
    return Reply(card=Card(title="No", text="because *this* @everyone <@600000000000000002>"))


async def test_words_become_an_ask_and_the_acknowledgement_goes_when_there_is_nothing_to_say(at: Bot) -> None:
    given = await at.people.slash("kling", "video", options={"prompt": "a <:fox:1> fox --pro", "length": "10"})
    await at.discord.until("DELETE", "@original")
    (ask,) = at.verbs.asks
    assert (ask.verb, ask.text, ask.choices) == ("video", "a :fox: fox --pro", {"d": "10"})
    assert (ask.key, ask.actor.user, ask.actor.workspace, ask.actor.name) == (given.id, ANA, GUILD, "ana")
    assert (ask.place.workspace, ask.place.channel, ask.apart, ask.message) == (GUILD, CHANNEL, False, None)
    assert (given.answer, given.data) == (5, {"flags": 64}), "private, before anything else"
    assert at.shown() == []
    assert at.discord.refusals() == []


async def test_what_the_house_says_stands_where_the_acknowledgement_stood(at: Bot) -> None:
    at.verbs.on_ask = refusing
    given = await at.people.slash("kling", "video", options={"prompt": "a fox"})
    shown = await at.answered(given)
    (embed,) = shown["embeds"]
    assert embed["title"] == "No"
    assert embed["description"] == "because \\*this\\* @\u200beveryone \\<@\u200b600000000000000002\\>"


async def test_pictures_are_read_inside_the_request_with_their_roles(at: Bot) -> None:
    await at.people.slash("kling", "animate", options={"prompt": "she waves", "start": PNG, "end": OTHER, "pro": True})
    await at.discord.until("DELETE", "@original")
    (ask,) = at.verbs.asks
    assert (ask.verb, ask.choices) == ("animate", {"pro": "yes"})
    assert [one.role for one in ask.attachments] == ["start", "end"]
    assert [one.size for one in ask.attachments] == [len(PNG.data), len(OTHER.data)]
    assert at.verbs.pictures == [PNG.data, OTHER.data]


async def test_up_to_four_reference_pictures(at: Bot) -> None:
    pictures = dict.fromkeys(("ref", "ref-2", "ref-3", "ref-4"), PNG)
    await at.people.slash("kling", "elements", options={"prompt": "they meet", **pictures})
    await at.discord.until("DELETE", "@original")
    assert [one.role for one in at.verbs.asks[0].attachments] == ["ref"] * 4


async def test_numbers_come_as_people_write_them(at: Bot) -> None:
    await at.people.slash("kling", "video", options={"prompt": "a fox", "cfg": 0.5})
    await at.discord.until("DELETE", "@original")
    assert at.verbs.asks[0].choices == {"cfg": "0.5"}


async def test_in_a_line_about_credits_names_are_references(at: Bot) -> None:
    options: dict[str, str | int] = {"scope": f"<@!{BEN}>", "credits": 50, "period": "day"}
    await at.people.slash("kling-admin", "quota", "set", options=options)
    await at.people.slash(
        "kling", "video", options={"prompt": f"<@!{BEN}> waves", "avoid": f"<@&{GUILD}> <#{CHANNEL}>"}
    )
    await at.until(lambda: len(at.verbs.asks) == 2)
    assert at.verbs.asks[0].choices == {"scope": f"<@{BEN}>", "credits": "50", "period": "day"}
    assert (at.verbs.asks[1].text, at.verbs.asks[1].choices) == (f"@!{BEN} waves", {"no": f"@&{GUILD} #{CHANNEL}"})


async def test_an_effect_completes_itself(at: Bot) -> None:
    asked = []

    def complete(field: str, typed: str) -> tuple[Choice, ...]:
        asked.append((field, typed))
        return tuple(Choice(value=f"v{number}", label=f"Scene {number}") for number in range(30))

    at.verbs.on_complete = complete
    given = await at.people.complete("kling", "effect", field="effect", typed="hu")
    await at.until(lambda: given.answer)
    assert asked == [("fx", "hu")]
    assert given.answer == 8
    assert len(given.data["choices"]) == 25
    assert given.data["choices"][0] == {"name": "Scene 0", "value": "v0"}


async def test_a_sub_word_and_the_bare_form_of_a_verb_that_has_some(at: Bot) -> None:
    limit: dict[str, str | float] = {"scope": "default", "credits": 1_500_000.0, "period": "month"}
    await at.people.slash("kling-admin", "quota", "set", options=limit)
    await at.discord.until("DELETE", "@original")
    await at.people.slash("kling-admin", "quota", "show")
    await at.discord.until("DELETE", "@original", times=2)
    said, bare = at.verbs.asks
    assert (said.verb, said.choices) == ("quota set", {"scope": "default", "credits": "1500000", "period": "month"})
    assert (bare.verb, bare.choices, bare.text) == ("quota", {}, "")


async def test_a_command_that_is_gone_is_answered_all_the_same(at: Bot) -> None:
    shown = await at.answered(await at.people.slash("kling", "dance"))
    assert shown["embeds"][0]["title"] == SORRY.title
    assert at.verbs.asks == []


async def test_an_interaction_too_late_costs_nothing(at: Bot) -> None:
    await at.people.slash("kling", "video", options={"prompt": "a fox"}, age=4.0)
    await at.until(lambda: [one.code for one in at.discord.refusals()] == [10062])
    await at.people.slash("kling", "video", options={"prompt": "in time"})
    await at.discord.until("DELETE", "@original")
    assert [one.text for one in at.verbs.asks] == ["in time"]


async def test_a_token_that_died_meanwhile_matters_to_nobody(at: Bot) -> None:
    def slow(_: Ask) -> Reply:
        at.discord.world.skew = 1_000.0
        return refusing(_)

    at.verbs.on_ask = slow
    await at.people.slash("kling", "video", options={"prompt": "a fox"})
    await at.until(lambda: [one.code for one in at.discord.refusals()] == [50027])
    at.verbs.on_ask = refusing
    await at.answered(await at.people.slash("kling", "status"))


async def test_an_acknowledgement_whose_answer_was_lost_counts(at: Bot) -> None:
    at.discord.break_next("POST", "callback", after=True)
    await at.people.slash("kling", "video", options={"prompt": "a fox"})
    await at.discord.until("DELETE", "@original")
    assert [one.code for one in at.discord.refusals()] == [40060]
    assert len(at.verbs.asks) == 1


async def test_animate_with_kling_opens_a_form_over_somebody_elses_picture(at: Bot) -> None:
    photo = at.people.write("look", PNG, user=BEN)
    opened = await at.people.menu("Animate with Kling", photo)
    await at.until(lambda: opened.answer)
    assert (opened.answer, opened.data["title"]) == (9, "Animate with Kling")
    names = [part["component"]["custom_id"] for part in opened.data["components"]]
    assert names[0] == "prompt"
    assert "start" not in names, "the picture is there already"
    await at.people.submit(opened, {"prompt": "zoom in", "d": "10", "pro": "yes"})
    await at.discord.until("DELETE", "@original")
    (ask,) = at.verbs.asks
    assert (ask.verb, ask.text, ask.choices) == ("animate", "zoom in", {"d": "10", "pro": "yes"})
    assert at.verbs.pictures == [PNG.data]


async def test_a_form_over_a_picture_works_after_a_restart(discord: LocalDiscord) -> None:
    memory = FakeMemory()
    async with bot(discord, memory=memory) as before:
        opened = await before.people.menu("Animate with Kling", before.people.write("look", PNG, user=BEN))
        await before.until(lambda: opened.answer)
    async with bot(discord, memory=memory) as at:
        await at.people.submit(opened, {"prompt": "zoom in"})
        await at.until(lambda: at.verbs.pictures)
        assert at.verbs.pictures == [PNG.data]
        row = f"picked:{opened.id}"
        assert row in memory.rows
        await memory.put(row, {"done": 1.0})
    async with bot(discord, memory=memory) as at:
        await at.until(lambda: row not in memory.rows)


async def test_animate_on_a_message_without_a_picture_lets_the_house_say_so(at: Bot) -> None:
    at.verbs.on_ask = refusing
    given = await at.people.menu("Animate with Kling", at.people.write("just words", user=BEN))
    await at.answered(given)
    assert (at.verbs.asks[0].verb, at.verbs.asks[0].attachments) == ("animate", ())


async def test_a_file_from_outside_of_discord_is_not_fetched(at: Bot) -> None:
    payload = at.people.slash_payload("kling", "animate", options={"start": PNG})
    for attachment in payload["data"]["resolved"]["attachments"].values():
        attachment["url"] = "http://10.0.0.1/secret.png"
    await at.discord.gateway.dispatch("INTERACTION_CREATE", payload, guild=GUILD)
    await at.until(lambda: at.verbs.asks)
    assert at.verbs.pictures == []


@pytest.mark.parametrize("verb", ["status", "help"])
async def test_questions_are_answered_in_private(at: Bot, verb: str) -> None:
    at.verbs.on_ask = refusing
    given = await at.people.slash("kling", verb)
    await at.answered(given)
    assert given.data == {"flags": 64}
    assert at.verbs.asks[0].verb == verb


async def test_somebody_who_brought_the_bot_along_is_answered_in_direct_messages(at: Bot) -> None:
    """User-installed only: the bot is not in that server and can't post there."""
    await at.people.slash("kling", "video", options={"prompt": "a fox"}, installed_in_guild=False)
    await at.discord.until("DELETE", "@original")
    (ask,) = at.verbs.asks
    assert (ask.apart, ask.actor.workspace, ask.place.workspace) == (True, "", "")
    assert ask.place.channel == at.discord.world.direct(ANA).id
    assert at.discord.world.channels[ask.place.channel].recipient == ANA
