"""The scene that the sandbox makes of words alone."""

from PIL import Image

from bot.sandbox.drawing import Label, Size
from bot.sandbox.landscape import Landscape
from bot.sandbox.lettering import Caption


class TextScene:
    """A landscape that the prompt suggests, with the prompt set on it."""

    def __init__(self, prompt: str, seed: str, size: Size, duration: float) -> None:
        self.size = size
        self._land = Landscape(prompt, seed, size, duration)
        self._caption = Caption(prompt, size, middle=0.27, shadow=self._land.palette.near)
        self._label = Label(size)

    def frame(self, seconds: float) -> Image.Image:
        """The view at that moment, words and mark included."""
        frame = self._land.frame(seconds)
        self._caption.draw(frame, seconds)
        self._label.stamp(frame)
        return frame
