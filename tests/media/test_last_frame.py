import io
from contextlib import suppress

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.errors import VideoBroken
from bot.media.videos import last_frame
from tests.support.clips import clip
from tests.support.media import Codec, film, opened


def counting(frames: int, *, gap: int = 250, reorder: int = 3, height: int = 64, colours: int = 2) -> bytes:
    """A video whose frame number `n` is grey of brightness 20 + 4n, with a bright square, key frames every `gap`."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as output:
        options = {"crf": "1", "x264-params": f"keyint={gap}:bframes={reorder}:scenecut=0"}
        stream = output.add_stream("libx264", rate=24, options=options)
        stream.width, stream.height, stream.pix_fmt = 96, height, "yuv420p"
        stream.codec_context.colorspace = colours
        for number in range(frames):
            image = np.full((height, 96, 3), 20 + 4 * number, dtype=np.uint8)
            image[:16, :16] = (250, 30, 30)
            frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(
                format="yuv420p", dst_colorspace="itu709" if height >= 720 else "itu601"
            )
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return target.getvalue()


def picture(data: bytes) -> Image.Image:
    image = opened(last_frame(io.BytesIO(data)))
    assert (image.format, image.mode) == ("PNG", "RGB")
    return image


@pytest.mark.parametrize("frames", [1, 2, 3, 24, 25, 26, 49, 50])
@pytest.mark.parametrize("reorder", [0, 3])
def test_it_is_the_very_last_frame(frames: int, reorder: int) -> None:
    image = picture(counting(frames, gap=24, reorder=reorder))
    assert image.size == (96, 64)
    grey = np.asarray(image)[32:].mean()
    assert abs(grey - (20 + 4 * (frames - 1))) < 1.5


@pytest.mark.parametrize("height", [64, 720])
def test_its_colours_are_those_that_players_show(height: int) -> None:
    pixel = np.asarray(picture(counting(3, height=height)))[4:12, 4:12].mean(axis=(0, 1))
    assert np.abs(pixel - (250, 30, 30)).max() < 5


@pytest.mark.parametrize(("codec", "pixel_format"), [("libx265", "yuv420p10le"), ("mpeg4", "yuv420p")])
def test_other_codings_have_one_too(codec: Codec, pixel_format: str) -> None:
    data = film(1, codec=codec, pixel_format=pixel_format)
    with av.open(io.BytesIO(data), "r") as video:
        *_, last = video.decode(video=0)
    wanted = Image.fromarray(last.reformat(format="gray", dst_color_range=ColorRange.JPEG).to_ndarray())
    assert np.abs(np.asarray(picture(data).convert("L"), np.int64) - np.asarray(wanted, np.int64)).mean() < 2


def test_a_long_clip_and_one_with_sound_have_one() -> None:
    assert picture(clip(5)).size == (128, 72)
    assert picture(film(1, sound=True, faststart=True)).size == (96, 64)


@pytest.mark.parametrize("data", [b"", b"<html>", bytes(2_000), film(1)[: len(film(1)) // 2], clip(1)[:-200]])
def test_what_is_no_whole_video_is_refused(data: bytes) -> None:
    with pytest.raises(VideoBroken):
        last_frame(io.BytesIO(data))


SMALL = counting(12, gap=6)


@given(
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    kept=st.floats(0.3, 1),
)
def test_damaged_videos_give_a_frame_or_are_refused(edits: list[tuple[float, int]], kept: float) -> None:
    data = bytearray(SMALL)
    for where, value in edits:
        data[int(where * len(data))] = value
    with suppress(VideoBroken):
        assert opened(last_frame(io.BytesIO(bytes(data[: int(len(data) * kept)])))).format == "PNG"


def test_it_is_read_as_a_stream() -> None:
    class Watched(io.BytesIO):
        most = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.most = max(self.most, len(data))
            return data

    data = clip(2, width=320, height=180, noise=120)
    file = Watched(data)
    last_frame(file)
    assert file.most < len(data) / 4
