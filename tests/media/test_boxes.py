import io

import pytest

from bot.errors import VideoBroken
from bot.media import boxes
from tests.support.media import film


def box(name: bytes, body: bytes = b"") -> bytes:
    return (8 + len(body)).to_bytes(4) + name + body


FTYP = box(b"ftyp", b"isom\x00\x00\x02\x00isom")
MOOV = box(b"moov", box(b"mvhd", bytes(100)))
MDAT = box(b"mdat", bytes(50))


def read(data: bytes) -> boxes.Layout:
    return boxes.read(io.BytesIO(data))


def refusal(data: bytes) -> VideoBroken:
    with pytest.raises(VideoBroken) as caught:
        read(data)
    return caught.value


def test_the_index_before_the_frames_is_a_fast_start() -> None:
    assert read(FTYP + MOOV + MDAT) == boxes.Layout(len(FTYP + MOOV + MDAT), faststart=True)
    assert not read(FTYP + MDAT + MOOV).faststart
    assert not read(FTYP + MOOV).faststart


def test_sizes_of_64_bits_and_to_the_end_of_the_file_are_read() -> None:
    long = (1).to_bytes(4) + b"mdat" + (66).to_bytes(8) + bytes(50)
    assert not read(FTYP + long + MOOV).faststart
    assert read(FTYP + MOOV + (0).to_bytes(4) + b"mdat" + bytes(50)).faststart


def test_rubbish_behind_the_last_box_is_left_alone() -> None:
    assert read(FTYP + MOOV + MDAT + bytes(40)).faststart


def test_an_empty_file_is_empty() -> None:
    assert refusal(b"").reason == "empty"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"<!DOCTYPE html><html>expired</html>", "HTML"),
        (b'{"detail": "Not Found"}', "text"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (bytes(500), "unknown"),
        (box(b"abcd") + MOOV + MDAT, "unknown"),
    ],
)
def test_what_is_no_video_is_named(data: bytes, found: str) -> None:
    error = refusal(data)
    assert (error.reason, error.found, error.wanted) == ("not_a_video", found, "MP4")


@pytest.mark.parametrize("order", [FTYP + MOOV + MDAT, FTYP + MDAT + MOOV], ids=["index first", "index last"])
@pytest.mark.parametrize("missing", [1, 40, 80, 120])
def test_a_cut_off_file_is_truncated(order: bytes, missing: int) -> None:
    assert refusal(order[:-missing]).reason == "truncated"


def test_a_file_cut_between_its_boxes_is_truncated() -> None:
    assert refusal(FTYP + MDAT).reason == "truncated"
    assert refusal(FTYP).reason == "truncated"


@pytest.mark.parametrize(
    "claim",
    [
        box(b"stsz", bytes(4) + (1).to_bytes(4) + (30_000_000).to_bytes(4)),
        box(b"stz2", bytes(4) + (8).to_bytes(4) + (30_000_000).to_bytes(4)),
        box(b"trun", bytes(4) + (30_000_000).to_bytes(4)),
    ],
)
def test_an_index_that_claims_millions_of_samples_is_refused(claim: bytes) -> None:
    harmless = box(b"stsz", bytes(4) + (1).to_bytes(4) + (30).to_bytes(4))
    error = refusal(FTYP + box(b"moov", harmless + claim) + MDAT)
    assert (error.reason, error.found) == ("not_a_video", "30000000")


def test_the_same_claim_in_a_fragment_is_refused() -> None:
    claim = box(b"trun", bytes(4) + (30_000_000).to_bytes(4))
    assert refusal(FTYP + MOOV + box(b"moof", claim) + MDAT).reason == "not_a_video"


def test_a_compressed_index_is_refused() -> None:
    assert refusal(FTYP + box(b"moov", box(b"cmov", bytes(20))) + MDAT).found == "cmov"


def test_an_index_larger_than_any_video_needs_is_refused() -> None:
    assert refusal(FTYP + box(b"moov", bytes(32_000_001)) + MDAT).found == "32000009"


def test_the_frames_are_not_read() -> None:
    data = film(5)
    read_bytes = 0

    class Counting(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            nonlocal read_bytes
            piece = super().read(size)
            read_bytes += len(piece)
            return piece

    assert boxes.read(Counting(data)) == boxes.Layout(len(data), faststart=False)
    assert read_bytes < 8_000 < len(data)
