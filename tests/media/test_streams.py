import io
from contextlib import suppress

import av
import pytest

from bot.errors import VideoBroken
from bot.media import streams
from bot.media.streams import VideoFacts, opened
from bot.media.videos import probe
from tests.support.media import Codec, film


def refusal(data: bytes) -> VideoBroken:
    with pytest.raises(VideoBroken) as caught:
        probe(io.BytesIO(data))
    return caught.value


def test_a_video_is_described() -> None:
    data = film(2, size=(96, 64), fps=10, faststart=True, sound=True)
    assert probe(io.BytesIO(data)) == VideoFacts(
        seconds=2.0, width=96, height=64, codec="h264", pixel_format="yuv420p", faststart=True, fps=10.0,
        bytes=len(data), has_audio=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("codec", "pixel_format", "name"),
    [("libx265", "yuv420p10le", "hevc"), ("mpeg4", "yuv420p", "mpeg4"), ("libx264", "yuv444p", "h264")],
)
def test_other_codings_are_told_apart(codec: Codec, pixel_format: str, name: str) -> None:
    facts = probe(io.BytesIO(film(1, codec=codec, pixel_format=pixel_format)))
    assert (facts.codec, facts.pixel_format, facts.faststart) == (name, pixel_format, False)


def test_a_codec_that_is_not_on_the_list_is_not_opened() -> None:
    error = refusal(film(1, codec="mjpeg", pixel_format="yuvj420p"))
    assert (error.reason, error.found) == ("not_a_video", "mjpeg")


def test_frames_larger_than_a_screen_are_not_decoded() -> None:
    error = refusal(film(0.1, size=(4_112, 32)))
    assert (error.reason, error.found, error.wanted) == ("not_a_video", "4112x32", "4096")


def test_sound_alone_is_no_video() -> None:
    assert refusal(film(1, tracks=0, sound=True)).found == "no video"


def elsewhere(path: bytes) -> bytes:
    """A film whose frames are said to lie in another file, by a Macintosh alias as the QuickTime format knows it."""
    pascal = bytes(10) + b"\x00" + bytes(27) + bytes(12) + b"\x00" + bytes(63) + bytes(16)
    levels = (1).to_bytes(2) + (1).to_bytes(2) + bytes(16)
    target = (2).to_bytes(2) + len(path).to_bytes(2) + path + b"\xff\xff\x00\x00"
    alias = b"alis" + bytes(4) + pascal + levels + target
    alias = (len(alias) + 4).to_bytes(4) + alias
    data = film(1)
    old = data.index(b"url ") - 4
    data = data[:old] + alias + data[old + 12 :]
    for name in (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"):
        size = data.index(name) - 4
        data = data[:size] + (int.from_bytes(data[size : size + 4]) + len(alias) - 12).to_bytes(4) + data[size + 4 :]
    return data


def test_a_video_opens_no_other_file(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def open_file(path: object, *_: object) -> io.BytesIO:
        asked.append(path)
        raise FileNotFoundError

    data, careless = elsewhere(b"/etc/passwd."), {"enable_drefs": "1", "use_absolute_path": "1"}
    with suppress(av.FFmpegError, OSError), av.open(io.BytesIO(data), "r", options=careless, io_open=open_file):
        pass
    assert asked  # so this file is a trap indeed
    asked.clear()
    monkeypatch.setattr(streams, "_nothing_else", open_file)
    with opened(io.BytesIO(data)) as video:
        assert video.facts.width == 96
    assert asked == []


def test_a_video_would_not_get_another_file_if_it_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_OPTIONS", streams._OPTIONS | {"enable_drefs": "1", "use_absolute_path": "1"})
    assert refusal(elsewhere(b"/etc/passwd.")).found == "another file"


def test_a_decoder_that_is_not_on_the_list_is_not_started() -> None:
    level = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture() as said, pytest.raises(VideoBroken):
            probe(io.BytesIO(film(1, codec="mjpeg", pixel_format="yuvj420p")))
    finally:
        av.logging.set_level(level)
    assert any("whitelist" in text for _, _, text in said)


def test_odd_bytes_in_a_title_are_no_reason() -> None:
    target = io.BytesIO()
    with av.open(io.BytesIO(film(1)), "r") as source, av.open(target, "w", format="mp4") as output:
        output.metadata["title"] = "name"
        copy = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = copy
                output.mux(packet)
    assert probe(io.BytesIO(target.getvalue().replace(b"name", b"\xff\xfe\xfdx"))).seconds == 1.0


def test_a_broken_index_is_no_video() -> None:
    data = bytearray(film(1))
    data[data.index(b"avcC") - 60 : data.index(b"avcC") + 20] = bytes(80)
    assert refusal(bytes(data)).reason == "not_a_video"
