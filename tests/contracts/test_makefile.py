"""The Makefile's targets: there, described by `make help`, and clear when Python is missing."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.tree import ROOT

TARGETS = ["demo", "run", "test", "verify", "check", "bench"]
LOCKS = (
    *("requirements.txt", "tests/requirements.txt", "tests/verify/requirements.txt"),
    *(f"tests/verify/environments/{name}.txt" for name in ("gmicloud", "aimlapi", "hikari")),
)


def make(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs make as a person would, also where make itself runs this test and has handed down its own variables."""
    own = {name: value for name, value in os.environ.items() if name not in {"ARGS", "PYTHON", "MFLAGS"}}
    env = {name: value for name, value in own.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *words], cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the Makefile and the locks, in which nothing is installed yet."""
    for file in ("Makefile", *LOCKS):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    return tmp_path


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_is_described(target: str) -> None:
    assert f"make {target} " in make("help").stdout


@pytest.mark.parametrize(
    ("target", "environment", "lock"),
    [
        ("demo", ".venv", " requirements.txt"),
        ("run", ".venv", " requirements.txt"),
        ("test", ".venv", " tests/requirements.txt"),
        ("check", ".venv", " tests/requirements.txt"),
        ("bench", ".venv", " tests/requirements.txt"),
        ("verify", ".venv-verify", " tests/verify/requirements.txt"),
        ("verify", ".venv-gmicloud", " tests/verify/environments/gmicloud.txt"),
        ("verify", ".venv-aimlapi", " tests/verify/environments/aimlapi.txt"),
        ("verify", ".venv-hikari", " tests/verify/environments/hikari.txt"),
    ],
)
def test_a_target_makes_its_environment_and_installs_its_lock_with_hashes(
    clone: Path, target: str, environment: str, lock: str
) -> None:
    plan = make("--dry-run", target, folder=clone).stdout.splitlines()
    assert any(f"-m venv --clear {environment}" in line for line in plan)
    everywhere = [line for line in plan if "pip install" in line]
    assert len(everywhere) == (4 if target == "verify" else 1)
    installs = [line for line in everywhere if line.startswith(f"{environment}/bin/python ")]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert installs[0].endswith(lock)


@pytest.mark.parametrize("target", ["demo", "run"])
def test_arguments_are_passed_on(clone: Path, target: str) -> None:
    plan = make("--dry-run", target, "ARGS=--once --prompt 'a paper boat'", folder=clone).stdout.splitlines()
    assert plan[-1] == f".venv/bin/python -m bot {target} --once --prompt 'a paper boat'"


@pytest.mark.parametrize(
    ("refuses", "sentence"),
    [("version_info", "needs Python 3.11 or newer"), ("ensurepip", "install its venv package")],
)
def test_a_python_that_will_not_do_is_one_clear_sentence(clone: Path, refuses: str, sentence: str) -> None:
    python = clone / "python"
    python.write_text(f'#!/bin/sh\ncase "$2" in *{refuses}*) exit 1 ;; esac\n')
    python.chmod(0o755)
    done = make("demo", f"PYTHON={python}", folder=clone)
    assert done.returncode != 0
    assert sentence in done.stderr.splitlines()[0]
    assert not (clone / ".venv").exists()
