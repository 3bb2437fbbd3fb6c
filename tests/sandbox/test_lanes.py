"""Whose turn it is, by the clock alone."""

from bot.sandbox.lanes import Lane, Window
from bot.sandbox.orders import Order
from bot.sandbox.tasks import Task


def task(name: str, *, sold_at: int = 0, work_ms: int = 100, queue_ms: int = 10, rendered: bool = True) -> Task:
    return Task(
        id=name,
        provider="fal",
        path="/",
        model="m",
        order=Order(workflow="text", tier="standard", duration=5),
        price=1,
        fields={},
        sold_at=sold_at,
        queue_ms=queue_ms,
        work_ms=work_ms,
        rendered_at=0 if rendered else None,
    )


def test_a_task_waits_works_and_ends() -> None:
    lane, one = Lane(2), task("a")
    lane.add(one)
    seen = []
    for now in (9, 10, 109, 110):
        lane.advance(now)
        seen.append(one.state)
    assert seen == ["queued", "running", "running", "done"]
    assert (one.started_at, one.ended_at) == (10, 110)


def test_places_are_given_in_the_order_of_sale_as_they_come_free() -> None:
    lane = Lane(2)
    tasks = [task("a", work_ms=100), task("b", work_ms=50), task("c", work_ms=10), task("d", work_ms=10)]
    for one in tasks:
        lane.add(one)
    lane.advance(1_000)
    assert [(one.started_at, one.ended_at) for one in tasks] == [(10, 110), (10, 60), (60, 70), (70, 80)]


def test_looking_often_or_once_makes_no_difference() -> None:
    def times(looks: range) -> list[tuple[int | None, int | None]]:
        lane, tasks = Lane(3), [task(str(number), work_ms=37 * (number % 4 + 1)) for number in range(12)]
        for one in tasks:
            lane.add(one)
        for now in looks:
            lane.advance(now)
        return [(one.started_at, one.ended_at) for one in tasks]

    assert times(range(2_001)) == times(range(2_000, 2_001))


def test_never_more_are_worked_on_than_there_are_places() -> None:
    lane, tasks = Lane(2), [task(str(number)) for number in range(6)]
    for one in tasks:
        lane.add(one)
    for now in range(0, 500, 5):
        lane.advance(now)
        assert sum(one.state == "running" for one in tasks) <= 2


def test_work_is_over_only_when_the_clip_is_rendered() -> None:
    lane, one = Lane(1), task("a", rendered=False)
    lane.add(one)
    lane.advance(500)
    assert one.state == "running"
    one.rendered_at = 600
    lane.advance(700)
    assert (one.state, one.ended_at) == ("done", 600)


def test_a_cancelled_task_frees_its_place() -> None:
    lane, first, second = Lane(1), task("a"), task("b")
    lane.add(first)
    lane.add(second)
    lane.advance(50)
    lane.remove(first, 50)
    lane.advance(50)
    assert second.started_at == 50
    lane.remove(second, 60)
    assert lane.waiting() == []


def test_a_task_that_never_ends_takes_no_place() -> None:
    lane, stuck, other = Lane(1), task("a"), task("b")
    stuck.fate = "stuck"
    lane.add(stuck)
    lane.add(other)
    lane.advance(10_000)
    assert (stuck.state, other.state) == ("running", "done")


def test_a_window_counts_the_last_minute_only() -> None:
    window = Window(2, 60_000)
    assert [window.take(now) for now in (0, 1, 2, 59_999, 60_000, 60_001, 60_002)] == [
        *(True, True, False, False),
        *(True, True, False),
    ]
