"""A seventh provider is one file, one row, its sample answers: this is such a file, and it makes a whole job."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
from aiohttp import web
from pydantic import Field

from bot.errors import SubmitRefused
from bot.jobs.states import JobState
from bot.kling.requests import TextToVideo
from bot.net.answer import Answer, dig
from bot.net.door import Door
from bot.providers import registry
from bot.providers.base import Body, Failure, Order, Provider, State, Task, TaskStatus
from bot.providers.offers import Offer, Price
from bot.providers.registry import Row
from bot.providers.router import choose
from bot.providers.settings import BaseUrl, Key, ProviderSettings
from bot.providers.wire import Api, Complaint, status_reason, web_address
from bot.settings import Parts, load
from tests.support import contract
from tests.support.desk import desk
from tests.support.loopback import Loopback
from tests.support.orders import KEY, simplest
from tests.support.providers import offer

# ---- what would be bot/providers/toy.py ----

_STATES: Mapping[str, State] = {"waiting": "queued", "working": "running", "ready": "done", "broken": "failed"}

OFFERS = (
    Offer(
        provider="toy", workflow="text", tier="standard", model="kling-1.6",
        price=Price(of={5: 100_000, 10: 200_000}, source="a test", seen=date(2026, 11, 20), confirmed=True),
        fields=frozenset(("prompt", "duration", "cfg_scale")), fixed={"aspect_ratio": "16:9", "negative_prompt": ""},
    ),
)  # fmt: skip


class ToySettings(ProviderSettings):
    """Toy: its key and address."""

    key: Key | None = Field(default=None, alias="TOY_KEY", description="the API key; switches Toy on")
    base_url: BaseUrl = Field(default="https://toy.example", alias="TOY_BASE_URL", description="the address of Toy")


class Toy(Provider):
    """Toy's API."""

    name: ClassVar[str] = "toy"
    title: ClassVar[str] = "Toy"
    offers: ClassVar[tuple[Offer, ...]] = OFFERS

    def __init__(self, settings: ToySettings, door: Door) -> None:
        self._door = door
        self._api = Api(
            self.name, door, base_url=settings.base_url, authorization=f"Toy {settings.secret}",
            secret=settings.secret, read=_complaint,
        )  # fmt: skip

    async def prepare(self, order: Order) -> Body:
        """Spell the request in Toy's words."""
        request = order.request
        if not isinstance(request, TextToVideo):
            raise SubmitRefused(self.name, "invalid", request.workflow)
        words = {"model": order.offer.model, "text": request.prompt, "length": request.duration}
        return Body(path="videos", json={**words, "guidance": request.cfg_scale})

    async def submit(self, body: Body) -> Task:
        """Start it."""
        answer = await self._api.pay(body)
        return Task(id=self._api.task_id(answer, dig(answer.json(), "video")))

    async def check(self, task: Task) -> TaskStatus:
        """How it is."""
        answer = await self._api.get(self._api.url(f"videos/{task.id}"))
        said = answer.json()
        state = _STATES.get(str(dig(said, "state")))
        if state is None or (state == "done" and not web_address(dig(said, "address"))):
            raise self._api.puzzled("unknown state", answer)
        error = Failure(reason="provider", detail=self._api.words(dig(said, "why"))) if state == "failed" else None
        return TaskStatus(state=state, video_url=web_address(dig(said, "address")), error=error)

    async def close(self) -> None:
        """Give back connections."""
        await self._door.close()


def _complaint(answer: Answer) -> Complaint:
    return Complaint(status_reason(answer.status), str(dig(answer.json(), "why") or answer.text()))


# ---- its row in bot/providers/registry.py ----

ROW = Row(Toy, ToySettings, Toy)

# ---- its sample answers ----

ACCEPTED = {"video": "v-1"}
LOOKS: list[Any] = [
    {"state": "waiting"}, {"state": "working"}, {"state": "ready", "address": "https://toy.example/v-1.mp4"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def _seven(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table with its seventh row."""
    monkeypatch.setattr(registry, "PROVIDERS", {**registry.PROVIDERS, ROW.name: ROW})
    monkeypatch.setattr(registry, "OFFERS", {**registry.OFFERS, **{offer.id: offer for offer in OFFERS}})


def test_its_rows_fit_together() -> None:
    contract.check_table(ROW)


async def test_it_keeps_to_the_contract(server: Loopback) -> None:
    await contract.check_outcomes(ROW, server)
    await contract.check_key(ROW, server)
    await contract.check_looks(ROW, server)


async def test_another_takes_over_only_where_nothing_was_bought(server: Loopback, tmp_path: Path) -> None:
    async with desk(tmp_path, offers=(*OFFERS, offer("other"))) as at:
        await contract.check_failing_over(ROW, server, at)


def test_its_settings_are_read_and_its_offers_can_be_set() -> None:
    from bot.providers.overrides import OfferSettings, effective

    parts = Parts(providers={ROW.name: ROW.settings}, adapters={}, offers=OfferSettings)
    environ = {"TOY_KEY": KEY, "KLINGBOT_PRICES": "toy/text/standard=0.01/0.02"}
    settings = load(environ, None, parts=parts)
    assert settings.providers["toy"].on
    assert settings.offers is not None
    found = effective(registry.OFFERS, settings.offers, credit_microusd=5_000, today=date(2026, 11, 20))
    ranked = choose(simplest("text", "standard"), found.values()).accepted
    assert (ranked[0].offer.id, ranked[0].microusd) == ("toy/text/standard", 10_000)


async def test_it_makes_a_whole_video(server: Loopback, tmp_path: Path) -> None:
    looks = iter(LOOKS)
    server.answers["POST /videos"] = (201, ACCEPTED)

    async def look(request: web.Request) -> web.StreamResponse:
        assert request.headers["Authorization"] == f"Toy {KEY}"
        return web.json_response(next(looks))

    server.answers["GET /videos/v-1"] = look
    async with desk(tmp_path, offers=OFFERS) as at, contract.made(ROW, server.url, at.clock) as toy:
        cast(dict[str, Provider], at.work.providers)["toy"] = toy
        request = TextToVideo(prompt="a red fox", duration=5, cfg_scale=0.7)
        view = await at.until_state(await at.ask_for(request, offers=("toy/text/standard",)), JobState.DONE)
        await at.settle()
        assert len(at.messenger.results()) == 1
    assert (view.provider, view.charged) == ("toy", 20)
    (paid,) = server.asked("POST", "/videos")
    assert paid.json == {"model": "kling-1.6", "text": "a red fox", "length": 5, "guidance": 0.7}
