import re

from bot.store.ids import id_of, new_id
from tests.support.clock import FakeClock


def test_an_id_is_twenty_characters_of_base32hex() -> None:
    assert re.fullmatch(r"[0-9a-v]{20}", new_id(FakeClock()))


def test_its_first_half_is_the_time() -> None:
    clock = FakeClock(now=32**9 + 31)
    assert new_id(clock)[:10] == "100000000v"


def test_later_ids_sort_later() -> None:
    clock = FakeClock()
    ids = []
    for _ in range(200):
        clock.advance(0.001)
        ids.append(new_id(clock))
    assert ids == sorted(ids)


def test_within_one_millisecond_ids_are_strictly_increasing() -> None:
    clock = FakeClock()
    ids = [new_id(clock) for _ in range(2_000)]
    assert ids == sorted(set(ids))


def test_an_id_of_something_is_always_the_same_and_nothing_else_s() -> None:
    ids = {id_of("digest", "team", week) for week in range(1_000)} | {id_of("digest", "te", "am")}
    assert len(ids) == 1_001
    assert {len(one) for one in ids} == {20}
    assert id_of("digest", "team", 7) in ids


def test_the_greatest_chance_does_not_spill_into_the_time() -> None:
    class Unlucky(FakeClock):
        def randbytes(self, count: int) -> bytes:
            return b"\xff" * count

    ids = [new_id(Unlucky(now=77)) for _ in range(3)]
    assert {one[:10] for one in ids} == {"000000002d"}
    assert ids == sorted(set(ids))
