"""The one way a video is opened here: no other file, no other format, no other codec, no frame larger than a screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

import av
from av.audio.stream import AudioStream
from av.codec.context import ThreadType
from av.container import InputContainer
from av.video.stream import VideoStream

from bot.errors import VideoBroken
from bot.media import boxes

MAX_SIDE = 4_096
"""Pixels; a larger frame is not decoded."""

THREADS = 2
"""Threads of one decoder or encoder."""

CODECS = ("h264", "hevc", "av1", "vp9", "vp8", "mpeg4")
"""What a video may be coded with: a decoder that isn't on the list is never started."""

_DECODERS = (*CODECS, "libdav1d", "aac", "mp3", "opus")
_MICROSECONDS = 1_000_000
_OPTIONS = {
    "enable_drefs": "0",  # tracks whose data lie in another file
    "use_absolute_path": "0",
    "codec_whitelist": ",".join(_DECODERS),
    "max_pixels": str(MAX_SIDE * MAX_SIDE),
    "threads": "1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    """What a video is, as its index says. `faststart`: the index stands before the frames; `bytes` of the file."""

    seconds: float
    width: int
    height: int
    codec: str
    pixel_format: str
    faststart: bool
    fps: float
    bytes: int
    has_audio: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """An open video; `audio` is its first track of sound that an MP4 can carry on as it is."""

    container: InputContainer
    video: VideoStream
    audio: AudioStream | None
    facts: VideoFacts


@contextmanager
def opened(file: BinaryIO) -> Iterator[Opened]:
    """Open a video from its first byte; whatever goes wrong with it, also inside the block, is a VideoBroken."""
    layout = boxes.read(file)
    file.seek(0)
    try:
        with av.open(
            file, "r", format="mp4", options=_OPTIONS, io_open=_nothing_else, metadata_errors="replace"
        ) as container:
            yield _described(container, layout)
    except av.FFmpegError as error:
        raise VideoBroken("not_a_video", type(error).__name__, "MP4") from error


def _nothing_else(*_: object) -> NoReturn:
    raise VideoBroken("not_a_video", "another file", "MP4")


def _described(container: InputContainer, layout: boxes.Layout) -> Opened:
    if not container.streams.video:
        raise VideoBroken("not_a_video", "no video", "MP4")
    video = container.streams.video[0]
    context = video.codec_context
    codec = "" if context is None else context.codec.canonical_name
    if codec not in CODECS:
        raise VideoBroken("not_a_video", codec, " ".join(CODECS))
    if not (0 < context.width <= MAX_SIDE and 0 < context.height <= MAX_SIDE):
        raise VideoBroken("not_a_video", f"{context.width}x{context.height}", str(MAX_SIDE))
    context.options = {"max_pixels": _OPTIONS["max_pixels"]}
    context.thread_count = THREADS
    context.thread_type = ThreadType.AUTO
    audio = next((track for track in container.streams.audio if track.codec.canonical_name == "aac"), None)
    return Opened(container, video, audio, _facts(container, video, layout))


def _facts(container: InputContainer, video: VideoStream, layout: boxes.Layout) -> VideoFacts:
    context = video.codec_context
    seconds = float((video.duration or 0) * (video.time_base or 0)) or (container.duration or 0) / _MICROSECONDS
    return VideoFacts(
        seconds=seconds,
        width=context.width,
        height=context.height,
        codec=context.codec.canonical_name,
        pixel_format=context.pix_fmt or "",
        faststart=layout.faststart,
        fps=float(video.average_rate or 0),
        bytes=layout.bytes,
        has_audio=bool(container.streams.audio),
    )
