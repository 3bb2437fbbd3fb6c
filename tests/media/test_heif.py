import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from bot.errors import PictureRefused
from bot.media.heif import HeifImage
from bot.media.pictures import fit, look
from tests.support.heic import heic
from tests.support.media import file_of, halves, noise, opened


def scene(width: int = 420, height: int = 330) -> Image.Image:
    """Soft colours, another in every corner."""
    return noise(6, 5, seed=3).resize((width, height), Image.Resampling.BICUBIC)


def distance(one: Image.Image, other: Image.Image) -> float:
    assert one.size == other.size
    return float(np.abs(np.asarray(one.convert("RGB"), int) - np.asarray(other.convert("RGB"), int)).mean())


def read(data: bytes) -> Image.Image:
    image = HeifImage(io.BytesIO(data))
    size, mode = image.size, image.mode
    image.load()
    assert (image.size, image.mode) == (size, mode)
    return image


def reason(data: bytes) -> tuple[str, str]:
    with pytest.raises(PictureRefused) as caught:
        fit(data, 1)
    return caught.value.reason, caught.value.found


@pytest.mark.parametrize("tile", [0, 256, 128], ids=["one piece", "a phone's grid", "many tiles"])
def test_heic_is_read_with_its_colours(tile: int) -> None:
    assert distance(read(heic(scene(), tile=tile)), scene()) < 2


@pytest.mark.parametrize("options", [{}, {"quality": 95, "subsampling": "4:4:4"}, {"range": "limited"}])
def test_avif_is_read_with_its_colours(options: dict[str, object]) -> None:
    assert distance(read(file_of(scene(), "AVIF", speed=10, **options)), scene()) < 3


def test_grey_avif_is_read() -> None:
    grey = scene().convert("L")
    assert distance(read(file_of(grey, "AVIF", speed=10)), grey) < 3


@pytest.mark.parametrize(
    ("turns", "turn"),
    [(1, Image.Transpose.ROTATE_90), (2, Image.Transpose.ROTATE_180), (3, Image.Transpose.ROTATE_270)],
)
def test_a_turned_picture_is_put_upright(turns: int, turn: Image.Transpose) -> None:
    assert distance(read(heic(scene(), tile=256, turns=turns)), scene().transpose(turn)) < 2


def test_a_turn_comes_before_a_mirror() -> None:
    seen = scene().transpose(Image.Transpose.ROTATE_90).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert distance(read(heic(scene(), turns=1, mirror=1)), seen) < 2


def test_what_lies_outside_of_the_clean_aperture_is_cut() -> None:
    assert distance(read(heic(scene(), tile=256, cut=(360, 310))), scene().crop((30, 10, 390, 320))) < 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_avif_is_turned_as_its_camera_was_held(orientation: int) -> None:
    fitted = []
    for kind in ("PNG", "AVIF"):
        exif = Image.Exif()  # the encoder takes the orientation out of the one it is given
        exif[0x0112] = orientation
        data = file_of(scene(), "PNG", exif=exif) if kind == "PNG" else file_of(scene(), "AVIF", speed=10, exif=exif)
        fitted.append(opened(fit(data, 1).data))
    assert distance(*fitted) < 3


@pytest.mark.parametrize("kind", ["HEIC", "AVIF"])
def test_transparency_is_put_on_white(kind: str) -> None:
    shade = Image.linear_gradient("L").resize((420, 330))
    clear = scene().copy()
    clear.putalpha(shade)
    fitted = fit(heic(scene(), tile=256, alpha=shade) if kind == "HEIC" else file_of(clear, "AVIF", speed=10), 1)
    on_white = Image.new("RGB", clear.size, "white")
    on_white.paste(scene(), mask=shade)
    assert fitted.changes == ("flattened", "recoded")
    assert distance(opened(fitted.data), on_white) < 3


def test_a_colour_profile_is_carried_over() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    wide = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    swapped = wide.replace(b"rXYZ", b"tXYZ").replace(b"gXYZ", b"rXYZ").replace(b"tXYZ", b"gXYZ")
    swapped = swapped.replace(b"\0s\0R\0G\0B", b"\0o\0w\0n\0!")
    pixel = opened(fit(heic(halves(400, 320), icc=bytes(swapped)), 1).data).getpixel((200, 40))
    assert isinstance(pixel, tuple)
    assert pixel[1] > 150 > pixel[0]  # red and green are swapped in that profile
    assert fit(heic(halves(400, 320), icc=profile), 1).width == 400  # one that doesn't fit is left out


def test_an_animation_gives_its_first_frame() -> None:
    data = file_of(scene(), "AVIF", speed=10, save_all=True, append_images=[halves(420, 330)])
    assert look(data, 1).frames == 2
    assert fit(data, 1).changes[0] == "first_frame"
    assert distance(opened(fit(data, 1).data), scene()) < 3


@pytest.mark.parametrize("kind", ["HEIC", "AVIF"])
def test_half_a_file_is_unreadable(kind: str) -> None:
    data = heic(scene(), tile=256) if kind == "HEIC" else file_of(scene(), "AVIF", speed=10)
    assert reason(data[: len(data) // 2]) == ("unreadable", kind)
    assert reason(data[:-1]) == ("unreadable", kind)


def test_a_claimed_size_is_judged_before_anything_is_decoded() -> None:
    assert reason(heic(scene(), claims=(20_000, 20_000)))[0] in ("too_many_pixels", "unreadable")
    assert reason(heic(scene(), tile=256, claims=(60_000, 300)))[0] == "unreadable"


def test_a_picture_larger_than_it_claims_is_not_decoded() -> None:
    assert reason(heic(halves(1_200, 900), claims=(310, 310))) == ("unreadable", "HEIC")
    avif = file_of(noise(800, 600), "AVIF", quality=20, speed=10)
    claim = avif.replace((800).to_bytes(4) + (600).to_bytes(4), (310).to_bytes(4) * 2)
    assert reason(claim) == ("unreadable", "AVIF")


def test_many_tiles_of_the_same_bytes_are_refused() -> None:
    repeated = heic(noise(256, 256).resize((1_536, 1_536), Image.Resampling.NEAREST), tile=256, same_bytes=True)
    assert len(repeated) < 200_000
    assert reason(repeated) == ("unreadable", "HEIC")


def test_blank_tiles_may_share_their_bytes() -> None:
    blank = Image.new("RGB", (512, 384), "teal")
    assert distance(read(heic(blank, tile=128, same_bytes=True)), blank) < 2


def test_a_derived_picture_of_another_kind_is_refused() -> None:
    assert reason(heic(scene(), tile=256).replace(b"grid", b"iovl")) == ("unreadable", "HEIC")
