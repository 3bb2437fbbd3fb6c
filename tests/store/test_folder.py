import os
import stat
from pathlib import Path

import pytest

from bot.errors import FolderNotWritable
from bot.store.folder import prepare


def test_a_new_folder_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    prepare(tmp_path / "deep" / "data")
    assert stat.S_IMODE((tmp_path / "deep" / "data").stat().st_mode) == 0o700


def test_a_folder_that_is_there_keeps_its_mode_and_what_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o750)
    (folder / "klingbot.db").write_text("kept")
    prepare(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert [file.name for file in folder.iterdir()] == ["klingbot.db"]


def test_a_folder_that_cannot_be_made_names_the_owner_of_what_is_above_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FolderNotWritable) as caught:
        prepare(tmp_path / "file" / "data")
    owner = (tmp_path / "file").stat()
    facts = caught.value
    assert (facts.folder, facts.uid, facts.gid) == (str(tmp_path / "file" / "data"), os.getuid(), os.getgid())
    assert (facts.owner_uid, facts.owner_gid) == (owner.st_uid, owner.st_gid)


def test_a_folder_that_takes_no_files_names_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FolderNotWritable) as caught:
        prepare(tmp_path)
    assert caught.value.owner_uid == tmp_path.stat().st_uid


def test_a_file_in_it_that_is_somebody_else_s_names_that_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after one run as root: the folder is ours, the database in it is not."""
    (tmp_path / "klingbot.db").touch()
    (tmp_path / "lost+found").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr("bot.store.folder._owner", lambda path: (len(path.name), 7))
    with pytest.raises(FolderNotWritable) as caught:
        prepare(tmp_path, ["klingbot.db", "signing.key"])
    facts = caught.value
    assert (facts.folder, facts.owner_uid, facts.owner_gid) == (str(tmp_path), len("klingbot.db"), 7)
    assert facts.why == "Permission denied"
    prepare(tmp_path, ["signing.key"])
