"""The commands for the one who hosts, on data that a service left behind."""

import argparse
import asyncio
import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import operate
from bot.cli.main import main
from bot.jobs.runner import Runner
from bot.providers.registry import PROVIDERS
from bot.sandbox import gmi_account
from bot.sandbox.gmi_inputs import MODELS
from bot.sandbox.server import Sandbox
from tests.support.loopback import free_port, loopback
from tests.support.terminal import Run
from tests.support.tree import ROOT
from tests.support.unprivileged import GID, UID, klingbot

NOTHING = argparse.Namespace()


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


# env


def test_env_is_the_example_file(run: Run) -> None:
    assert run("env").out == (ROOT / ".env.example").read_text()


def test_manifest_is_json_and_an_address_with_the_public_one_where_there_is_one(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert json.loads(run("manifest").out)["settings"]["socket_mode_enabled"] is True
    monkeypatch.setenv("KLINGBOT_PUBLIC_URL", "https://kling.example.org/")
    said = run("manifest")
    assert json.loads(said.out)["settings"]["interactivity"]["request_url"] == "https://kling.example.org/slack/events"
    assert "https://api.slack.com/apps?new_app=1&manifest_json=" in said.err


# check


def test_check_without_a_provider_says_how_to_get_one(run: Run, data: Path) -> None:
    said = run("check")
    assert said.code == 1
    assert said.out.splitlines() == [
        f"ok    the data folder {data} can be written",
        "ok    the ledger adds up",
        "ok    at most $50.00 a month go to providers",
        "LOOK  no provider is switched on: set FAL_KEY or another provider's key, or try klingbot demo",
    ]


@pytest.mark.usefixtures("sandbox")
async def test_check_asks_every_provider_and_spends_nothing(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await operate.check(NOTHING) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[3:] == [
        "ok    fal.ai knows the key",
        "ok    WaveSpeedAI knows the key, $1,000.00 left",
        "ok    GMI Cloud knows the key",
        "ok    AI/ML API knows the key, $1,000.00 left",
        "ok    Vidgo knows the key, $100.00 left",
        "ok    Kling knows the key, $140.00 left",
    ]
    assert sandbox.sold == []


async def test_check_says_what_a_provider_says(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox.faults.add("error_500", provider="wavespeed", call="account")
    assert await operate.check(NOTHING) == 1
    [said] = [line for line in capsys.readouterr().out.splitlines() if "WaveSpeedAI" in line]
    assert said.startswith(
        "LOOK  WaveSpeedAI can't be reached or is broken; its offers rest until it is well. It said: "
    )
    assert "(provider=" not in said


@pytest.mark.usefixtures("sandbox")
async def test_check_tells_of_models_that_a_provider_no_longer_lists(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left = ("Kling-Text2Video-V1.6-Standard", "Kling-Text2Video-V1.6-Pro", "Kling-Image2Video-V1.6-Pro")
    monkeypatch.setattr(gmi_account, "MODELS", {model: MODELS[model] for model in left})
    assert await operate.check(NOTHING) == 1
    said = "LOOK  GMI Cloud knows the key, but doesn't list Kling-Image2Video-V1.6-Standard"
    assert said in capsys.readouterr().out.splitlines()


@pytest.mark.usefixtures("sandbox")
async def test_check_names_the_settings_of_every_key_that_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = [key for row in PROVIDERS.values() for key in row.keys]
    for key in keys:
        monkeypatch.setenv(key, "bad-key-0123456789-0123456789-0123456789")
    assert await operate.check(NOTHING) == 1
    said = [line for line in capsys.readouterr().out.splitlines() if "refuses the key; check " in line]
    assert len(said) == len(PROVIDERS)
    assert [key for key in keys if not any(key in line for line in said)] == []


def test_check_finds_a_ledger_that_does_not_add_up(run: Run, data: Path, left: tuple[str, str]) -> None:
    with closing(sqlite3.connect(data / "klingbot.db", isolation_level=None)) as database:
        database.execute("UPDATE account SET balance = balance + 1 WHERE id LIKE '%:held'")
    said = run("check")
    assert said.code == 1
    assert "LOOK  the ledger does not add up" in said.out


# providers


@pytest.mark.usefixtures("sandbox")
async def test_providers_shows_every_one_with_its_balance(capsys: pytest.CaptureFixture[str]) -> None:
    assert await operate.providers(NOTHING) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "6 providers switched on"
    assert lines[1:3] == [
        "  fal.ai (fal): on, 8 offers, 5 s for 56 to 98 credits; well; balance unknown",
        "  WaveSpeedAI (wavespeed): on, 5 of 6 offers, 5 s for 50 to 98 credits; well; $1,000.00 left",
    ]


@pytest.mark.usefixtures("sandbox")
async def test_providers_says_why_a_balance_is_not_known(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox.faults.add("error_500", provider="wavespeed", call="account")
    assert await operate.providers(NOTHING) == 0
    assert "well; balance unknown (“Internal Server Error”)" in capsys.readouterr().out


# the data folder


def test_a_data_folder_of_somebody_else_is_a_sentence_with_the_command_that_mends_it() -> None:
    folder = Path("/usr")  # the system's own, on every machine
    owner = folder.stat()
    done = klingbot("check", environ={"KLINGBOT_DATA": str(folder)})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"klingbot runs as user {UID}, group {GID}, and may not write into {folder}, where the owner is user "
        f"{owner.st_uid}, group {owner.st_gid}. "
        f"To mend it: sudo mkdir -p {folder} && sudo chown -R {UID}:{GID} {folder}\n"
    )


def test_a_data_folder_that_is_a_file_is_a_sentence(run: Run, data: Path) -> None:
    data.write_text("")
    said = run("check")
    assert (said.code, said.out) == (1, "")
    assert (
        said.err
        == f"The folder {data} can't be written: File exists. Another one is set with KLINGBOT_DATA (demo: --out).\n"
    )


def test_data_that_are_no_database_are_a_sentence(run: Run, data: Path) -> None:
    data.mkdir()
    (data / "klingbot.db").write_bytes(b"this is no database, and never was one " * 100)
    said = run("jobs")
    assert said.code == 1
    assert said.err.startswith("The data can't be used: SQLITE_NOTADB")


def test_a_lock_that_cannot_be_opened_is_a_sentence(run: Run, data: Path) -> None:
    (data / "klingbot.lock").mkdir(parents=True)
    said = run("check")
    assert (said.code, said.err) == (1, f"{data / 'klingbot.lock'}: Is a directory\n")


# run


def test_run_serves_until_told_to_stop(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("KLINGBOT_PORT", str(port))
    asked: list[int] = []

    async def ask_and_stop() -> None:
        asked.append(await operate.health(NOTHING))

    monkeypatch.setattr(operate, "told_to_stop", ask_and_stop)
    said = run("run")
    assert (said.code, asked) == (0, [0])
    first, health = said.out.splitlines()
    assert first == f"klingbot listens at http://127.0.0.1:{port}"
    assert '"ok": true' in health


def test_run_on_a_port_that_is_taken_names_the_setting(
    run: Run, taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLINGBOT_PORT", str(taken_port))
    said = run("run")
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        f"Nothing can listen at 127.0.0.1, port {taken_port}: address already in use. Another port is set with "
        "KLINGBOT_PORT (demo and sandbox: --port), another address with KLINGBOT_HOST.\n"
    )


def test_run_ends_when_the_work_stops(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise LookupError("made up")

    monkeypatch.setattr(Runner, "run", breaks)
    monkeypatch.setattr(operate, "told_to_stop", asyncio.Event().wait)
    monkeypatch.setattr(operate, "setup", lambda *_: None)  # the log has the trace, as it should
    said = run("run")
    assert said.code == 1
    assert "The work stopped (LookupError); the log says more." in said.err


# health


def test_health_is_red_when_nothing_listens(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("KLINGBOT_PORT", str(port))
    said = run("health")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"No answer at http://127.0.0.1:{port} (ConnectError")
    assert said.err.endswith("Is klingbot running?\n")


def test_health_can_not_find_a_service_on_any_free_port(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLINGBOT_PORT", "0")
    said = run("health")
    assert (said.code, said.err) == (1, "KLINGBOT_PORT is 0, any free port: nobody can tell which. Set one.\n")


async def test_health_is_red_when_the_service_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with loopback() as service:
        monkeypatch.setenv("KLINGBOT_PORT", service.url.rpartition(":")[2])
        service.answers["GET /health"] = (503, {"ok": False})
        assert await operate.health(NOTHING) == 1
        service.answers["GET /health"] = (200, {"ok": True})
        assert await operate.health(NOTHING) == 0
    assert capsys.readouterr().out == '{"ok": false}\n{"ok": true}\n'


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("0.0.0.0", "http://127.0.0.1:1"),
        ("::", "http://[::1]:1"),
        ("::1", "http://[::1]:1"),
        ("10.0.0.7", "http://10.0.0.7:1"),
    ],
)
def test_health_asks_where_the_service_listens(run: Run, monkeypatch: pytest.MonkeyPatch, host: str, base: str) -> None:
    asked: list[str] = []

    async def request(self: object, method: str, url: str, **_: object) -> None:
        asked.append(url)
        raise OSError("no need to go there")

    monkeypatch.setattr("bot.net.door.Door.request", request)
    monkeypatch.setenv("KLINGBOT_HOST", host)
    monkeypatch.setenv("KLINGBOT_PORT", "1")
    assert run("health").code == 1
    assert asked == [f"{base}/health"]


# sandbox


def test_the_sandbox_says_how_to_use_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def enough() -> None:
        return

    monkeypatch.setattr(operate, "told_to_stop", enough)
    said = run("sandbox", "--port", "0", "--clips", "shared")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("The sandbox is at http://127.0.0.1:")
    for name in ("FAL_KEY=", "FAL_BASE_URL=", "WAVESPEED_API_KEY=", "WAVESPEED_BASE_URL="):
        assert f"\n{name}" in said.out


def test_a_sandbox_on_a_port_that_is_taken_names_the_flag(run: Run, taken_port: int) -> None:
    said = run("sandbox", "--port", str(taken_port))
    assert (said.code, said.out) == (1, "")
    assert f"port {taken_port}: address already in use" in said.err
    assert "--port" in said.err


@pytest.mark.parametrize(
    ("fault", "why"), [("nonsense", "--fault: no such kind: nonsense"), ("!", "--fault: not a fault: !")]
)
def test_a_fault_that_cannot_be_ordered_says_what_can(run: Run, fault: str, why: str) -> None:
    said = run("sandbox", "--port", "0", "--fault", fault)
    assert (said.code, said.out) == (1, "")
    assert why in said.err


def test_a_sandbox_folder_that_cannot_be_written_is_a_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = run("sandbox", "--folder", str(tmp_path / "file"))
    assert (said.code, said.out) == (1, "")
    assert f"The folder {tmp_path / 'file'} can't be written: File exists." in said.err


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--version"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split()[0]) == (0, "klingbot")
    assert main(["env"]) == 0
