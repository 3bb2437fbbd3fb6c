"""Buttons carry everything there is to know, so they work on messages that this process never saw."""

import asyncio

import pytest

from bot.messaging import Button, Card, Form, FormField, Press, Reply
from tests.support.at_discord import JOB, MENU, Bot, bot, video
from tests.support.local_discord import LocalDiscord
from tests.support.local_discord.world import ANA, BEN, CHANNEL, Json
from tests.support.verbs import SORRY

AGAIN = Button(label="Again", action=f"again:{JOB}")
EDIT = Button(label="Edit", action=f"edit:{JOB}", opens=True)
DELETE = Button(label="Delete", action=f"delete:{JOB}", style="danger", confirm="Really?")
FORM = Form(
    title="Change it", verb="video", about=JOB, submit="Go",
    fields=tuple(one for one in MENU[0].fields if one.kind != "picture"),
)  # fmt: skip


async def shown(at: Bot) -> Json:
    """A result with its buttons."""
    ref = await at.posts(Card(title="a fox", buttons=(AGAIN, EDIT, DELETE)), video())
    return at.discord.messages.known[CHANNEL, ref.message]


def saying(title: str, *, replaces: bool = False) -> Reply:
    return Reply(card=Card(title=title), replaces=replaces)


async def test_a_button_works_after_a_restart(discord: LocalDiscord) -> None:
    async with bot(discord) as before:
        message = await shown(before)
    async with bot(discord) as at:
        given = await at.people.press(message, f"again:{JOB}", user=BEN)
        await at.until(lambda: at.verbs.presses)
    (press,) = at.verbs.presses
    assert (press.action, press.actor.user, press.key, press.choices) == (f"again:{JOB}", BEN, given.id, {})
    assert given.answer == 6, "acknowledged without changing the message"


async def test_the_answer_to_a_press_is_for_its_person_alone(at: Bot) -> None:
    """Such as the wrong person's: they are told so, and nobody else sees it."""
    at.verbs.on_press = lambda press: saying("Not yours")
    message = await shown(at)
    await at.people.press(message, f"again:{JOB}", user=BEN)
    await at.until(lambda: len(at.shown()) == 2)
    answer = at.shown()[1]
    assert (answer["embeds"][0]["title"], answer["flags"] & 64) == ("Not yours", 64)
    assert message["embeds"][0]["title"] == "a fox"


async def test_an_answer_can_take_the_place_of_its_message(at: Bot) -> None:
    at.verbs.on_press = lambda press: saying("It is being made", replaces=True)
    message = await shown(at)
    await at.people.press(message, f"again:{JOB}")
    await at.until(lambda: message["embeds"][0]["title"] == "It is being made")
    assert len(at.shown()) == 1


async def test_a_button_that_asks_first(at: Bot) -> None:
    message = await shown(at)
    asked = await at.people.press(message, f"?delete:{JOB}")
    await at.until(lambda: asked.answer)
    assert (asked.answer, asked.data["flags"], asked.data["embeds"][0]["title"]) == (4, 64, "Delete?")
    assert at.verbs.presses == []
    question = at.original(asked)
    at.verbs.on_press = lambda press: saying("Taken away")
    await at.people.press(question, f"!delete:{JOB}")
    await at.until(lambda: question["embeds"][0]["title"] == "Taken away")
    assert [press.action for press in at.verbs.presses] == [f"delete:{JOB}"]


async def test_a_form_opens_at_once_prefilled_and_comes_back(at: Bot) -> None:
    fields = (FormField(name="prompt", label="Words", kind="text", value="a red fox", long=True, required=True),)
    at.verbs.on_press = lambda press: Reply(
        form=Form(title="Change", fields=fields, submit="", verb="video", about=JOB)
    )
    opened = await at.people.press(await shown(at), f"~edit:{JOB}")
    await at.until(lambda: opened.answer)
    assert opened.answer == 9
    assert opened.data["components"][0]["component"]["value"] == "a red fox"
    await at.people.submit(opened, {"prompt": "a blue fox"})
    await at.discord.until("DELETE", "@original")
    (ask,) = at.verbs.asks
    assert (ask.verb, ask.text, ask.about) == ("video", "a blue fox", JOB)


async def test_a_form_of_a_button_comes_back_as_a_press(at: Bot) -> None:
    field = FormField(name="reason", label="Why", kind="text")
    at.verbs.on_press = lambda press: (
        saying("Denied", replaces=True)
        if press.choices
        else Reply(form=Form(title="Deny", fields=(field,), submit="", action="deny:1"))
    )
    message = await shown(at)
    opened = await at.people.press(message, f"~edit:{JOB}", user=ANA)
    await at.until(lambda: opened.answer)
    await at.people.submit(opened, {"reason": "too dear"})
    await at.until(lambda: message["embeds"][0]["title"] == "Denied")
    assert (at.verbs.presses[-1].action, at.verbs.presses[-1].choices) == ("deny:1", {"reason": "too dear"})


async def test_a_modal_has_at_most_five_parts(at: Bot) -> None:
    at.verbs.on_press = lambda press: Reply(form=FORM)
    opened = await at.people.press(await shown(at), f"~edit:{JOB}")
    await at.until(lambda: opened.answer)
    names = [part["component"]["custom_id"] for part in opened.data["components"]]
    assert len(names) == 5
    assert names[0] == "prompt"


@pytest.mark.parametrize("reply", [Reply(), saying("Not yours")])
async def test_where_there_is_no_form_its_button_is_answered_with_a_card(at: Bot, reply: Reply) -> None:
    at.verbs.on_press = lambda press: reply
    given = await at.people.press(await shown(at), f"~edit:{JOB}")
    await at.until(lambda: given.answer)
    assert (given.answer, given.data["flags"]) == (4, 64)
    assert given.data["embeds"][0]["title"] == (reply.card or SORRY).title


async def test_a_house_too_slow_for_a_form_is_answered_for(at: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(press: Press) -> Reply:
        await asyncio.sleep(3600)
        return Reply()

    monkeypatch.setattr("adapters.discord.doors._FORM_WITHIN", 0.05)
    monkeypatch.setattr(at.verbs, "press", slow)
    given = await at.people.press(await shown(at), f"~edit:{JOB}")
    await at.until(lambda: given.answer)
    assert given.data["embeds"][0]["title"] == SORRY.title


async def test_a_press_in_a_server_the_bot_is_not_in_goes_on_in_direct_messages(at: Bot) -> None:
    payload = at.discord.interactions.make(
        3, {"custom_id": "confirm:1", "component_type": 2}, user=ANA, channel=CHANNEL, message=await shown(at),
        installed_in_guild=False,
    )  # fmt: skip
    await at.discord.gateway.dispatch("INTERACTION_CREATE", payload, guild=payload["guild_id"])
    await at.until(lambda: at.verbs.presses)
    (press,) = at.verbs.presses
    assert (press.actor.workspace, press.place.channel) == ("", at.discord.world.direct(ANA).id)
