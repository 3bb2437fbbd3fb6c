"""Making a video smaller: a new wrapping around the same frames, or one new encoding with a rate that keeps a limit."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

import av
from av.container import OutputContainer
from av.stream import Stream
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from bot.errors import VideoTooLarge
from bot.media.streams import THREADS, Opened, opened

_INDEX_BYTES = 8_192
_INDEX_BYTES_PER_SAMPLE = 48
_SHARE = 0.97
_SECOND_SHARE = 0.9
_USUAL_FPS = 24
_KEY_FRAME_SECONDS = 2
_BUFFER_SECONDS = 0.5
_MOST_RATE = 50_000_000
_QUALITY = 20
"""x264's constant rate factor: what looks like the original. The rate caps it where the limit is tight."""

_BITS_PER_PIXEL = 0.04
"""Under this many bits a frame's pixels turn to blocks, and fewer pixels look better."""

_LEAST_SIDE = 240
"""Pixels of the shorter side below which a video isn't worth posting."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to encode: frame size, and bits per second for the frames."""

    width: int
    height: int
    rate: int


def remux(video: Opened, target: BinaryIO, limit: int) -> bool:
    """Copy the frames and any sound into a new MP4, its index first; False if that would be more than `limit` bytes."""
    tracks: list[Stream] = [video.video, *_sound(video)]
    if sum(_size(track) for track in tracks) > limit:
        return False
    with _writing(target, tracks) as output:
        copies = {track.index: output.add_stream_from_template(track) for track in tracks}
        for packet in video.container.demux(*tracks):
            if packet.dts is not None:
                packet.stream = copies[packet.stream.index]
                output.mux(packet)
    return _written(target) <= limit


def encode(source: BinaryIO, target: BinaryIO, limit: int) -> None:
    """Encode as H.264 yuv420p in at most `limit` bytes; a second time, lower, should the first come out larger.

    Raises VideoTooLarge where neither fits, or where the frames would have to get smaller than is sensible.
    """
    share = _SHARE
    for _ in range(2):
        with opened(source) as video:
            _encode(video, target, plan(video, int(limit * share), limit))
        written = _written(target)
        if written <= limit:
            return
        share *= _SECOND_SHARE * limit / written
    raise VideoTooLarge(limit)


def plan(video: Opened, room: int, limit: int) -> Plan:
    """How to encode the frames so that they, the sound and the index take `room` bytes."""
    facts = video.facts
    left = room - sum(_size(track) for track in _sound(video)) - _index_size([video.video, *_sound(video)])
    rate = min(_MOST_RATE, int(left * 8 / (max(facts.seconds, 1.0) + _BUFFER_SECONDS)))
    wanted = facts.width * facts.height * (facts.fps or _USUAL_FPS) * _BITS_PER_PIXEL
    scale = math.sqrt(min(1.0, max(0.0, rate / wanted)))
    short = min(facts.width, facts.height)
    if short * scale < min(short, _LEAST_SIDE):
        raise VideoTooLarge(limit)
    return Plan(max(2, int(facts.width * scale / 2) * 2), max(2, int(facts.height * scale / 2) * 2), rate)


def _encode(video: Opened, target: BinaryIO, how: Plan) -> None:
    tracks: list[Stream] = [video.video, *_sound(video)]
    with _writing(target, tracks) as output:
        encoder = _encoder(output, video, how)
        copies = {track.index: output.add_stream_from_template(track) for track in _sound(video)}
        for packet in video.container.demux(*tracks):
            if packet.stream.index == video.video.index:
                for frame in video.video.decode(packet):
                    output.mux(encoder.encode(_redrawn(frame, how)))
            elif packet.dts is not None:
                packet.stream = copies[packet.stream.index]
                output.mux(packet)
        output.mux(encoder.encode(None))


def _encoder(output: OutputContainer, video: Opened, how: Plan) -> VideoStream:
    """An H.264 stream whose rate stays under the plan's in every half second, so that a short clip can't overshoot."""
    rate = video.video.average_rate or Fraction(_USUAL_FPS)
    stream = output.add_stream(
        "libx264",
        rate=rate,
        options={
            "preset": "veryfast",
            "crf": str(_QUALITY),
            "maxrate": str(how.rate),
            "bufsize": str(int(how.rate * _BUFFER_SECONDS)),
        },
    )
    stream.width, stream.height, stream.pix_fmt = how.width, how.height, "yuv420p"
    context, before = stream.codec_context, video.video.codec_context
    context.thread_count = THREADS
    context.gop_size = max(1, int(rate * _KEY_FRAME_SECONDS))
    if video.video.time_base is not None:
        context.time_base = video.video.time_base
    if video.facts.pixel_format.startswith("yuv"):
        context.colorspace, context.color_primaries, context.color_trc = (
            before.colorspace,
            before.color_primaries,
            before.color_trc,
        )
    return stream


def _redrawn(frame: VideoFrame, how: Plan) -> VideoFrame:
    """The frame in the plan's size and format, free to become any kind of frame."""
    redrawn = frame.reformat(how.width, how.height, "yuv420p", threads=THREADS)
    redrawn.pict_type = PictureType.NONE
    return redrawn


@contextmanager
def _writing(target: BinaryIO, tracks: list[Stream]) -> Iterator[OutputContainer]:
    """An MP4 written from the start of `target`, with room for its index kept free before the frames."""
    target.seek(0)
    target.truncate()
    room = {"moov_size": str(_index_size(tracks))}
    with av.open(target, "w", format="mp4", container_options=room) as output:
        yield output


def _written(target: BinaryIO) -> int:
    """Bytes in `target`."""
    return target.seek(0, os.SEEK_END)


def _sound(video: Opened) -> list[Stream]:
    return [video.audio] if video.audio else []


def _size(track: Stream) -> int:
    """Bytes of a track's samples."""
    return sum(entry.size for entry in track.index_entries)


def _index_size(tracks: list[Stream]) -> int:
    """Bytes that the index of a file with these tracks takes at most."""
    return _INDEX_BYTES + _INDEX_BYTES_PER_SAMPLE * sum(len(track.index_entries) for track in tracks)
