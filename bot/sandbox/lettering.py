"""Words on a clip: the prompt and the names of effects, set in Pillow's own font, so that no file is needed."""

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from bot.sandbox.drawing import Colour, Size, ease, faded

_NOWHERE = "\U000e0fff"
"""A code point that no font has: what is drawn for it is the font's sign for a missing letter."""

_LONGEST = 180
"""Letters of a prompt that are shown; the rest is an ellipsis."""


class Caption:
    """Lines of text that fade in while rising a little, with a soft shadow of the scene's own darkest colour."""

    def __init__(self, text: str, size: Size, *, middle: float, shadow: Colour, scale: float = 1.0) -> None:
        self._shadow = shadow
        self._letters, self._blur = _set(_readable(text), size, scale)
        self._place = (
            (size[0] - self._letters.width) // 2,
            round(size[1] * middle - self._letters.height / 2),
        )
        self._rise = size[1] * 0.02

    def draw(self, frame: Image.Image, seconds: float, *, start: float = 0.25, fade: float = 1.1) -> None:
        """Put the text on a frame, in place, as far as it has come by then."""
        come = ease((seconds - start) / fade)
        if come <= 0:
            return
        place = (self._place[0], self._place[1] + round(self._rise * (1 - come)))
        frame.paste(self._shadow, place, faded(self._blur, come * 0.75))
        frame.paste((255, 255, 255), place, faded(self._letters, come))


def _readable(text: str) -> str:
    """The text as far as the font can draw it; nothing if most of it would be boxes."""
    font = ImageFont.load_default(24)
    missing = bytes(font.getmask(_NOWHERE))
    kept = "".join(sign if sign.isspace() or bytes(font.getmask(sign)) != missing else "" for sign in text[:600])
    words = " ".join(kept.split())
    if len(words) < 0.6 * len(" ".join(text[:600].split())):
        return ""
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"


def _set(words: str, size: Size, scale: float) -> tuple[Image.Image, Image.Image]:
    """The lines as a mask, and the same blurred for the shadow."""
    width, height = size
    short = min(size)
    points = short * scale * (0.082 if len(words) <= 44 else 0.062 if len(words) <= 100 else 0.05)
    font = ImageFont.load_default(max(points, 8))
    lines = _wrap(words, font, width * 0.8)
    step = points * 1.28
    block = (round(width * 0.9), round(min(step * len(lines) + points, height * 0.9)))
    letters = Image.new("L", block)
    pen = ImageDraw.Draw(letters)
    for number, line in enumerate(lines):
        pen.text((block[0] / 2, points * 0.4 + step * number), line, font=font, fill=255, anchor="ma")
    blurred = letters.filter(ImageFilter.GaussianBlur(max(points * 0.16, 1)))
    return letters, blurred.point([min(255, level * 2) for level in range(256)])


def _wrap(words: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float) -> list[str]:
    """Lines no wider than `width` pixels; a word that is wider by itself is cut."""
    lines: list[str] = []
    line = ""
    for word in words.split():
        while font.getlength(word) > width and len(word) > 1:
            word = word[: len(word) * 3 // 4]
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines
