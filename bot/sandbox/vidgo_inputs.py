"""What Vidgo takes: one set of fields, of which those that are there tell the workflow."""

from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.kling.requests import PROMPT_MAX, Ratio, Tier
from bot.sandbox.orders import Order

MODELS: dict[str, Tier] = {"kling-1.6/standard": "standard", "kling-1.6/pro": "pro"}
CREDITS_A_SECOND: dict[Tier, int] = {"standard": 9, "pro": 15}
CREDIT_MICROUSD = 5_000
"""A guess: the price of a credit in dollars isn't published."""

Words = Annotated[str, Field(max_length=PROMPT_MAX)]
Guidance = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class VidgoInput(BaseModel):
    """The fields of every workflow. Keys that Vidgo doesn't know are ignored."""

    model_config = ConfigDict(strict=True)
    workflow: ClassVar[Literal["text", "image", "elements"]]
    prompt: Words
    negative_prompt: Words = ""
    duration: Literal[5, 10, "5", "10"] = 5

    def pictures(self) -> list[str]:
        """Addresses, in order."""
        return []

    def order(self, tier: Tier, pictures: tuple[str, ...]) -> Order:
        """The clip this asks for; `pictures` are the hashes, in the order of `pictures()`."""
        return Order(
            workflow=self.workflow,
            tier=tier,
            duration=int(self.duration),
            ratio=getattr(self, "aspect_ratio", None),
            prompt=self.prompt,
            pictures=pictures,
        )


class TextInput(VidgoInput):
    """Neither a start picture nor references."""

    workflow = "text"
    aspect_ratio: Ratio = "16:9"
    cfg_scale: Guidance = 0.5


class ImageInput(VidgoInput):
    """With a start picture; on standard the shape is the picture's."""

    workflow = "image"
    start_image_url: str
    cfg_scale: Guidance = 0.5

    def pictures(self) -> list[str]:
        """The start picture."""
        return [self.start_image_url]


class ProImageInput(ImageInput):
    """On pro also with an end picture and a shape."""

    end_image_url: str | None = None
    aspect_ratio: Ratio | None = None

    def pictures(self) -> list[str]:
        """The start picture, then the end picture."""
        return [self.start_image_url, *([self.end_image_url] if self.end_image_url else [])]


class ElementsInput(VidgoInput):
    """With references; no guidance, no start and no end picture."""

    workflow = "elements"
    image_urls: Annotated[list[str], Field(min_length=1, max_length=4)]
    aspect_ratio: Ratio = "16:9"

    def pictures(self) -> list[str]:
        """The references."""
        return self.image_urls


KNOWN = frozenset(
    name for shape in (TextInput, ProImageInput, ElementsInput) for name in shape.model_fields
)  # fmt: skip


class Wish(NamedTuple):
    """A body that was understood: its tier and its fields."""

    tier: Tier
    input: VidgoInput


def check(body: dict[str, Any], *, strict: bool) -> Wish | str:
    """What a body asks for, or what is wrong with it in words. `strict` also refuses keys that aren't known."""
    tier, fields = MODELS.get(str(body.get("model"))), body.get("input")
    if tier is None:
        return f"model {body.get('model')} is not supported"
    if not isinstance(fields, dict):
        return "input is required"
    if (callback := body.get("callback_url")) and not _may_be_called(callback):
        return "callback_url must be an https address of at most 2048 characters"
    given = {name: value for name, value in fields.items() if value is not None}
    shape = _shape(given, tier)
    if misplaced := [name for name in given if name in KNOWN - set(shape.model_fields)]:
        return f"{', '.join(misplaced)} can't be used with {shape.workflow} on {body['model']}"
    if unknown := [name for name in given if strict and name not in KNOWN]:
        return f"unknown field: {', '.join(unknown)}"
    try:
        return Wish(tier, shape.model_validate(given))
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())


def _shape(given: dict[str, Any], tier: Tier) -> type[VidgoInput]:
    """References make it elements, a start picture image-to-video, neither text-to-video."""
    if "image_urls" in given:
        return ElementsInput
    if "start_image_url" in given:
        return ProImageInput if tier == "pro" else ImageInput
    return TextInput


def _may_be_called(address: Any) -> bool:
    return isinstance(address, str) and address.startswith("https://") and len(address) <= 2_048
