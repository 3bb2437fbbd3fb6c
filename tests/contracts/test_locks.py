"""The locks: pinned, hashed, without addresses, in step with pyproject.toml and with each other."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.tree import ROOT

RUN, DEV, VERIFY, BUILD, GMICLOUD, AIMLAPI, HIKARI = LOCKS = (
    "requirements.txt",
    "tests/requirements.txt",
    "tests/verify/requirements.txt",
    ".ci/requirements.txt",
    "tests/verify/environments/gmicloud.txt",
    "tests/verify/environments/aimlapi.txt",
    "tests/verify/environments/hikari.txt",
)
PIN = re.compile(r"^([a-z0-9][a-z0-9-]*)==(\S+)(?: ; [^:]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def pins(lock: str) -> dict[str, str]:
    """Version by package."""
    return {found[1]: found[2] for line in lines(lock) if (found := PIN.match(line))}


def lines(lock: str) -> list[str]:
    return [line for line in (ROOT / lock).read_text().splitlines() if not line.startswith("#")]


def wanted() -> dict[str, list[str]]:
    """What pyproject.toml asks for, by lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run, groups = project["project"]["dependencies"], project["dependency-groups"]
    dev = [*run, *groups["dev"]]
    build = [*groups["build"], *project["build-system"]["requires"]]
    return {
        RUN: run, DEV: dev, VERIFY: [*dev, *groups["verify"]], BUILD: build, GMICLOUD: groups["gmicloud"],
        AIMLAPI: groups["aimlapi"], HIKARI: groups["hikari"],
    }  # fmt: skip


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_no_address(lock: str) -> None:
    assert [line for line in lines(lock) if not PIN.match(line) and not HASH.match(line)] == []
    assert "://" not in (ROOT / lock).read_text()
    assert pins(lock)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_what_pyproject_asks_for(lock: str) -> None:
    locked = pins(lock)
    for requirement in map(Requirement, wanted()[lock]):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), requirement


@pytest.mark.parametrize(("smaller", "larger"), [(RUN, DEV), (DEV, VERIFY)])
def test_what_is_tested_is_what_runs(smaller: str, larger: str) -> None:
    assert pins(smaller).items() <= pins(larger).items()


def test_the_bot_runs_without_what_only_tests_need() -> None:
    assert not pins(RUN).keys() & {"pytest", "mypy", "numpy", "playwright", "fal-client", "wavespeed"}
