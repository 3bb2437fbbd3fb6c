"""WaveSpeed's `wavespeed-ai/prompt-optimizer`: words in, better words out; a text where other models give a file."""

import hashlib
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bot.kling.requests import PROMPT_MAX
from bot.sandbox.wavespeed_inputs import WaveSpeedInput

MODEL = "wavespeed-ai/prompt-optimizer"
PRICE = 1_000
"""Micro-dollars for a run, as its model page says."""

Style = Literal["default", "artistic", "photographic", "technical", "anime", "realistic"]

_LIGHTS = (
    "in the soft light of early morning", "under a wide, clear evening sky", "in warm, low light with long shadows",
    "with mist hanging between the shapes behind",
)  # fmt: skip
_CAMERAS = (
    "The camera glides slowly closer", "A steady shot at eye level follows every movement",
    "The camera circles gently to the right", "A long, calm shot pulls back to show the whole place",
)  # fmt: skip
_ENDS = (
    "small details move in the wind, and the background melts into a shallow focus",
    "fine textures show in every surface, and all motion is smooth and natural",
    "colours stay rich and true, and nothing hurries",
)  # fmt: skip


class OptimizerInput(WaveSpeedInput):
    """The optimizer's body; `image` is a URL or base64."""

    workflow: ClassVar[Literal["text", "image", "elements", "effect"]] = "text"
    text: Annotated[str, Field(min_length=1, max_length=PROMPT_MAX)]
    image: str | None = None
    mode: Literal["image", "video"] = "image"
    style: Style = "default"

    def pictures(self) -> list[str]:
        """The picture to go with the words."""
        return [self.image] if self.image else []


def optimized(text: str, mode: str = "video") -> str:
    """The words with light, camera and detail; the same words always come to the same."""
    draw = hashlib.sha256(f"{mode}/{text}".encode()).digest()
    words = " ".join(text.split()).rstrip(".!")
    light, end = _LIGHTS[draw[0] % len(_LIGHTS)], _ENDS[draw[1] % len(_ENDS)]
    start = f"{words[:1].upper()}{words[1:]}, {light}."
    return f"{start} {_CAMERAS[draw[2] % len(_CAMERAS)]}; {end}." if mode == "video" else f"{start} {end.capitalize()}."
