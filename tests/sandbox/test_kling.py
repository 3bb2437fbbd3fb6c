"""Kling's own answers, typed out from its documentation."""

import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import START
from tests.support.media import file_of, halves
from tests.support.sandbox import Answer, Bench, sandbox
from tests.support.tokens import sign, token

PICTURE = file_of(halves(640, 480), "PNG")
BARE = base64.b64encode(PICTURE).decode()
VIDEOS = "/kling/v1/videos"
K16 = {"model_name": "kling-v1-6"}
TEXT = {**K16, "prompt": "a boat"}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with sandbox(tmp_path) as running:
        yield running


async def ask(bench: Bench, path: str = "text2video", **body: Any) -> Answer:
    return await bench.call("POST", f"{VIDEOS}/{path}", body)


async def look(bench: Bench, path: str, task: str) -> Any:
    return (await bench.call("GET", f"{VIDEOS}/{path}/{task}")).json["data"]


async def test_a_submit_answers_with_the_envelope(bench: Bench) -> None:
    answer = await ask(bench, **TEXT, external_task_id="job-7")
    task = answer.json["data"]["task_id"]
    assert (answer.status, answer.json) == (
        200,
        {
            "code": 0, "message": "SUCCEED", "request_id": answer.json["request_id"],
            "data": {
                "task_id": task, "task_status": "submitted", "task_info": {"external_task_id": "job-7"},
                "created_at": START, "updated_at": START,
            },
        },
    )  # fmt: skip
    assert task.isdecimal()


@pytest.mark.parametrize(
    ("path", "body", "workflow", "tier", "seconds", "price"),
    [
        ("text2video", {**TEXT, "mode": "std", "duration": "5", "aspect_ratio": "9:16", "cfg_scale": 0.5},
         "text", "standard", 5, 280_000),
        ("text2video", {**TEXT, "mode": "pro", "duration": "10", "negative_prompt": "rain"}, "text", "pro", 10,
         980_000),
        ("image2video", {**K16, "image": BARE}, "image", "standard", 5, 280_000),
        ("image2video", {**K16, "image": BARE, "image_tail": BARE, "mode": "pro"}, "image", "pro", 5, 490_000),
        ("image2video", {**K16, "image_tail": BARE, "mode": "pro", "duration": "10"}, "image", "pro", 10, 980_000),
        ("multi-image2video", {"prompt": "p", "image_list": [{"image": BARE}] * 4}, "elements", "standard", 5,
         280_000),
        ("effects", {"effect_scene": "squish", "input": {"image": BARE, "duration": "10"}}, "effect", "standard", 10,
         560_000),
        ("effects", {"effect_scene": "hug_pro", "input": {"images": [BARE] * 2, "duration": "5"}}, "effect",
         "standard", 5, 280_000),
        ("effects", {"effect_scene": "fight", "input": {"images": [BARE] * 2, "duration": "10", "mode": "pro", **K16}},
         "effect", "pro", 10, 980_000),
    ],
)  # fmt: skip
async def test_each_path_takes_its_fields(
    bench: Bench, path: str, body: dict[str, Any], workflow: str, tier: str, seconds: int, price: int
) -> None:
    assert (await ask(bench, path, **body)).status == 200
    [task] = bench.box.sold
    assert (task.order.workflow, task.order.tier, task.order.duration) == (workflow, tier, seconds)
    assert (task.price, task.model) == (price, path)


async def test_the_book_has_pictures_by_their_hash(bench: Bench) -> None:
    await ask(bench, "multi-image2video", prompt="p", image_list=[{"image": BARE}], external_task_id="job-1")
    picture = {"sha256": hashlib.sha256(PICTURE).hexdigest(), "bytes": len(PICTURE)}
    assert bench.box.sold[0].fields == {
        "prompt": "p", "image_list": [{"image": picture}], "external_task_id": "job-1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("text2video", K16, "prompt"),
        ("text2video", {**TEXT, "duration": 5}, "duration"),
        ("text2video", {**TEXT, "duration": "7"}, "duration"),
        ("text2video", {**TEXT, "mode": "standard"}, "mode"),
        ("text2video", {**TEXT, "cfg_scale": 1.1}, "cfg_scale"),
        ("text2video", {**TEXT, "camera_control": {"type": "down_back"}}, "camera_control"),
        ("image2video", K16, "image"),
        ("image2video", {**K16, "image": BARE, "image_tail": BARE}, "image_tail"),
        ("image2video", {**K16, "image": BARE, "static_mask": BARE}, "static_mask"),
        ("image2video", {**K16, "image": BARE, "dynamic_masks": []}, "dynamic_masks"),
        ("image2video", {**K16, "image": f"data:image/png;base64,{BARE}"}, "prefix"),
        ("image2video", {**K16, "image": "https://example.org/a.png"}, "image"),
        ("image2video", {**K16, "image": base64.b64encode(b"no picture").decode()}, "image"),
        ("multi-image2video", {"prompt": "p", "image_list": [{"image": BARE}] * 5}, "image_list"),
        ("multi-image2video", {"image_list": [{"image": BARE}]}, "prompt"),
        ("effects", {"effect_scene": "emoji", "input": {"image": BARE, "duration": "5"}}, "emoji"),
        ("effects", {"effect_scene": "hug_pro", "input": {"images": [BARE] * 2, "duration": "10"}}, "5 seconds"),
        ("effects", {"effect_scene": "hug", "input": {"images": [BARE] * 2, "duration": "5"}}, "model_name"),
        ("effects", {"effect_scene": "hug", "input": {"image": BARE, "duration": "5", "mode": "std", **K16}}, "images"),
        ("effects", {"effect_scene": "squish", "input": {"images": [BARE] * 2, "duration": "5"}}, "image"),
        ("effects", {"effect_scene": "squish", "input": {"image": BARE}}, "duration"),
        ("video-extend", {"prompt": "on"}, "video_id"),
        ("video-extend", {"video_id": "nobody's"}, "video_id"),
    ],
)
async def test_what_1_6_does_not_take_is_400_with_1201(
    bench: Bench, path: str, body: dict[str, Any], named: str
) -> None:
    answer = await ask(bench, path, **body)
    assert (answer.status, answer.json["code"], "data" in answer.json) == (400, 1201, False)
    assert named in answer.json["message"]
    assert bench.box.sold == []


async def test_the_model_that_comes_by_itself_is_not_the_one_played_here(bench: Bench) -> None:
    answer = await ask(bench, prompt="a boat")
    assert (answer.status, answer.json["code"]) == (404, 1203)


async def test_a_body_that_is_no_object_is_1200(bench: Bench) -> None:
    answer = await bench.call("POST", f"{VIDEOS}/text2video", ["p"])
    assert (answer.status, answer.json["code"]) == (400, 1200)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", 1001),
        ("Key sandbox", 1002),
        ("Bearer", 1002),
        ("Bearer a.b.c", 1002),
        (f"Bearer {token(START, exp=None)}", 1002),
        (f"Bearer {token(START, iss=None)}", 1002),
        (f"Bearer {token(START, exp='soon')}", 1002),
        (f"Bearer {sign({'iss': 'sandbox', 'exp': START}, alg='none')}", 1002),
        (f"Bearer {token(START, secret='another key that signs, 32 characters')}", 1000),
        (f"Bearer {token(START, iss='somebody')}", 1000),
        (f"Bearer {token(START + 6_000)}", 1003),
        (f"Bearer {token(START - 1_800_000)}", 1004),
    ],
)
async def test_a_token_that_is_not_right_is_401_with_what_is_wrong(bench: Bench, header: str, code: int) -> None:
    answer = await bench.call("POST", f"{VIDEOS}/text2video", TEXT, key=header)
    assert (answer.status, answer.json["code"]) == (401, code)
    assert bench.box.sold == []


@pytest.mark.parametrize("now", [START + 5_000, START - 1_799_000])
async def test_a_token_is_good_from_five_seconds_before_for_half_an_hour(bench: Bench, now: int) -> None:
    assert (await bench.call("POST", f"{VIDEOS}/text2video", TEXT, key=f"Bearer {token(now)}")).status == 200


async def test_a_task_goes_from_submitted_to_succeed(bench: Bench) -> None:
    sold = await bench.sell_kling(mode="pro", external_task_id="job-7")
    task = sold["task_id"]
    started = await look(bench, "text2video", task)
    assert started == sold | {"task_status_msg": "", "watermark_info": {"enabled": False}}
    bench.clock.advance(10)
    assert (await look(bench, "text2video", task))["task_status"] == "processing"
    await bench.finish()
    done = await look(bench, "text2video", task)
    video = done["task_result"]["videos"][0]
    assert done == started | {
        "task_status": "succeed", "final_unit_deduction": "3.5", "updated_at": done["updated_at"],
        "task_result": {"videos": [video]},
    }  # fmt: skip
    assert video == {
        "id": video["id"], "url": f"{bench.box.base_url}/files/{task}/output.mp4", "duration": "5.0",
        "watermark_url": "",
    }  # fmt: skip
    assert (await bench.call("GET", video["url"], key="")).headers["Content-Type"] == "video/mp4"


@pytest.mark.parametrize(("kind", "said"), [("policy_after_work", "risk control"), ("generation_failed", "failed")])
async def test_a_failure_says_why_and_has_no_result(bench: Bench, kind: str, said: str) -> None:
    bench.box.faults.add(kind)
    sold = await bench.sell_kling()
    await bench.finish()
    data = await look(bench, "text2video", sold["task_id"])
    assert (data["task_status"], said in data["task_status_msg"]) == ("failed", True)
    assert not {"task_result", "final_unit_deduction"} & set(data)


async def test_a_task_is_found_by_either_id_below_its_own_path_only(bench: Bench) -> None:
    sold = await bench.sell_kling(external_task_id="job-7")
    assert (await look(bench, "text2video", "job-7"))["task_id"] == sold["task_id"]
    for path, name in [("image2video", "job-7"), ("image2video", sold["task_id"]), ("text2video", "job-8")]:
        answer = await bench.call("GET", f"{VIDEOS}/{path}/{name}")
        assert (answer.status, answer.json["code"]) == (404, 1203)


async def test_an_id_of_ones_own_can_be_used_once(bench: Bench) -> None:
    await bench.sell_kling(external_task_id="job-7")
    answer = await ask(bench, "image2video", **K16, image=BARE, external_task_id="job-7")
    assert (answer.status, answer.json["code"], len(bench.box.sold)) == (400, 1201, 1)


async def test_a_path_lists_its_tasks_newest_first_by_the_page(bench: Bench) -> None:
    names = [f"job-{number}" for number in range(3)]
    for name in names:
        await bench.sell_kling(external_task_id=name)
    await bench.sell_kling("image2video", image=BARE)

    async def listed(query: str) -> list[str]:
        answer = await bench.call("GET", f"{VIDEOS}/text2video{query}")
        return [task["task_info"]["external_task_id"] for task in answer.json["data"]]

    assert await listed("") == names[::-1]
    assert await listed("?pageNum=2&pageSize=2") == ["job-0"]
    for wrong in ("?pageNum=0", "?pageSize=501", "?pageNum=x"):
        answer = await bench.call("GET", f"{VIDEOS}/text2video{wrong}")
        assert (answer.status, answer.json["code"]) == (400, 1201)


@pytest.mark.parametrize(
    ("kind", "status", "code", "other"),
    [
        ("rate_limited_bare", 429, 1302, 1303), ("balance_exhausted", 429, 1101, 1102),
        ("policy_at_submit", 400, 1301, 1300), ("error_500", 500, 5000, 5000), ("error_502", 502, 502, 502),
        ("error_503", 503, 5001, 5001), ("error_504", 504, 5002, 5002),
    ],
)  # fmt: skip
async def test_a_no_is_a_code_of_the_table(bench: Bench, kind: str, status: int, code: int, other: int) -> None:
    bench.box.faults.add(kind)
    said = [await ask(bench, **TEXT)]
    bench.box.faults.add("other_shape")
    said.append(await ask(bench, **TEXT))
    assert [(one.status, one.json["code"]) for one in said] == [(status, code), (status, other)]
    assert bench.box.sold == []


async def test_a_trial_account_has_five_places_and_a_task_keeps_one_from_its_sale(tmp_path: Path) -> None:
    async with sandbox(tmp_path, levels={"kling": "trial"}) as bench:
        for _ in range(5):
            await bench.sell_kling()
        refused = await ask(bench, **TEXT)
        assert (refused.status, refused.json["code"]) == (429, 1303)
        await bench.finish()
        await bench.sell_kling()


async def test_an_end_frame_alone_can_be_refused(bench: Bench) -> None:
    bench.box.faults.add("end_needs_start")
    body = {**K16, "image_tail": BARE, "mode": "pro"}
    assert (await ask(bench, "image2video", **body)).json["code"] == 1201
    assert (await ask(bench, "image2video", **body, image=BARE)).status == 200


class TestExtend:
    async def made(self, bench: Bench, path: str = "text2video", **body: Any) -> str:
        """The id of a finished video."""
        sold = await bench.sell_kling(path, **body)
        await bench.finish()
        return str((await look(bench, path, sold["task_id"]))["task_result"]["videos"][0]["id"])

    async def test_it_has_what_was_there_before_and_five_seconds_more(self, bench: Bench) -> None:
        first = await self.made(bench, mode="std", duration="5", aspect_ratio="16:9")
        sold = await bench.sell_kling("video-extend", video_id=first, prompt="on", external_task_id="job-8")
        await bench.finish()
        data = await look(bench, "video-extend", "job-8")
        assert data["task_id"] == sold["task_id"]
        assert data["task_info"]["parent_video"]["id"] == first
        assert data["task_info"]["parent_video"]["duration"] == "5.0"
        assert data["task_result"]["videos"][0]["duration"] == "10.0"
        assert data["final_unit_deduction"] == "2"
        parent, task = bench.box.sold
        assert (task.order.tier, task.order.ratio, task.order.duration, task.order.before) == (
            *("standard", "16:9", 10, 5),
        )
        assert task.order.parent == parent.id
        assert 51_000 <= task.work_ms <= 69_000, "only what is new takes time"

    async def test_an_extension_can_be_extended(self, bench: Bench) -> None:
        first = await self.made(bench)
        bench.box.faults.add("extension_alone", count=1)
        second = await self.made(bench, "video-extend", video_id=first)
        await self.made(bench, "video-extend", video_id=second)
        assert [task.order.duration for task in bench.box.sold] == [5, 5, 10]

    async def test_what_would_be_longer_than_three_minutes_does_not_go_on(self, bench: Bench) -> None:
        video = await self.made(bench)
        [task] = bench.box.sold
        task.order = task.order.model_copy(update={"duration": 176})
        assert "3 minutes" in (await ask(bench, "video-extend", video_id=video)).json["message"]

    async def test_it_may_come_alone(self, bench: Bench) -> None:
        first = await self.made(bench)
        bench.box.faults.add("extension_alone", count=1)
        await bench.sell_kling("video-extend", video_id=first)
        assert (bench.box.sold[-1].order.duration, bench.box.sold[-1].order.before) == (5, 0)

    async def test_only_a_finished_video_of_the_last_30_days_goes_on(self, bench: Bench) -> None:
        first = await self.made(bench)
        bench.clock.advance(30 * 86_400)
        assert "30 days" in (await ask(bench, "video-extend", video_id=first)).json["message"]
        unfinished = await bench.sell_kling()
        refused = await ask(bench, "video-extend", video_id=f"{unfinished['task_id'][::-1]}-1")
        assert refused.json["code"] == 1201

    async def test_effects_and_elements_do_not_go_on(self, bench: Bench) -> None:
        elements = await self.made(bench, "multi-image2video", image_list=[{"image": BARE}])
        put = {"image": BARE, "duration": "5"}
        effect = await self.made(bench, "effects", effect_scene="squish", input=put)
        for video in (elements, effect):
            assert (await ask(bench, "video-extend", video_id=video)).json["code"] == 1201

    async def test_its_other_fields_are_ignored_or_refused(self, bench: Bench) -> None:
        first = await self.made(bench)
        assert (await ask(bench, "video-extend", video_id=first, negative_prompt="n", cfg_scale=0.7)).status == 200
        bench.box.faults.add("strict_keys")
        refused = await ask(bench, "video-extend", video_id=first, negative_prompt="n")
        assert "negative_prompt" in refused.json["message"]


class TestCosts:
    async def test_the_packs_say_what_is_left(self, bench: Bench) -> None:
        await bench.sell_kling(mode="pro")
        await bench.finish()
        query = f"?start_time={START}&end_time={START + 1}"
        answer = await bench.call("GET", f"/kling/account/costs{query}")
        assert (answer.status, answer.json["code"], answer.json["data"]["code"]) == (200, 0, 0)
        [pack] = answer.json["data"]["resource_pack_subscribe_infos"]
        assert (pack["resource_pack_type"], pack["status"]) == ("decreasing_total", "online")
        assert (pack["total_quantity"], pack["remaining_quantity"]) == (1000.0, 996.5)

    async def test_it_is_answered_once_a_second(self, bench: Bench) -> None:
        path = f"/kling/account/costs?start_time={START}&end_time={START}"
        said = [await bench.call("GET", path) for _ in range(2)]
        bench.clock.advance(1)
        said.append(await bench.call("GET", path))
        assert [(one.status, one.json["code"]) for one in said] == [(200, 0), (429, 1302), (200, 0)]

    async def test_it_needs_both_times(self, bench: Bench) -> None:
        answer = await bench.call("GET", f"/kling/account/costs?start_time={START}")
        assert (answer.status, answer.json["code"]) == (400, 1200)
