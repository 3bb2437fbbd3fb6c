"""Pictures in: what one is, whether Kling can use it, and making it fit. Made for hostile bytes and several threads."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

from PIL.GifImagePlugin import GifImageFile
from PIL.Image import DecompressionBombError
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from bot.errors import PictureReason, PictureRefused
from bot.kling.images import KLING_IMAGES, ImageRules, Mend
from bot.media import pixels, sniff
from bot.media.heif import HeifImage
from bot.media.shapes import crop_size, pad_size, pad_to, remedies
from bot.media.whole import check_gif, check_webp, jpeg_scans, png_without_texts

Change = Literal["rotated", "first_frame", "cropped", "scaled", "flattened", "padded", "recoded"]
"""What `fit` did that a person may see: turned it upright, took the first frame, cut its long sides, made it smaller,
put it on white, put bars beside its short sides, saved it in another format or with less quality."""

MAX_PIXELS = 60_000_000
"""A phone takes 50 megapixels; more is a mistake or an attack. Decoded, this is 180 MB."""

PIXELS_PER_BYTE = 250
"""A large picture has at least a byte for so many pixels: with fewer it is a bomb, or nothing is on it."""

_SMALL = 9_000_000  # a whole screen of 4K, on which there may be nothing

_OPENERS: dict[str, Callable[[io.BytesIO], ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": WebPImageFile,
    "GIF": GifImageFile,
    "AVIF": HeifImage,
    "HEIC": HeifImage,
}
_CHECKS: dict[str, Callable[[bytes], None]] = {"WEBP": check_webp, "GIF": check_gif}
_MAX_JPEG_SCANS = 200
_MAX_JPEG_WORK = 1_000_000_000  # scans times pixels, about two seconds; a progressive picture has some ten scans


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    """What a picture is. `width` and `height` in pixels as seen, after its own rotation; `bytes` as sent.

    `frames` is 1 unless it moves; a GIF's are counted to 2 only.
    """

    format: str
    width: int
    height: int
    bytes: int
    frames: int
    has_alpha: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A picture that keeps the rules and carries no metadata, and what was changed on the way, in `Change`'s order."""

    data: bytes
    mime: Literal["image/jpeg", "image/png"]
    width: int
    height: int
    changes: tuple[Change, ...]


def look(data: bytes, number: int, rules: ImageRules = KLING_IMAGES) -> PictureFacts:
    """The facts of picture `number` (from 1), every pixel of it read once.

    Raises PictureRefused for what isn't a picture, is broken, or can't be made to keep the rules. More bytes than the
    rules allow, or a longer side, is no reason: `fit` mends that.
    """
    with _refusing(number, data):
        kind, image = _opened(data, number, rules)
        size, frames, has_alpha = image.size, _frames(image), image.has_transparency_data
        image.draft(None, (1, 1))  # a JPEG still reads all its data, but makes an eighth of the pixels
        image.load()
        width, height = size if pixels.orientation(image) < pixels.SIDEWAYS else size[::-1]
        return PictureFacts(
            format=kind, width=width, height=height, bytes=len(data), frames=frames, has_alpha=has_alpha
        )


def fit(data: bytes, number: int, rules: ImageRules = KLING_IMAGES, mend: Mend | None = None) -> Fitted:
    """The picture made to keep the rules: upright, sRGB on white, within `max_side` and `max_bytes`, JPEG or still PNG.

    Raises what `look` raises, but for a shape that the person wants mended by `mend`, if that would do. Equal input
    gives equal output. Nothing is scaled up.
    """
    with _refusing(number, data):
        kind, image = _opened(data, number, rules, mend)
        size, frames = image.size, _frames(image)
        crop = crop_size(size, rules) if mend == "crop" else size
        drawn = pixels.draw(image, rules.max_side, None if crop == size else crop)
        if padded := mend == "pad" and remedies(size, rules) != ():
            drawn = replace(drawn, image=pad_to(drawn.image, pad_size(drawn.image.size, rules)), keep=False)
        saved = pixels.save(drawn, rules, png=kind == "PNG" and "PNG" in rules.formats)
        if saved is None:
            raise PictureRefused(number, "too_many_bytes", str(len(data)), str(rules.max_bytes))
        happened: dict[Change, bool] = {
            "rotated": drawn.rotated,
            "first_frame": frames > 1,
            "cropped": crop != size,
            "scaled": max(saved.width, saved.height) < max(crop),
            "flattened": drawn.flattened,
            "padded": padded,
            "recoded": saved.lossy or saved.mime != f"image/{kind.lower()}",
        }
        changes = tuple(change for change, did in happened.items() if did)
        return Fitted(data=saved.data, mime=saved.mime, width=saved.width, height=saved.height, changes=changes)


@contextmanager
def _refusing(number: int, data: bytes) -> Iterator[None]:
    """Whatever a decoder lets out on hostile bytes (which may be almost any exception) becomes `unreadable`."""
    try:
        yield
    except PictureRefused:
        raise
    except DecompressionBombError as error:
        raise PictureRefused(number, "too_many_pixels", "", str(MAX_PIXELS)) from error
    except Exception as error:
        raise PictureRefused(number, "unreadable", sniff.kind(data)) from error


def _opened(data: bytes, number: int, rules: ImageRules, mend: Mend | None = None) -> tuple[str, ImageFile]:
    """The format's name and the picture: its file walked through, its header read and judged, no pixel decoded."""
    if not data:
        raise PictureRefused(number, "empty")
    kind = sniff.kind(data)
    if kind not in sniff.PICTURES:
        raise PictureRefused(number, _why(kind), kind, " ".join(sniff.PICTURES))
    # The decoder's class, not Image.open: exactly one decoder, no second picture out of a phone's MPO, and no warning
    # about bombs that depends on the process's settings.
    image = _OPENERS[kind](io.BytesIO(png_without_texts(data) if kind == "PNG" else data))
    area = image.width * image.height
    for most in (MAX_PIXELS, max(_SMALL, PIXELS_PER_BYTE * len(data))):
        if area > most:
            raise PictureRefused(number, "too_many_pixels", str(area), str(most))
    if kind == "JPEG":
        _check_scans(jpeg_scans(data), area)
    elif kind in _CHECKS:
        _CHECKS[kind](data)
    _judge(image, number, rules, mend)
    return kind, image


def _check_scans(scans: int, area: int) -> None:
    """Each scan of a JPEG walks every pixel, so a small file could take hours. Raises ValueError."""
    if scans > _MAX_JPEG_SCANS or scans * area > _MAX_JPEG_WORK:
        raise ValueError("too many scans")


def _why(kind: str) -> PictureReason:
    """The reason that goes with bytes that are no picture of ours."""
    if kind == "HTML":
        return "web_page"
    return "other_format" if kind in sniff.OTHER_PICTURES else "not_a_picture"


def _judge(image: ImageFile, number: int, rules: ImageRules, mend: Mend | None) -> None:
    """Refuse a shape that fitting alone can't mend; turning it upright makes no difference to either rule."""
    short, long = sorted(image.size)
    would_do = remedies(image.size, rules)
    if mend in would_do:
        return
    if short < rules.min_side:
        found = f"{image.width}x{image.height}"
        raise PictureRefused(number, "too_small", found, str(rules.min_side), would_do)
    if long > short * rules.max_shape:
        found = f"{long / short:.2f}"
        raise PictureRefused(number, "too_long_and_thin", found, f"{rules.max_shape:g}", would_do)


def _frames(image: ImageFile) -> int:
    """How many frames, as the header says; a GIF's doesn't, and counting them means reading the whole file."""
    if isinstance(image, GifImageFile):
        return 2 if image.is_animated else 1
    return int(getattr(image, "n_frames", 1))
