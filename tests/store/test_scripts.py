import pytest

from bot.store.scripts import first, one


def test_first_is_none_where_there_is_no_row() -> None:
    assert first([]) is None
    assert first([{"a": 1}, {"a": 2}]) == {"a": 1}


@pytest.mark.parametrize("rows", [[], [{"a": 1}, {"a": 2}]])
def test_one_refuses_none_and_several(rows: list[dict[str, int]]) -> None:
    with pytest.raises(LookupError):
        one(rows)
    assert one([{"a": 1}]) == {"a": 1}
