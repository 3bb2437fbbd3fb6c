"""What is kept: rows through transaction scripts, files by their hash, small memories by key. It all fails closed."""

from bot.store.backup import BackupFacts, backup
from bot.store.blobs import Blob, Blobs, Swept
from bot.store.database import Database
from bot.store.folder import prepare
from bot.store.ids import new_id
from bot.store.memory import Memory
from bot.store.scripts import Row, Script, Statement, first, one

__all__ = [
    "BackupFacts", "Blob", "Blobs", "Database", "Memory", "Row", "Script", "Statement", "Swept", "backup", "first",
    "new_id", "one", "prepare",
]  # fmt: skip
