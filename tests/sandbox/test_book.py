"""What was sold survives."""

import json
from pathlib import Path

from bot.sandbox.book import Book
from bot.sandbox.orders import Order
from bot.sandbox.tasks import Task


def task(name: str, provider: str = "fal") -> Task:
    return Task(
        id=name,
        provider=provider,
        path="/",
        model="m",
        order=Order(workflow="text", tier="standard", duration=5, prompt="é"),
        price=7,
        fields={"prompt": "é"},
        sold_at=1,
        queue_ms=2,
        work_ms=3,
    )


def test_a_reopened_book_holds_what_was_written(tmp_path: Path) -> None:
    book = Book(tmp_path / "sold.jsonl")
    first, second = task("a"), task("b", "wavespeed")
    book.sold(first)
    book.sold(second)
    first.state, first.started_at, first.rendered_at, first.ended_at = "done", 5, 6, 9
    book.changed(first)
    book.close()
    again = Book(tmp_path / "sold.jsonl")
    assert again.tasks() == [first, second]
    assert again.tasks("wavespeed") == [second]
    assert again.find("fal", "a") == first
    assert again.find("wavespeed", "a") is None
    again.close()


def test_a_line_torn_by_a_kill_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "sold.jsonl"
    book = Book(path)
    book.sold(task("a"))
    book.close()
    path.write_text(path.read_text() + path.read_text()[:40])
    again = Book(path)
    again.sold(task("c"))
    again.close()
    last = Book(path)
    assert [one.id for one in last.tasks()] == ["a", "c"]
    last.close()


def test_every_event_is_one_line_of_json(tmp_path: Path) -> None:
    book = Book(tmp_path / "sold.jsonl")
    one = task("a")
    book.sold(one)
    book.changed(one)
    book.close()
    lines = (tmp_path / "sold.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["sold", "changed"]


def test_a_task_is_found_by_the_name_of_its_file(tmp_path: Path) -> None:
    book = Book(tmp_path / "sold.jsonl")
    one = task("ab:kling-video/v1.6")
    book.sold(one)
    assert one.slug == "ab-kling-video-v1-6"
    assert book.find_slug(one.slug) is one
    book.close()
