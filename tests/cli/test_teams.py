"""`klingbot quota`, `credits` and `approvals`: the chat's words about a team's credits, at the command line."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.app import open_app
from bot.messaging import Actor, Ask, Place
from bot.settings import load
from tests.support.terminal import Run

TEAM = "web:demo"


async def met(data: Path, *workspaces: str) -> None:
    """Somebody has written to the bot in these teams of the page's."""
    async with open_app(load({"KLINGBOT_DATA": str(data)}, env_file=None)) as app:
        for workspace in workspaces:
            actor = Actor(platform="web", workspace=workspace, user="ana", name="Ana")
            place = Place(platform="web", workspace=workspace, channel="general")
            await app.commands.ask(Ask(key="1", actor=actor, place=place, text="credits"))


@pytest.fixture
def team(data: Path) -> None:
    asyncio.run(met(data, "demo"))


@pytest.mark.usefixtures("team")
def test_what_is_set_here_is_what_the_team_has(run: Run, data: Path) -> None:
    said = run("quota", "set", "default", "300/month")
    assert (said.code, said.err) == (0, "")
    assert "Everybody, each: 300 credits a month" in said.out
    assert run("quota", "topup", "5000", "PO 881").code == 0
    assert "Team's pool: 5,000 credits left" in run("quota", "--team", TEAM).out
    with closing(sqlite3.connect(data / "klingbot.db")) as file:
        assert file.execute("SELECT credits FROM spending_limit").fetchall() == [(300,)]
        assert file.execute("SELECT count(*) FROM workspace").fetchone() == (1,), "the command line makes no team"
        assert file.execute("SELECT reason FROM entry WHERE kind = 'topup'").fetchone() == ("PO 881",)


@pytest.mark.usefixtures("team")
def test_a_person_is_named_as_in_chat(run: Run) -> None:
    assert "Ana: 50 credits a day" in run("quota", "set", "@Ana", "50/day").out
    assert "Ana can spend 0 credits" in run("quota", "@ana").out


@pytest.mark.usefixtures("team")
def test_a_report_is_its_words_and_a_pause_is_no_failure(run: Run) -> None:
    """Fails where a report needs a place for its picture, and where a pause is told as a warning (both were so)."""
    said = run("quota", "report")
    assert "0 credits spent" in said.out + said.err
    assert "post" not in said.out + said.err
    assert run("quota", "pause", "budget review").code == 0
    assert run("approvals", "deny", "zzzzzz", "too dear").err.startswith("No such ask")


@pytest.mark.parametrize("line", ["quota frobnicate", "credits to spare"])
@pytest.mark.usefixtures("team")
def test_nothing_typed_here_is_ever_the_words_of_a_video(run: Run, line: str) -> None:
    """Fails where the line is read as in chat, in which all that is no command is a prompt (it was)."""
    assert run(*line.split()).err.startswith("Unknown word")


@pytest.mark.usefixtures("team")
def test_what_can_t_be_done_is_said_and_fails(run: Run) -> None:
    said = run("quota", "set", "default", "lots")
    assert (said.code, said.out) == (1, "")
    assert "300/month" in said.err


def test_of_several_teams_one_has_to_be_named(run: Run, data: Path) -> None:
    asyncio.run(met(data, "demo", "other"))
    said = run("quota")
    assert (said.code, said.err) == (1, "Which team? Name it with --team. Known are: web:demo, web:other\n")
    assert run("quota", "--team", "web:other").code == 0


def test_without_a_team_it_says_from_when_on_there_is_one(run: Run) -> None:
    assert "from the first message on" in run("quota").err
    assert run("quota", "--team", "web:nobody").err.startswith("No team web:nobody is known.")
