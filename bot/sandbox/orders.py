"""What a task is to show, in the words of Kling and free of any provider's spelling."""

from typing import Annotated, Literal

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from bot.kling.images import SHORT_SIDE, frame_size
from bot.kling.requests import Ratio, Tier
from bot.sandbox.cards import ElementsScene
from bot.sandbox.drawing import Scene, Size, even
from bot.sandbox.effects import EffectScene
from bot.sandbox.motion import PictureScene
from bot.sandbox.scenes import TextScene

_LONGEST_SHAPE = 2.5
"""Kling takes pictures up to this shape, so a video that follows one is never longer."""

_PRO_SCALE = 0.75
"""Pictures are bent at this share of a pro frame and scaled up: it halves the cost."""


class Order(BaseModel):
    """One clip: workflow, tier, seconds, shape (None = as the picture), words, and pictures by their SHA-256 in order.

    An image order has the start picture and perhaps the end picture; elements their references; an effect its people.
    An extension goes on from the clip of the task `parent`: `before` of its seconds are that clip's.
    """

    model_config = ConfigDict(frozen=True)

    workflow: Literal["text", "image", "elements", "effect", "extend"]
    tier: Tier
    duration: Annotated[int, Field(ge=5, le=180)]
    ratio: Ratio | None = None
    prompt: str = ""
    scene: str = ""
    pictures: tuple[str, ...] = ()
    parent: str = ""
    before: int = 0

    @property
    def new_seconds(self) -> int:
        """What is made for this order: all but what was there before."""
        return self.duration - self.before


def film_size(order: Order, picture: Size | None) -> Size:
    """Pixels of the clip: the ratio's own size, or the tier's short side in the shape of the picture."""
    if order.ratio is not None or picture is None:
        return frame_size(order.ratio or "16:9", order.tier)
    width, height = picture
    short = SHORT_SIDE[order.tier]
    long = even(short * min(max(width, height) / min(width, height), _LONGEST_SHAPE))
    return (long, short) if width >= height else (short, long)


def stage(order: Order, pictures: list[Image.Image], seed: str, size: Size) -> Scene:
    """The scene that plays an order; its frames may be smaller than the clip of `size`."""
    duration = float(order.duration)
    if order.workflow == "text":
        return TextScene(order.prompt, seed, size, duration)
    scale = _PRO_SCALE if order.tier == "pro" else 1.0
    work = (even(size[0] * scale), even(size[1] * scale))
    if order.workflow == "image":
        end = pictures[1] if len(pictures) > 1 else None
        return PictureScene(pictures[0], end, seed, work, duration)
    if order.workflow == "elements":
        return ElementsScene(pictures, order.prompt, seed, work, duration)
    return EffectScene(order.scene, pictures, seed, work, duration)
