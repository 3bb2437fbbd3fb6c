"""What AI/ML API's Kling 1.6 models take, from its published schemas."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.kling.effects import PEOPLE
from bot.kling.requests import PROMPT_MAX, Ratio, Tier
from bot.sandbox.orders import Order
from bot.sandbox.scene_names import AIMLAPI

Words = Annotated[str, Field(max_length=PROMPT_MAX)]
Prompt = Annotated[str, Field(min_length=1, max_length=PROMPT_MAX)]
Seconds = Literal[5, 10, "5", "10"]
Guidance = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Amount = Annotated[int, Field(ge=-10, le=10)]
Preset = Literal["down_back", "forward_up", "right_turn_forward", "left_turn_forward"]
Address = Annotated[str, Field(min_length=1)]


def _listed(scene: str) -> str:
    if scene not in AIMLAPI:
        raise ValueError("not a listed effect")
    return scene


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class AimlapiInput(_Strict):
    """What every model takes. The schema has a number of seconds, its examples write them as text: both will do.

    Keys that aren't listed are ignored.
    """

    workflow: ClassVar[Literal["text", "image", "elements", "effect"]]
    duration: Seconds = 5

    @property
    def motion(self) -> bool:
        """Whether it asks for masks or a camera move, which Kling itself doesn't offer for 1.6."""
        return False

    def pictures(self) -> Iterator[str]:
        """Addresses or data URIs of what is shown, in order."""
        return iter(())

    def masks(self) -> Iterator[str]:
        """Addresses or data URIs of masks, which are looked at and not shown."""
        return iter(())

    def order(self, tier: Tier, pictures: tuple[str, ...]) -> Order:
        """The clip this asks for; `pictures` are the hashes, in the order of `pictures()`."""
        return Order(
            workflow=self.workflow,
            tier=tier,
            duration=10 if str(self.duration) == "10" else 5,
            ratio=getattr(self, "aspect_ratio", None),
            prompt=getattr(self, "prompt", ""),
            scene=getattr(self, "effect_scene", ""),
            pictures=pictures,
        )


class TextInput(AimlapiInput):
    """Standard text-to-video; `provider` says which of its backends serves it."""

    workflow = "text"
    prompt: Prompt
    negative_prompt: Words = ""
    cfg_scale: Guidance = 0.5
    aspect_ratio: Ratio = "16:9"
    provider: str = "auto"


class _Movement(_Strict):
    movement_type: Literal["horizontal", "vertical", "pan", "tilt", "roll", "zoom"]
    movement_value: Amount


class ProTextInput(TextInput):
    """Pro text-to-video: a camera move by its name, or by axis and amount."""

    camera_control: Preset | None = None
    advanced_camera_control: _Movement | None = None

    @property
    def motion(self) -> bool:
        """A camera move in either spelling."""
        return self.camera_control is not None or self.advanced_camera_control is not None


class ImageInput(AimlapiInput):
    """Standard image-to-video: no shape of its own, it follows the picture."""

    workflow = "image"
    image_url: Address
    prompt: Prompt
    negative_prompt: Words = ""
    cfg_scale: Guidance = 0.5
    provider: str = "auto"

    def pictures(self) -> Iterator[str]:
        """The start frame."""
        yield self.image_url


class _Point(_Strict):
    x: int
    y: int


class _Mask(_Strict):
    mask: Address
    trajectories: Annotated[list[_Point], Field(min_length=2, max_length=77)]


class _Amounts(_Strict):
    horizontal: Amount = 0
    vertical: Amount = 0
    pan: Amount = 0
    tilt: Amount = 0
    roll: Amount = 0
    zoom: Amount = 0


class _Camera(_Strict):
    type: Literal["simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward"]
    config: _Amounts | None = None


class ProImageInput(ImageInput):
    """Pro image-to-video: no words needed; an end frame, masks, a camera move."""

    prompt: Words = ""
    tail_image_url: Address | None = None
    static_mask: Address | None = None
    dynamic_masks: Annotated[list[_Mask], Field(max_length=6)] = []
    camera_control: _Camera | None = None

    @property
    def motion(self) -> bool:
        """Masks or a camera move."""
        return bool(self.static_mask or self.dynamic_masks or self.camera_control)

    def pictures(self) -> Iterator[str]:
        """The start frame, then the end frame."""
        yield self.image_url
        if self.tail_image_url:
            yield self.tail_image_url

    def masks(self) -> Iterator[str]:
        """What stays, then what moves."""
        if self.static_mask:
            yield self.static_mask
        yield from (one.mask for one in self.dynamic_masks)


class ElementsInput(AimlapiInput):
    """Multi-image-to-video, standard only: two to four pictures."""

    workflow = "elements"
    image_list: Annotated[list[Address], Field(min_length=2, max_length=4)]
    prompt: Words = ""
    negative_prompt: Words = ""
    aspect_ratio: Ratio = "16:9"

    def pictures(self) -> Iterator[str]:
        """The references."""
        yield from self.image_list


class EffectInput(AimlapiInput):
    """Effects: a picture, or a list of exactly two."""

    workflow = "effect"
    image_url: Address | Annotated[list[Address], Field(min_length=2, max_length=2)]
    effect_scene: Annotated[str, AfterValidator(_listed)]

    def pictures(self) -> Iterator[str]:
        """As many people as the scene shows."""
        found = [self.image_url] if isinstance(self.image_url, str) else self.image_url
        yield from found[: PEOPLE.get(self.effect_scene, 1)]


MODELS: dict[str, tuple[Tier, type[AimlapiInput], int]] = {
    "kling-video/v1.6/standard/text-to-video": ("standard", TextInput, 280_000),
    "kling-video/v1.6/pro/text-to-video": ("pro", ProTextInput, 490_000),
    "kling-video/v1.6/standard/image-to-video": ("standard", ImageInput, 280_000),
    "kling-video/v1.6/pro/image-to-video": ("pro", ProImageInput, 490_000),
    "kling-video/v1.6/standard/multi-image-to-video": ("standard", ElementsInput, 280_000),
    "klingai/kling-video-v1.6-standard-effects": ("standard", EffectInput, 280_000),
    "klingai/kling-video-v1.6-pro-effects": ("pro", EffectInput, 490_000),
}
"""Model → tier, input, micro-dollars for 5 seconds: a guess, no price of 1.6 is published."""


def check(shape: type[AimlapiInput], body: dict[str, Any], *, strict: bool) -> AimlapiInput | str:
    """The input that a body holds, or what is wrong with it in words. `strict` also refuses unlisted keys."""
    unknown = [key for key in body if strict and key not in ("model", *shape.model_fields)]
    if unknown:
        return f"Unrecognized key(s) in object: {', '.join(unknown)}"
    try:
        found = shape.model_validate(body)
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    if isinstance(found, EffectInput) and len(list(found.pictures())) < PEOPLE.get(found.effect_scene, 1):
        return "image_url: this effect needs two pictures"
    return found
