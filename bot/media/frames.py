"""From a decoder's frame to a Pillow picture, its colours as exact as the coded ones allow."""

from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation
from PIL import Image

Size = tuple[int, int]

_EXACT = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
"""Colours between two coded ones are worked out, not repeated: a sixth of the error, for 20 ms of a large frame."""

_BT709, _UNSPECIFIED = 1, 2
_HD_LINES = 720


def picture(frame: VideoFrame, mode: str = "RGB", size: Size | None = None) -> Image.Image:
    """The frame in that mode (`RGB` or `L`) and size; what has no colours of its own is taken as grey."""
    width, height = size or (frame.width, frame.height)
    found = "L" if mode == "L" or frame.format.name.startswith("gray") else "RGB"
    plane = frame.reformat(
        width,
        height,
        "gray" if found == "L" else "rgb24",
        interpolation=_EXACT,
        dst_color_range=ColorRange.JPEG,
        threads=1,
    ).planes[0]
    return Image.frombytes(found, (width, height), bytes(plane), "raw", found, plane.line_size).convert(mode)


def of_video(frame: VideoFrame) -> VideoFrame:
    """The frame with its colours named: a video that says nothing of them means what players take it for."""
    if frame.colorspace == _UNSPECIFIED and frame.height >= _HD_LINES:
        frame.colorspace = _BT709
    return frame
