"""The chat platform made of lines: each message once, only what changed, files beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cli.console import Console, lines
from bot.messaging import Actor, Card, OutFile, Place, Row

HERE = Place(platform="console", workspace="local", channel="terminal")
CARD = Card(title="Waiting", text="a red fox\n\nin snow", rows=(Row(name="Credits", value="56 held"),), footer="Job 1")


def video(data: bytes = b"mp4") -> OutFile:
    async def read() -> AsyncIterator[bytes]:
        yield data[:1]
        yield data[1:]

    return OutFile(name="kling-1.mp4", mime="video/mp4", size=len(data), sha256="0" * 64, alt="", read=read)


def test_a_card_is_a_few_lines() -> None:
    assert lines(CARD) == ["Waiting", "a red fox", "in snow", "  Credits: 56 held", "  Job 1"]
    assert lines(Card(title="Done", command="video a fox")) == ["Done", "  > video a fox"]


async def test_a_message_is_printed_once_for_each_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(tmp_path)
    refs = [await console.post(HERE, CARD, key="k") for _ in range(2)]
    assert refs[0] == refs[1]
    assert capsys.readouterr().out.splitlines() == lines(CARD)


async def test_an_edit_prints_what_is_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(tmp_path)
    ref = await console.post(HERE, CARD, key="k")
    capsys.readouterr()
    await console.edit(ref, Card(title="Being made", text="a red fox\n\nin snow", footer="Job 1"))
    assert capsys.readouterr().out == "Being made\n"


async def test_files_are_saved_whole_and_once(tmp_path: Path) -> None:
    console = Console(tmp_path)
    assert console.saved == []
    for _ in range(2):
        await console.post(HERE, CARD, (video(b"film"),), key="k")
    assert console.saved == [tmp_path / "kling-1.mp4"]
    assert (tmp_path / "kling-1.mp4").read_bytes() == b"film"


async def test_a_terminal_takes_everything_and_whoever_sits_there_rules(tmp_path: Path) -> None:
    console = Console(tmp_path)
    facts = await console.place(HERE)
    assert (facts.can_post, facts.can_attach) == (True, True)
    assert (await console.actor(Actor(platform="console", workspace="local", user="you"))).admin
