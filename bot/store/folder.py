"""The data folder: there, ours alone, and writable, or a clear no before anything else starts."""

import errno
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bot.errors import FolderNotWritable


def prepare(folder: Path, names: Iterable[str] = ()) -> None:
    """Make the folder, for its owner only, and try a file in it; what is there under the names must be ours to write.

    Raises FolderNotWritable: who owns it, who asks.
    """
    closed = folder
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"klingbot")
            trial.flush()
            os.fsync(trial.fileno())
        for closed in filter(Path.exists, (folder / name for name in names)):  # as when root was here once
            if not os.access(closed, os.R_OK | os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        owner_uid, owner_gid = _owner(closed)
        raise FolderNotWritable(
            folder=str(folder),
            uid=os.getuid(),
            gid=os.getgid(),
            owner_uid=owner_uid,
            owner_gid=owner_gid,
            why=str(error.strerror),
        ) from error


def flush(path: Path) -> None:
    """Put a file, or the entries of a folder, safely on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _owner(folder: Path) -> tuple[int | None, int | None]:
    """Who owns the folder, or the nearest one above it that exists."""
    for path in (folder, *folder.absolute().parents):
        try:
            facts = path.stat()
        except OSError:
            continue
        return facts.st_uid, facts.st_gid
    return None, None
