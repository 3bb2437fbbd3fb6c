"""The data folder: there, ours alone, and writable, or a clear no before anything else starts."""

import os
import tempfile
from pathlib import Path

from bot.errors import FolderNotWritable


def prepare(folder: Path) -> None:
    """Make the folder, for its owner only, and try a file in it. Raises FolderNotWritable: who owns it, who asks."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"klingbot")
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        owner_uid, owner_gid = _owner(folder)
        raise FolderNotWritable(
            folder=str(folder),
            uid=os.getuid(),
            gid=os.getgid(),
            owner_uid=owner_uid,
            owner_gid=owner_gid,
            why=str(error.strerror),
        ) from error


def _owner(folder: Path) -> tuple[int | None, int | None]:
    """Who owns the folder, or the nearest one above it that exists."""
    for path in (folder, *folder.absolute().parents):
        try:
            facts = path.stat()
        except OSError:
            continue
        return facts.st_uid, facts.st_gid
    return None, None
