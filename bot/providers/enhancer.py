"""What a provider is that also improves prompts: an ability of its own, with a small paid call like any other."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

from bot.providers.base import Body, PictureFile, Provider, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Enhanced:
    """How an improvement is getting on: `text` once it is done, a failure's reason in the provider's words."""

    state: Literal["running", "done", "failed"]
    text: str = ""
    detail: str = ""
    retry_after: float | None = None


class Enhancer(Provider):
    """A provider that rewrites a prompt for a video. The paid call is `submit`, as for a video."""

    enhancement_microusd: ClassVar[int]
    """What one improvement costs."""

    @abstractmethod
    async def prepare_enhancement(self, prompt: str, picture: PictureFile | None) -> Body:
        """Build the paid call, with the picture that the video begins with; costs nothing.

        Raises CheckFailed or SubmitRefused.
        """

    @abstractmethod
    async def check_enhancement(self, task: Task) -> Enhanced:
        """How it is getting on. Raises CheckFailed when that can't be told now."""
