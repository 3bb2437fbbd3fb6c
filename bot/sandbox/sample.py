"""A picture to try things out with: a painted landscape with the grain of a photograph."""

import io
import random

from PIL import Image

from bot.sandbox.landscape import Landscape

_SIZE = (1280, 720)


def sample_picture() -> bytes:
    """A JPEG of 1280 × 720, the same every time."""
    view = Landscape("a harbour at noon, sea", "sample", _SIZE, 5.0).frame(2.0).convert("RGB")
    grain = Image.frombytes("L", _SIZE, random.Random(7).randbytes(_SIZE[0] * _SIZE[1]))  # noqa: S311 - grain, not a secret
    grainy = Image.blend(view, Image.merge("RGB", (grain, grain, grain)), 0.06)
    file = io.BytesIO()
    grainy.save(file, "JPEG", quality=90)
    return file.getvalue()
