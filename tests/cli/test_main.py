"""The command line itself: commands, flags, and how it says no."""

from pathlib import Path

import pytest

from bot import __version__
from tests.support.terminal import Run, Said


def test_version(run: Run) -> None:
    assert run("--version") == Said(0, f"klingbot {__version__}\n", "")


def test_help_names_every_command(run: Run) -> None:
    said = run("--help")
    assert said.code == 0
    for command in ("demo", "run", "sandbox", "env", "check", "health", "backup", "jobs", "resolve"):
        assert f"\n    {command} " in said.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("dance",), "invalid choice: 'dance'"),
        (("check", "--verbose"), "unrecognized arguments: --verbose"),
        (("jobs", "one", "two"), "unrecognized arguments: two"),
        (("backup",), "the following arguments are required: path"),
        (("resolve", "x", "keep"), "invalid choice: 'keep'"),
        (("resolve", "x", "charge", "y", "z"), "unrecognized arguments: z"),
        (("sandbox", "--port", "70000"), "70000 is not a number between 0 (any free port) and 65535"),
        (("demo", "--port", "x"), "x is not a number between 0 (any free port) and 65535"),
        (("demo", "--once", "--speed", "0"), "0 is not a number above 0 and at most 1,000,000"),
        (("demo", "--once", "--speed", "nan"), "nan is not a number above 0"),
        (("demo", "--nonsense"), "unrecognized arguments: --nonsense"),
        (("demo", "--prompt", "a fox"), "belong to demo --once"),
        (("demo", "--image", "fox.jpg"), "belong to demo --once"),
    ],
)
def test_what_is_not_understood_ends_with_a_sentence_and_exit_code_2(
    run: Run, words: tuple[str, ...], why: str
) -> None:
    said = run(*words)
    assert (said.code, said.out) == (2, "")
    assert why in said.err


def test_every_problem_of_the_settings_at_once_and_exit_code_78(
    run: Run, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    monkeypatch.setenv("KLINGBOT_PORT", "eighty")
    monkeypatch.setenv("KLINGBOT_MONTHLY_USD", "-1")
    monkeypatch.setenv("KLINGBOT_PROT", "8080")
    monkeypatch.setenv("FAL_KEY", "your-key-here")
    for command in (("run",), ("check",), ("jobs",), ("backup", "copy.db"), ("health",), ("resolve", "x", "release")):
        said = run(*command)
        assert (said.code, said.out) == (78, "")
        assert said.err.splitlines()[0] == "These settings need a look:"
        for name in ("KLINGBOT_PORT", "KLINGBOT_MONTHLY_USD", "KLINGBOT_PROT", "FAL_KEY"):
            assert f"\n  {name}: " in said.err
    assert not data.exists()


def test_settings_that_a_command_does_not_need_do_not_stop_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLINGBOT_PORT", "eighty")
    assert run("env").code == 0
