"""A terminal in an empty folder, without any settings but a data folder there."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.net import redact
from bot.sandbox.server import Sandbox, SandboxOptions
from bot.settings import all_parts
from bot.settings_fields import fields
from tests.support.front import front
from tests.support.sandbox import ready_clips
from tests.support.terminal import Run, Said

_TOUCHED = ("PIL", "aiohttp.access", "asyncio", "httpcore", "httpx")


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Logging belongs to the whole process: each command sets it up, each test leaves it as it was."""
    root = logging.getLogger()
    handlers, levels = root.handlers[:], {name: logging.getLogger(name).level for name in ("root", *_TOUCHED)}
    yield
    logging.captureWarnings(capture=False)
    redact.uninstall()
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the data are; nothing of this machine's settings is seen."""
    known = {str(field.alias) for part in all_parts() for field in fields(part).values()}
    for name in [name for name in os.environ if name in known or name.startswith("KLINGBOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data"
    monkeypatch.setenv("KLINGBOT_DATA", str(folder))
    monkeypatch.setenv("KLINGBOT_PORT", "0")
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command as `klingbot <words>` does. An error that was foreseen never shows a trace."""

    def run(*words: str) -> Said:
        capsys.readouterr()
        try:
            code = main(words)
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
async def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    """Made-up providers that the settings point at."""
    async with Sandbox(SandboxOptions(folder=tmp_path / "sandbox", clips="shared", ready=ready_clips())) as made_up:
        for name, value in made_up.environment().items():
            monkeypatch.setenv(name, value)
        yield made_up


async def _left_behind(data: Path) -> tuple[str, str]:
    async with front(data) as house:
        lost, waits = await house.orders("a red fox"), await house.orders("a blue cat")
        await house.lost(lost)
    (data / "test.db").rename(data / "klingbot.db")
    return lost, waits


@pytest.fixture
def left(data: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Data with a job whose answer was lost and one that waits; the ids of both."""
    monkeypatch.setenv("FAL_KEY", "0123456789:abcdef0123456789")
    data.mkdir()
    return asyncio.run(_left_behind(data))
