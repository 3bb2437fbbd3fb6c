"""Colours and kinds of the painted landscapes, and how a prompt chooses among them."""

import re
from dataclasses import dataclass
from typing import Literal, TypeVar

from bot.sandbox.drawing import Colour, Dice

Name = TypeVar("Name", bound=str)
Land = Literal["hills", "mountains", "dunes", "sea", "city", "forest"]

LANDS: tuple[Land, ...] = ("hills", "mountains", "dunes", "sea", "city", "forest")


@dataclass(frozen=True, slots=True)
class Palette:
    """The light of a scene: three colours of the sky from top to horizon, sun or moon, far ridges, near ridges."""

    sky: tuple[Colour, Colour, Colour]
    sun: Colour
    far: Colour
    near: Colour
    night: bool = False


PALETTES: dict[str, Palette] = {
    "dawn": Palette(((58, 77, 124), (196, 132, 148), (255, 205, 164)), (255, 240, 214), (160, 122, 146), (44, 42, 74)),
    "dusk": Palette(((38, 32, 84), (150, 66, 120), (255, 150, 104)), (255, 218, 160), (122, 64, 114), (26, 20, 52)),
    "noon": Palette(((64, 132, 214), (132, 190, 236), (226, 240, 244)), (255, 252, 236), (126, 176, 198), (32, 84, 92)),
    "night": Palette(((8, 12, 40), (22, 34, 84), (58, 78, 140)), (240, 240, 224), (40, 54, 108), (8, 12, 32), True),
    "aurora": Palette(((6, 18, 38), (16, 66, 82), (70, 150, 136)), (232, 248, 240), (20, 72, 86), (4, 18, 30), True),
    "desert": Palette(
        ((92, 122, 160), (222, 170, 126), (250, 218, 170)), (255, 246, 222), (206, 146, 104), (104, 54, 40)
    ),
    "mint": Palette(((52, 116, 128), (128, 196, 182), (232, 244, 214)), (255, 255, 236), (120, 178, 160), (20, 70, 72)),
    "rose": Palette(((110, 84, 148), (222, 142, 176), (255, 220, 216)), (255, 246, 240), (180, 118, 158), (66, 38, 84)),
    "ember": Palette(((44, 18, 36), (148, 44, 46), (250, 138, 66)), (255, 210, 130), (118, 40, 50), (30, 10, 24)),
    "gold": Palette(((84, 106, 120), (208, 176, 110), (252, 232, 170)), (255, 250, 224), (164, 138, 92), (70, 58, 36)),
    "lagoon": Palette(((20, 60, 120), (40, 140, 180), (170, 226, 224)), (255, 252, 230), (50, 130, 160), (8, 44, 78)),
    "neon": Palette(((18, 10, 48), (84, 24, 120), (232, 80, 160)), (255, 176, 204), (74, 30, 124), (14, 8, 36), True),
}

_LIGHT_WORDS: dict[str, tuple[str, ...]] = {
    "night": ("night", "moon", "star", "midnight", "space", "galaxy"),
    "aurora": ("aurora", "northern", "arctic", "ice", "magic"),
    "dusk": ("dusk", "sunset", "evening", "twilight"),
    "dawn": ("dawn", "sunrise", "morning", "mist", "fog"),
    "ember": ("fire", "volcano", "lava", "dragon", "autumn"),
    "desert": ("desert", "dune", "sand", "camel"),
    "neon": ("neon", "cyberpunk", "robot", "club", "synth"),
    "noon": ("noon", "summer", "sunny", "snow", "bright"),
    "lagoon": ("sea", "ocean", "beach", "island", "boat", "whale", "surf"),
    "mint": ("spring", "forest", "garden", "jungle", "meadow"),
    "rose": ("rose", "flower", "love", "wedding", "blossom", "pink"),
    "gold": ("gold", "field", "wheat", "castle", "harvest"),
}

_LAND_WORDS: dict[Land, tuple[str, ...]] = {
    "sea": ("sea", "ocean", "wave", "beach", "boat", "ship", "island", "whale", "surf", "lighthouse", "river", "lake"),
    "city": ("city", "street", "neon", "cyberpunk", "tower", "car", "robot", "skyline", "rooftop", "train"),
    "mountains": ("mountain", "alps", "peak", "snow", "ski", "cliff", "eagle", "ice", "dragon", "volcano"),
    "dunes": ("desert", "dune", "sand", "camel", "mars", "planet"),
    "forest": ("forest", "tree", "wood", "jungle", "fox", "deer", "bear", "owl", "wolf"),
    "hills": ("hill", "meadow", "field", "garden", "farm", "horse", "sheep", "village"),
}


def choose_palette(prompt: str, dice: Dice) -> Palette:
    """The light that the prompt's words suggest, any light otherwise."""
    return PALETTES[_suggested(prompt, _LIGHT_WORDS) or dice.choice(tuple(PALETTES))]


def choose_land(prompt: str, dice: Dice) -> Land:
    """The land that the prompt's words suggest, any land otherwise."""
    land = _suggested(prompt, _LAND_WORDS)
    return dice.choice(LANDS) if land is None else land


def _suggested(prompt: str, words: dict[Name, tuple[str, ...]]) -> Name | None:
    """The first name of the table one of whose words occurs in the prompt, also in the plural."""
    said = {word.removesuffix("s") for word in re.findall(r"[a-z]+", prompt.lower())}
    return next((name for name, group in words.items() if said.intersection(group)), None)
