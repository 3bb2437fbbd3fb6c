"""Small real videos, made once."""

import functools
import tempfile
from pathlib import Path

import av
import numpy as np


@functools.cache
def clip(seconds: int, *, width: int = 128, height: int = 72, fps: int = 8, noise: int = 0) -> bytes:
    """An H.264 MP4 with its index first, of a bar that moves, with `noise` (0–255) that makes it large."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:  # moving the index first means reading the file again
        _write(file.name, seconds, width, height, fps, noise)
        return Path(file.name).read_bytes()


def _write(name: str, seconds: int, width: int, height: int, fps: int, noise: int) -> None:
    chance = np.random.default_rng(7)
    with av.open(name, "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(seconds * fps):
            image = np.full((height, width, 3), 90, dtype=np.uint8)
            left = number * 3 % (width - 16)
            image[:, left : left + 16] = (230, 120, 40)
            if noise:
                image ^= chance.integers(0, noise, image.shape, dtype=np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
