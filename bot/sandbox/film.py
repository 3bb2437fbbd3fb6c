"""Scenes onto film: H.264 in an MP4 that starts at once, exactly as long as asked."""

import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

from bot.sandbox.drawing import Scene, Size

FPS = 24

_FINE = {"preset": "veryfast", "crf": "21"}
_QUICK = {"preset": "ultrafast", "crf": "28"}
_QUICK_HOLD = 6
"""Frames that a quick film shows the same drawing for."""

_to_frame: Callable[[Image.Image], av.VideoFrame] = av.VideoFrame.from_image
"""PyAV ships this one function without types."""


class Stopped(Exception):
    """The sandbox is going down: the film was left unfinished and its file removed."""


def write_film(
    path: Path, scene: Scene, size: Size, seconds: float, *, title: str, stop: threading.Event, quick: bool = False
) -> None:
    """Render a scene to `path`; pictures of another size than the film's are scaled. `quick` costs and looks less.

    The file appears under its name only when it is whole. Raises Stopped when `stop` is set on the way.
    """
    unfinished = path.with_suffix(".part")
    with av.open(str(unfinished), "w", format="mp4", options={"movflags": "+faststart"}) as film:
        film.metadata.update({"title": title, "comment": "klingbot sandbox clip, not made by Kling"})
        stream = film.add_stream("libx264", rate=FPS, options=_QUICK if quick else _FINE)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        for frame in _frames(scene, size, round(seconds * FPS), _QUICK_HOLD if quick else 1):
            if stop.is_set():
                break
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
    if stop.is_set():
        unfinished.unlink(missing_ok=True)
        raise Stopped
    unfinished.replace(path)


def _frames(scene: Scene, size: Size, count: int, hold: int) -> Iterator[av.VideoFrame]:
    """Every frame of the film; each drawing stands for `hold` frames."""
    for number in range(count):
        if number % hold == 0:
            drawn = _to_frame(scene.frame(number / FPS))
            frame = drawn.reformat(*size, format="yuv420p", interpolation="BICUBIC")
        frame.pts = number
        frame.time_base = Fraction(1, FPS)
        yield frame
