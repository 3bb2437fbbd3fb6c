"""From an opened picture to upright sRGB pixels without metadata, and from those to a file of a bounded size."""

import io
import math
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageCms
from PIL.Image import Resampling, Transpose
from PIL.ImageFile import ImageFile

from bot.kling.images import ImageRules
from bot.media.shapes import Size, crop_to

SIDEWAYS = 5
"""Orientations from here on swap width and height."""

_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_SRGB = "srgb"
_BEST = 95
_LOWER = (90, 85, 80, 75)
_SMALLER = 0.8
_HAIR = 1e-6


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture's pixels in RGB, the right way up. `keep` is true where a JPEG's own quantisation still fits them."""

    image: Image.Image
    rotated: bool
    flattened: bool
    keep: bool


@dataclass(frozen=True, slots=True)
class Saved:
    """A finished file; `lossy` where it took a lower quality than asked for at first."""

    data: bytes
    mime: Literal["image/jpeg", "image/png"]
    width: int
    height: int
    lossy: bool


def orientation(image: ImageFile) -> int:
    """The orientation a loaded picture asks for, 1 to 8 as in EXIF; a damaged EXIF block asks for nothing."""
    try:
        found = image.getexif().get(_ORIENTATION_TAG, 1)
    except Exception:
        return 1
    return found if found in _UPRIGHT else 1


def within(size: Size, max_side: int) -> Size:
    """The size scaled down to `max_side`, if it is larger."""
    return _scaled(size, min(1.0, max_side / max(size)))


def draw(image: ImageFile, max_side: int, crop: Size | None = None) -> Drawn:
    """The opened picture upright, within `max_side`, in RGB and sRGB, on white where it was transparent.

    With `crop` only its middle of that size, as stored.
    """
    size = within(crop or image.size, max_side)
    if crop is None:
        image.draft(None, size)  # lets a large JPEG decode to half, a quarter or an eighth
    image.load()
    turn = _UPRIGHT.get(orientation(image))
    drawn = _channels(image if crop is None else crop_to(image, crop))
    if drawn.size != size:
        drawn = drawn.resize(size, Resampling.LANCZOS)
    if turn is not None:
        drawn = drawn.transpose(turn)
    flat, flattened = _on_white(drawn)
    coloured = _to_srgb(flat, _profile(image))
    return Drawn(coloured, turn is not None, flattened, coloured is image and image.format == "JPEG")


def save(drawn: Drawn, rules: ImageRules, *, png: bool) -> Saved | None:
    """The pixels as a file of at most `rules.max_bytes`, or None if that would need a side under `rules.min_side`.

    PNG if wanted and small enough, else JPEG; its quality falls before its size does.
    """
    image = drawn.image
    image.info = {}  # what is not there can't leak: comments, text blocks, profiles, places
    if png and len(data := _encoded(image, "PNG")) <= rules.max_bytes:
        return Saved(data, "image/png", image.width, image.height, lossy=False)
    data = _encoded(image, "JPEG", quality="keep" if drawn.keep else _BEST)
    if len(data) <= rules.max_bytes:
        return Saved(data, "image/jpeg", image.width, image.height, lossy=False)
    while min(image.size) >= rules.min_side:
        for quality in _LOWER:
            data = _encoded(image, "JPEG", quality=quality)
            if len(data) <= rules.max_bytes:
                return Saved(data, "image/jpeg", image.width, image.height, lossy=True)
        image = image.resize(_scaled(image.size, _SMALLER), Resampling.LANCZOS)
    return None


def _scaled(size: Size, scale: float) -> Size:
    """Smaller by `scale`; rounded so that no picture becomes thinner than it was."""
    short, long = sorted(size)
    new = math.ceil(short * scale - _HAIR), int(long * scale + _HAIR)
    return new if size[0] == short else new[::-1]


def _encoded(image: Image.Image, kind: Literal["JPEG", "PNG"], **options: int | str) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def _channels(image: Image.Image) -> Image.Image:
    """The same picture in L, RGB, CMYK or, where anything shows through, RGBA: modes that scale without artefacts."""
    if image.mode.startswith("I") or image.mode == "F":  # 16 bits a pixel, which a plain conversion would clip to white
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def _on_white(image: Image.Image) -> tuple[Image.Image, bool]:
    """The picture without its alpha channel, and whether that changed a pixel."""
    if image.mode != "RGBA":
        return image, False
    alpha = image.getchannel("A")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image.convert("RGB"), mask=alpha)
    return paper, alpha.getextrema() != (255, 255)


def _profile(image: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """The picture's colour profile, if it has one that can be read and says anything but sRGB."""
    raw = image.info.get("icc_profile")
    if not isinstance(raw, bytes):
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(raw))
        return None if _SRGB in ImageCms.getProfileDescription(profile).lower() else profile
    except Exception:
        return None  # a damaged profile is no reason to refuse the picture


def _to_srgb(image: Image.Image, profile: ImageCms.ImageCmsProfile | None) -> Image.Image:
    """The picture in RGB, its colours carried over from its profile where that fits its channels."""
    if profile is not None:
        try:
            changed = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except ImageCms.PyCMSError:
            changed = None
        if changed is not None:
            return changed
    return image if image.mode == "RGB" else image.convert("RGB")
