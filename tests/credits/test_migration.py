"""A database from before team credits: what was spent has a person and a provider, and everything still adds up."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import pytest

from bot.credits import check, ledger, reports, spending
from bot.credits.check import Totals
from bot.credits.limits import Spender
from bot.credits.spending import Share
from bot.store.batch import run_batch
from bot.store.migrate import migrate, read_migrations
from bot.store.scripts import Script
from tests.support.books import ANA, BEN, NOVEMBER, TEAM
from tests.support.clock import START

T = TypeVar("T")

VERSION_4 = f"""
INSERT INTO workspace VALUES ('{TEAM}', 'team', 'UTC', 1000, 'month', 100, 0);
INSERT INTO person (id, name, created_at) VALUES ('{ANA}', 'Ana', 0), ('{BEN}', 'Ben', 0);
INSERT INTO spending_limit VALUES ('{TEAM}', 'default', 300, 'month');
INSERT INTO account VALUES ('{TEAM}:{NOVEMBER}', '{TEAM}', 860), ('{TEAM}:topup', '{TEAM}', 0),
    ('{TEAM}:held', '{TEAM}', 50);
INSERT INTO usage VALUES ('operator', '2025-11', 450000);
INSERT INTO ask (id, key, workspace, person, actor, place, text, options, pictures, state, created_at)
VALUES ('a', 'a', '{TEAM}', '{ANA}', '{{}}', '{{}}', 'a fox', '{{}}', '[]', 'accepted', 0);
INSERT INTO job (id, ask, workspace, person, place, request, offers, credits, microusd, state, progress, created_at,
    ended_at)
VALUES ('charged', 'a', '{TEAM}', '{ANA}', '{{}}', '{{}}', '[]', 100, 500000, 'done', '{{}}', 0, 9),
    ('released', 'a', '{TEAM}', '{ANA}', '{{}}', '{{}}', '[]', 40, 200000, 'failed', '{{}}', 0, 9),
    ('open', 'a', '{TEAM}', '{BEN}', '{{}}', '{{}}', '[]', 50, 250000, 'running', '{{}}', 0, NULL);
INSERT INTO attempt (id, job, number, provider, offer, microusd, body, outcome, intended_at)
VALUES ('1', 'charged', 1, 'fal', 'fal/x', 500000, '', 'failed', 0),
    ('2', 'charged', 2, 'wavespeed', 'wavespeed/x', 200000, '', 'done', 0);
INSERT INTO enhancement (id, ask, provider, prompt, credits, microusd, state, intended_at, ended_at)
VALUES ('improved', 'a', 'gmi', 'a fox', 1, 5000, 'done', 0, 9);
"""
ENTRY = """
INSERT INTO entry (id, workspace, debit, credit, amount, kind, job, person, period, microusd, actor, reason, held_at,
    at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, '2025-11', ?, 'system', '', ?, ?)
"""
REFILL, HELD = f"{TEAM}:{NOVEMBER}", f"{TEAM}:held"
ENTRIES = [
    (REFILL, "sys:issued", REFILL, 1_000, "refill", None, None, 0),
    ("charged:hold:refill", REFILL, HELD, 100, "hold", "charged", ANA, 500_000),
    ("charged:end:1", HELD, "sys:spent", 89, "charge", "charged", None, -305_000),
    ("charged:end:2", HELD, REFILL, 11, "release", "charged", ANA, 0),
    ("improved:hold:refill", REFILL, HELD, 1, "hold", "improved", ANA, 5_000),
    ("improved:end:1", HELD, "sys:spent", 1, "charge", "improved", None, 0),
    ("released:hold:refill", REFILL, HELD, 40, "hold", "released", ANA, 200_000),
    ("released:end:1", HELD, REFILL, 40, "release", "released", ANA, -200_000),
    ("open:hold:refill", REFILL, HELD, 50, "hold", "open", BEN, 250_000),
]


def run(connection: sqlite3.Connection, script: Script[T]) -> T:
    (outcome,) = run_batch(connection, [lambda: script])
    if outcome.error is not None:
        raise outcome.error
    value: T = outcome.value
    return value


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    older = tmp_path / "migrations"
    older.mkdir()
    for number, script in read_migrations(files("bot.store") / "migrations").items():
        if number <= 4:
            (older / f"{number:04}_older.sql").write_text(script)
    path = tmp_path / "klingbot.db"
    assert migrate(path, older) == 4
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_4)
        rows = [(name, TEAM, *rest, START, START) for name, *rest in ENTRIES]
        connection.executemany(ENTRY, rows)
        connection.commit()
    assert migrate(path) >= 5
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def test_what_was_charged_says_whose_it_was_and_who_was_paid_and_all_adds_up(migrated: sqlite3.Connection) -> None:
    """Taken out: the UPDATE of `entry`; its line about `enhancement`."""
    charges = migrated.execute("SELECT job, person, provider FROM entry WHERE kind = 'charge' ORDER BY job")
    assert [tuple(row) for row in charges] == [("charged", ANA, "wavespeed"), ("improved", ANA, "gmi")]
    others = migrated.execute("SELECT DISTINCT provider, tag, channel FROM entry WHERE kind <> 'charge'")
    assert [tuple(row) for row in others] == [("", "", "")]
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        migrated.execute("UPDATE entry SET amount = 1")
    assert run(migrated, check.check()) == Totals(issued=1_000, in_pools=860, held=50, spent=90, expired=0, variance=0)


def test_and_life_goes_on_with_it(migrated: sqlite3.Connection) -> None:
    room = reports.headroom(spender=Spender(workspace=TEAM, person=ANA), now=START)
    assert [one.used for one in run(migrated, room).limits] == [90]
    assert run(
        migrated, ledger.charge(job="open", credits=45, microusd=1, now=START, actor="s", provider="fal")
    )  # fmt: skip
    found = run(migrated, spending.spending(workspace=TEAM, start=START, end=START + 1, timezone="UTC"))
    assert found.people == (Share(ANA, "Ana", 90), Share(BEN, "Ben", 45))
    assert [(one.key, one.credits) for one in found.providers] == [("wavespeed", 89), ("fal", 45), ("gmi", 1)]
    run(migrated, check.check())
