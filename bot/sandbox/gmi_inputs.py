"""What GMI Cloud's Kling 1.6 models take."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.kling.requests import PROMPT_MAX, Ratio, Tier
from bot.sandbox.orders import Order

Words = Annotated[str, Field(max_length=PROMPT_MAX)]
Seconds = Literal["5", "10"]
Guidance = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class GmiInput(BaseModel):
    """What both kinds of model take; no word is required. Keys that aren't listed are ignored."""

    model_config = ConfigDict(strict=True)
    workflow: ClassVar[Literal["text", "image"]]
    prompt: Words = Field(default="", description="What happens in the video")
    negative_prompt: Words = Field(default="", description="What to keep out of it")
    duration: Seconds = Field(default="5", description="Seconds")
    cfg_scale: Guidance = Field(default=0.5, description="How closely to follow the prompt")

    def picture(self) -> str:
        """Address, data URI or bare Base64 of the start frame; empty for none."""
        return ""

    def order(self, tier: Tier, pictures: tuple[str, ...]) -> Order:
        """The clip this asks for; `pictures` is the start frame's hash, if there is one."""
        return Order(
            workflow=self.workflow,
            tier=tier,
            duration=10 if self.duration == "10" else 5,
            ratio=getattr(self, "aspect_ratio", None),
            prompt=self.prompt,
            pictures=pictures,
        )


class TextInput(GmiInput):
    """`Kling-Text2Video-V1.6-*`."""

    workflow = "text"
    aspect_ratio: Ratio = Field(default="16:9", description="Shape")


class ImageInput(GmiInput):
    """`Kling-Image2Video-V1.6-*`: no end frame, and the shape is the picture's."""

    workflow = "image"
    image: Annotated[str, Field(min_length=1)] = Field(description="Start frame, Base64 or URL")

    def picture(self) -> str:
        """The start frame; what is neither an address nor a data URI is bare Base64."""
        whole = self.image.startswith(("data:", "http://", "https://"))
        return self.image if whole else f"data:;base64,{self.image}"


MODELS: dict[str, tuple[Tier, type[GmiInput], int]] = {
    "Kling-Text2Video-V1.6-Standard": ("standard", TextInput, 280_000),
    "Kling-Text2Video-V1.6-Pro": ("pro", TextInput, 490_000),
    "Kling-Image2Video-V1.6-Standard": ("standard", ImageInput, 280_000),
    "Kling-Image2Video-V1.6-Pro": ("pro", ImageInput, 490_000),
}
"""Model → tier, input, micro-dollars for 5 seconds: a guess, no price is published. Any other case is another name."""


def check(shape: type[GmiInput], payload: Any, *, strict: bool) -> GmiInput | str:
    """The input that a payload holds, or what is wrong with it in words. `strict` also refuses unlisted keys."""
    if not isinstance(payload, dict) or not payload:
        return "payload must be a JSON object that is not empty"
    unknown = [key for key in payload if strict and key not in shape.model_fields]
    if unknown:
        return f"unknown parameter: {', '.join(unknown)}"
    try:
        return shape.model_validate(payload)
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
