"""`klingbot demo` in a process of its own, started, read and ended as somebody at a terminal would."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tests.support.loopback import free_port
from tests.support.tree import ROOT

PATIENCE = 120.0
"""Seconds on the wall; a busy machine renders a clip in twenty."""

_COMMAND = (sys.executable, "-m", "bot", "demo")


@dataclass(frozen=True)
class Made:
    """What `demo --once` left: what it printed, its exit code, the video's file, and what the sandbox sold."""

    code: int
    said: str
    video: Path | None
    sold: list[dict[str, Any]]


def once(out: Path, *flags: str, images: tuple[Path, ...] = ()) -> Made:
    """Run `klingbot demo --once` to its end."""
    pictures = [word for image in images for word in ("--image", str(image))]
    command = [*_COMMAND, "--once", "--out", str(out), *pictures, *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=2 * PATIENCE, check=False)
    events = [json.loads(line) for line in (out / "sandbox-sold.jsonl").read_text().splitlines()]
    videos = [Path(line.removeprefix("video: ")) for line in done.stdout.splitlines() if line.startswith("video: ")]
    sold = [event["task"] for event in events if event["event"] == "sold"]
    return Made(done.returncode, done.stdout + done.stderr, videos[0] if videos else None, sold)


class Demo:
    """`klingbot demo` on a folder and a port: started, read, ended, started again; killed at the end of a `with`."""

    def __init__(self, out: Path, *flags: str, port: int | None = None) -> None:
        self.out = out
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._flags = flags
        self._lives: list[tuple[subprocess.Popen[bytes], Path]] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        for process, _log in self._lives:
            process.kill()
            process.wait()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The one that was started last."""
        return self._lives[-1][0]

    def start(self) -> None:
        """Start it, and wait until it tells its address."""
        self.out.mkdir(parents=True, exist_ok=True)
        log = self.out / f"said-{len(self._lives)}.log"
        command = [*_COMMAND, "--out", str(self.out), "--port", str(self.port), *self._flags]
        with log.open("wb") as said:
            process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        self._lives.append((process, log))
        self.wait_for("klingbot is at")

    def said(self) -> str:
        """Everything it printed since it was started last."""
        return self._lives[-1][1].read_text()

    def wait_for(self, words: str) -> None:
        """Wait until it prints these words."""
        wait_until(lambda: words in self.said() or self.process.poll() is not None)
        assert words in self.said(), self.said()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def wait_until(done: Callable[[], bool], within: float = PATIENCE) -> None:
    """Look again and again; fails when it takes too long."""
    until = time.monotonic() + within
    while not done():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.1)


def photograph(width: int, height: int, seed: int = 0) -> Image.Image:
    """A picture with detail of every size, hard edges and the noise of a camera; another seed, another picture."""
    chance = np.random.default_rng(seed)
    light = np.zeros((height, width))
    for octave in range(1, 9):
        cells = chance.integers(0, 256, (2**octave, 2**octave), dtype=np.uint8)
        light += np.asarray(Image.fromarray(cells).resize((width, height), Image.Resampling.BICUBIC)) / 1.3**octave
    light = np.clip((light - light.mean()) / (4 * light.std()) + 0.5, 0, 1)
    tint = chance.uniform(0.6, 1.1, 3)
    pixels = light[..., None] * tint * 255 + chance.normal(0, 7, (height, width, 3))
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(14):
        x, y = chance.uniform(0, width), chance.uniform(0, height)
        side = chance.uniform(0.02, 0.09) * width
        draw.rectangle((x, y, x + side, y + side * 1.6), fill=tuple(int(c) for c in chance.integers(20, 235, 3)))
    return picture.filter(ImageFilter.GaussianBlur(0.6))
