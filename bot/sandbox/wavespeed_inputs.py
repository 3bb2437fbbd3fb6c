"""What WaveSpeed's Kling 1.6 models take, and the switches that every model understands."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.kling.requests import PROMPT_MAX, Ratio, Tier
from bot.sandbox.orders import Order
from bot.sandbox.scene_names import WAVESPEED

Words = Annotated[str, Field(max_length=PROMPT_MAX)]
Seconds = Literal[5, 10]
Guidance = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _listed(scene: str) -> str:
    if scene not in WAVESPEED:
        raise ValueError("not a listed effect")
    return scene


class WaveSpeedInput(BaseModel):
    """The switches of every model. Keys that aren't listed are ignored."""

    model_config = ConfigDict(strict=True)
    workflow: ClassVar[Literal["text", "image", "elements", "effect"]]
    enable_sync_mode: bool = False
    enable_base64_output: bool = False

    def pictures(self) -> list[str]:
        """Addresses or data URIs, in order."""
        return []

    def order(self, tier: Tier, pictures: tuple[str, ...]) -> Order:
        """The clip this asks for; `pictures` are the hashes, in the order of `pictures()`."""
        return Order(
            workflow=self.workflow,
            tier=tier,
            duration=10 if getattr(self, "duration", 5) == 10 else 5,
            ratio=getattr(self, "aspect_ratio", None),
            prompt=getattr(self, "prompt", ""),
            scene=getattr(self, "effect_scene", ""),
            pictures=pictures,
        )


class _Prompted(WaveSpeedInput):
    prompt: Words
    negative_prompt: Words = ""
    guidance_scale: Guidance = 0.5
    duration: Seconds = 5


class TextInput(_Prompted):
    """`t2v-standard`: no aspect ratio."""

    workflow = "text"


class ImageInput(_Prompted):
    """`i2v-standard`."""

    workflow = "image"
    image: str

    def pictures(self) -> list[str]:
        """The start picture."""
        return [self.image]


class ProImageInput(ImageInput):
    """`i2v-pro`: with an end frame."""

    end_image: str | None = None

    def pictures(self) -> list[str]:
        """The start picture, then the end picture. An empty end is none."""
        return [self.image, self.end_image] if self.end_image else [self.image]


class ElementsInput(WaveSpeedInput):
    """`multi-i2v-standard` and, most likely, `multi-i2v-pro`: no guidance, square unless told."""

    workflow = "elements"
    prompt: Words
    images: Annotated[list[str], Field(min_length=1, max_length=4)]
    negative_prompt: Words = ""
    duration: Seconds = 5
    aspect_ratio: Ratio = "1:1"

    def pictures(self) -> list[str]:
        """The references."""
        return self.images


class EffectInput(WaveSpeedInput):
    """`kling-effects`: one picture, five seconds."""

    workflow = "effect"
    effect_scene: Annotated[str, AfterValidator(_listed)]
    image: str

    def pictures(self) -> list[str]:
        """The one picture."""
        return [self.image]


MODELS: dict[str, tuple[Tier, type[WaveSpeedInput], int]] = {
    "kwaivgi/kling-v1.6-t2v-standard": ("standard", TextInput, 250_000),
    "kwaivgi/kling-v1.6-i2v-standard": ("standard", ImageInput, 250_000),
    "kwaivgi/kling-v1.6-i2v-pro": ("pro", ProImageInput, 490_000),
    "kwaivgi/kling-v1.6-multi-i2v-standard": ("standard", ElementsInput, 250_000),
    "kwaivgi/kling-v1.6-multi-i2v-pro": ("pro", ElementsInput, 490_000),
    "kwaivgi/kling-effects": ("standard", EffectInput, 250_000),
}
"""Model id → tier, input, micro-dollars for 5 seconds. Only i2v-standard's price is published, the rest is a guess."""


def check(model: type[WaveSpeedInput], body: dict[str, Any], *, strict: bool) -> WaveSpeedInput | str:
    """The input that a body holds, or what is wrong with it in words. `strict` also refuses unlisted keys."""
    unknown = [key for key in body if strict and key not in model.model_fields]
    if unknown:
        return f"unknown parameter: {', '.join(unknown)}"
    try:
        return model.model_validate(body)
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
