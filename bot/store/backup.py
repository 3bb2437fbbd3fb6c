"""Copies of the database that open: `VACUUM INTO`, safe while others write, then looked through before they count."""

import os
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.errors import BackupFailed
from bot.store.folder import flush

LEDGER = "SELECT count(*), coalesce(sum(amount), 0) FROM entry"
HAS_LEDGER = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'entry'"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFacts:
    """What a copy holds: bytes, the schema's version, the ledger's entries and the credits they move in all."""

    size: int
    version: int
    entries: int
    credits: int


def backup(database: Path, target: Path) -> BackupFacts:
    """Copy the database file to `target`, which must not exist. Blocks: call it in a thread.

    The copy gets its name only when SQLite finds it whole and its ledger holds what the database's does.
    Raises BackupFailed.
    """
    if not database.is_file():
        raise BackupFailed(target=str(target), reason="no_database")
    if target.exists():
        raise BackupFailed(target=str(target), reason="exists")
    try:
        return _copy(database, target)
    except FileExistsError as error:
        raise BackupFailed(target=str(target), reason="exists") from error
    except (sqlite3.Error, OSError) as error:
        raise BackupFailed(target=str(target), reason="not_written", detail=str(error)) from error


def _copy(database: Path, target: Path) -> BackupFacts:
    handle, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=".partial", dir=target.parent)
    os.close(handle)
    partial = Path(name)
    try:
        with closing(_open(database)) as source:
            before = _ledger(source)
            source.execute("VACUUM INTO ?", [name])  # takes an empty file, and leaves its mode (0600) alone
            after = _ledger(source)
        facts = _look_through(partial, target)
        if not before <= (facts.entries, facts.credits) <= after:  # the ledger only ever grows
            raise BackupFailed(target=str(target), reason="not_whole", detail=f"{before} {facts} {after}")
        _name(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return facts


def _open(path: Path, options: str = "") -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{options}", uri=True, isolation_level=None)


def _ledger(connection: sqlite3.Connection) -> tuple[int, int]:
    """Entries and credits; nothing in a file from before there was a ledger."""
    if connection.execute(HAS_LEDGER).fetchone() is None:
        return 0, 0
    count, moved = connection.execute(LEDGER).fetchone()
    return count, moved


def _look_through(copy: Path, target: Path) -> BackupFacts:
    with closing(_open(copy, "&immutable=1")) as connection:  # immutable: leaves no -wal and -shm beside it
        problems = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
        if problems != ["ok"] or orphans:
            raise BackupFailed(target=str(target), reason="not_whole", detail=f"{problems[0]}, {len(orphans)} orphans")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        count, moved = _ledger(connection)
    return BackupFacts(size=copy.stat().st_size, version=version, entries=count, credits=moved)


def _name(partial: Path, target: Path) -> None:
    """Put the copy safely on the disk, then under its name; VACUUM INTO itself flushes nothing."""
    for path in (partial, target.parent):
        flush(path)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))  # fails if it appeared meanwhile
    partial.replace(target)
    flush(target.parent)
