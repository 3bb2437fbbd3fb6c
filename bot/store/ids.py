"""Ids of ours: 20 characters of base32hex in lower case, sortable by time."""

import hashlib
import threading

from bot.clock import Clock

ALPHABET = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = [high + low for high in ALPHABET for low in ALPHABET]  # two characters are ten bits
_HALF = (1 << 50) - 1
_guard = threading.Lock()
_last = (-1, 0)


def new_id(clock: Clock) -> str:
    """A fresh id: ten characters of time in ms, ten of chance. Within one millisecond each is above the last."""
    global _last
    now, chance = clock.now(), int.from_bytes(clock.randbytes(7), "big") >> 7  # 49 bits: counting on can't overflow
    with _guard:
        if now == _last[0]:
            chance = _last[1] + 1
        _last = (now, chance)
    return _written(now) + _written(chance)


def id_of(*parts: object) -> str:
    """The id that is always the same for the same parts: for what must be there once, whoever writes it."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=13).digest()
    number = int.from_bytes(digest, "big")
    return _written(number & _HALF) + _written(number >> 50 & _HALF)


def _written(number: int) -> str:
    return "".join([_PAIRS[number >> shift & 1023] for shift in (40, 30, 20, 10, 0)])
