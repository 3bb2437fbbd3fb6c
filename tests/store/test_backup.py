import asyncio
import sqlite3
import stat
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from bot.errors import BackupFailed
from bot.store import backup as module
from bot.store.backup import backup
from bot.store.database import Database
from bot.store.migrate import read_migrations
from bot.store.scripts import Script

NEWEST = max(read_migrations(files("bot.store") / "migrations"))
ENTRY = """
INSERT INTO entry (id, workspace, debit, credit, amount, kind, period, actor, reason, held_at, at)
VALUES (:id, 'w', 'sys:issued', 'w:topup', 5, 'topup', 'p', 'a', '', 1, 1)
"""


def add(name: str) -> Script[None]:
    yield ENTRY, {"id": name}


async def test_a_copy_opens_and_holds_everything(database: Database, tmp_path: Path) -> None:
    for name in ("a", "b"):
        await database.run(add, name)
    target = tmp_path / "copy.db"
    facts = await asyncio.to_thread(backup, database.path, target)
    assert (facts.version, facts.entries, facts.credits, facts.size) == (NEWEST, 2, 10, target.stat().st_size)
    async with await Database.open(target) as restored:
        await restored.run(add, "c")
        assert [row["id"] for row in await restored.read("SELECT id FROM entry ORDER BY id")] == ["a", "b", "c"]


async def test_the_copy_is_one_file_that_only_its_owner_reads(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    backup(database.path, folder / "copy.db")
    assert [file.name for file in folder.iterdir()] == ["copy.db"]
    assert stat.S_IMODE((folder / "copy.db").stat().st_mode) == 0o600


async def test_it_can_be_made_while_others_write(database: Database, tmp_path: Path) -> None:
    async def write() -> None:
        for number in range(300):
            await database.run(add, f"{number}")

    writing = asyncio.create_task(write())
    facts = [await asyncio.to_thread(backup, database.path, tmp_path / f"{number}.db") for number in range(3)]
    await writing
    assert [fact.credits for fact in facts] == [5 * fact.entries for fact in facts]


async def test_what_is_there_is_never_overwritten(database: Database, tmp_path: Path) -> None:
    target = tmp_path / "precious.txt"
    target.write_text("mine")
    with pytest.raises(BackupFailed) as caught:
        backup(database.path, target)
    assert caught.value.reason == "exists"
    assert target.read_text() == "mine"


async def test_what_appears_while_the_copy_is_made_is_kept_too(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "precious.txt"
    look = module._look_through

    def meanwhile(copy: Path, named: Path) -> module.BackupFacts:
        target.write_text("mine")
        return look(copy, named)

    monkeypatch.setattr(module, "_look_through", meanwhile)
    with pytest.raises(BackupFailed) as caught:
        backup(database.path, target)
    assert caught.value.reason == "exists"
    assert target.read_text() == "mine"


def names(folder: Path, part: str) -> list[str]:
    return [file.name for file in folder.iterdir() if part in file.name]


def damage(copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    content[4096 * 3 : 4096 * 4] = b"\x07" * 4096
    copy.write_bytes(content)


async def test_a_copy_that_is_not_whole_gets_no_name(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = module._look_through

    def damaged(copy: Path, named: Path) -> module.BackupFacts:
        damage(copy)
        return look(copy, named)

    monkeypatch.setattr(module, "_look_through", damaged)
    with pytest.raises(BackupFailed) as caught:
        backup(database.path, tmp_path / "copy.db")
    assert caught.value.reason in ("not_whole", "not_written")
    assert names(tmp_path, "copy") == []


async def test_a_copy_with_another_ledger_gets_no_name(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.run(add, "a")
    look = module._look_through

    def emptied(copy: Path, named: Path) -> module.BackupFacts:
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("DROP TABLE entry")
        return look(copy, named)

    monkeypatch.setattr(module, "_look_through", emptied)
    with pytest.raises(BackupFailed) as caught:
        backup(database.path, tmp_path / "copy.db")
    assert caught.value.reason == "not_whole"
    assert not (tmp_path / "copy.db").exists()


def test_where_there_is_no_database_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed) as caught:
        backup(tmp_path / "klingbot.db", tmp_path / "copy.db")
    assert caught.value.reason == "no_database"
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_is_not_there_is_told(database: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed) as caught:
        backup(database.path, tmp_path / "missing" / "copy.db")
    assert caught.value.reason == "not_written"
