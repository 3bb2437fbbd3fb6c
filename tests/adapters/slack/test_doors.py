"""Every way in, with the real Bolt over real sockets."""

from dataclasses import replace

import pytest

from bot.messaging import Button, Card, Form, Reply
from tests.support.local_slack.server import Fault
from tests.support.local_slack.world import ANA, BEN, BOT, GENERAL, PRIVATE, TEAM, Json
from tests.support.slack import HERE, Mode, Team, team, until, video, words
from tests.support.verbs import SORRY

JOB = "0123456789abcdefghij"
BOTH: list[Mode] = ["socket", "http"]
both = pytest.mark.parametrize("mode", BOTH)
PUBLIC = Reply(card=Card(title="On its way", text="<!channel> & co"), private=False)


def modal(house: Team) -> Json:
    view: Json = house.slack.methods.modals[-1]
    return view


def inputs(view: Json) -> list[str]:
    return [one["block_id"] for one in view["blocks"]]


@both
async def test_a_slash_command_is_asked_as_it_was_typed_and_answered_for_the_person_alone(mode: Mode) -> None:
    async with team(mode) as house:
        house.verbs.on_ask = lambda ask: Reply(card=Card(title="Really?", text="<!here>"))
        assert (await house.people.slash("a fox &amp; a <https://x.org|hen> —pro")).ok
        await house.quiet()
        [ask] = house.verbs.asks
        assert (ask.text, ask.place, ask.actor.user) == ("a fox & a https://x.org —pro", HERE, ANA)
        [said] = house.slack.made("response_url")
        assert said.args["response_type"] == "ephemeral"
        assert said.args["text"] == "Really? · &lt;!here&gt;"
        assert house.slack.refusals() == []


@both
async def test_kling_alone_opens_a_form_and_what_is_sent_with_it_is_asked(mode: Mode) -> None:
    async with team(mode) as house:
        await house.people.slash("  ")
        view = modal(house)
        assert view["blocks"][0]["block_id"] == "prompt"
        assert {"start", "d", "ar"} <= set(inputs(view))
        assert next(one["element"]["type"] for one in view["blocks"] if one["block_id"] == "start") == "file_input"
        assert all(one["optional"] for one in view["blocks"])
        photo = house.people.photo(b"a png")
        assert (
            await house.people.submit(view, {"prompt": "zoom", "d": "10"}, files={"start": [photo]})
        ).payload is None
        await house.quiet()
        [ask] = house.verbs.asks
        assert (ask.text, ask.verb, ask.choices["d"], ask.place) == ("zoom", "", "10", HERE)
        assert ([one.role for one in ask.attachments], house.verbs.pictures) == (["start"], [b"a png"])


@both
async def test_what_is_wrong_with_a_form_stands_at_its_field(mode: Mode) -> None:
    async with team(mode) as house:
        await house.people.slash("")
        house.verbs.on_preview = lambda ask: Card(title="No", text="10 seconds is dear", tone="warning", field="d")
        acked = await house.people.submit(modal(house), {"prompt": "zoom"})
        assert acked.payload == {"response_action": "errors", "errors": {"d": "10 seconds is dear"}}
        house.verbs.on_preview = lambda ask: Card(title="No credits" + "!" * 200, tone="bad", field="fx")
        acked = await house.people.submit(modal(house), {"prompt": "zoom"})
        assert acked.payload["errors"].keys() == {"prompt"}
        assert len(acked.payload["errors"]["prompt"]) <= 150
        assert house.verbs.asks == []
        house.verbs.on_preview = lambda ask: Card(title="45 credits")
        assert (await house.people.submit(modal(house), {"prompt": "zoom"})).payload is None
        await house.asked()


@both
async def test_animate_in_a_thread_takes_the_pictures_of_that_message_and_answers_there(mode: Mode) -> None:
    async with team(mode) as house:
        root = house.people.write("look at these")
        photo, note = house.people.photo(b"a jpeg", user=BEN), house.people.photo(b"words", name="notes.txt")
        note["mimetype"] = "text/plain"
        reply = house.people.write("this one", photo, note, user=BEN, thread=root["ts"])
        await house.people.shortcut("animate", reply)
        view = modal(house)
        assert "start" not in inputs(view)
        house.verbs.on_ask = lambda ask: PUBLIC
        await house.people.submit(view, {"prompt": "it waves"})
        await house.quiet()
        [ask] = house.verbs.asks
        assert (ask.verb, ask.text, ask.place.thread, ask.message) == ("animate", "it waves", root["ts"], reply["ts"])
        assert house.verbs.pictures == [b"a jpeg"]
        assert len(house.said(root["ts"])) == 1


async def test_animate_on_a_message_without_a_picture_asks_for_one() -> None:
    async with team() as house:
        await house.people.shortcut("animate", house.people.write("only words"))
        assert (modal(house)["title"]["text"], "start" in inputs(modal(house))) == ("Animate with Kling", True)


@both
async def test_a_form_that_slack_does_not_open_is_told_of(mode: Mode) -> None:
    async with team(mode) as house:
        house.slack.faults.append(Fault("views.open", 200, {"ok": False, "error": "expired_trigger_id"}))
        assert (await house.people.slash("")).ok
        [said] = house.slack.made("response_url")
        assert (said.args["text"], said.args["response_type"]) == (f"{SORRY.title} · {SORRY.text}", "ephemeral")
        assert house.verbs.asks == []


async def test_the_global_shortcut_lets_one_choose_the_channel() -> None:
    async with team() as house:
        await house.people.shortcut("make")
        assert inputs(modal(house))[:2] == ["channel", "prompt"]
        await house.people.submit(modal(house), {"prompt": "a fox", "channel": PRIVATE})
        await house.asked()
        assert house.verbs.asks[0].place == replace(HERE, channel=PRIVATE)


@both
async def test_a_mention_with_a_picture(mode: Mode) -> None:
    async with team(mode) as house:
        await house.people.mention(f"make <@{BEN}> wave", house.people.photo(b"mine"))
        await house.quiet()
        [ask] = house.verbs.asks
        assert (ask.text, ask.verb, ask.place.thread, house.verbs.pictures) == (
            f"make @{BEN} wave", "", ask.message, [b"mine"],
        )  # fmt: skip


async def test_a_mention_in_the_middle_of_a_sentence() -> None:
    async with team() as house:
        said = house.people.write(f"hey <@{BOT}> a red fox for <@{BEN}>")
        await house.people.mention("", message=said)
        await house.asked()
        assert house.verbs.asks[0].text == f"hey   a red fox for @{BEN}"


async def test_a_mention_whose_event_lacks_its_picture_is_read_again() -> None:
    async with team() as house:
        await house.people.mention("wave", house.people.photo(b"mine"), hide_files=True)
        await house.quiet()
        assert house.verbs.pictures == [b"mine"]
        assert len(house.slack.made("conversations.replies")) == 1


async def test_without_the_scope_to_read_a_mention_still_counts() -> None:
    async with team() as house:
        installed = next(iter(house.slack.world.tokens.values()))
        installed.scopes = tuple(one for one in installed.scopes if not one.endswith(":history"))
        await house.people.mention("wave", house.people.photo(b"mine"), hide_files=True)
        await house.quiet()
        assert (house.verbs.asks[0].text, house.verbs.pictures) == ("wave", [])


async def test_a_mention_in_the_thread_of_somebodys_picture_takes_that() -> None:
    async with team() as house:
        root = house.people.write("my dog", house.people.photo(b"a dog", user=BEN), user=BEN)
        await house.people.mention("make it wave", thread=root["ts"])
        await house.quiet()
        assert (house.verbs.asks[0].place.thread, house.verbs.pictures) == (root["ts"], [b"a dog"])


async def test_a_mention_without_anything_reads_nothing_again() -> None:
    async with team() as house:
        await house.people.mention("a red fox")
        await house.quiet()
        assert house.slack.made("conversations.replies") == []


async def test_a_mention_in_the_thread_of_a_video_of_ours_is_about_it() -> None:
    async with team() as house:
        status = await house.adapter.messenger.post(HERE, Card(title="Making it"), key="status")
        done = Card(title="Done", job=JOB)
        await house.adapter.messenger.post(HERE, done, (video(),), key="result", reply_to=status.message)
        await house.people.mention("--d 10", thread=status.message)
        await house.quiet()
        assert (house.verbs.asks[0].about, house.verbs.asks[0].text) == (JOB, "--d 10")
        await house.people.mention("this instead", house.people.photo(b"new"), thread=status.message)
        await house.quiet()
        assert (house.verbs.asks[1].about, house.verbs.pictures) == (None, [b"new"])


@both
async def test_a_direct_message_needs_no_mention(mode: Mode) -> None:
    async with team(mode) as house:
        house.verbs.on_ask = lambda ask: PUBLIC
        await house.people.direct("a red fox", house.people.photo(b"mine"))
        await house.quiet()
        [ask] = house.verbs.asks
        channel = house.slack.world.direct(ANA).id
        assert (ask.text, ask.place.channel, house.verbs.pictures) == ("a red fox", channel, [b"mine"])
        assert len(house.said(ask.message, channel)) == 1


async def test_the_bots_own_words_and_other_events_are_acknowledged_and_nobodys_business() -> None:
    async with team() as house:
        own = house.people.write("done", user=BOT) | {"bot_id": "B0KLING"}
        channel = house.slack.world.direct(ANA).id
        assert (await house.people.event({**own, "channel": channel, "channel_type": "im", "type": "message"})).ok
        assert (await house.people.event({"type": "channel_rename", "channel": {"id": GENERAL, "name": "x"}})).ok
        assert (await house.people.event({"type": "message", "subtype": "message_changed", "channel_type": "im"})).ok
        assert (await house.people.home(tab="messages")).ok
        await house.quiet()
        assert (house.verbs.asks, house.slack.made("views.publish")) == ([], [])


@both
async def test_a_button_is_pressed_where_its_message_is(mode: Mode) -> None:
    async with team(mode) as house:
        await house.people.press(await _shown(house, f"again:{JOB}"), f"again:{JOB}", user=BEN)
        await house.quiet()
        [press] = house.verbs.presses
        assert (press.action, press.actor.user, press.actor.workspace) == (f"again:{JOB}", BEN, TEAM)
        assert press.place.thread == house.said()[0]["ts"]


async def test_a_button_still_works_after_a_restart() -> None:
    async with team() as house:
        message = await _shown(house, f"receipt:{JOB}")
        async with team(slack=house.slack, memory=house.memory) as second:
            second.verbs.on_press = house.verbs.on_press = lambda press: Reply(card=Card(title="Receipt"))
            await second.people.press(message, f"receipt:{JOB}")
            await second.quiet()
        assert len(house.verbs.presses + second.verbs.presses) == 1
        assert house.slack.made("response_url")[0].args["text"] == "Receipt"


@both
async def test_a_button_may_open_a_form_whose_values_come_back_with_it(mode: Mode) -> None:
    async with team(mode) as house:
        fields = house.verbs.menu[0].fields
        house.verbs.on_press = lambda press: Reply(
            form=Form(title="Deny", fields=fields, submit="Deny", action="deny:1")
        )
        await house.people.press(await _shown(house, "deny:1"), "deny:1")
        await until(lambda: house.slack.methods.modals)
        house.verbs.on_press = lambda press: Reply(card=Card(title="Denied"), replaces=True)
        assert (await house.people.submit(modal(house), {"prompt": "too dear"})).payload is None
        await until(lambda: len(house.verbs.presses) == 2)
        assert (house.verbs.presses[1].action, house.verbs.asks) == ("deny:1", [])


async def test_a_form_that_comes_too_late_for_its_trigger_is_answered_with_the_card() -> None:
    async with team() as house:
        form = Form(title="Edit", fields=house.verbs.menu[0].fields, submit="Go", verb="video", about=JOB)
        house.verbs.on_press = lambda press: _later(
            house, Reply(form=form, card=Card(title="By hand", command="video x"))
        )
        await house.people.press(await _shown(house, f"edit:{JOB}"), f"edit:{JOB}")
        await house.quiet()
        assert "/kling video x" in words(house.slack.made("response_url")[0].args["blocks"])


def _later(house: Team, reply: Reply) -> Reply:
    house.slack.world.skew += 4
    return reply


async def test_a_card_that_takes_anothers_place_replaces_it() -> None:
    async with team() as house:
        house.verbs.on_press = lambda press: Reply(card=Card(title="Dropped"), replaces=True)
        await house.people.press(await _shown(house, "drop:1"), "drop:1")
        await house.quiet()
        assert house.slack.made("response_url")[0].args["replace_original"] is True


async def _shown(house: Team, action: str) -> Json:
    card = Card(title="It is there", buttons=(Button(label="Press", action=action),))
    ref = await house.adapter.messenger.post(HERE, card, key=f"card-{action}")
    message = house.slack.world.message(GENERAL, ref.message)
    assert message is not None
    return message
