"""What bytes are, told from their beginning alone: names and declared types are never asked."""

import re

PICTURES = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIC")
"""Formats of pictures this house opens."""

OTHER_PICTURES = ("TIFF", "BMP", "SVG", "JXL", "PSD", "ICO")
"""Formats that are pictures and stay closed: their decoders are big, seldom needed, and every decoder is a door."""

_MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"8BPS", "PSD"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"\xff\x0a", "JXL"),
    (b"\x00\x00\x00\x0cJXL ", "JXL"),
    (b"%PDF", "PDF"),
    (b"\x1aE\xdf\xa3", "WEBM"),
    (b"PK\x03\x04", "ZIP"),
)
_BRANDS = (
    ("AVIF", {b"avif", b"avis"}),
    ("HEIC", {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}),
)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_PROLOGUE = r"(?:\s|<\?xml[^>]*>|<!--(?:[^-]|-(?!->))*-->)*"
_HTML = re.compile(_PROLOGUE + r"<(?:!doctype\s+html|html|head|body|title|meta|script)\b", re.IGNORECASE)
_SVG = re.compile(_PROLOGUE + r"(?:<!doctype\s+svg[^>]*>\s*)?<svg\b", re.IGNORECASE)
_WINDOW = 2_048


def kind(data: bytes) -> str:
    """One word for what the bytes are: a format's name, `HTML`, `text`, or `unknown`. A few kilobytes are enough."""
    head = data[:_WINDOW]
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return "BMP"
    if head[4:8] == b"ftyp":
        return _brand(head)
    return _written(head)


def _brand(head: bytes) -> str:
    """What an ISO base media file holds, from the brands of its `ftyp` box."""
    end = min(int.from_bytes(head[:4]), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, end, 4))}
    return next((name for name, known in _BRANDS if known & brands), "MP4")


def _written(head: bytes) -> str:
    """`HTML`, `SVG`, `text` or `unknown`, whatever the encoding's mark or the white space before."""
    encoding = next((name for mark, name in _BOMS if head.startswith(mark)), "utf-8")
    text = head.decode(encoding, "replace").lstrip("\ufeff")
    if _HTML.match(text):
        return "HTML"
    if _SVG.match(text):
        return "SVG"
    odd = sum(1 for char in text if char == "\ufffd" or (char < " " and char not in "\t\r\n\f"))
    return "text" if odd * 10 < len(text) else "unknown"
