"""Pictures in: what one is, whether Kling can use it, and making it fit. Made for hostile bytes and several threads."""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from PIL.GifImagePlugin import GifImageFile
from PIL.Image import DecompressionBombError
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from bot.errors import PictureReason, PictureRefused
from bot.kling.images import KLING_IMAGES, ImageRules
from bot.media import pixels, sniff

Change = Literal["rotated", "first_frame", "scaled", "flattened", "recoded"]
"""What `fit` did that a person may see: turned it upright, took the first frame, made it smaller, put it on white,
saved it in another format or with less quality."""

MAX_PIXELS = 60_000_000
"""A phone takes 50 megapixels; more is a mistake or an attack. Decoded, this is 240 MB."""

_OPENERS: dict[str, Callable[[io.BytesIO], ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": WebPImageFile,
    "GIF": GifImageFile,
}
_JPEG_SCAN = b"\xff\xda"
_MAX_JPEG_SCANS = 200
_MAX_JPEG_WORK = 1_000_000_000  # scans times pixels, about two seconds; a progressive picture has some ten scans
_AT_ONCE = threading.BoundedSemaphore(2)


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
    with _AT_ONCE, _refusing(number, data):
        kind, image = _opened(data, number, rules)
        size, frames, has_alpha = image.size, _frames(image), image.has_transparency_data
        image.draft(None, (1, 1))  # a JPEG still reads all its data, but makes an eighth of the pixels
        image.load()
        width, height = size if pixels.orientation(image) < pixels.SIDEWAYS else size[::-1]
        return PictureFacts(
            format=kind, width=width, height=height, bytes=len(data), frames=frames, has_alpha=has_alpha
        )


def fit(data: bytes, number: int, rules: ImageRules = KLING_IMAGES) -> Fitted:
    """The picture made to keep the rules: upright, sRGB on white, within `max_side` and `max_bytes`, JPEG or still PNG.

    Raises what `look` raises. Equal input gives equal output. Nothing is scaled up.
    """
    with _AT_ONCE, _refusing(number, data):
        kind, image = _opened(data, number, rules)
        size, frames = image.size, _frames(image)
        drawn = pixels.draw(image, rules.max_side)
        saved = pixels.save(drawn, rules, png=kind == "PNG" and "PNG" in rules.formats)
        if saved is None:
            raise PictureRefused(number, "too_many_bytes", str(len(data)), str(rules.max_bytes))
        happened: dict[Change, bool] = {
            "rotated": drawn.rotated,
            "first_frame": frames > 1,
            "scaled": max(saved.width, saved.height) < max(size),
            "flattened": drawn.flattened,
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


def _opened(data: bytes, number: int, rules: ImageRules) -> tuple[str, ImageFile]:
    """The format's name and the picture, its header read and judged, no pixel decoded."""
    if not data:
        raise PictureRefused(number, "empty")
    kind = sniff.kind(data)
    if kind not in sniff.PICTURES:
        raise PictureRefused(number, _why(kind), kind, " ".join(sniff.PICTURES))
    scans = data.count(_JPEG_SCAN) if kind == "JPEG" else 0
    if scans > _MAX_JPEG_SCANS:
        raise PictureRefused(number, "unreadable", kind)
    # The decoder's class, not Image.open: exactly one decoder, no second picture out of a phone's MPO, and no warning
    # about bombs that depends on the process's settings.
    image = _OPENERS[kind](io.BytesIO(data))
    if image.width * image.height > MAX_PIXELS:
        raise PictureRefused(number, "too_many_pixels", str(image.width * image.height), str(MAX_PIXELS))
    if scans * image.width * image.height > _MAX_JPEG_WORK:  # each scan walks every pixel: a small file can take hours
        raise PictureRefused(number, "unreadable", kind)
    _judge(image, number, rules)
    return kind, image


def _why(kind: str) -> PictureReason:
    """The reason that goes with bytes that are no picture of ours."""
    if kind == "HTML":
        return "web_page"
    return "other_format" if kind in sniff.OTHER_PICTURES else "not_a_picture"


def _judge(image: ImageFile, number: int, rules: ImageRules) -> None:
    """Refuse a shape that no fitting can mend; turning it upright makes no difference to either rule."""
    short, long = sorted(image.size)
    if short < rules.min_side:
        raise PictureRefused(number, "too_small", f"{image.width}x{image.height}", str(rules.min_side))
    if long > short * rules.max_shape:
        raise PictureRefused(number, "too_long_and_thin", f"{long / short:.2f}", f"{rules.max_shape:g}")


def _frames(image: ImageFile) -> int:
    """How many frames, as the header says; a GIF's doesn't, and counting them means reading the whole file."""
    if isinstance(image, GifImageFile):
        return 2 if image.is_animated else 1
    return int(getattr(image, "n_frames", 1))
