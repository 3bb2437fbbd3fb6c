import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Literal

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import MediaError, VideoBroken, VideoTooLarge
from bot.media.videos import check, fit, fits, poster, probe
from tests.support.media import Codec, film, opened

WHOLE = film(5)
FAST = film(5, faststart=True)


def refusal(data: bytes, seconds: float = 5) -> VideoBroken:
    with pytest.raises(VideoBroken) as caught:
        check(io.BytesIO(data), seconds)
    return caught.value


def frames(data: bytes) -> int:
    with av.open(io.BytesIO(data), "r") as video:
        return len(list(video.decode(video=0)))


def fitted(data: bytes, limit: int) -> tuple[str, bytes]:
    target = io.BytesIO(b"something older, and longer than nothing")
    return fit(io.BytesIO(data), target, limit), target.getvalue()


@pytest.mark.parametrize("data", [WHOLE, FAST], ids=["index last", "index first"])
def test_a_whole_video_of_the_asked_length_passes(data: bytes) -> None:
    assert check(io.BytesIO(data), 5).bytes == len(data)


@pytest.mark.parametrize(("codec", "pixel_format"), [("libx265", "yuv420p10le"), ("mpeg4", "yuv420p")])
def test_other_codings_pass_too(codec: Codec, pixel_format: str) -> None:
    assert check(io.BytesIO(film(1, codec=codec, pixel_format=pixel_format)), 1).fps == 10


def test_a_video_with_sound_passes() -> None:
    assert check(io.BytesIO(film(1, sound=True)), 1).has_audio


@pytest.mark.parametrize("made", [4.4, 5.1, 5.6])
def test_half_a_second_more_or_less_passes(made: float) -> None:
    assert check(io.BytesIO(film(made)), 5).seconds == pytest.approx(made)


@pytest.mark.parametrize("made", [4.3, 5.7])
def test_more_than_that_is_the_wrong_length(made: float) -> None:
    error = refusal(film(made))
    assert (error.reason, error.found, error.wanted) == ("wrong_length", f"{made:.2f}", "5")


def test_how_much_is_up_to_the_caller() -> None:
    assert check(io.BytesIO(film(5.7)), 5, tolerance=1.0).fps == 10


def test_the_frames_are_measured_not_the_header_believed() -> None:
    data = bytearray(film(2))
    for name, at in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20), (b"elst", 12)):
        place = data.index(name) + at
        data[place : place + 4] = (int.from_bytes(data[place : place + 4]) * 5 // 2).to_bytes(4)
    error = refusal(bytes(data))
    assert (error.reason, error.found) == ("wrong_length", "2.00")


@pytest.mark.parametrize(
    ("data", "reason", "found"),
    [
        (b"", "empty", ""),
        (b"<!DOCTYPE html><html>Link expired</html>", "not_a_video", "HTML"),
        (b'{"code": 404}', "not_a_video", "text"),
        (bytes(2_000), "not_a_video", "unknown"),
    ],
)
def test_what_is_no_video_is_named(data: bytes, reason: str, found: str) -> None:
    error = refusal(data)
    assert (error.reason, error.found) == (reason, found)


@pytest.mark.parametrize("data", [WHOLE, FAST], ids=["index last", "index first"])
@pytest.mark.parametrize("kept", [0.001, 0.05, 0.5, 0.9, 0.99, 0.9999])
def test_a_download_that_stopped_is_truncated(data: bytes, kept: float) -> None:
    assert refusal(data[: int(len(data) * kept)]).reason == "truncated"


def test_frames_beyond_the_end_are_missed_even_where_no_box_says_so() -> None:
    data = bytearray(FAST)
    at = data.index(b"mdat") - 4
    data[at : at + 4] = bytes(4)  # to the end of the file, wherever that is
    assert check(io.BytesIO(data), 5).faststart
    error = refusal(bytes(data[: len(data) * 3 // 4]))
    assert (error.reason, error.found, error.wanted) == ("truncated", str(len(data) * 3 // 4), str(len(data)))


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg4"])
@pytest.mark.parametrize("end", ["first", "last"])
def test_a_hole_where_the_outermost_frames_were_is_found(codec: Codec, end: Literal["first", "last"]) -> None:
    data = bytearray(film(2, codec=codec, faststart=True))
    start = data.index(b"mdat") + 4
    middle = (start + len(data)) // 2
    hole = slice(start, middle) if end == "first" else slice(middle, len(data))
    data[hole] = bytes(hole.stop - hole.start)
    assert refusal(bytes(data), 2).reason == "truncated"


def test_a_last_sample_without_a_picture_in_it_is_found() -> None:
    data = bytearray(film(1, codec="libx265"))
    with av.open(io.BytesIO(data), "r") as video:
        last = max(video.demux(video=0), key=lambda packet: packet.pts or 0)
    filler = (last.size - 4).to_bytes(4) + b"\x4c\x01" + b"\xff" * (last.size - 7) + b"\x80"
    data[last.pos or 0 : (last.pos or 0) + last.size] = filler
    error = refusal(bytes(data), 1)
    assert (error.reason, error.found) == ("truncated", "last frame")


@pytest.mark.parametrize("limit", [len(FAST), 10_000_000], ids=["exactly", "amply"])  # its size isn't always the same
def test_what_fits_is_left_alone(limit: int) -> None:
    assert fitted(FAST, limit) == ("as_is", b"something older, and longer than nothing")
    assert fits(io.BytesIO(FAST), limit)


@pytest.mark.parametrize(
    ("data", "limit"), [(FAST, len(FAST) - 1), (WHOLE, 10_000_000)], ids=["too_large", "index_last"]
)
def test_what_is_too_large_or_has_its_index_last_does_not_fit(data: bytes, limit: int) -> None:
    assert not fits(io.BytesIO(data), limit)


def test_the_index_is_put_first_without_touching_the_frames() -> None:
    how, data = fitted(WHOLE, 1_000_000)
    assert how == "remuxed"
    facts = check(io.BytesIO(data), 5)
    assert (facts.codec, facts.faststart, facts.bytes) == ("h264", True, len(data))
    with av.open(io.BytesIO(WHOLE), "r") as before, av.open(io.BytesIO(data), "r") as after:
        assert [bytes(packet) for packet in before.demux()] == [bytes(packet) for packet in after.demux()]


def test_a_second_copy_of_the_pictures_is_dropped_to_fit() -> None:
    double = film(5, tracks=2, faststart=True)
    how, data = fitted(double, len(double) * 2 // 3)
    assert how == "remuxed"
    with av.open(io.BytesIO(data), "r") as video:
        assert len(video.streams) == 1


@pytest.mark.parametrize(
    ("codec", "pixel_format"), [("libx265", "yuv420p10le"), ("mpeg4", "yuv420p"), ("libx264", "yuv444p")]
)
def test_what_does_not_play_everywhere_is_encoded_anew(codec: Codec, pixel_format: str) -> None:
    source = film(2, codec=codec, pixel_format=pixel_format)
    how, data = fitted(source, 10_000_000)
    assert how == "reencoded"
    facts = check(io.BytesIO(data), 2)
    assert (facts.codec, facts.pixel_format, facts.faststart) == ("h264", "yuv420p", True)
    assert (facts.width, facts.height, facts.fps) == (96, 64, 10)
    assert frames(data) == frames(source) == 20


def test_uneven_times_between_frames_are_kept() -> None:
    def times(data: bytes) -> list[float]:
        with av.open(io.BytesIO(data), "r") as video:
            return [frame.time for frame in video.decode(video=0)]

    target = io.BytesIO()
    with av.open(io.BytesIO(film(1, codec="mpeg4")), "r") as source, av.open(target, "w", format="mp4") as output:
        track = output.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if packet.dts is not None:
                packet.stream = track
                packet.pts = packet.dts = number * number * 117
                output.mux(packet)
    uneven = times(target.getvalue())
    assert len(set(np.diff(uneven).round(4))) > 5
    how, data = fitted(target.getvalue(), 1_000_000)
    assert how == "reencoded"
    assert times(data) == pytest.approx(uneven, abs=0.002)


def test_key_frames_are_placed_anew() -> None:
    _, data = fitted(film(1, codec="mpeg4", fps=24), 1_000_000)
    with av.open(io.BytesIO(data), "r") as video:
        assert [entry.is_keyframe for entry in video.streams.video[0].index_entries] == [True] + [False] * 23


@pytest.mark.parametrize("part", [0.75, 0.5])
def test_a_limit_is_kept_and_used(part: float) -> None:
    source = film(5, size=(320, 256), fps=12)
    limit = int(len(source) * part)
    how, data = fitted(source, limit)
    assert how == "reencoded"
    assert 0.75 * limit < len(data) <= limit
    assert check(io.BytesIO(data), 5).width == 320


def test_sound_is_carried_on() -> None:
    silent, loud = film(2), film(2, sound=True)
    assert len(loud) > len(silent)
    how, data = fitted(loud, 1_000_000)
    assert (how, probe(io.BytesIO(data)).has_audio) == ("remuxed", True)
    how, data = fitted(film(2, codec="mpeg4", sound=True), 1_000_000)
    assert (how, check(io.BytesIO(data), 2).has_audio) == ("reencoded", True)


def test_a_limit_that_leaves_nothing_to_see_is_refused() -> None:
    with pytest.raises(VideoTooLarge) as caught:
        fitted(WHOLE, 10_000)
    assert caught.value.limit == 10_000


def test_a_broken_source_is_not_fitted() -> None:
    with pytest.raises(VideoBroken):
        fitted(WHOLE[:-100], 20_000)


def test_nothing_is_read_whole() -> None:
    largest = 0

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            nonlocal largest
            largest = max(largest, len(self.getvalue()) if size is None or size < 0 else size)
            return super().read(size)

    source = film(20, size=(160, 128))
    check(Watched(source), 20)
    fit(Watched(source), io.BytesIO(), len(source))
    poster(Watched(source))
    assert largest <= 32_768 < len(source) / 5


def test_the_poster_is_the_first_frame() -> None:
    picture = opened(poster(io.BytesIO(WHOLE)))
    assert (picture.format, picture.size) == ("JPEG", (96, 64))
    with av.open(io.BytesIO(WHOLE), "r") as video:
        plane = next(video.decode(video=0)).reformat(format="rgb24").planes[0]
        first = np.frombuffer(bytes(plane), np.uint8).reshape(64, plane.line_size)[:, : 96 * 3].reshape(64, 96, 3)
    assert np.abs(np.asarray(picture, np.int16) - first).mean() < 20


def test_the_poster_waits_for_the_light() -> None:
    assert np.asarray(opened(poster(io.BytesIO(film(2, dark=8))))).mean() > 80


def test_a_video_of_darkness_still_has_a_poster() -> None:
    assert np.asarray(opened(poster(io.BytesIO(film(1, dark=10))))).mean() < 5


def test_the_poster_is_no_wider_than_asked_and_keeps_its_shape() -> None:
    source = film(1, size=(320, 256))
    assert opened(poster(io.BytesIO(source), width=160)).size == (160, 128)
    assert opened(poster(io.BytesIO(source))).size == (320, 256)


def test_many_threads_give_what_one_gives() -> None:
    facts = check(io.BytesIO(WHOLE), 5)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: check(io.BytesIO(WHOLE), 5), range(16))) == [facts] * 16


SEEDS = [film(0.5, faststart=True), film(0.5), film(0.5, codec="mpeg4"), film(0.5, codec="libx265")]


@settings(max_examples=150)
@given(
    seed=st.sampled_from(SEEDS),
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255), st.booleans()), max_size=12),
    kept=st.floats(0.5, 2),
    limit=st.sampled_from([2_000, 100_000]),
)
def test_damaged_videos_are_taken_or_refused_and_nothing_else(
    seed: bytes, edits: list[tuple[float, int, bool]], kept: float, limit: int
) -> None:
    data = bytearray(seed)
    index = data.index(b"moov")
    for where, value, in_index in edits:
        start = index if in_index else 0
        data[start + int(where * (len(data) - start))] = value
    damaged = bytes(data[: int(len(data) * kept)])
    target = io.BytesIO()
    with suppress(MediaError):
        check(io.BytesIO(damaged), 0.5)
    with suppress(MediaError):
        poster(io.BytesIO(damaged))
    with suppress(MediaError):
        if fit(io.BytesIO(damaged), target, limit) != "as_is":
            assert len(target.getvalue()) <= limit
