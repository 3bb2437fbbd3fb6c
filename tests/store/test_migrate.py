import asyncio
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from bot.errors import BackupFailed, SchemaTooNew, StoreUnavailable
from bot.store import migrate as module
from bot.store.database import Database
from bot.store.migrate import migrate, read_migrations, statements

NEWEST = max(read_migrations(files("bot.store") / "migrations"))
FIRST = "CREATE TABLE cup (id TEXT PRIMARY KEY);"
SECOND = """
-- a trigger has semicolons inside; so does this comment
CREATE TABLE saucer (id TEXT PRIMARY KEY, note TEXT NOT NULL DEFAULT ';');
CREATE TRIGGER cup_stays BEFORE DELETE ON cup BEGIN SELECT RAISE(ABORT, 'cups; stay'); SELECT 1; END;
INSERT INTO saucer (id) SELECT id FROM cup;
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    migrations = tmp_path / "migrations"
    migrations.mkdir()
    (migrations / "0001_cups.sql").write_text(FIRST)
    return migrations


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "klingbot.db"


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(sql).fetchall()


def backups(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.glob("*.backup*"))


def test_a_new_file_gets_every_table_and_no_backup(path: Path) -> None:
    assert migrate(path) == NEWEST
    tables = {row[0] for row in ask(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"ask", "job", "attempt", "delivery", "entry", "account", "blob", "memory"} <= tables
    assert backups(path) == []


def test_nobody_but_the_owner_can_read_the_file(path: Path) -> None:
    migrate(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_start_changes_nothing(path: Path) -> None:
    migrate(path)
    before = path.read_bytes()
    assert migrate(path) == NEWEST
    assert path.read_bytes() == before


def test_what_is_missing_is_applied_after_a_backup_of_what_was(path: Path, folder: Path) -> None:
    migrate(path, folder)
    ask(path, "INSERT INTO cup (id) VALUES ('blue')")
    (folder / "0002_saucers.sql").write_text(SECOND)
    assert migrate(path, folder) == 2
    assert ask(path, "SELECT id, note FROM saucer") == [("blue", ";")]
    assert backups(path) == ["klingbot.db.before-2.backup"]
    copy = path.with_name("klingbot.db.before-2.backup")
    assert ask(copy, "SELECT id FROM cup") == [("blue",)]
    assert ask(copy, "PRAGMA user_version") == [(1,)]


def test_a_failing_migration_leaves_the_file_as_it_was_and_the_next_try_keeps_both_copies(
    path: Path, folder: Path
) -> None:
    migrate(path, folder)
    (folder / "0002_broken.sql").write_text("CREATE TABLE half (id TEXT); INSERT INTO nowhere VALUES (1);")
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            migrate(path, folder)
    assert ask(path, "SELECT name FROM sqlite_master WHERE name = 'half'") == []
    assert ask(path, "PRAGMA user_version") == [(1,)]
    assert backups(path) == ["klingbot.db.before-2.2.backup", "klingbot.db.before-2.backup"]


def test_without_a_backup_nothing_is_touched(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(database: Path, target: Path) -> None:
        raise BackupFailed(target=str(target), reason="not_written")

    migrate(path, folder)
    (folder / "0002_saucers.sql").write_text(SECOND)
    monkeypatch.setattr(module, "backup", no_room)
    with pytest.raises(BackupFailed):
        migrate(path, folder)
    assert ask(path, "PRAGMA user_version") == [(1,)]


def test_a_file_of_a_newer_klingbot_is_left_alone(path: Path, folder: Path) -> None:
    migrate(path, folder)
    ask(path, "PRAGMA user_version = 7")
    with pytest.raises(SchemaTooNew) as caught:
        migrate(path, folder)
    assert (caught.value.found, caught.value.known) == (7, 1)
    assert backups(path) == []


def test_numbers_must_not_have_gaps(folder: Path) -> None:
    (folder / "0003_spoons.sql").write_text("CREATE TABLE spoon (id TEXT);")
    with pytest.raises(ValueError, match="3"):
        read_migrations(folder)


def test_statements_end_where_sqlite_says() -> None:
    found = [statement.splitlines()[-1][:14] for statement in statements(SECOND)]
    assert found == ["CREATE TABLE s", "CREATE TRIGGER", "INSERT INTO sa"]


def test_half_a_statement_is_refused() -> None:
    with pytest.raises(ValueError, match="CREATE TRIGGER"):
        list(statements("CREATE TRIGGER a AFTER INSERT ON cup BEGIN SELECT 1;"))


def test_a_disk_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        migrate(tmp_path / "missing" / "klingbot.db")


START = "import sys; from pathlib import Path; from bot.store.migrate import migrate; migrate(Path(sys.argv[1]))"


def test_processes_that_start_at_once_migrate_once(path: Path) -> None:
    programs = [subprocess.Popen([sys.executable, "-c", START, str(path)]) for _ in range(4)]
    assert [program.wait(timeout=60) for program in programs] == [0] * 4
    assert ask(path, "PRAGMA user_version") == [(NEWEST,)]


async def test_the_second_of_two_upgrades_at_once_finds_nothing_to_do(path: Path, folder: Path) -> None:
    migrate(path, folder)
    (folder / "0002_saucers.sql").write_text(SECOND)
    versions = await asyncio.gather(*(asyncio.to_thread(migrate, path, folder) for _ in range(3)))
    assert versions == [2, 2, 2]
    assert backups(path) == ["klingbot.db.before-2.backup"]


async def test_the_ledger_cannot_be_rewritten(path: Path) -> None:
    migrate(path)
    ask(
        path,
        "INSERT INTO entry (id, workspace, debit, credit, amount, kind, period, actor, reason, held_at, at)"
        " VALUES ('e', 'w', 'sys:issued', 'w:topup', 5, 'topup', 'p', 'a', '', 1, 1)",
    )
    for change in ("UPDATE entry SET amount = 6", "DELETE FROM entry"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            ask(path, change)
    async with await Database.open(path) as database:
        assert len(await database.read("SELECT id FROM entry")) == 1
