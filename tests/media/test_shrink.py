import io

import pytest

from bot.errors import VideoTooLarge
from bot.media import shrink
from bot.media.shrink import Plan, encode, plan, remux
from bot.media.streams import opened
from tests.support.media import film

LARGE = film(2, size=(640, 480), fps=12)


def planned(limit: int) -> Plan:
    with opened(io.BytesIO(LARGE)) as video:
        return plan(video, limit, limit)


def test_a_wide_limit_leaves_the_size_alone() -> None:
    assert planned(500_000).width == 640


def test_the_rate_follows_from_limit_and_length() -> None:
    spent_on_index = 8_192 + 24 * 48
    assert planned(200_000).rate == int((200_000 - spent_on_index) * 8 / 2.5)
    assert planned(10**9).rate == 50_000_000


def test_too_few_bits_a_pixel_mean_fewer_pixels() -> None:
    smaller = planned(40_000)
    assert 240 <= smaller.height < 480
    assert smaller.width / smaller.height == pytest.approx(4 / 3, rel=0.02)
    assert smaller.width % 2 == smaller.height % 2 == 0


def test_pixels_too_few_to_see_anything_are_refused() -> None:
    with pytest.raises(VideoTooLarge) as caught:
        planned(15_000)
    assert caught.value.limit == 15_000


@pytest.mark.parametrize("limit", [0, 1, 5_000])
def test_a_limit_below_the_index_is_refused(limit: int) -> None:
    with pytest.raises(VideoTooLarge):
        planned(limit)


def test_a_smaller_video_is_scaled_and_still_keeps_the_limit() -> None:
    target = io.BytesIO()
    encode(io.BytesIO(LARGE), target, 45_000)
    assert len(target.getvalue()) <= 45_000
    with opened(io.BytesIO(target.getvalue())) as video:
        assert 240 <= video.facts.height < 480
        assert video.facts.seconds == 2


def test_an_overshoot_is_made_up_for_by_a_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrink, "_SHARE", 1.5)
    target = io.BytesIO()
    encode(io.BytesIO(LARGE), target, 150_000)
    assert 90_000 < len(target.getvalue()) <= 150_000


def test_two_overshoots_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrink, "_SHARE", 1.5)
    monkeypatch.setattr(shrink, "_SECOND_SHARE", 1.5)
    with pytest.raises(VideoTooLarge):
        encode(io.BytesIO(LARGE), io.BytesIO(), 150_000)


def test_a_copy_whose_index_makes_it_too_large_does_not_count() -> None:
    with opened(io.BytesIO(LARGE)) as video:
        frames = sum(entry.size for entry in video.video.index_entries)
        assert not remux(video, io.BytesIO(), frames + 100)
        video.container.seek(0)
        assert remux(video, io.BytesIO(), frames + 10_000)


def test_frames_that_are_too_many_bytes_are_not_copied_at_all() -> None:
    target = io.BytesIO()
    with opened(io.BytesIO(LARGE)) as video:
        assert not remux(video, target, len(LARGE) // 2)
    assert target.getvalue() == b""
