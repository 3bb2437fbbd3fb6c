"""What stands at the top of the tree, and what no file may hold."""

import re
from pathlib import Path

from tests.support.tree import ROOT, name, project_files

TOP = {
    *("pyproject.toml", "README.md", "bot", "adapters", "tests", "Dockerfile"),
    *("Makefile", "LICENSE", "CHANGELOG.md", "SECURITY.md", "docs", "compose.yaml", "requirements.txt"),
    *(".ci", ".dockerignore", ".env.example", ".gitignore"),
}
HOME_FOLDERS = re.compile(r"(?<!\w)/(?:home/\w|Users/\w|root/)")


def texts() -> list[tuple[str, str]]:
    found = [(name(path), path.read_bytes()) for path in project_files()]
    return [(file, content.decode()) for file, content in found if b"\0" not in content]


def machine_paths(text: str, root: Path = ROOT) -> list[str]:
    """Folders that exist on one person's machine only."""
    return [*HOME_FOLDERS.findall(text), *re.findall(re.escape(f"{root}/"), text)]


def test_nothing_unexpected_stands_at_the_top() -> None:
    tops = {name(path).split("/")[0] for path in project_files()}
    assert tops - TOP == set()


def test_no_file_holds_a_path_of_one_machine() -> None:
    own = "tests/contracts/test_tree.py"
    assert {file: machine_paths(text) for file, text in texts() if file != own and machine_paths(text)} == {}


def test_a_path_of_one_machine_is_found() -> None:
    assert machine_paths("see /home/ana/klingbot")
    assert machine_paths("open('/srv/clone/bot/app.py')", root=Path("/srv/clone"))
    assert not machine_paths("GET /homepage and /data/klingbot.db")


def test_every_unreleased_change_is_told_to_users() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    unreleased = changelog.partition("## [Unreleased]")[2].partition("\n## ")[0]
    assert re.search(r"^- \S", unreleased, re.MULTILINE)
