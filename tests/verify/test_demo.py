"""`klingbot demo` as a program: its videos, measured; what the sandbox was sent; how it ends and goes on."""

import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from PIL import Image, ImageOps

from bot.app import DATABASE
from tests.support.demo import Demo, Made, once, photograph, wait_until
from tests.support.likeness import brightness, difference, ssim

to_image: Callable[[av.VideoFrame], Image.Image] = av.VideoFrame.to_image  # PyAV ships it without types


@dataclass(frozen=True)
class Film:
    """A video, decoded: a still of each second, and the last frame."""

    size: tuple[int, int]
    seconds: float
    codec: str
    pixel_format: str
    stills: list[Image.Image]
    last: Image.Image


def watched(path: Path) -> Film:
    """Decode every frame of a video."""
    with av.open(str(path)) as file:
        video = file.streams.video[0]
        assert video.time_base is not None
        stills: list[Image.Image] = []
        for frame in file.decode(video):
            last = frame
            assert frame.time is not None
            if frame.time >= len(stills):
                stills.append(to_image(frame))
        context = video.codec_context
        seconds = float((video.duration or 0) * video.time_base)
        return Film(
            (context.width, context.height), seconds, context.name, str(context.pix_fmt), stills, to_image(last)
        )


def boxes(data: bytes) -> list[bytes]:
    """Names of an MP4's outermost boxes in order."""
    found, at = [], 0
    while at < len(data):
        found.append(data[at + 4 : at + 8])
        at += int.from_bytes(data[at : at + 4], "big")
    return found


def measured(made: Made, size: tuple[int, int], seconds: int) -> Film:
    """The film, when it is one that any chat plays, as long and as large as asked, that moves and is never black."""
    assert made.code == 0, made.said
    assert made.video is not None
    film = watched(made.video)
    assert (film.codec, film.pixel_format, film.size) == ("h264", "yuv420p", size)
    assert film.seconds == pytest.approx(seconds, abs=0.2)
    names = boxes(made.video.read_bytes())
    assert names.index(b"moov") < names.index(b"mdat")
    assert len(film.stills) == seconds
    assert all(difference(one, later) > 1 for one, later in pairwise(film.stills))
    assert all(brightness(still) > 16 for still in (*film.stills, film.last))
    return film


def sent(made: Made) -> tuple[str, str, dict[str, Any]]:
    """Path, model and fields of the one thing that was bought, pictures as `picture`."""
    (task,) = made.sold
    return task["path"], task["model"], {name: _shortened(value) for name, value in task["fields"].items()}


def _shortened(value: Any) -> Any:
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    if isinstance(value, dict):
        assert value["bytes"] > 10_000
        assert len(value["sha256"]) == 64
        return "picture"
    return value


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three pictures, two wide and one tall."""
    folder = tmp_path_factory.mktemp("pictures")
    paths = []
    for seed, size in enumerate([(1600, 900), (1200, 800), (900, 1200)]):
        paths.append(folder / f"{seed}.jpg")
        photograph(*size, seed).save(paths[-1], quality=92)
    return paths


def sales(out: Path) -> int:
    """How often something was bought of the sandbox of a demo."""
    book = out / "sandbox" / "sold.jsonl"
    return book.read_text().count('"event":"sold"') if book.exists() else 0


def accepted(out: Path) -> int:
    """How many tasks the service of a demo has on record: what it may be killed after and still find again."""
    with closing(sqlite3.connect(f"file:{out / 'data' / DATABASE}?mode=ro", uri=True)) as file:
        return int(file.execute("SELECT count(*) FROM attempt WHERE task IS NOT NULL").fetchone()[0])


def videos(running: Demo) -> list[str]:
    """The names of the videos in #general."""
    messages = httpx.get(f"{running.url}/web/history", params={"person": "ana", "channel": "general"}).json()[
        "messages"
    ]
    return [file["name"] for message in messages for file in message["files"]]


def like(picture: Path, size: tuple[int, int]) -> Image.Image:
    """The picture as a frame of that size should show it."""
    return ImageOps.fit(Image.open(picture).convert("RGB"), size, Image.Resampling.LANCZOS)


def test_a_picture_is_set_in_motion(tmp_path: Path, pictures: list[Path]) -> None:
    made = once(tmp_path, "--prompt", "the light changes", "--via", "wavespeed", images=(pictures[0],))
    film = measured(made, (1280, 720), 5)
    assert ssim(film.stills[0], like(pictures[0], film.size)) > 0.6
    assert sent(made) == (
        "/wavespeed/api/v3/kwaivgi/kling-v1.6-i2v-standard",
        "kwaivgi/kling-v1.6-i2v-standard",
        {
            "image": "picture",
            "prompt": "the light changes",
            "guidance_scale": 0.5,
            "negative_prompt": "",
            "duration": 5,
        },
    )


def test_words_become_ten_tall_seconds(tmp_path: Path) -> None:
    wish = ("--prompt", "a lighthouse at night", "--d", "10", "--ar", "9:16", "--no", "people, boats")
    made = once(tmp_path, *wish, "--via", "fal")
    measured(made, (720, 1280), 10)
    assert sent(made) == (
        "/fal/fal-ai/kling-video/v1.6/standard/text-to-video",
        "fal-ai/kling-video/v1.6/standard/text-to-video",
        {
            "prompt": "a lighthouse at night",
            "aspect_ratio": "9:16",
            "cfg_scale": 0.5,
            "negative_prompt": "people, boats",
            "duration": "10",
        },
    )


def test_a_pro_video_ends_as_the_end_picture(tmp_path: Path, pictures: list[Path]) -> None:
    wish = ("--prompt", "it turns into the other", "--pro", "--end", "2", "--via", "fal")
    made = once(tmp_path, *wish, images=tuple(pictures[:2]))
    film = measured(made, (1920, 1080), 5)
    first, last = like(pictures[0], film.size), like(pictures[1], film.size)
    assert ssim(film.stills[0], first) > 0.6
    assert ssim(film.last, last) > 0.6
    assert ssim(film.last, first) < 0.5 > ssim(film.stills[0], last)
    assert sent(made) == (
        "/fal/fal-ai/kling-video/v1.6/pro/image-to-video",
        "fal-ai/kling-video/v1.6/pro/image-to-video",
        {
            "prompt": "it turns into the other",
            "image_url": "picture",
            "tail_image_url": "picture",
            "aspect_ratio": "16:9",
            "cfg_scale": 0.5,
            "negative_prompt": "",
            "duration": "5",
        },
    )


def test_three_pictures_meet_in_one_scene(tmp_path: Path, pictures: list[Path]) -> None:
    made = once(tmp_path, "--prompt", "they meet at the sea", "--ar", "1:1", "--via", "fal", images=tuple(pictures))
    measured(made, (720, 720), 5)
    assert sent(made) == (
        "/fal/fal-ai/kling-video/v1.6/standard/elements",
        "fal-ai/kling-video/v1.6/standard/elements",
        {
            "prompt": "they meet at the sea",
            "input_image_urls": ["picture", "picture", "picture"],
            "aspect_ratio": "1:1",
            "negative_prompt": "",
            "duration": "5",
        },
    )


def test_an_effect_plays_on_one_person(tmp_path: Path, pictures: list[Path]) -> None:
    made = once(tmp_path, "--fx", "squish", "--via", "fal", images=(pictures[1],))
    film = measured(made, (1080, 720), 5)
    alike = [ssim(film.stills[0], like(picture, film.size)) for picture in pictures]
    assert alike[1] > 0.15 + max(alike[0], alike[2])
    assert sent(made) == (
        "/fal/fal-ai/kling-video/v1.6/standard/effects",
        "fal-ai/kling-video/v1.6/standard/effects",
        {"effect_scene": "squish", "input_image_urls": ["picture"], "duration": "5"},
    )


def test_an_effect_brings_two_people_together(tmp_path: Path, pictures: list[Path]) -> None:
    made = once(tmp_path, "--fx", "hug", "--via", "fal", images=tuple(pictures[:2]))
    measured(made, (1280, 720), 5)
    assert sent(made) == (
        "/fal/fal-ai/kling-video/v1.6/standard/effects",
        "fal-ai/kling-video/v1.6/standard/effects",
        {"effect_scene": "hug", "input_image_urls": ["picture", "picture"], "duration": "5"},
    )


def test_a_refusal_makes_no_video_and_buys_nothing(tmp_path: Path, pictures: list[Path]) -> None:
    made = once(tmp_path, "--prompt", "a fox", "--end", "2", images=tuple(pictures[:2]))
    assert (made.code, made.video, made.sold) == (1, None, [])
    assert "Nothing was spent." in made.said


def test_a_price_is_told_for_nothing(tmp_path: Path) -> None:
    made = once(tmp_path, "--prompt", "cost a fox --d 10")
    assert (made.code, made.video, made.sold) == (0, None, [])
    assert "at most 112 credits" in made.said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_order_when_told_to(tmp_path: Path, number: signal.Signals) -> None:
    with Demo(tmp_path) as running:
        wait_until(lambda: sales(tmp_path) == 1)
        begun = time.monotonic()
        assert running.end(number) == 0
        assert time.monotonic() - begun < 10
        assert "Traceback" not in running.said()


def test_what_was_bought_before_a_kill_arrives_after_the_next_start(tmp_path: Path) -> None:
    with Demo(tmp_path) as running:
        wait_until(lambda: accepted(tmp_path) == 1)
        running.end(signal.SIGKILL)
        running.start()
        wait_until(lambda: len(videos(running)) == 1)
        assert sales(tmp_path) == 1
        assert "on its way" not in running.said()
