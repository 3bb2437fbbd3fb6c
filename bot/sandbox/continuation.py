"""A clip that goes on: the frames of the one before it, then its last one set in motion."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from PIL import Image

from bot.sandbox.drawing import Label, Size
from bot.sandbox.film import FPS
from bot.sandbox.motion import PictureScene
from bot.sandbox.orders import Order


class Continuation:
    """Asked for its moments in order, it plays the clip before for its seconds and goes on from where that ends."""

    def __init__(self, before: InputContainer, order: Order, seed: str) -> None:
        stream = before.streams.video[0]
        self.size: Size = (stream.codec_context.width, stream.codec_context.height)
        self._order, self._seed = order, seed
        self._frames = before.decode(stream)
        self._latest = next(self._frames)
        self._shown = 0
        self._scene: PictureScene | None = None

    @classmethod
    @contextmanager
    def of(cls, before: Path, order: Order, seed: str) -> Iterator["Continuation"]:
        """The continuation of the clip in a file, which stays open meanwhile."""
        with av.open(str(before)) as film:
            yield cls(film, order, seed)

    def frame(self, seconds: float) -> Image.Image:
        """The view at that moment, mark included."""
        if seconds < self._order.before:
            self._advance(round(seconds * FPS))
            return _picture(self._latest)
        if self._scene is None:
            self._advance(None)
            last = _picture(self._latest)
            Label(self.size).take_off(last)
            self._scene = PictureScene(last, None, self._seed, self.size, float(self._order.new_seconds))
        return self._scene.frame(seconds - self._order.before)

    def _advance(self, number: int | None) -> None:
        """Decode up to frame number so-and-so; None = to the last."""
        while number is None or self._shown < number:
            frame = next(self._frames, None)
            if frame is None:
                return
            self._latest, self._shown = frame, self._shown + 1


def _picture(frame: VideoFrame) -> Image.Image:
    plane = frame.reformat(format="rgb24").planes[0]
    return Image.frombytes("RGB", (frame.width, frame.height), bytes(plane), "raw", "RGB", plane.line_size)
