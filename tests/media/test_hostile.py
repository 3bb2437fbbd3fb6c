from contextlib import suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PictureRefused
from bot.media.pictures import fit, look
from tests.support.hostile import damaged, seeds

SEEDS = seeds()


@given(st.sampled_from(sorted(SEEDS)), st.randoms(use_true_random=False))
def test_a_damaged_file_is_read_or_refused_and_nothing_else(name: str, chance: Random) -> None:
    data = damaged(SEEDS[name], chance, list(SEEDS.values()))
    with suppress(PictureRefused):
        look(data, 1)


@pytest.mark.parametrize("name", sorted(SEEDS))
def test_nothing_that_hangs_on_a_file_comes_through(name: str) -> None:
    tail = b"PK\x03\x04<script>alert(1)</script>"
    fitted = fit(SEEDS[name] + tail, 1)
    assert tail not in fitted.data
    assert fitted == fit(SEEDS[name], 1)
