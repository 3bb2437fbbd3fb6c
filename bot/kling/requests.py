"""What Kling 1.6 can be asked for, as frozen types, told apart by `workflow`.

What Kling 1.6 can't do is not representable: 7 seconds, an end frame on standard, a guidance value for elements.
Pictures are named, never carried: `blob:<sha256>` is a stored picture, `frame:<job>:last` the last frame of a job's
video. Field texts below are the help texts people see; bounds and choices are the ones every form shows.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from bot.kling.effects import DURATION_FIXED_5, PEOPLE, Scene

Workflow = Literal["text", "image", "elements", "effect", "extend"]
Tier = Literal["standard", "pro"]
Ratio = Literal["16:9", "9:16", "1:1"]
Duration = Literal[5, 10]

PROMPT_MAX = 2_500
"""Characters, for the prompt and for the negative prompt."""

Prompt = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=PROMPT_MAX)]
OptionalPrompt = Annotated[str, StringConstraints(strip_whitespace=True, max_length=PROMPT_MAX)]
PictureRef = Annotated[str, StringConstraints(pattern=r"^(blob:[0-9a-f]{64}|frame:[0-9a-v]{20}:last)$")]
JobId = Annotated[str, StringConstraints(pattern=r"^[0-9a-v]{20}$")]

WHOLE_MOVES = ("down_back", "forward_up", "right_turn_forward", "left_turn_forward")
"""Camera moves that are whole by themselves: they take no amount."""

CameraMove = Literal[
    "horizontal", "vertical", "pan", "tilt", "roll", "zoom", "down_back", "forward_up", "right_turn_forward",
    "left_turn_forward",
]  # fmt: skip

_Tier = Annotated[Tier, Field(description="standard (720p) or pro (1080p)")]
_Duration = Annotated[Duration, Field(description="seconds: 5 or 10")]
_Ratio = Annotated[Ratio, Field(description="shape: 16:9, 9:16 or 1:1")]
_Cfg = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, description="0 = free, 1 = close to the prompt")]
_Negative = Annotated[OptionalPrompt, Field(description="what to keep out of the picture")]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @property
    def pictures(self) -> tuple[str, ...]:
        """References of every picture this request needs, in order."""
        return ()


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Camera(_Part):
    """One move of the camera, with how far it goes where the move isn't whole by itself."""

    move: CameraMove = Field(description="how the camera moves")
    amount: int | None = Field(default=None, ge=-10, le=10, description="how far, -10 to 10")

    @model_validator(mode="after")
    def _fits_move(self) -> Self:
        if (self.amount is None) != (self.move in WHOLE_MOVES):
            raise ValueError(f"{self.move} takes {'no' if self.move in WHOLE_MOVES else 'an'} amount")
        return self


class Point(_Part):
    """A place in the start frame, in pixels from its lower left corner."""

    x: int = Field(ge=0, le=10_000)
    y: int = Field(ge=0, le=10_000)


class Brush(_Part):
    """A part of the start frame, painted as a mask, and the way it moves."""

    mask: PictureRef = Field(description="mask: what moves is painted, the rest is transparent or black")
    path: tuple[Point, ...] = Field(min_length=2, max_length=77, strict=False, description="2 to 77 points")


class TextToVideo(_Request):
    """A video from words alone."""

    workflow: Literal["text"] = "text"
    prompt: Prompt = Field(description="what happens in the video")
    negative_prompt: _Negative = ""
    duration: _Duration = 5
    aspect_ratio: _Ratio = "16:9"
    cfg_scale: _Cfg = 0.5
    camera: Camera | None = Field(default=None, description="a camera move")
    tier: _Tier = "standard"


class ImageToVideo(_Request):
    """A picture set in motion: a start frame, an end frame (pro only), or both. The prompt may be empty."""

    workflow: Literal["image"] = "image"
    start: PictureRef | None = Field(default=None, description="first frame")
    end: PictureRef | None = Field(default=None, description="last frame (pro)")
    prompt: OptionalPrompt = Field(default="", description="how the picture moves")
    negative_prompt: _Negative = ""
    duration: _Duration = 5
    aspect_ratio: Ratio | None = Field(default=None, description="shape; nothing chosen = as the picture")
    cfg_scale: _Cfg = 0.5
    still: PictureRef | None = Field(default=None, description="mask of what stays still")
    brushes: tuple[Brush, ...] = Field(default=(), max_length=6, strict=False, description="masks of what moves")
    camera: Camera | None = Field(default=None, description="a camera move")
    tier: _Tier = "standard"

    @property
    def pictures(self) -> tuple[str, ...]:
        """Start, end, the mask of what stays, the masks of what moves."""
        return tuple(ref for ref in (self.start, self.end, self.still, *(one.mask for one in self.brushes)) if ref)

    @model_validator(mode="after")
    def _frames(self) -> Self:
        if not self.start and not self.end:
            raise ValueError("image-to-video needs a start frame or an end frame")
        if self.end and self.tier != "pro":
            raise ValueError("an end frame needs pro")
        painted = bool(self.still or self.brushes)
        if painted and not self.start:
            raise ValueError("masks belong to a start frame")
        if bool(self.end) + painted + bool(self.camera) > 1:
            raise ValueError("an end frame, masks and a camera move exclude each other")
        return self


class Elements(_Request):
    """One to four reference pictures composed into a scene. No guidance value, no start or end frame."""

    workflow: Literal["elements"] = "elements"
    references: tuple[PictureRef, ...] = Field(
        min_length=1, max_length=4, strict=False, description="reference pictures"
    )
    prompt: Prompt = Field(description="what happens in the video")
    negative_prompt: _Negative = ""
    duration: _Duration = 5
    aspect_ratio: _Ratio = "16:9"
    tier: _Tier = "standard"

    @property
    def pictures(self) -> tuple[str, ...]:
        """The references in order."""
        return self.references


class Effect(_Request):
    """A ready-made effect on a picture of one person, or on two pictures where the scene is for two."""

    workflow: Literal["effect"] = "effect"
    scene: Scene = Field(description="name of the effect")
    people: tuple[PictureRef, ...] = Field(min_length=1, max_length=2, strict=False, description="one picture a person")
    duration: _Duration = 5
    tier: _Tier = "standard"

    @property
    def pictures(self) -> tuple[str, ...]:
        """The people in order, left to right."""
        return self.people

    @model_validator(mode="after")
    def _fits_scene(self) -> Self:
        if len(self.people) != PEOPLE.get(self.scene, 1):
            raise ValueError(f"{self.scene} takes {PEOPLE.get(self.scene, 1)} picture(s), one a person")
        if self.scene in DURATION_FIXED_5 and self.duration != 5:
            raise ValueError(f"{self.scene} is 5 seconds")
        return self


class Extend(_Request):
    """Four to five more seconds after a finished job's video, in its model and tier."""

    workflow: Literal["extend"] = "extend"
    job: JobId = Field(description="the finished job")
    prompt: OptionalPrompt = Field(default="", description="how it goes on")
    negative_prompt: _Negative = ""
    cfg_scale: _Cfg = 0.5
    tier: _Tier = "standard"


Request = Annotated[TextToVideo | ImageToVideo | Elements | Effect | Extend, Field(discriminator="workflow")]
"""Any of the five."""

_ADAPTER: TypeAdapter[Request] = TypeAdapter(Request)


def parse_request(data: dict[str, Any]) -> Request:
    """A request from plain data; raises pydantic's ValidationError for what Kling 1.6 can't do."""
    return _ADAPTER.validate_python(data)


def load_request(text: str | bytes) -> Request:
    """A request from the JSON that `dump_request` wrote."""
    return _ADAPTER.validate_json(text)


def dump_request(request: Request) -> str:
    """Canonical JSON: every field, defaults included, keys sorted by the model's order."""
    return request.model_dump_json()
