"""A picture to try things out with: a painted landscape with the grain of a photograph."""

import hashlib
import io

from PIL import Image

from bot.sandbox.landscape import Landscape

_SIZE = (1280, 720)
_GRAIN = 0.06


def sample_picture(width: int = _SIZE[0]) -> bytes:
    """A 16:9 JPEG of that width, the same every time."""
    view = Landscape("a harbour at noon, sea", "sample", _SIZE, 5.0).frame(2.0).convert("RGB")
    noise = Image.frombytes("L", _SIZE, hashlib.shake_128(b"grain").digest(_SIZE[0] * _SIZE[1]))
    grainy = Image.blend(view, Image.merge("RGB", (noise, noise, noise)), _GRAIN)
    file = io.BytesIO()
    grainy.resize((width, width * 9 // 16)).save(file, "JPEG", quality=90)
    return file.getvalue()
