"""Pictures and videos made on the spot: real files of real encoders, small enough to make many."""

import io
from functools import cache
from typing import Literal

import av
import numpy as np
from PIL import Image

Codec = Literal["libx264", "libx265", "mpeg4", "mjpeg"]
Still = Literal["JPEG", "PNG", "WEBP", "GIF", "AVIF", "MPO", "BMP", "TIFF"]


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    """A picture of random pixels, the hardest there is to compress."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def halves(width: int, height: int) -> Image.Image:
    """A picture that is red above and blue below, so that one sees which way up it is."""
    image = Image.new("RGB", (width, height), (220, 0, 0))
    image.paste((0, 0, 220), (0, height // 2, width, height))
    return image


def file_of(image: Image.Image, kind: Still = "JPEG", **options: object) -> bytes:
    """The picture as a file of that format."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def opened(data: bytes) -> Image.Image:
    """A file as a picture."""
    return Image.open(io.BytesIO(data))


@cache
def film(
    seconds: float = 5,
    *,
    codec: Codec = "libx264",
    pixel_format: str = "yuv420p",
    size: tuple[int, int] = (96, 64),
    fps: int = 10,
    dark: int = 0,
    faststart: bool = False,
    sound: bool = False,
    tracks: int = 1,
) -> bytes:
    """An MP4 of moving noise. Its first `dark` frames are black; it holds the pictures `tracks` times."""
    target = io.BytesIO()
    options = {"moov_size": "20000"} if faststart else {}
    with av.open(target, "w", format="mp4", container_options=options) as output:
        encoding = {"x265-params": "log-level=none"} if codec == "libx265" else {}
        streams = [output.add_stream(codec, rate=fps, options=encoding) for _ in range(tracks)]
        audio = output.add_stream("aac", rate=48_000) if sound else None
        for stream in streams:
            stream.width, stream.height = size
            stream.pix_fmt = pixel_format
        for number in range(round(seconds * fps)):
            grain = np.asarray(noise(*size, seed=number // fps))  # another scene every second
            pixels = np.zeros_like(grain) if number < dark else np.roll(grain, 2 * number, 1)
            for stream in streams:
                output.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        if audio is not None:
            hum = np.zeros((1, round(seconds * 48_000)), dtype=np.float32)
            heard = av.AudioFrame.from_ndarray(hum, "fltp", "mono")
            heard.sample_rate = 48_000
            output.mux(audio.encode(heard))
            output.mux(audio.encode(None))
        for stream in streams:
            output.mux(stream.encode(None))
    return target.getvalue()
