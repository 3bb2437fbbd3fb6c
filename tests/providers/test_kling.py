"""Kling's own client against a server that speaks as the documentation says."""

from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from bot.errors import CheckFailed, SubmitRefused
from bot.kling.requests import Effect, Elements, Extend, ImageToVideo, Request, TextToVideo
from bot.providers.base import Body, Failure, Task, TaskStatus
from bot.providers.kling import Kling, KlingSettings
from bot.providers.registry import OFFERS
from tests.support.clock import START, FakeClock
from tests.support.kling import ATTEMPT, PARENT, TASK, VIDEO, envelope, made, no, task
from tests.support.loopback import Loopback, dropped
from tests.support.orders import KEY, order, ref
from tests.support.tokens import read

LOOK = "GET /v1/videos/text2video/831"
A, B = "cGljdHVyZSAxIHBp", "cGljdHVyZSAyIHBp"  # the pictures' bytes in base64, without a prefix

BODIES: list[tuple[str, Request, str, dict[str, Any]]] = [
    (
        "kling/text/standard", TextToVideo(prompt="a fox"), "text2video",
        {
            "model_name": "kling-v1-6", "mode": "std", "prompt": "a fox", "negative_prompt": "", "cfg_scale": 0.5,
            "aspect_ratio": "16:9", "duration": "5",
        },
    ),
    (
        "kling/text/pro",
        TextToVideo(prompt="a fox", negative_prompt="rain", duration=10, aspect_ratio="9:16", cfg_scale=1, tier="pro"),
        "text2video",
        {
            "model_name": "kling-v1-6", "mode": "pro", "prompt": "a fox", "negative_prompt": "rain", "cfg_scale": 1.0,
            "aspect_ratio": "9:16", "duration": "10",
        },
    ),
    (
        "kling/image/standard", ImageToVideo(start=ref(1)), "image2video",
        {
            "model_name": "kling-v1-6", "mode": "std", "image": A, "prompt": "", "negative_prompt": "",
            "cfg_scale": 0.5, "duration": "5",
        },
    ),
    (
        "kling/image/pro", ImageToVideo(start=ref(1), end=ref(2), prompt="it runs", tier="pro"), "image2video",
        {
            "model_name": "kling-v1-6", "mode": "pro", "image": A, "image_tail": B, "prompt": "it runs",
            "negative_prompt": "", "cfg_scale": 0.5, "duration": "5",
        },
    ),
    (
        "kling/image/pro", ImageToVideo(end=ref(2), duration=10, tier="pro"), "image2video",
        {
            "model_name": "kling-v1-6", "mode": "pro", "image_tail": B, "prompt": "", "negative_prompt": "",
            "cfg_scale": 0.5, "duration": "10",
        },
    ),
    (
        "kling/elements/standard", Elements(references=(ref(1), ref(2)), prompt="they meet"), "multi-image2video",
        {
            "model_name": "kling-v1-6", "mode": "std", "image_list": [{"image": A}, {"image": B}],
            "prompt": "they meet", "negative_prompt": "", "aspect_ratio": "16:9", "duration": "5",
        },
    ),
    (
        "kling/effect/standard", Effect(scene="pet_vlogger", people=(ref(1),), duration=10), "effects",
        {"effect_scene": "pet_vlogger", "input": {"image": A, "duration": "10"}},
    ),
    (
        "kling/effect/standard", Effect(scene="hug_pro", people=(ref(1), ref(2))), "effects",
        {"effect_scene": "hug_pro", "input": {"images": [A, B], "duration": "5"}},
    ),
    (
        "kling/effect/standard", Effect(scene="hug", people=(ref(1), ref(2))), "effects",
        {
            "effect_scene": "hug",
            "input": {"images": [A, B], "duration": "5", "model_name": "kling-v1-6", "mode": "std"},
        },
    ),
    (
        "kling/effect/pro", Effect(scene="fight", people=(ref(2), ref(1)), duration=10, tier="pro"), "effects",
        {
            "effect_scene": "fight",
            "input": {"images": [B, A], "duration": "10", "model_name": "kling-v1-6", "mode": "pro"},
        },
    ),
    (
        "kling/extend/standard", Extend(job="01jd000000000000000a", prompt="it goes on"), "video-extend",
        {"video_id": "v-1", "prompt": "it goes on"},
    ),
    (
        "kling/extend/pro",
        Extend(job="01jd000000000000000a", negative_prompt="rain", cfg_scale=0.7, tier="pro"), "video-extend",
        {"video_id": "v-1", "prompt": "", "negative_prompt": "rain", "cfg_scale": 0.7},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("offer", "request_", "path", "body"), BODIES)
async def test_each_request_goes_out_in_the_documented_words(
    server: Loopback, kling: Kling, offer: str, request_: Request, path: str, body: dict[str, Any]
) -> None:
    server.answers[PARENT] = envelope(task("succeed", **made()))
    server.answers[f"POST /v1/videos/{path}"] = envelope(task("submitted"))
    task_made = await kling.submit(await kling.prepare(order(offer, request_)))
    assert task_made == Task(id="831", extra={"workflow": path})
    [seen] = server.asked("POST", f"/v1/videos/{path}")
    assert seen.json == {**body, "external_task_id": ATTEMPT}
    assert dict(seen.query) == {}


async def test_a_picture_in_the_request_is_not_in_what_is_kept_of_it(kling: Kling) -> None:
    wanted = order("kling/image/standard", ImageToVideo(start=ref(1), prompt="p" * 2_500), size=9_000)
    body = await kling.prepare(wanted)
    assert len(body.json["image"]) == 12_000
    assert len(body.shown["image"]) < 100
    assert body.shown["prompt"] == "p" * 2_500


class TestToken:
    async def test_it_is_signed_with_the_secret_key_by_the_clock_that_is_passed_in(
        self, server: Loopback, kling: Kling
    ) -> None:
        server.answers[LOOK] = envelope(task("submitted"))
        await kling.check(TASK)
        header, claims = read(server.seen[0].headers["authorization"], KEY)
        assert header == {"alg": "HS256", "typ": "JWT"}
        assert claims == {"iss": "access-key-1", "exp": START // 1000 + 1800, "nbf": START // 1000 - 5}

    async def test_it_serves_until_shortly_before_its_end(
        self, server: Loopback, kling: Kling, clock: FakeClock
    ) -> None:
        server.answers[LOOK] = envelope(task("submitted"))
        for wait in (0, 1_499, 1, 1_800):
            clock.advance(wait)
            await kling.check(TASK)
        ends = [read(seen.headers["authorization"], KEY)[1]["exp"] - START // 1000 for seen in server.seen]
        assert ends == [1_800, 1_800, 3_300, 5_100]

    async def test_one_that_has_run_out_by_kling_s_clock_is_renewed_once_for_a_read(
        self, server: Loopback, kling: Kling, clock: FakeClock
    ) -> None:
        async def expired_first(request: web.Request) -> web.Response:
            clock.advance(1)
            status, body = no(401, 1004) if len(server.seen) == 1 else envelope(task("processing"))
            return web.json_response(body, status=status)

        server.answers[LOOK] = expired_first
        assert (await kling.check(TASK)).state == "running"
        tokens = [seen.headers["authorization"] for seen in server.seen]
        assert len(tokens) == len(set(tokens)) == 2

    async def test_one_that_runs_out_again_is_our_key_s_fault(self, server: Loopback, kling: Kling) -> None:
        server.answers[LOOK] = no(401, 1004, "expired")
        with pytest.raises(CheckFailed) as failed:
            await kling.check(TASK)
        assert (failed.value.reason, len(server.seen)) == ("auth", 2)

    async def test_a_paid_call_is_not_sent_again_for_it(self, server: Loopback, kling: Kling) -> None:
        server.answers["POST /v1/videos/text2video"] = no(401, 1004, "expired")
        with pytest.raises(SubmitRefused) as refused:
            await kling.submit(Body(path="v1/videos/text2video", json={}))
        assert (refused.value.reason, len(server.seen)) == ("auth", 1)


class TestSettings:
    def read(self, **values: str) -> KlingSettings:
        return KlingSettings.model_validate({f"KLING_{name}": value for name, value in values.items()})

    def test_both_keys_switch_it_on(self) -> None:
        settings = self.read(ACCESS_KEY="access-key-1", SECRET_KEY=KEY)
        assert (settings.on, settings.secret, settings.signing_key) == (True, "access-key-1", KEY)
        assert KEY not in repr(settings)
        assert not self.read().on

    @pytest.mark.parametrize(("there", "missing"), [("ACCESS_KEY", "SECRET_KEY"), ("SECRET_KEY", "ACCESS_KEY")])
    def test_one_alone_is_a_problem_that_names_the_other(self, there: str, missing: str) -> None:
        with pytest.raises(ValidationError, match=f"KLING_{missing}: is needed beside KLING_{there}"):
            self.read(**{there: KEY})


class TestCheck:
    @pytest.mark.parametrize(
        ("data", "found"),
        [
            (task("submitted"), TaskStatus(state="queued")),
            (task("processing"), TaskStatus(state="running")),
            (task("succeed", **made()), TaskStatus(state="done", progress=1.0, video_url=VIDEO)),
            (
                task("succeed", final_unit_deduction="3.5", **made()),
                TaskStatus(state="done", progress=1.0, video_url=VIDEO, cost=490_000),
            ),
            (
                task("succeed", final_unit_deduction=2, **made()),
                TaskStatus(state="done", progress=1.0, video_url=VIDEO, cost=280_000),
            ),
            (
                task("succeed", final_unit_deduction="0", **made()),
                TaskStatus(state="done", progress=1.0, video_url=VIDEO, cost=0),
            ),
            (
                task("succeed", final_unit_deduction="NaN", **made()),
                TaskStatus(state="done", progress=1.0, video_url=VIDEO),
            ),
            (
                task("failed", task_status_msg="Failure to pass the risk control system"),
                TaskStatus(
                    state="failed", error=Failure(reason="policy", detail="Failure to pass the risk control system")
                ),
            ),
            (
                task("failed", task_status_msg="service\nbusy"),
                TaskStatus(state="failed", error=Failure(reason="provider", detail="service busy")),
            ),
            (task("failed"), TaskStatus(state="failed", error=Failure(reason="provider", detail="failed"))),
        ],
    )
    async def test_each_status_is_understood(
        self, server: Loopback, kling: Kling, data: Any, found: TaskStatus
    ) -> None:
        server.answers[LOOK] = envelope(data)
        assert await kling.check(TASK) == found

    @pytest.mark.parametrize(
        "answer",
        [
            envelope(task("succeeded")), envelope(task(["failed"])), envelope(task("succeed")), envelope(None),
            envelope(task("succeed", **made(url="file:///x"))), envelope(task("succeed", task_result={"videos": {}})),
            envelope([]), (200, {}), (200, []), (200, {"code": 7, "message": "?"}),
        ],
    )  # fmt: skip
    async def test_what_is_not_understood_is_never_a_failure(self, server: Loopback, kling: Kling, answer: Any) -> None:
        server.answers[LOOK] = answer
        with pytest.raises(CheckFailed) as failed:
            await kling.check(TASK)
        assert failed.value.reason == "unknown"

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (no(401, 1000), "auth"), (no(404, 1203), "not_found"), (no(429, 1302), "busy"),
            (no(500, 5000), "unavailable"), ((502, {}), "unavailable"), (no(200, 1302), "busy"),
        ],
    )  # fmt: skip
    async def test_a_read_that_is_refused_changes_nothing(
        self, server: Loopback, kling: Kling, answer: Any, reason: str
    ) -> None:
        server.answers[LOOK] = answer
        with pytest.raises(CheckFailed) as failed:
            await kling.check(TASK)
        assert failed.value.reason == reason

    async def test_a_task_known_by_its_id_only_is_looked_for_in_its_offer_s_workflow(
        self, server: Loopback, kling: Kling
    ) -> None:
        server.answers["GET /v1/videos/effects/8%2F3"] = server.answers["GET /v1/videos/effects/8/3"] = envelope(
            task("submitted")
        )
        known = kling.task(OFFERS["kling/effect/pro"], "8/3")
        assert (await kling.check(known)).state == "queued"


class TestBalance:
    COSTS = "GET /account/costs"

    def pack(self, left: Any, status: str = "online", name: str = "Video Generation-1000") -> dict[str, Any]:
        return {"resource_pack_name": name, "total_quantity": 1000.0, "remaining_quantity": left, "status": status}

    def packs(self, *packs: Any) -> tuple[int, Any]:
        return envelope({"code": 0, "msg": "success", "resource_pack_subscribe_infos": list(packs)})

    @pytest.mark.parametrize(
        ("packs", "microusd"),
        [
            ([(118.0,), (0.5,)], 16_590_000),
            ([(118.0,), (7.0, "expired"), (0.0, "runOut"), (9.0, "toBeOnline")], 16_520_000),
            ([(0.0, "runOut")], 0),
            ([(118.0,), (2.0, "online", "视频生成"), (500.0, "online", "Image Generation-500")], 16_800_000),
            ([(500.0, "online", "Image Generation-500")], None),
            ([("many",)], None),
            ([], None),
        ],
    )
    async def test_what_is_left_in_units_of_video_is_money(
        self, server: Loopback, kling: Kling, packs: list[Any], microusd: int | None
    ) -> None:
        server.answers[self.COSTS] = self.packs(*(self.pack(*one) for one in packs))
        assert await kling.balance() == microusd
        assert dict(server.seen[0].query) == {"start_time": str(START - 365 * 86_400_000), "end_time": str(START)}

    async def test_it_is_asked_once_a_second(self, server: Loopback, kling: Kling, clock: FakeClock) -> None:
        server.answers[self.COSTS] = self.packs(self.pack(1.0))
        asked = []
        for _ in range(3):
            await kling.balance()
            asked.append(clock.now() - START)
        assert asked == [0, 1_000, 2_000]

    @pytest.mark.parametrize("answer", [no(401, 1000), no(429, 1302), envelope({}), envelope(None), dropped])
    async def test_what_is_no_list_is_no_balance(self, server: Loopback, kling: Kling, answer: Any) -> None:
        server.answers[self.COSTS] = answer
        with pytest.raises(CheckFailed):
            await kling.balance()


async def test_the_keys_are_in_no_error(server: Loopback, kling: Kling) -> None:
    server.answers[LOOK] = no(401, 1000, f"access-key-1 and {KEY} are wrong")
    with pytest.raises(CheckFailed) as failed:
        await kling.check(TASK)
    assert failed.value.detail == "[hidden] and [hidden] are wrong"
