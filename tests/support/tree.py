"""The project's own files, for tests that read them: what .gitignore names is not part of the project."""

import ast
import os
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _ignored(path: Path, patterns: list[str]) -> bool:
    """Knows the forms .gitignore uses here: `name`, `name/`, `*.end`, and `/name` for the top level only."""
    at_top = path.parent == ROOT
    return any(fnmatch(path.name, pattern.strip("/")) for pattern in patterns if at_top or not pattern.startswith("/"))


def project_files(*folders: str, suffix: str = "") -> Iterator[Path]:
    """Every file of the project under `folders` (all, if none is named) whose name ends in `suffix`."""
    patterns = [".git", *(ROOT / ".gitignore").read_text().split()]
    for top in [ROOT / folder for folder in folders] or [ROOT]:
        for folder, subfolders, names in os.walk(top):
            here = Path(folder)
            subfolders[:] = sorted(name for name in subfolders if not _ignored(here / name, patterns))
            yield from (
                here / name for name in sorted(names) if name.endswith(suffix) and not _ignored(here / name, patterns)
            )


def name(path: Path) -> str:
    """The path as the project writes it, from the root."""
    return path.relative_to(ROOT).as_posix()


@cache
def code(source: str) -> str:
    """Python source without its comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value = ast.Constant(...)
    return ast.unparse(tree)
