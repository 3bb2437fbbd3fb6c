"""A provider that also improves prompts, as a test tells it to."""

from bot.errors import CheckFailed
from bot.providers.base import Body, PictureFile, Task
from bot.providers.enhancer import Enhanced, Enhancer
from tests.support.front import Front
from tests.support.providers import FakeProvider

BETTER = "A red fox runs through deep snow at dawn; the camera glides beside it."


class FakeEnhancer(FakeProvider, Enhancer):
    """Like FakeProvider; `looks` are its next answers, of which the last one stays."""

    name = "wavespeed"
    enhancement_microusd = 1_000

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[Enhanced | CheckFailed] = [Enhanced(state="done", text=BETTER)]
        self.pictures: list[PictureFile | None] = []

    async def prepare_enhancement(self, prompt: str, picture: PictureFile | None) -> Body:
        self.pictures.append(picture)
        if self.prepare_errors:
            raise self.prepare_errors.pop(0)
        return Body(path="/improve", json={"text": prompt})

    async def check_enhancement(self, task: Task) -> Enhanced:
        self.checked.append(task.id)
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(look, CheckFailed):
            raise look
        return look

    @property
    def improved(self) -> list[str]:
        """The prompts that were paid for."""
        return [body.json["text"] for body in self.bodies if body.path == "/improve"]


def with_enhancer(house: Front) -> FakeEnhancer:
    """Let WaveSpeed be on, and improve prompts."""
    enhancer = FakeEnhancer()
    house.desk.providers["wavespeed"] = enhancer
    return enhancer
