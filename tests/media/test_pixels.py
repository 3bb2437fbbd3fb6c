from hypothesis import given
from hypothesis import strategies as st

from bot.media.pixels import within


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.integers(100, 5_000))
def test_scaling_down_never_makes_a_picture_thinner(width: int, height: int, max_side: int) -> None:
    new = within((width, height), max_side)
    assert max(new) == min(max_side, max(width, height))
    assert max(new) * min(width, height) <= min(new) * max(width, height)
    assert (new[0] >= new[1]) == (width >= height) or new[0] == new[1]
    assert min(new) <= min(width, height)
