"""What fal's eight Kling 1.6 endpoints take, as pydantic models, like fal's own."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from bot.kling.effects import PEOPLE
from bot.kling.requests import Ratio, Tier
from bot.sandbox.orders import Order
from bot.sandbox.scene_names import FAL

Seconds = Literal["5", "10"]
Guidance = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Pictures = Annotated[list[str], Field(min_length=1, max_length=4)]

_SILENT_NEGATIVE = "blur, distort, and low quality"
_OWN_TYPES = {"too_long": "sequence_too_long", "too_short": "sequence_too_short"}


def _listed(scene: str) -> str:
    if scene not in FAL:
        raise PydanticCustomError("literal_error", "Input should be one of the listed effects")
    return scene


class FalInput(BaseModel):
    """Fields that all eight share. Keys that aren't listed are ignored."""

    model_config = ConfigDict(strict=True)
    workflow: ClassVar[Literal["text", "image", "elements", "effect"]]
    duration: Seconds = "5"

    def pictures(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Where each picture stands in the body, and its address or data URI."""
        return iter(())

    def order(self, tier: Tier, pictures: tuple[str, ...]) -> Order:
        """The clip this asks for; `pictures` are the hashes, in the order of `pictures()`."""
        return Order(
            workflow=self.workflow,
            tier=tier,
            duration=10 if self.duration == "10" else 5,
            ratio=getattr(self, "aspect_ratio", None),
            prompt=getattr(self, "prompt", ""),
            scene=getattr(self, "effect_scene", ""),
            pictures=pictures,
        )


class TextInput(FalInput):
    """`text-to-video`, both tiers."""

    workflow = "text"
    prompt: str
    negative_prompt: str = _SILENT_NEGATIVE
    aspect_ratio: Ratio = "16:9"
    cfg_scale: Guidance = 0.5


class ImageInput(FalInput):
    """`standard/image-to-video`: no end frame, and the shape is the picture's."""

    workflow = "image"
    prompt: str
    image_url: str
    negative_prompt: str = _SILENT_NEGATIVE
    cfg_scale: Guidance = 0.5

    def pictures(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """The start picture."""
        yield ("image_url",), self.image_url


class ProImageInput(ImageInput):
    """`pro/image-to-video`: an end frame, and a shape that is honoured where it is sent."""

    tail_image_url: str | None = None
    aspect_ratio: Ratio | None = None

    def pictures(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """The start picture, then the end picture."""
        yield from super().pictures()
        if self.tail_image_url is not None:
            yield ("tail_image_url",), self.tail_image_url


class _Several(FalInput):
    input_image_urls: Pictures

    def pictures(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every picture in its place."""
        for number, address in enumerate(self.input_image_urls):
            yield ("input_image_urls", number), address


class ElementsInput(_Several):
    """`elements`, both tiers: no guidance."""

    workflow = "elements"
    prompt: str
    negative_prompt: str = _SILENT_NEGATIVE
    aspect_ratio: Ratio = "16:9"


class EffectInput(_Several):
    """`effects`, both tiers. The schema calls the pictures optional; nothing can be made without any."""

    workflow = "effect"
    effect_scene: Annotated[str, AfterValidator(_listed)]

    def order(self, tier: Tier, pictures: tuple[str, ...]) -> Order:
        """As of all; a scene for one person takes the first picture."""
        return super().order(tier, pictures[: PEOPLE.get(self.effect_scene, 1)])


ENDPOINTS: dict[str, tuple[Tier, type[FalInput]]] = {
    "fal-ai/kling-video/v1.6/standard/text-to-video": ("standard", TextInput),
    "fal-ai/kling-video/v1.6/pro/text-to-video": ("pro", TextInput),
    "fal-ai/kling-video/v1.6/standard/image-to-video": ("standard", ImageInput),
    "fal-ai/kling-video/v1.6/pro/image-to-video": ("pro", ProImageInput),
    "fal-ai/kling-video/v1.6/standard/elements": ("standard", ElementsInput),
    "fal-ai/kling-video/v1.6/pro/elements": ("pro", ElementsInput),
    "fal-ai/kling-video/v1.6/standard/effects": ("standard", EffectInput),
    "fal-ai/kling-video/v1.6/pro/effects": ("pro", EffectInput),
}
"""Endpoint id → tier and input."""


def detail(kind: str, loc: tuple[str | int, ...], message: str, given: Any, **ctx: Any) -> dict[str, Any]:
    """One entry of a 422's list."""
    entry = {"loc": ["body", *loc], "msg": message, "type": kind, "input": given}
    return entry | {"url": f"https://docs.fal.ai/errors/#{kind}"} | ({"ctx": ctx} if ctx else {})


def check(model: type[FalInput], body: dict[str, Any], *, strict: bool) -> FalInput | list[dict[str, Any]]:
    """The input that a body holds, or the list of what is wrong with it. `strict` also refuses unlisted keys."""
    unknown = [
        detail("extra_forbidden", (key,), "Extra inputs are not permitted", body[key])
        for key in body
        if strict and key not in model.model_fields
    ]
    try:
        found = model.model_validate(body)
    except ValidationError as error:
        return [*_details(error), *unknown]
    if isinstance(found, EffectInput) and len(found.input_image_urls) < PEOPLE.get(found.effect_scene, 1):
        place, given = ("input_image_urls",), found.input_image_urls
        unknown.append(detail("sequence_too_short", place, "This effect needs two pictures", given, min_length=2))
    return unknown or found


def _details(error: ValidationError) -> list[dict[str, Any]]:
    return [
        detail(_OWN_TYPES.get(one["type"], one["type"]), one["loc"], one["msg"], one["input"], **one.get("ctx", {}))
        for one in error.errors(include_url=False)
    ]
