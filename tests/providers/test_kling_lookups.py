"""What Kling's client asks for before and after the paid call: a lost answer's task, the video to go on from."""

from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from bot.errors import CheckFailed, SubmitRefused
from bot.kling.requests import Extend, TextToVideo
from bot.providers.base import Lost, Task
from bot.providers.kling import Kling
from bot.providers.registry import OFFERS
from tests.support.clock import START
from tests.support.kling import ATTEMPT, PARENT, TASK, envelope, made, no, task
from tests.support.loopback import Loopback, dropped
from tests.support.orders import order

THIRTY_DAYS = 30 * 86_400_000


class TestFind:
    BY_NAME = f"GET /v1/videos/text2video/{ATTEMPT}"
    LIST = "GET /v1/videos/text2video"

    def lost(self) -> Lost:
        return Lost(
            attempt=ATTEMPT, offer=OFFERS["kling/text/standard"], request=TextToVideo(prompt="a fox"), body={},
            submitted_at=START,
        )  # fmt: skip

    def item(self, name: Any) -> dict[str, Any]:
        return {"task_id": f"task of {name}", "task_info": {"external_task_id": name}}

    def pages(self, *items: list[Any]) -> Any:
        """The list of tasks, page by page; empty behind the last."""

        async def page(request: web.Request) -> web.Response:
            number = int(request.query["pageNum"]) - 1
            return web.json_response(envelope(items[number] if number < len(items) else [])[1])

        return page

    def test_it_tells_for_certain(self, kling: Kling) -> None:
        assert kling.knows_attempts

    @pytest.mark.parametrize("info", [{"external_task_id": ATTEMPT}, {}, None])
    async def test_the_task_answers_to_the_attempt_s_id(self, server: Loopback, kling: Kling, info: Any) -> None:
        server.answers[self.BY_NAME] = envelope(task("processing", task_info=info))
        assert await kling.find(self.lost()) == [TASK]
        assert len(server.seen) == 1

    async def test_none_is_only_what_neither_the_path_nor_the_list_knows(self, server: Loopback, kling: Kling) -> None:
        server.answers[self.BY_NAME] = no(404, 1203)
        older = {"task_id": "1", "created_at": START - 120_001}  # of somebody who gives no ids, but before our call
        server.answers[self.LIST] = self.pages([self.item("another"), older])
        assert list(await kling.find(self.lost())) == []
        assert [dict(seen.query) for seen in server.seen[1:]] == [
            {"pageNum": "1", "pageSize": "500"}, {"pageNum": "2", "pageSize": "500"},
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "item",
        [
            {"task_id": "1"}, {"task_id": "1", "created_at": START - 120_000}, None,
            {"task_id": "1", "created_at": START + 1, "task_info": {"external_task_id": ""}},
        ],
    )  # fmt: skip
    async def test_a_task_from_then_that_carries_no_id_may_be_ours(
        self, server: Loopback, kling: Kling, item: Any
    ) -> None:
        server.answers[self.BY_NAME] = no(404, 1203)
        server.answers[self.LIST] = self.pages([self.item("another"), item])
        with pytest.raises(CheckFailed):
            await kling.find(self.lost())

    @pytest.mark.parametrize("most", [500, 30])
    async def test_the_list_is_read_to_its_end_also_where_its_pages_are_shorter(
        self, server: Loopback, kling: Kling, most: int
    ) -> None:
        server.answers[self.BY_NAME] = no(404, 1203)
        server.answers[self.LIST] = self.pages([self.item(str(number)) for number in range(most)], [self.item(ATTEMPT)])
        assert await kling.find(self.lost()) == [
            Task(id=f"task of {ATTEMPT}", extra={"workflow": "text2video"})
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "answer",
        [
            no(404, 1202), (404, {}), (404, {"status": "NOT_FOUND"}), no(400, 1201), no(401, 1000), no(500, 5000),
            no(200, 1203), (200, {}), envelope(task("x", task_info={"external_task_id": "other"})),
            envelope(task("x", task_id=None)), dropped,
        ],
    )  # fmt: skip
    async def test_anything_less_is_no_answer(self, server: Loopback, kling: Kling, answer: Any) -> None:
        server.answers[self.BY_NAME] = answer
        server.answers[self.LIST] = envelope([])
        with pytest.raises(CheckFailed):
            await kling.find(self.lost())

    @pytest.mark.parametrize("answer", [no(404, 1203), no(500, 5000), envelope(None), envelope({}), dropped])
    async def test_a_list_that_cannot_be_read_is_no_empty_list(
        self, server: Loopback, kling: Kling, answer: Any
    ) -> None:
        server.answers[self.BY_NAME] = no(404, 1203)
        server.answers[self.LIST] = answer
        with pytest.raises(CheckFailed):
            await kling.find(self.lost())

    async def test_an_endless_list_is_no_answer(self, server: Loopback, kling: Kling) -> None:
        server.answers[self.BY_NAME] = no(404, 1203)
        server.answers[self.LIST] = envelope([self.item(str(number)) for number in range(500)])
        with pytest.raises(CheckFailed):
            await kling.find(self.lost())


class TestExtend:
    ORDER = order("kling/extend/standard", Extend(job="01jd000000000000000a"))

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (task("succeed", **made(duration="176.1")), "longer than 3 minutes"),
            (task("succeed", updated_at=START - THIRTY_DAYS - 1, **made()), "older than 30 days"),
        ],
    )
    async def test_a_video_that_kling_does_not_extend_is_refused_before_it_is_bought(
        self, server: Loopback, kling: Kling, data: Any, why: str
    ) -> None:
        server.answers[PARENT] = envelope(data)
        with pytest.raises(SubmitRefused) as refused:
            await kling.prepare(self.ORDER)
        assert (refused.value.reason, refused.value.detail) == ("invalid", why)

    @pytest.mark.parametrize(
        "data",
        [
            task("succeed", updated_at=START - THIRTY_DAYS, **made(duration="176")),
            task("succeed", updated_at=None, **made(duration=None)),
        ],
    )
    async def test_up_to_the_limit_and_where_it_does_not_say_it_goes_on(
        self, server: Loopback, kling: Kling, data: Any
    ) -> None:
        server.answers[PARENT] = envelope(data)
        assert (await kling.prepare(self.ORDER)).json["video_id"] == "v-1"

    @pytest.mark.parametrize("workflow", ["effects", "multi-image2video", None])
    async def test_other_workflows_videos_are_refused(
        self, server: Loopback, kling: Kling, workflow: str | None
    ) -> None:
        parent = Task(id="831", extra={"workflow": workflow} if workflow else {})
        for one in (parent, None):
            with pytest.raises(SubmitRefused) as refused:
                await kling.prepare(replace(self.ORDER, parent=one))
            assert refused.value.reason == "invalid"
        assert server.seen == []

    @pytest.mark.parametrize(
        "answer", [envelope(task("succeed")), envelope(task("failed", **made())), no(404, 1203), dropped]
    )
    async def test_a_parent_that_cannot_be_seen_is_asked_for_again(
        self, server: Loopback, kling: Kling, answer: Any
    ) -> None:
        server.answers[PARENT] = answer
        with pytest.raises(CheckFailed):
            await kling.prepare(self.ORDER)
