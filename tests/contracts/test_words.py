"""Words and calls that belong to one room only, and the size of every module."""

import ast
import re
from collections.abc import Callable

import pytest

from tests.support.tree import ROOT, code, name, project_files

PLATFORM_WORDS = re.compile(r"guild|snowflake|block_?kit|block kit|discord|slack", re.IGNORECASE)
PROVIDER_NAMES = re.compile(r"\b(fal|wavespeed|gmi|aimlapi|vidgo)\b", re.IGNORECASE)
ENVIRONMENT = re.compile(r"\bos\.(environb?|getenvb?|putenv)\b|from os import .*\b(environ|getenv)|\bdotenv\b")
WAYS_OUT = re.compile(r"\b(ClientSession|urlopen|HTTPS?Connection|create_connection|open_connection)\b")
CREDIT_WORDS = ("credit", "price", "cost", "charge", "balance", "headroom")
WIRING = {"bot/__main__.py", "bot/app.py", "bot/parts.py", "bot/platforms.py", "bot/settings.py"}
MOST_LINES = 400

Check = Callable[[str], list[str]]


def platform_words(source: str) -> list[str]:
    return PLATFORM_WORDS.findall(code(source))


def provider_names(source: str) -> list[str]:
    return PROVIDER_NAMES.findall(code(source))


def environment_reads(source: str) -> list[str]:
    return [found.group() for found in ENVIRONMENT.finditer(code(source))]


def ways_out(source: str) -> list[str]:
    return WAYS_OUT.findall(code(source))


def credit_arithmetic(source: str) -> list[str]:
    """Every `a + b`, `a -= b` and so on where a name on either side speaks of credits."""
    sums = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.BinOp | ast.AugAssign)]
    return [ast.unparse(node) for node in sums if any(word in ast.unparse(node).lower() for word in CREDIT_WORDS)]


def offenders(check: Check, *folders: str, but: set[str] | None = None) -> dict[str, list[str]]:
    files = {name(path): path for path in project_files(*folders, suffix=".py")}
    found = {file: check(path.read_text()) for file, path in files.items() if file not in (but or set())}
    return {file: words for file, words in found.items() if words}


def test_no_word_of_a_platform_stands_in_bot() -> None:
    assert offenders(platform_words, "bot", but=WIRING) == {}


def test_no_word_of_a_platform_stands_in_the_database() -> None:
    tables = {name(path): PLATFORM_WORDS.findall(path.read_text()) for path in project_files("bot", suffix=".sql")}
    assert tables
    assert {file: words for file, words in tables.items() if words} == {}


def test_adapters_name_no_provider() -> None:
    assert offenders(provider_names, "adapters") == {}


def test_adapters_do_no_sums_with_credits() -> None:
    assert offenders(credit_arithmetic, "adapters") == {}


def test_only_settings_read_the_environment() -> None:
    assert offenders(environment_reads, "bot", "adapters", but={"bot/settings.py"}) == {}


def test_only_net_opens_connections() -> None:
    but = {name(path) for path in project_files("bot/net")}
    but.add("adapters/slack/teams.py")  # hands the SDK a session without its 30 s for a whole call, uploads included
    assert offenders(ways_out, "bot", "adapters", but=but) == {}


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in project_files(suffix=".py")}
    assert {file: lines for file, lines in lengths.items() if lines > MOST_LINES} == {}


@pytest.mark.parametrize(("folder", "most"), [("adapters/discord", 1_000), ("adapters/slack", 1_100)])
def test_an_adapter_is_thin(folder: str, most: int) -> None:
    assert 0 < sum(len(path.read_text().splitlines()) for path in project_files(folder)) < most


@pytest.mark.parametrize(
    ("check", "source"),
    [
        (platform_words, "guild_id = 1"),
        (platform_words, "def to_slack() -> None: ..."),
        (platform_words, "kind = 'Block Kit'"),
        (provider_names, "if job.provider == 'fal': ..."),
        (credit_arithmetic, "left = job.credits - 5"),
        (credit_arithmetic, "price += 1"),
        (environment_reads, "import os\nkey = os.environ['FAL_KEY']"),
        (environment_reads, "import os\nkey = os.getenv('FAL_KEY')"),
        (environment_reads, "from os import environ"),
        (environment_reads, "from dotenv import load_dotenv"),
        (ways_out, "async with aiohttp.ClientSession() as session: ..."),
        (ways_out, "urllib.request.urlopen(address)"),
    ],
)
def test_each_check_catches_what_it_looks_for(check: Check, source: str) -> None:
    assert check(source) != []


@pytest.mark.parametrize("check", [platform_words, provider_names, credit_arithmetic, environment_reads, ways_out])
def test_prose_and_other_words_are_left_alone(check: Check) -> None:
    assert (
        check('"""For Discord and fal; see os.environ."""\nfalse = shown + 1  # a guild of ClientSession users') == []
    )


def test_the_names_of_rooms_are_those_of_the_map() -> None:
    described = (ROOT / "bot/__init__.py").read_text()
    rooms = {path.name for path in (ROOT / "bot").iterdir() if path.is_dir() and not path.name.startswith("__")}
    assert {room for room in rooms if f"    {room} " not in described} == set()
