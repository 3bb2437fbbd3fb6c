"""Videos out: what one is, whether it is whole, making it fit a place, stills of it. Streams from disk."""

import io
import math
from collections.abc import Iterable
from typing import BinaryIO, Literal

import av
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import ImageStat

from bot.errors import VideoBroken
from bot.media import shrink
from bot.media.frames import of_video, picture
from bot.media.streams import Opened, VideoFacts, opened

Fit = Literal["as_is", "remuxed", "reencoded"]
"""How a video was made to fit: nothing written; the same frames in a smaller or faster wrapping; new frames."""

TOLERANCE = 0.6
"""Seconds either way: Kling's five seconds are 5.0 to 5.2, its ten 10.0 to 10.2, and a second missing is a fault."""

_POSTER_FRAMES = 48
_POSTER_LIGHT = 40
_POSTER_QUALITY = 85
_PNG_EFFORT = 3


def probe(file: BinaryIO) -> VideoFacts:
    """What a video's index says of it. Raises VideoBroken for a file that isn't a video, or whose boxes are cut off."""
    with opened(file) as video:
        return video.facts


def check(file: BinaryIO, seconds: float, *, tolerance: float = TOLERANCE) -> VideoFacts:
    """The facts of a whole video of that length, or VideoBroken.

    Every sample lies within the file and is read; the first frame and all since the last key frame are decoded.
    """
    with opened(file) as video:
        _within(video)
        try:
            length = _played(video.video, video.container.demux(video.video))
        except av.FFmpegError as error:
            raise VideoBroken("truncated", type(error).__name__) from error
    if abs(length - seconds) > tolerance:
        raise VideoBroken("wrong_length", f"{length:.2f}", f"{seconds:g}")
    return video.facts


def fits(file: BinaryIO, limit: int) -> bool:
    """Whether `fit` would leave it as it is. Raises VideoBroken."""
    return _fits(probe(file), limit)


def fit(source: BinaryIO, target: BinaryIO, limit: int) -> Fit:
    """Make `source` a video that plays everywhere (H.264, yuv420p, index first) in at most `limit` bytes.

    The way with the least loss is taken. `target` is written from its start unless the answer is `as_is`. Raises
    VideoTooLarge where the limit would leave nothing worth looking at, VideoBroken where the source is.
    """
    with opened(source) as video:
        if _fits(video.facts, limit):
            return "as_is"
        if _plain(video.facts) and shrink.remux(video, target, limit):
            return "remuxed"
    shrink.encode(source, target, limit)
    return "reencoded"


def poster(file: BinaryIO, width: int = 960) -> bytes:
    """A JPEG of the first frame that isn't nearly black, or of the brightest early one; at most `width` pixels wide."""
    with opened(file) as video:
        best: VideoFrame | None = None
        most = -1.0
        for count, frame in enumerate(video.container.decode(video.video), 1):
            light = _light(frame)
            if light > most:
                best, most = frame, light
            if light >= _POSTER_LIGHT or count == _POSTER_FRAMES:
                break
        if best is None:
            raise VideoBroken("truncated", "0 frames")
        width = min(width, best.width)
        target = io.BytesIO()
        picture(of_video(best), size=(width, max(1, round(best.height * width / best.width)))).save(
            target, "JPEG", quality=_POSTER_QUALITY
        )
        return target.getvalue()


def last_frame(file: BinaryIO) -> bytes:
    """A PNG of the very last frame shown, in the video's own size: where another one can go on. Raises VideoBroken."""
    with opened(file) as video:
        _within(video)
        latest: VideoFrame | None = None
        shown, last_key = -math.inf, _last_key(video.video)
        for number, packet in enumerate(packet for packet in video.container.demux(video.video) if packet.size):
            if packet.pts is not None and not packet.is_discard:
                shown = max(shown, packet.pts)
            if number >= last_key:
                latest = _later(latest, video.video.decode(packet))
        latest = _later(latest, video.video.decode(None))
        if latest is None or latest.pts is None or latest.pts < shown:
            raise VideoBroken("truncated", "last frame")
        target = io.BytesIO()
        picture(of_video(latest)).save(target, "PNG", compress_level=_PNG_EFFORT)
        return target.getvalue()


def _later(latest: VideoFrame | None, frames: Iterable[VideoFrame]) -> VideoFrame | None:
    """Whichever of the frames is shown last."""
    for frame in frames:
        if latest is None or (frame.pts or 0) >= (latest.pts or 0):
            latest = frame
    return latest


def _last_key(stream: VideoStream) -> int:
    """The number of the last frame that needs no other one."""
    return max((at for at, entry in enumerate(stream.index_entries) if entry.is_keyframe), default=0)


def _fits(facts: VideoFacts, limit: int) -> bool:
    return _plain(facts) and facts.faststart and facts.bytes <= limit


def _plain(facts: VideoFacts) -> bool:
    return facts.codec == "h264" and facts.pixel_format == "yuv420p"


def _within(video: Opened) -> None:
    """Every sample that the index names lies within the file."""
    entries = video.video.index_entries
    end = max((entry.pos + entry.size for entry in entries), default=0)
    if end > video.facts.bytes:
        raise VideoBroken("truncated", str(video.facts.bytes), str(end))


def _played(stream: VideoStream, packets: Iterable["Packet[VideoStream]"]) -> float:
    """Seconds from the first frame's start to the last one's end, with the outermost frames really decoded."""
    last_key = _last_key(stream)
    start, end, last_shown = math.inf, -math.inf, -math.inf
    tail: list[float] = []
    for number, packet in enumerate(packet for packet in packets if packet.size):
        if packet.pts is None:
            raise VideoBroken("truncated", f"frame {number}")
        if number == 0:
            _first(stream, packet)
        if number >= last_key:
            tail += _times(stream.decode(packet))
        if not packet.is_discard:
            start, last_shown = min(start, packet.pts), max(last_shown, packet.pts)
            end = max(end, packet.pts + (packet.duration or 0))
    tail += _times(stream.decode(None))
    if not tail or max(tail) < last_shown:
        raise VideoBroken("truncated", "last frame")
    return float((end - start) * (stream.time_base or 0))


def _first(stream: VideoStream, packet: "Packet[VideoStream]") -> None:
    """Decode the first frame alone, and leave the decoder as if nothing had happened."""
    if not _times(stream.decode(packet) + stream.decode(None)):
        raise VideoBroken("truncated", "first frame")
    stream.codec_context.flush_buffers()


def _times(frames: Iterable[VideoFrame]) -> list[float]:
    """When each frame is shown, in the stream's own unit."""
    return [frame.pts for frame in frames if frame.pts is not None]


def _light(frame: VideoFrame) -> float:
    """Mean brightness, 0 to 255."""
    return ImageStat.Stat(picture(frame, "L", (64, 36))).mean[0]
