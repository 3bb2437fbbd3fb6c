"""What Kling's five paths take for its model 1.6."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.kling.requests import PROMPT_MAX, Ratio, Tier
from bot.sandbox.kling_wire import Refused
from bot.sandbox.orders import Order
from bot.sandbox.scene_names import KLING_ONE, KLING_TWO, KLING_TWO_PRO

MODEL = "kling-v1-6"
Mode = Literal["std", "pro"]
TIERS: dict[Mode, Tier] = {"std": "standard", "pro": "pro"}
UNITS: dict[Tier, float] = {"standard": 2, "pro": 3.5}
"""For 5 seconds, and for an extension."""

UNIT_MICROUSD = 140_000

Words = Annotated[str, Field(max_length=PROMPT_MAX)]
Seconds = Literal["5", "10"]
Guidance = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_LATER = ("camera_control", "static_mask", "dynamic_masks")


class KlingInput(BaseModel):
    """What every path takes. Keys that aren't listed are ignored."""

    model_config = ConfigDict(strict=True)
    workflow: ClassVar[Literal["text", "image", "elements", "effect", "extend"]]
    callback_url: str = ""
    external_task_id: str = ""
    watermark_info: Any = None

    def pictures(self) -> list[str]:
        """Addresses or base64, in order."""
        return []

    def order(self, pictures: tuple[str, ...]) -> Order:
        """The clip this asks for; `pictures` are the hashes, in the order of `pictures()`."""
        return Order(
            workflow=self.workflow,
            tier=TIERS[getattr(self, "mode", "std")],
            duration=int(getattr(self, "duration", "5")),
            ratio=getattr(self, "aspect_ratio", None),
            prompt=getattr(self, "prompt", ""),
            pictures=pictures,
        )


class _Clip(KlingInput):
    model_name: str = "kling-v1"
    mode: Mode = "std"
    duration: Seconds = "5"
    negative_prompt: Words = ""


class TextInput(_Clip):
    """`text2video`."""

    workflow = "text"
    prompt: Annotated[str, Field(min_length=1, max_length=PROMPT_MAX)]
    cfg_scale: Guidance = 0.5
    aspect_ratio: Ratio = "16:9"


class ImageInput(_Clip):
    """`image2video`: a first frame, a last one, or both."""

    workflow = "image"
    image: str = ""
    image_tail: str = ""
    prompt: Words = ""
    cfg_scale: Guidance = 0.5

    def pictures(self) -> list[str]:
        """The first frame, then the last."""
        return [value for value in (self.image, self.image_tail) if value]


class Reference(BaseModel):
    """One of the pictures of `multi-image2video`."""

    image: str


class ElementsInput(_Clip):
    """`multi-image2video`: up to four pictures, no guidance."""

    workflow = "elements"
    model_name: str = MODEL
    prompt: Annotated[str, Field(min_length=1, max_length=PROMPT_MAX)]
    image_list: Annotated[list[Reference], Field(min_length=1, max_length=4)]
    aspect_ratio: Ratio = "16:9"

    def pictures(self) -> list[str]:
        """The references."""
        return [reference.image for reference in self.image_list]


class Put(BaseModel):
    """The `input` of an effect."""

    model_config = ConfigDict(strict=True)
    image: str = ""
    images: Annotated[list[str], Field(max_length=2)] = []
    duration: Seconds
    model_name: str = ""
    mode: Mode | None = None


class EffectInput(KlingInput):
    """`effects`: one picture, or two for the scenes of two."""

    workflow = "effect"
    effect_scene: str
    input: Put

    def pictures(self) -> list[str]:
        """The people, left to right."""
        return self.input.images or [self.input.image]

    def order(self, pictures: tuple[str, ...]) -> Order:
        """The clip: what has no mode is made as standard."""
        return Order(
            workflow="effect",
            tier=TIERS[self.input.mode or "std"],
            duration=int(self.input.duration),
            scene=self.effect_scene,
            pictures=pictures,
        )


class ExtendInput(KlingInput):
    """`video-extend`: the id of a finished video; its model and mode go on."""

    workflow = "extend"
    video_id: str
    prompt: Words = ""


PATHS: dict[str, type[KlingInput]] = {
    "text2video": TextInput,
    "image2video": ImageInput,
    "multi-image2video": ElementsInput,
    "effects": EffectInput,
    "video-extend": ExtendInput,
}


def check(path: str, body: dict[str, Any], *, strict: bool, end_needs_start: bool) -> KlingInput:
    """The input that a body holds. `strict` also refuses unlisted keys. Raises Refused."""
    shape = PATHS[path]
    given = {name: value for name, value in body.items() if value is not None}
    if later := [name for name in _LATER if name in given]:
        raise Refused(1201, f"{', '.join(later)} is not supported by {MODEL}")
    if strict and (unknown := [name for name in given if name not in shape.model_fields]):
        raise Refused(1201, f"unknown field: {', '.join(unknown)}")
    try:
        found = shape.model_validate(given)
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise Refused(1201, said) from None
    _combination(found, end_needs_start)
    return found


def _combination(found: KlingInput, end_needs_start: bool) -> None:
    """What single fields don't show. Raises Refused."""
    if isinstance(found, _Clip) and found.model_name != MODEL:
        raise Refused(1203, f"model {found.model_name} is not played here")
    if isinstance(found, ImageInput):
        _frames(found, end_needs_start)
    elif isinstance(found, EffectInput):
        _scene(found.effect_scene, found.input)
    if any(value.startswith("data:") for value in found.pictures()):
        raise Refused(1201, "image must be base64 without a prefix, or an address")


def _frames(found: ImageInput, end_needs_start: bool) -> None:
    if not found.pictures():
        raise Refused(1201, "image or image_tail is required")
    if found.image_tail and found.mode != "pro":
        raise Refused(1201, "image_tail needs mode pro")
    if not found.image and end_needs_start:
        raise Refused(1201, "image is required")


def _scene(scene: str, put: Put) -> None:
    two = scene in KLING_TWO | KLING_TWO_PRO
    if not two and scene not in KLING_ONE:
        raise Refused(1201, f"effect_scene {scene} is not supported")
    if two != (len(put.images) == 2) or two == bool(put.image):
        raise Refused(1201, f"{scene} takes {'images, two of them' if two else 'one image'}")
    if scene in KLING_TWO and (put.model_name != MODEL or put.mode is None):
        raise Refused(1201, f"{scene} needs model_name and mode")
    if scene in KLING_TWO_PRO and put.duration != "5":
        raise Refused(1201, f"{scene} is 5 seconds")
