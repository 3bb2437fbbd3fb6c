"""Every offer of every provider, ordered in chat: a video comes, and the sandbox's log names path, model and fields."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.states import JobState
from bot.jobs.views import JobView
from bot.providers.registry import OFFERS
from bot.sandbox.tasks import Task
from tests.support.buying import Counter, counter, mask
from tests.support.front import photo
from tests.support.offers_page import PAGE, page
from tests.support.sold import SOLD

PARENT = {"kling/extend/standard": "kling/text/standard", "kling/extend/pro": "kling/text/pro"}
"""Whose video an extension goes on from."""

SETTINGS = {
    "KLINGBOT_OFFERS_ON": ",".join(name for name, offer in OFFERS.items() if not offer.enabled),
    "KLINGBOT_CREDIT_USD": "0.10",
    "KLINGBOT_MONTHLY_USD": "1000",
}
"""Everything is for sale, and nobody runs out of credits."""


@dataclass(frozen=True)
class Bought:
    """What came of an order: the job, its video as stored and as shown, and what the sandbox's log says of it."""

    view: JobView
    stored: bytes
    shown: bytes
    task: Task
    fields: Any


@pytest.fixture(scope="module")
def bought(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Bought]:
    """Every offer, bought once."""
    return asyncio.run(buy_everything(tmp_path_factory.mktemp("everything")))


async def buy_everything(folder: Path) -> Mapping[str, Bought]:
    async with counter(folder, **SETTINGS) as shop:
        shop.sandbox.faults.add("motion_works", provider="aimlapi")
        jobs = {name: await order(shop, name) for name in SOLD if name not in PARENT}
        for name, parent in PARENT.items():
            await shop.ended(jobs[parent])
            jobs[name] = await shop.order(SOLD[name].typed, about=jobs[parent])
        found: dict[str, Bought] = {}
        for name, job in jobs.items():
            parent = found[PARENT[name]].task.id if name in PARENT else ""
            found[name] = await look(shop, folder, job, f"{parent[::-1]}-1")  # as the sandbox names a task's video
        await shop.check_books()
        assert len(shop.sandbox.sold) == len(SOLD), "each was bought once"
        return found


async def order(shop: Counter, name: str) -> str:
    """Order an offer in the words of chat."""
    offer, sale = OFFERS[name], SOLD[name]
    masks = "--still" in sale.typed
    pictures = [mask(number) if masks and number > 1 else photo(number) for number in range(1, sale.pictures + 1)]
    return await shop.order(f"{sale.typed}{' --pro' * (offer.tier == 'pro')} --via {offer.provider}", pictures)


async def look(shop: Counter, folder: Path, job: str, video: str) -> Bought:
    """What came of a job; `video` is the id of the one that it may go on from."""
    view = await shop.ended(job)
    assert view.state is JobState.DONE, (view.offer, view.error)
    assert view.video is not None
    task, fields = await shop.sent(view, video=video)
    stored = await shop.app.house.blobs.read(view.video)
    return Bought(view, stored, (folder / f"kling-{job}.mp4").read_bytes(), task, fields)


@pytest.mark.parametrize("name", SOLD)
def test_the_offer_that_was_asked_for_ends_in_its_own_video(name: str, bought: Mapping[str, Bought]) -> None:
    one = bought[name]
    assert [attempt.offer for attempt in one.view.attempts] == [name]
    assert one.stored[4:8] == b"ftyp"
    assert one.stored.endswith(one.task.slug.encode()), "the clip of this very task"
    assert one.shown == one.stored
    assert one.view.charged


@pytest.mark.parametrize("name", SOLD)
def test_the_sandbox_s_log_names_path_model_and_every_field(name: str, bought: Mapping[str, Bought]) -> None:
    task, expected = bought[name].task, SOLD[name]
    assert (task.path, task.model) == (f"/{OFFERS[name].provider}{expected.path}", expected.model)
    assert bought[name].fields == expected.fields
    assert task.provider == OFFERS[name].provider


def test_the_page_is_written_from_the_log(bought: Mapping[str, Bought]) -> None:
    """From what was sold, not from what was expected; `make test` holds the page to the offers."""
    seen = {
        name: replace(SOLD[name], path=one.task.path.removeprefix(f"/{one.task.provider}"), model=one.task.model,
                      fields=one.fields)
        for name, one in bought.items()
    }  # fmt: skip
    PAGE.write_text(page(seen))
    assert page(seen) == page(SOLD)
