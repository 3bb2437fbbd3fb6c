"""The command line as somebody who isn't root: for what a folder's rights decide. Tests run as root or not."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.tree import ROOT

NOBODY = 65534
UID, GID = (NOBODY, NOBODY) if os.getuid() == 0 else (os.getuid(), os.getgid())
"""Who it runs as: nobody in particular where the tests run as root, else whoever runs them."""

_DROPPED = f"""
import os, sys
from bot.cli import demo, operate
from bot.cli.main import main
if os.getuid() == 0:
    os.setgroups([]); os.setgid({GID}); os.setuid({UID})
sys.exit(main(sys.argv[1:]))
"""  # imported first: the code itself may lie where nobody reads


def klingbot(*words: str, environ: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """`klingbot WORDS` without root's rights."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})}
    command = [sys.executable, "-c", _DROPPED, *words]
    return subprocess.run(command, cwd="/", env=env, capture_output=True, text=True, check=False)


def give(folder: Path) -> None:
    """Make the folder theirs."""
    if os.getuid() == 0:
        os.chown(folder, UID, GID)
