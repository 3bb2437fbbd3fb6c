"""The layers of a painted landscape: long strips that scroll past each other, nearer ones faster."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw

from bot.sandbox.drawing import Colour, Dice, Size, gradient, mix, wave
from bot.sandbox.palettes import Land, Palette

Profile = Callable[[float], float]
"""Height of a crest, 0 to 1, at a place in units of the frame's shorter side."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One layer: colours and shape, wider than the frame; `travel` pixels go by (or come back), `bob` up and down."""

    colours: Image.Image
    shape: Image.Image
    top: int
    travel: float
    bob: float
    phase: float

    def draw(self, frame: Image.Image, progress: float, seconds: float) -> None:
        """Put the part that is in view at that moment on a frame, in place."""
        left = round(self.travel * progress if self.travel >= 0 else self.travel * (progress - 1))
        box = (left, 0, left + frame.width, self.shape.height)
        lift = round(self.bob * (1 + wave(seconds, 4.2, self.phase)))
        frame.paste(self.colours.crop(box), (0, self.top + lift), self.shape.crop(box))


def build_strips(land: Land, palette: Palette, size: Size, dice: Dice) -> list[Strip]:
    """The layers of a land from far to near."""
    count = {"sea": 5, "city": 3}.get(land, 4)
    return [_strip(land, palette, size, dice, number, number / (count - 1)) for number in range(count)]


def _strip(land: Land, palette: Palette, size: Size, dice: Dice, number: int, near: float) -> Strip:
    width, height = size
    short = min(size)
    base = 0.60 + 0.24 * near + dice.uniform(-0.01, 0.01)
    rise = short * _RISE[land] * (1.0 - 0.35 * near)
    bob = short * 0.008 * (0.4 + near) if land == "sea" else 0.0
    travel = short * (0.03 + 0.30 * near**1.6)
    top = max(0, round(height * base - rise))
    area = (width + math.ceil(travel) + 2, height - top + math.ceil(2 * bob) + 2)
    shape = _shape(_profile(land, dice, number), area, rise, short)
    crest = mix(mix(palette.far, palette.near, near), palette.sky[2], 0.24 * (1 - near))
    foot = mix(crest, palette.sky[2], 0.34 * (1 - near)) if near < 1 else mix(crest, (0, 0, 0), 0.3)
    colours = gradient(area, (mix(crest, palette.sun, 0.16), crest, foot))
    if land == "city" and number > 0:
        _light_windows(colours, shape, dice, mix(palette.sun, (255, 214, 140), 0.5), short)
    backwards = land == "sea" and number % 2 == 1
    return Strip(colours, shape, top - round(2 * bob), -travel if backwards else travel, bob, dice.uniform(0, 1))


_RISE: dict[Land, float] = {"hills": 0.20, "mountains": 0.36, "dunes": 0.15, "sea": 0.035, "city": 0.32, "forest": 0.26}
"""How high the crests of a land reach above their base, in shorter sides."""


def _shape(profile: Profile, area: Size, rise: float, short: int) -> Image.Image:
    """The mask under a profile, drawn at twice the size for a smooth edge."""
    width, height = area
    points = [(2 * x, 2 * rise * (1 - profile(x / short))) for x in range(0, width + 4, 2)]
    large = Image.new("L", (2 * width, 2 * height))
    ImageDraw.Draw(large).polygon([*points, (2 * width, 2 * height), (0, 2 * height)], fill=255)
    return large.resize(area, Image.Resampling.BOX)


def _profile(land: Land, dice: Dice, number: int) -> Profile:
    if land == "mountains" and number < 3:
        return _peaks(dice)
    if land == "dunes":
        return _dunes(dice)
    if land == "sea":
        return _swell(dice)
    if land == "city":
        return _roofs(dice)
    if land == "forest":
        return _trees(dice, _rolling(dice))
    return _rolling(dice)


def _rolling(dice: Dice) -> Profile:
    waves = [(dice.uniform(0.6, 1.1), dice.uniform(0, 1), 0.55), (dice.uniform(0.25, 0.45), dice.uniform(0, 1), 0.25)]
    return lambda x: 0.5 + 0.5 * sum(share * wave(x, period, phase) for period, phase, share in waves)


def _peaks(dice: Dice) -> Profile:
    teeth = [(dice.uniform(0.5, 0.8), dice.uniform(0, 1), 0.52), (dice.uniform(0.19, 0.3), dice.uniform(0, 1), 0.26)]
    teeth += [(dice.uniform(0.07, 0.1), dice.uniform(0, 1), 0.1), (dice.uniform(0.025, 0.04), dice.uniform(0, 1), 0.04)]
    return lambda x: sum(share * abs(2 * ((x / period + phase) % 1) - 1) for period, phase, share in teeth)


def _dunes(dice: Dice) -> Profile:
    period, phase, skew = dice.uniform(0.8, 1.3), dice.uniform(0, 1), dice.uniform(0.62, 0.78)
    slow = dice.uniform(2.0, 3.0)

    def height(x: float) -> float:
        turn = (x / period + phase) % 1
        slope = turn / skew if turn < skew else (1 - turn) / (1 - skew)
        return (0.15 + 0.6 * math.pow(slope, 1.5)) * (0.75 + 0.25 * wave(x, slow, phase))

    return height


def _swell(dice: Dice) -> Profile:
    period, phase = dice.uniform(0.20, 0.32), dice.uniform(0, 1)
    return lambda x: (1 - abs(math.sin(math.pi * (x / period + phase)))) ** 1.6 * (0.7 + 0.3 * wave(x, 1.3, phase))


def _roofs(dice: Dice) -> Profile:
    plots = [(dice.uniform(0.2, 1.0), dice.uniform(0, 1)) for _ in range(61)]
    width = dice.uniform(0.075, 0.11)

    def height(x: float) -> float:
        number, inside = divmod(x / width, 1)
        roof, kind = plots[int(number) % len(plots)]
        if inside > 0.94:
            return 0.12
        if kind > 0.84 and 0.45 < inside < 0.5:
            return min(1.0, roof + 0.16)
        return roof * 0.86 if kind < 0.3 and inside > 0.55 else roof

    return height


def _trees(dice: Dice, ground: Profile) -> Profile:
    sizes = [dice.uniform(0.35, 1.0) for _ in range(97)]
    width = dice.uniform(0.035, 0.05)

    def height(x: float) -> float:
        number, inside = divmod(x / width, 1)
        spire = 1 - abs(2 * inside - 1)
        jags = spire - 0.18 * ((spire * 5) % 1)
        return 0.45 * ground(x) + 0.5 * sizes[int(number) % len(sizes)] * max(jags, 0.0)

    return height


def _light_windows(colours: Image.Image, shape: Image.Image, dice: Dice, light: Colour, short: int) -> None:
    """Scatter lit windows over the houses of a city's layer, in place."""
    pen = ImageDraw.Draw(colours)
    step = max(4, round(short * 0.02))
    for x in range(step, colours.width - step, step):
        for y in range(step, min(round(short * 0.36), shape.height - step), step):
            lit = dice.uniform(0, 1) < 0.16
            corners = ((x - step // 2, y - step // 2), (x + step // 2, y - step // 2), (x, y + step))
            if lit and all(shape.getpixel(corner) == 255 for corner in corners):
                pen.rectangle((x, y, x + step * 2 // 5, y + step // 2), fill=light)
