"""A painted landscape in motion: sky, sun or moon, drifting clouds, ridges that pass, and something in the air."""

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

from bot.sandbox.drawing import Colour, Dice, Size, disc, ease, faded, glow, gradient, mix, wave
from bot.sandbox.palettes import Palette, choose_land, choose_palette
from bot.sandbox.ridges import build_strips


@dataclass(frozen=True, slots=True)
class Mote:
    """Something small in the air: start and speed in frames, size in pixels, how it sways and blinks."""

    x: float
    y: float
    dx: float
    dy: float
    size: int
    phase: float


class Landscape:
    """The land that a prompt suggests, moving for `duration` seconds. `seed` decides what it leaves open."""

    def __init__(self, prompt: str, seed: str, size: Size, duration: float) -> None:
        dice = Dice(f"{prompt}\n{seed}")
        self.size = size
        self.palette = choose_palette(prompt, dice)
        self._duration = duration
        self._sky = gradient(size, (*self.palette.sky, self.palette.sky[2]))
        land = choose_land(prompt, dice)
        self._strips = build_strips(land, self.palette, size, dice)
        self._sun = _Sun(self.palette, size, dice)
        self._clouds = _Clouds(self.palette, size, dice)
        self._stars = _motes(dice, 70, 0.0, (1, 3), size) if self.palette.night else []
        self._motes = _motes(dice, 26, 0.05, (4, 11), size)
        self._dots = {side: glow(side * 3, 1.0, 1.4) for side in range(1, round(min(size) * 0.016) + 2)}

    def frame(self, seconds: float) -> Image.Image:
        """The view at that moment."""
        progress = seconds / self._duration
        frame = self._sky.copy()
        self._draw_motes(frame, self._stars, (255, 255, 255), seconds, 0.9)
        self._sun.draw(frame, progress)
        self._clouds.draw(frame, progress)
        for strip in self._strips:
            strip.draw(frame, progress, seconds)
        self._draw_motes(frame, self._motes, self.palette.sun, seconds, 0.55)
        return frame

    def _draw_motes(
        self, frame: Image.Image, motes: list[Mote], colour: Colour, seconds: float, strength: float
    ) -> None:
        for mote in motes:
            dot = self._dots[min(max(mote.size, 1), len(self._dots))]
            x = (mote.x + mote.dx * seconds + 0.008 * wave(seconds, 3.1, mote.phase)) % 1.1 - 0.05
            y = (mote.y + mote.dy * seconds + 0.006 * wave(seconds, 2.3, mote.phase)) % 1.0
            shine = strength * (0.6 + 0.4 * wave(seconds, 2.7, mote.phase))
            frame.paste(colour, (round(x * frame.width), round(y * frame.height)), faded(dot, shine))


def _motes(dice: Dice, count: int, speed: float, sides: tuple[float, float], size: Size) -> list[Mote]:
    scale = min(size) / 720
    deep = 0.55 if speed == 0 else 1.0
    return [
        Mote(
            x=dice.uniform(0, 1.1),
            y=dice.uniform(0, deep),
            dx=speed * dice.uniform(0.1, 0.7),
            dy=-speed * dice.uniform(0.05, 0.4),
            size=round(dice.uniform(*sides) * scale),
            phase=dice.uniform(0, 1),
        )
        for _ in range(count)
    ]


class _Sun:
    """Sun or moon with its glow, on a slow arc."""

    def __init__(self, palette: Palette, size: Size, dice: Dice) -> None:
        short = min(size)
        self._colour = palette.sun
        self._disc = disc(round(short * (0.10 if palette.night else 0.15)))
        if palette.night:
            bite = (round(self._disc.width * 0.3), -round(self._disc.width * 0.12))
            self._disc.paste(0, bite, self._disc.copy())
        self._glow = glow(round(short * 1.25), 0.55 if palette.night else 0.85, 2.2)
        side = dice.choice((0.2, 0.8))
        self._from = (size[0] * (side + dice.uniform(-0.05, 0.05)), size[1] * dice.uniform(0.36, 0.5))
        self._way = (size[0] * dice.uniform(-0.03, 0.03), -size[1] * dice.uniform(0.05, 0.1))

    def draw(self, frame: Image.Image, progress: float) -> None:
        x = self._from[0] + self._way[0] * ease(progress)
        y = self._from[1] + self._way[1] * progress
        for mask in (self._glow, self._disc):
            frame.paste(self._colour, (round(x - mask.width / 2), round(y - mask.height / 2)), mask)


class _Clouds:
    """Soft streaks of cloud that drift over the sky."""

    def __init__(self, palette: Palette, size: Size, dice: Dice) -> None:
        width, height = size
        small = (max(width // 5, 8), max(height // 12, 4))
        mask = Image.new("L", small)
        for _ in range(9):
            puff = glow(round(small[1] * dice.uniform(0.5, 1.1)), dice.uniform(0.25, 0.5), 1.2)
            wide = puff.resize((round(puff.width * dice.uniform(3, 7)), max(puff.height // 2, 2)))
            mask.paste(255, (round(dice.uniform(-0.1, 0.9) * small[0]), round(dice.uniform(0, 0.7) * small[1])), wide)
        window = Image.linear_gradient("L").point([round(255 * wave(level, 512)) for level in range(256)]).resize(small)
        soft = ImageChops.multiply(mask.filter(ImageFilter.GaussianBlur(max(min(small) * 0.05, 1))), window)
        self._mask = soft.resize((width + width // 6, height // 3), Image.Resampling.BICUBIC)
        self._colour = mix(palette.sky[2], (255, 255, 255), 0.15 if palette.night else 0.5)
        self._top = round(height * dice.uniform(0.06, 0.2))
        self._way = width // 6

    def draw(self, frame: Image.Image, progress: float) -> None:
        left = round(self._way * (1 - progress))
        part = self._mask.crop((left, 0, left + frame.width, self._mask.height))
        frame.paste(self._colour, (0, self._top), part)
