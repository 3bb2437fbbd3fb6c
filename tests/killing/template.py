"""A process that has everything imported and forks a service for each line it is told: a restart costs milliseconds.

Run as `python -m tests.killing.template`. It answers each errand with how its service ended, as `os.waitpid` tells it.
"""

import asyncio
import os
import subprocess
import sys
from types import TracebackType
from typing import Self

from tests.killing import service
from tests.killing.errand import Errand, load
from tests.support.tree import ROOT


class Template:
    """The parent's side: `run` lives one life of a service and answers with its exit code, or minus its signal."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.killing.template"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    async def run(self, errand: Errand) -> int:
        return await asyncio.to_thread(self._run, errand)

    def _run(self, errand: Errand) -> int:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(errand.dump() + "\n")
        return int(self._process.stdout.readline())


def main() -> None:
    """Fork for every line, one at a time."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(service.live(load(line)))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
