"""Clips as files: what a player and a platform need of them."""

import io
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import pytest
from PIL import Image

from bot.sandbox.drawing import cover
from bot.sandbox.film import Stopped, write_film
from bot.sandbox.landscape import Landscape
from bot.sandbox.orders import Order, stage
from bot.sandbox.scenes import TextScene
from bot.sandbox.studio import Studio, load_picture
from tests.support.likeness import brightness, difference, ssim
from tests.support.media import noise

to_image: Callable[[av.VideoFrame], Image.Image] = av.VideoFrame.to_image  # PyAV ships it without types


def photo(width: int, height: int) -> Image.Image:
    """A picture with detail and strong grain, like a photograph in bad light."""
    return Image.blend(Landscape("city", "photo", (width, height), 5.0).frame(2.0), noise(width, height), 0.3)


def boxes(data: bytes) -> list[str]:
    """Names of an MP4's outermost boxes in order."""
    found, at = [], 0
    while at < len(data):
        found.append(data[at + 4 : at + 8].decode("latin-1"))
        at += int.from_bytes(data[at : at + 4], "big")
    return found


def frames(data: bytes, every: int = 1) -> list[Image.Image]:
    """Each `every`-th frame of a film."""
    with av.open(io.BytesIO(data), "r") as film:
        return [to_image(frame) for number, frame in enumerate(film.decode(video=0)) if number % every == 0]


@pytest.fixture
async def rendered(tmp_path: Path) -> bytes:
    """One full clip of a grainy picture, as a client downloads it."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    photo(900, 600).save(pictures / "a", "PNG")
    studio = Studio(tmp_path, pictures, tmp_path, clips="rendered", threads=1)
    order = Order(workflow="image", tier="standard", duration=5, prompt="the light changes", pictures=("a",))
    try:
        return await studio.clip("task", order)
    finally:
        await studio.close()


async def test_a_rendered_clip_is_what_was_asked_for(rendered: bytes) -> None:
    with av.open(io.BytesIO(rendered), "r") as film:
        video = film.streams.video[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height) == (1080, 720)
        assert film.duration == 5_000_000
        assert (video.frames, str(video.average_rate)) == (120, "24")
        assert "sandbox" in film.metadata["comment"]
    assert boxes(rendered) == ["ftyp", "moov", "free", "mdat", "uuid"]
    seconds = frames(rendered, every=24)
    assert ssim(seconds[0], cover(photo(900, 600), (1080, 720))) > 0.6
    assert all(difference(one, next_one) > 1 for one, next_one in pairwise(seconds))
    assert min(brightness(frame) for frame in seconds) > 12


def test_the_first_frame_of_a_pro_clip_is_the_picture_too(tmp_path: Path) -> None:
    picture, path = photo(1_500, 900), tmp_path / "a.mp4"
    pro = Order(workflow="image", tier="pro", duration=5, pictures=("a",))
    scene = stage(pro, [picture], "s", (1920, 1080))
    write_film(path, scene, (1920, 1080), 0.1, title="t", stop=threading.Event())
    first = frames(path.read_bytes())[0]
    assert first.size == (1920, 1080)
    assert ssim(first, cover(picture, (1920, 1080))) > 0.6


@pytest.mark.parametrize("quick", [False, True])
def test_a_film_is_exactly_as_long_as_asked(tmp_path: Path, quick: bool) -> None:
    scene = TextScene("a boat", "s", (320, 180), 10.0)
    write_film(tmp_path / "a.mp4", scene, (320, 180), 10, title="t", stop=threading.Event(), quick=quick)
    with av.open(str(tmp_path / "a.mp4"), "r") as film:
        assert film.duration == 10_000_000
        assert film.streams.video[0].frames == 240
    seconds = frames((tmp_path / "a.mp4").read_bytes(), every=24)
    assert all(difference(one, next_one) > 0.4 for one, next_one in pairwise(seconds))


def test_a_film_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    class StopsItself:
        size = (320, 180)

        def frame(self, seconds: float) -> Image.Image:
            if seconds > 1:
                stop.set()
            return Image.new("RGB", self.size)

    stop = threading.Event()
    with pytest.raises(Stopped):
        write_film(tmp_path / "a.mp4", StopsItself(), (320, 180), 5, title="t", stop=stop)
    assert list(tmp_path.iterdir()) == []


def test_transparent_and_turned_pictures_are_filmed_upright_on_white(tmp_path: Path) -> None:
    see_through = Image.new("RGBA", (40, 20), (255, 0, 0, 0))
    see_through.putpixel((0, 0), (0, 0, 255, 255))
    see_through.save(tmp_path / "a.png")
    loaded = load_picture(tmp_path / "a.png")
    assert (loaded.mode, loaded.getpixel((0, 0)), loaded.getpixel((5, 5))) == ("RGB", (0, 0, 255), (255, 255, 255))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(tmp_path / "b.jpg", exif=exif)
    assert load_picture(tmp_path / "b.jpg").size == (20, 40)
