"""The whole service in Discord: real verbs, ledger, jobs and media, the providers' clients on the sandbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.app import App
from tests.support.at_discord import service, titles, until, videos
from tests.support.local_discord import LocalDiscord, People
from tests.support.local_discord.people import Picture
from tests.support.local_discord.world import ANA, APP, BEN, CHANNEL, GUILD, Guild, Json, Permission
from tests.support.media import file_of, noise

PHOTO = Picture(file_of(noise(400, 300, 1)), name="photo.jpg", kind="image/jpeg")
Rows = list[dict[str, Any]]


async def rows(app: App, sql: str) -> Rows:
    found: list[Any] = list(await app.database.read(sql))
    return [dict(one) for one in found]


@asynccontextmanager
async def quietly(discord: LocalDiscord, folder: Path) -> AsyncIterator[App]:
    async with service(discord, folder) as app:
        yield app
    assert discord.messages.pings == []


async def test_a_command_becomes_a_video_that_answers_its_status(discord: LocalDiscord, tmp_path: Path) -> None:
    async with quietly(discord, tmp_path):
        await People(discord).slash("kling", "video", options={"prompt": "a red fox --yes"})
        (video,) = await until(lambda: videos(discord))
        await until(lambda: any("Done" in one or "a red fox" in one for one in titles(discord)))
        status = discord.messages.known[CHANNEL, video["message_reference"]["message_id"]]
        assert status["author"]["id"] == APP
        assert "webhook_id" not in video, "a plain message of the bot"
        (attachment,) = video["attachments"]
        assert attachment["filename"].endswith(".mp4")
        assert attachment["description"]
        assert discord.cdn.stored[attachment["id"]][4:8] == b"ftyp"
        labels = [part["label"] for row in video["components"] for part in row["components"]]
        assert labels == ["Again", "Edit", "In pro", "Extend", "Receipt", "Delete"]
        assert discord.refusals() == []


async def test_a_mention_gets_its_video_as_an_answer_and_a_reply_changes_it(
    discord: LocalDiscord, tmp_path: Path
) -> None:
    people = People(discord)
    async with quietly(discord, tmp_path) as app:
        asked = await people.say(f"<@{APP}> make her wave --yes", PHOTO)
        (video,) = await until(lambda: videos(discord))
        assert video["message_reference"]["message_id"] == asked["id"]
        await people.say("--d 10 --yes", reply_to=video)
        await until(lambda: len(videos(discord)) == 2)
        first, second = await rows(app, "SELECT request, parent, id FROM job ORDER BY id")
        assert ('"duration":10' in second["request"], '"duration":5' in first["request"]) == (True, True)
        assert second["parent"] == first["id"]
        assert "make her wave" in second["request"]


async def test_buttons_work_after_a_restart_for_the_right_person(discord: LocalDiscord, tmp_path: Path) -> None:
    people = People(discord)
    async with quietly(discord, tmp_path):
        await people.slash("kling", "video", options={"prompt": "a red fox --yes"})
        (video,) = await until(lambda: videos(discord))
    actions = {part["label"]: part["custom_id"] for row in video["components"] for part in row["components"]}
    async with quietly(discord, tmp_path):
        asked = await people.press(video, actions["Delete"], user=BEN)
        question = await until(lambda: discord.messages.known.get((CHANNEL, asked.original or "")))
        await people.press(question, question["components"][0]["components"][0]["custom_id"], user=BEN)
        await until(lambda: question["embeds"][0]["title"] == "Not yours")
        edit = await people.press(video, actions["Edit"])
        await until(lambda: edit.answer == 9)
        words = edit.data["components"][0]["component"]
        assert (words["custom_id"], words["value"]) == ("prompt", "a red fox")
        await people.submit(edit, {"prompt": "a blue owl", "yes": "yes"})
        await until(lambda: len(videos(discord)) == 2)
        mine = await people.press(video, actions["Delete"])
        question = await until(lambda: discord.messages.known.get((CHANNEL, mine.original or "")))
        await people.press(question, question["components"][0]["components"][0]["custom_id"])
        await until(lambda: len(videos(discord)) == 1)


async def test_a_question_before_much_is_spent_is_confirmed_in_private(discord: LocalDiscord, tmp_path: Path) -> None:
    people = People(discord)
    async with quietly(discord, tmp_path) as app:
        given = await people.slash("kling", "video", options={"prompt": "a red fox", "length": "10", "pro": True})
        question = await until(lambda: _with_buttons(discord, given.original))
        assert question["flags"] & 64
        assert await rows(app, "SELECT id FROM job") == []
        confirm = question["components"][0]["components"][0]["custom_id"]
        assert confirm.startswith("confirm:")
        await people.press(question, confirm)
        await until(lambda: videos(discord))
        assert len(await rows(app, "SELECT id FROM job")) == 1


def _with_buttons(discord: LocalDiscord, message: str | None) -> Json | None:
    known = discord.messages.known.get((CHANNEL, message or ""))
    return known if known and known["components"] else None


async def test_a_missing_permission_is_found_before_credits_are_held(discord: LocalDiscord, tmp_path: Path) -> None:
    discord.world.channels[CHANNEL].denied = {APP: Permission.ATTACH_FILES}
    async with quietly(discord, tmp_path) as app:
        given = await People(discord).slash("kling", "video", options={"prompt": "a red fox --yes"})
        shown = await until(lambda: discord.messages.known.get((CHANNEL, given.original or "")))
        await until(lambda: shown["embeds"])
        assert "I lack the permission to attach files" in shown["embeds"][0]["description"]
        assert await rows(app, "SELECT id FROM entry") == []


async def test_a_channel_that_is_deleted_meanwhile_sends_the_video_to_its_person(
    discord: LocalDiscord, tmp_path: Path
) -> None:
    async with quietly(discord, tmp_path) as app:
        await People(discord).slash("kling", "video", options={"prompt": "a red fox --yes"})
        await until(lambda: titles(discord))
        del discord.world.channels[CHANNEL]
        (video,) = await until(lambda: videos(discord, discord.world.direct(ANA).id))
        assert "meant for the place where you asked" in video["embeds"][0]["description"]
        assert [one["state"] for one in await rows(app, "SELECT state FROM job")] == ["done"]


async def test_who_only_brought_the_bot_along_gets_it_by_direct_message(discord: LocalDiscord, tmp_path: Path) -> None:
    async with quietly(discord, tmp_path):
        given = await People(discord).slash(
            "kling", "video", options={"prompt": "a red fox --yes"}, installed_in_guild=False
        )
        await until(lambda: videos(discord, discord.world.direct(ANA).id))
        said = discord.messages.known[CHANNEL, given.original or ""]["embeds"][0]["description"]
        assert said == "I'm not a member here, so the video comes to your direct messages."


async def test_direct_messages_ask_once_which_server_pays(discord: LocalDiscord, tmp_path: Path) -> None:
    other = "800000000000000002"
    everybody = discord.world.guilds[GUILD].roles[GUILD]
    discord.world.guilds[other] = Guild(other, "School", roles={other: everybody}, members={ANA: [], APP: []})
    people, direct = People(discord), discord.world.direct(ANA).id
    async with quietly(discord, tmp_path):
        await people.say("a red fox --yes", channel=direct)
        await until(lambda: titles(discord, direct))
        (question,) = [one for (at, _), one in discord.messages.known.items() if at == direct and one["components"]]
        labels = {part["label"]: part["custom_id"] for part in question["components"][0]["components"]}
        assert labels == {"Studio": f"home:{GUILD}", "School": f"home:{other}"}
        await people.press(question, labels["Studio"])
        await until(lambda: "Studio" in question["embeds"][0]["title"])
        await people.say("a red fox --yes", channel=direct)
        await until(lambda: videos(discord, direct))


async def test_an_upload_that_discord_finds_too_big_is_made_smaller(discord: LocalDiscord, tmp_path: Path) -> None:
    too_large = {"code": 40005, "message": "Request entity too large"}
    async with quietly(discord, tmp_path):
        await People(discord).slash("kling", "video", options={"prompt": "a red fox --yes"})
        await until(lambda: titles(discord))
        discord.break_next("POST", f"channels/{CHANNEL}/messages", 413, too_large)
        (video,) = await until(lambda: videos(discord))
        refused = next(one for one in discord.calls if one.status == 413)
        assert video["attachments"][0]["size"] <= refused.files[0][1] * 0.7


async def test_an_archived_thread_gets_its_video(discord: LocalDiscord, tmp_path: Path) -> None:
    thread = discord.rest._new_thread(discord.world.snowflake(), "talk", discord.world.channels[CHANNEL])["id"]
    async with quietly(discord, tmp_path):
        await People(discord).slash("kling", "video", options={"prompt": "a red fox --yes"}, channel=thread)
        await until(lambda: titles(discord, thread))
        discord.world.channels[thread].archived = True
        assert await until(lambda: videos(discord, thread))
