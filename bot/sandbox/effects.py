"""Ready-made effects: what the sandbox plays for a scene's name, with the name written small under it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PIL import Image, ImageEnhance, ImageFilter

from bot.sandbox.drawing import Colour, Dice, Label, Size, cover, ease, faded, glow, mix, rounded, wave
from bot.sandbox.lettering import Caption
from bot.sandbox.motion import warped

Move = Callable[[Image.Image, float, float], Image.Image]
"""From the picture, the share of the clip that is over, and the seconds, to the frame."""


def bounce(picture: Image.Image, progress: float, seconds: float) -> Image.Image:
    """Dances: hops and leans to a beat."""
    hop, lean = abs(wave(seconds, 1.2)), 0.07 * wave(seconds, 2.4) * ease(seconds)
    zoom = 1 / (1.13 + 0.04 * hop)
    return warped(picture, lambda x, y: (x * zoom + lean * y, y * zoom + 0.10 * hop * ease(seconds) - 0.02 - lean * x))


def jelly(picture: Image.Image, progress: float, seconds: float) -> Image.Image:
    """Wobbles like jelly, more and more."""
    swing = 0.04 * ease(progress * 2)

    def warp(x: float, y: float) -> tuple[float, float]:
        return 0.92 * x + swing * wave(seconds + 0.5 * y, 0.9), 0.92 * y + swing * wave(seconds + 0.5 * x, 1.1, 0.3)

    return warped(picture, warp)


def squash(picture: Image.Image, progress: float, seconds: float) -> Image.Image:
    """Is pressed flat and springs back."""
    press = ease(seconds) * (0.5 - 0.5 * wave(seconds, 2.2, 0.25))

    def warp(x: float, y: float) -> tuple[float, float]:
        inner = (1 - x * x) * (1 - y * y)
        return 0.96 * x * (1 - 0.5 * press * inner), 0.96 * y * (1 + 0.9 * press * inner)

    return warped(picture, warp)


def swing(picture: Image.Image, progress: float, seconds: float) -> Image.Image:
    """Sways round its middle, ever wider."""
    angle = 0.24 * ease(progress * 1.6) * wave(seconds, 2.1)
    cos, sin = math.cos(angle) * 0.80, math.sin(angle) * 0.80
    ratio = picture.width / picture.height
    return warped(picture, lambda x, y: (x * cos - y * sin / ratio, x * sin * ratio + y * cos))


def swell(picture: Image.Image, progress: float, seconds: float) -> Image.Image:
    """Blows up from the middle like a balloon, and breathes."""
    push = 0.55 * ease(progress) * (1 + 0.2 * wave(seconds, 1.3))

    def warp(x: float, y: float) -> tuple[float, float]:
        shrink = 1 - push * math.exp(-1.8 * (x * x + y * y))
        return x * shrink, y * shrink

    return warped(picture, warp)


def blocks(picture: Image.Image, progress: float, seconds: float) -> Image.Image:
    """Falls apart into blocks and comes together again."""
    coarse = (0.5 - 0.5 * wave(progress, 1.0, 0.25)) * ease(seconds)
    side = 1 + round(coarse * min(picture.size) / 14)
    zoomed = warped(picture, lambda x, y: (x * (1 - 0.08 * ease(progress)), y * (1 - 0.08 * ease(progress))))
    small = zoomed.resize((max(picture.width // side, 1), max(picture.height // side, 1)), Image.Resampling.BOX)
    return zoomed if side == 1 else small.resize(picture.size, Image.Resampling.NEAREST)


def flash(picture: Image.Image, progress: float, seconds: float) -> Image.Image:
    """Shakes, with lightning."""
    beat = (seconds * 0.8) % 1
    power = max(0.0, 1 - beat * 3.2)
    shake = 0.022 * power * wave(seconds, 0.13)
    zoom = 0.95 - 0.07 * progress
    moved = warped(picture, lambda x, y: (x * zoom + shake, y * zoom - shake))
    return ImageEnhance.Brightness(moved).enhance(0.82 + 0.9 * power)


def nightfall(picture: Image.Image, progress: float, seconds: float) -> Image.Image:
    """The light goes from day to deep blue while the camera moves in."""
    zoom = 1 - 0.10 * ease(progress)
    night = Image.new("RGB", picture.size, (18, 26, 92))
    return Image.blend(warped(picture, lambda x, y: (x * zoom, y * zoom)), night, 0.58 * ease(progress))


def rise(picture: Image.Image, progress: float, seconds: float) -> Image.Image:
    """Flies: soars upward and rocks in the wind."""
    way, rock = ease(progress), 0.05 * wave(seconds, 2.6)
    zoom = 0.86 - 0.16 * way

    def warp(x: float, y: float) -> tuple[float, float]:
        return x * zoom + rock * y + 0.04 * wave(seconds, 3.3), y * zoom + (1 - zoom) * (0.8 - 1.6 * way) - rock * x

    return warped(picture, warp)


def pulse(picture: Image.Image, progress: float, seconds: float) -> Image.Image:
    """Anything else: moves in to a slow heartbeat."""
    zoom = 1 - 0.12 * ease(progress) - 0.035 * abs(wave(seconds, 1.8)) * ease(seconds)
    drift = 0.03 * wave(seconds, 4.6) * ease(seconds)
    return warped(picture, lambda x, y: (x * zoom + drift, y * zoom))


MOVES: tuple[tuple[tuple[str, ...], Move], ...] = (
    (("jelly", "fuzzy", "wool", "felt", "plush"), jelly),
    (("squish", "squeeze", "press", "lie_flat", "mushroom"), squash),
    (("dizzy", "swing", "swish", "trampoline", "drunk", "wig"), swing),
    (("expansion", "bloom", "pucker", "poping", "muscle", "emoji"), swell),
    (("pixel", "disappear", "collapse", "teleport", "knock", "transform"), blocks),
    (("lightning", "gun", "explosion", "flash", "power", "bomb", "shot", "scream"), flash),
    (("night", "lantern", "halloween", "spark", "christmas", "frost"), nightfall),
    (("fly", "rocket", "wing", "balloon", "jump", "broom", "eagle", "surf", "ski"), rise),
    (("dance", "running", "jazz", "ride", "race", "martial", "skate"), bounce),
)
"""Words in a scene's name and what it plays; the first that fits."""


def move_for(scene: str) -> Move:
    """What a one-person scene plays."""
    return next((move for words, move in MOVES if any(word in scene for word in words)), pulse)


@dataclass(frozen=True, slots=True)
class _Bit:
    """A bit of confetti: place and fall in frames, colour, phase."""

    x: float
    y: float
    fall: float
    colour: Colour
    phase: float


class EffectScene:
    """An effect on one picture, or two people who come together."""

    def __init__(self, scene: str, people: list[Image.Image], seed: str, size: Size, duration: float) -> None:
        dice = Dice(f"{scene}{seed}")
        self.size = size
        self._duration = duration
        self._play: Callable[[float, float], Image.Image] = (
            _Pair(people, size).frame if len(people) > 1 else partial(move_for(scene), cover(people[0], size))
        )
        festive = any(word in scene for word in ("fire", "celebr", "birthday", "dollar", "lucky", "year", "cheers"))
        self._confetti = _confetti(dice) if festive or len(people) > 1 else []
        self._caption = Caption(scene.replace("_", " "), size, middle=0.90, shadow=(16, 14, 26), scale=0.55)
        self._label = Label(size)

    def frame(self, seconds: float) -> Image.Image:
        """The view at that moment, name and mark included."""
        progress = min(seconds / self._duration, 1.0)
        frame = self._play(progress, seconds)
        self._throw(frame, seconds)
        self._caption.draw(frame, seconds)
        self._label.stamp(frame)
        return frame

    def _throw(self, frame: Image.Image, seconds: float) -> None:
        side = max(round(min(self.size) * 0.012), 2)
        for bit in self._confetti:
            x = bit.x + 0.02 * wave(seconds, 2.2, bit.phase)
            y = (bit.y + bit.fall * seconds) % 1.1 - 0.05
            turn = abs(wave(seconds, 0.9, bit.phase))
            box = (round(x * self.size[0]), round(y * self.size[1]))
            frame.paste(bit.colour, (*box, box[0] + side, box[1] + max(1, round(side * turn * 1.6))))


def _confetti(dice: Dice) -> list[_Bit]:
    colours = ((255, 92, 122), (255, 206, 84), (94, 214, 160), (98, 160, 255), (208, 132, 255))
    return [
        _Bit(
            dice.uniform(0, 1), dice.uniform(0, 1.1), dice.uniform(0.12, 0.3), dice.choice(colours), dice.uniform(0, 1)
        )
        for _ in range(70)
    ]


class _Pair:
    """Two portraits that start apart, come together in the middle, and glow where they meet."""

    def __init__(self, people: list[Image.Image], size: Size) -> None:
        width, height = size
        wide = width >= height
        self.size = size
        self._wide = wide
        part = (round(width * 0.46), round(height * 0.78)) if wide else (round(width * 0.78), round(height * 0.42))
        self._portraits = [cover(person, part) for person in people[:2]]
        self._shape = rounded(part, round(min(part) * 0.08))
        back = Image.blend(cover(people[0], size), cover(people[1], size), 0.5)
        dark = ImageEnhance.Brightness(back.resize((width // 8, height // 8))).enhance(0.55)
        self._back = dark.filter(ImageFilter.GaussianBlur(min(size) / 130)).resize(size, Image.Resampling.BICUBIC)
        self._glow = glow(round(min(size) * 1.1), 0.9, 2.0)

    def frame(self, progress: float, seconds: float) -> Image.Image:
        """The two at that moment."""
        frame = self._back.copy()
        come = ease(progress * 1.5)
        width, height = self.size
        light = faded(self._glow, come * (0.75 + 0.25 * wave(seconds, 1.4)))
        frame.paste(
            mix((255, 180, 120), (255, 120, 150), 0.5 + 0.5 * wave(seconds, 3.0)),
            ((width - light.width) // 2, (height - light.height) // 2),
            light,
        )
        for side, portrait in zip((-1, 1), self._portraits, strict=True):
            away = side * (0.62 - 0.41 * come)
            bob = 0.012 * wave(seconds, 1.6, 0.25 * side)
            x = width * (0.5 + (away if self._wide else bob)) - portrait.width / 2
            y = height * (0.48 + (bob if self._wide else away)) - portrait.height / 2
            frame.paste(portrait, (round(x), round(y)), self._shape)
        return frame
