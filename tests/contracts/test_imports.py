"""The import rules of pyproject.toml hold, name every room, and each of them catches what it is there for."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

from tests.support.tree import ROOT

BREAKS = [  # a file, the line put into it, the import that must be reported
    ("bot/errors/base.py", "import bot.clock", "bot.errors.base -> bot.clock"),
    ("bot/kling/effects.py", "import bot.messaging.cards", "bot.kling.effects -> bot.messaging.cards"),
    ("bot/messaging/cards.py", "import bot.store", "bot.messaging.cards -> bot.store"),
    ("bot/net/__init__.py", "import bot.store", "bot.net -> bot.store"),
    ("bot/store/__init__.py", "import bot.credits", "bot.store -> bot.credits"),
    ("bot/media/__init__.py", "import bot.providers.base", "bot.media -> bot.providers.base"),
    ("bot/credits/__init__.py", "import bot.providers.offers", "bot.credits -> bot.providers.offers"),
    ("bot/providers/base.py", "import bot.jobs", "bot.providers.base -> bot.jobs"),
    ("bot/jobs/__init__.py", "import bot.commands", "bot.jobs -> bot.commands"),
    ("bot/server/__init__.py", "import bot.commands", "bot.server -> bot.commands"),
    ("bot/commands/__init__.py", "import bot.settings", "bot.commands -> bot.settings"),
    ("bot/commands/__init__.py", "import adapters.web", "bot.commands -> adapters.web"),
    ("bot/settings.py", "import bot.app", "bot.settings -> bot.app"),
    ("bot/sandbox/__init__.py", "import bot.providers.offers", "bot.sandbox -> bot.providers.offers"),
    ("bot/sandbox/__init__.py", "import bot.net", "bot.sandbox -> bot.net"),
    ("bot/providers/fal.py", "import bot.providers.wavespeed", "bot.providers.fal -> bot.providers.wavespeed"),
    ("adapters/web/__init__.py", "import bot.store", "adapters.web -> bot.store"),
    ("adapters/second/__init__.py", "import adapters.web", "adapters.second -> adapters.web"),
    ("bot/server/__init__.py", "import httpx", "bot.server -> httpx"),
    ("adapters/web/__init__.py", "import httpx", "adapters.web -> httpx"),
    ("bot/jobs/__init__.py", "import aiosqlite", "bot.jobs -> aiosqlite"),
    ("bot/credits/__init__.py", "import sqlite3", "bot.credits -> sqlite3"),
    ("bot/commands/__init__.py", "import PIL.Image", "bot.commands -> PIL"),
    ("bot/jobs/__init__.py", "import av", "bot.jobs -> av"),
    ("bot/messaging/cards.py", "import discord", "bot.messaging.cards -> discord"),
    ("adapters/web/__init__.py", "import slack_sdk", "adapters.web -> slack_sdk"),
]
ROOM_WITHOUT_A_PLACE = "bot/attic.py"


def contracts() -> dict[str, dict[str, list[str]]]:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return {rule["id"]: rule for rule in rules}


def rooms() -> set[str]:
    return {f"bot.{path.stem}" for path in (ROOT / "bot").iterdir() if not path.stem.startswith(("__init", "__py"))}


def lint(folder: Path) -> tuple[int, str]:
    """Exit code and output of import-linter over the project in `folder`."""
    program = "from importlinter.cli import lint_imports_command as run; run(['--no-cache', '--no-logo'])"
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_house_keeps_its_import_rules() -> None:
    exit_code, output = lint(ROOT)
    assert exit_code == 0, output


def test_adapters_and_sandbox_may_import_nothing_of_a_room_the_rules_forget() -> None:
    forbidden = {
        key: set(contracts()[key]["forbidden_modules"]) for key in ("adapters-decide-nothing", "sandbox-alone")
    }
    assert forbidden["adapters-decide-nothing"] == rooms() - {"bot.commands", "bot.messaging", "bot.errors"}
    assert forbidden["sandbox-alone"] == {"adapters"} | rooms() - {"bot.clock", "bot.kling", "bot.media", "bot.sandbox"}


def test_every_provider_of_the_registry_is_kept_from_the_others() -> None:
    imported = grimp.build_graph("bot", cache_dir=None).find_modules_directly_imported_by("bot.providers.registry")
    providers = {module for module in imported if module.startswith("bot.providers.")}
    shared = {f"bot.providers.{part}" for part in ("base", "enhancer", "offers", "settings")}
    assert providers - shared == set(contracts()["providers-apart"]["modules"])


@pytest.fixture(scope="module")
def broken_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which every rule is broken."""
    house = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", house)
    for package in ("bot", "adapters"):
        shutil.copytree(ROOT / package, house / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file, line, _ in [*BREAKS, (ROOM_WITHOUT_A_PLACE, "", "")]:
        (house / file).parent.mkdir(exist_ok=True)
        with (house / file).open("a") as source:
            source.write(f"\n{line}\n")
    return house


def test_every_rule_reports_what_breaks_it(broken_house: Path) -> None:
    exit_code, output = lint(broken_house)
    assert exit_code == 1, output
    assert [expected for _, _, expected in BREAKS if f"{expected} (l." not in output] == [], output
    assert "attic" in output
    assert [rule["name"] for rule in contracts().values() if f"{rule['name']} BROKEN" not in output] == [], output
