"""Brings a database file up to date: numbered .sql files, one transaction each, after a verified backup."""

import os
import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bot.errors import SchemaTooNew, StoreUnavailable
from bot.store.backup import backup
from bot.store.batch import is_unusable, unavailable

PATIENCE = 60.0  # seconds to wait for another process that is migrating
TRIES = 100


def migrate(path: Path, migrations: Traversable | None = None) -> int:
    """Apply what is missing and answer with the version reached. A second process waits, and finds nothing to do.

    A file that holds something is copied first, to `<name>.before-<version>.backup` beside it. Raises SchemaTooNew,
    BackupFailed or StoreUnavailable; the file then is as it was after the last whole migration.
    """
    known = read_migrations(migrations or files("bot.store") / "migrations")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnavailable(why=str(error)) from error
    try:
        _keep_a_log(connection)
        return _catch_up(connection, path, known)
    except sqlite3.Error as error:
        if is_unusable(error):
            raise unavailable(error) from error
        raise
    finally:
        connection.close()


def read_migrations(folder: Traversable) -> dict[int, str]:
    """The .sql files by their number, in order; it must run from 1 without a gap."""
    found = {int(file.name.split("_")[0]): file.read_text("utf-8") for file in folder.iterdir() if ".sql" in file.name}
    if sorted(found) != list(range(1, len(found) + 1)):
        raise ValueError(sorted(found))
    return dict(sorted(found.items()))


def statements(script: str) -> Iterator[str]:
    """A script's statements, one by one; sqlite3 itself tells where a trigger ends."""
    statement = ""
    for piece in script.split(";")[:-1]:
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
    if statement:
        raise ValueError(statement)


def _keep_a_log(connection: sqlite3.Connection) -> None:
    """Switch the file to write-ahead logging, which SQLite refuses at once while another process holds it."""
    connection.execute("PRAGMA synchronous=FULL")
    for _ in range(TRIES):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            connection.execute("BEGIN IMMEDIATE")  # waits until the other is through
            connection.execute("ROLLBACK")
    raise StoreUnavailable(why="busy")


def _catch_up(connection: sqlite3.Connection, path: Path, known: dict[int, str]) -> int:
    newest = max(known)
    saved = False
    while True:
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = _version(connection)
            if version > newest:
                raise SchemaTooNew(found=version, known=newest)
            if version == newest:
                return version
            if not saved and _holds_something(connection):
                backup(path, _free_name(path, newest))  # of what is committed; nobody else can write now
            saved = True
            _apply(connection, version + 1, known[version + 1])
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _apply(connection: sqlite3.Connection, version: int, script: str) -> None:
    for statement in statements(script):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {version:d}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _holds_something(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None


def _free_name(path: Path, version: int) -> Path:
    """Where the copy goes; a copy that an earlier try left is kept too."""
    names = [
        f"{path.name}.before-{version}.backup",
        *(f"{path.name}.before-{version}.{n}.backup" for n in range(2, TRIES)),
    ]
    return next(path.with_name(name) for name in names if not path.with_name(name).exists())
