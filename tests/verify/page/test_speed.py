"""How fast the page is: the first paint, a thousand messages, and cards that change without moving anything."""

import json
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.browsing import Visit, button, say
from tests.support.demo import Demo, wait_until
from tests.support.looking import SHIFTS, frames

MANY = 1_000
PAINT = "() => performance.getEntriesByType('paint').map((entry) => entry.startTime)[0]"


def ask(demo: Demo, number: int) -> None:
    """Say something as Ben does; the bot answers, so that it makes two messages."""
    form = {"key": f"{number:032d}", "person": "ben", "channel": "ideas", "text": "help"}
    body = f'--x\r\nContent-Disposition: form-data; name="form"\r\n\r\n{json.dumps(form)}\r\n--x--\r\n'
    headers = {"Origin": demo.url, "Content-Type": "multipart/form-data; boundary=x"}
    request = urllib.request.Request(f"{demo.url}/web/ask", body.encode(), headers)
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def known(page: Page) -> int:
    """How many messages are on the page."""
    return int(page.get_by_test_id("message").count())


def bare(visit: Visit, demo: Demo) -> float:
    """The first paint of next to nothing, on this machine as busy as it is."""
    page = visit("ana").context.new_page()
    page.goto(f"{demo.url}/web/static/icon.svg")
    wait_until(lambda: page.evaluate(PAINT) is not None, within=20)
    return float(page.evaluate(PAINT))


def test_the_first_paint_is_there_in_a_fifth_of_a_second(visit: Visit, demo: Demo) -> None:
    nothing = min(bare(visit, demo) for _ in range(2))
    paints = [visit("ana").evaluate(PAINT) for _ in range(3)]
    print(f"first paint: {', '.join(f'{paint:.0f} ms' for paint in paints)}; of a small picture: {nothing:.0f} ms")
    assert min(paints) < max(200, 3 * nothing)


def test_a_thousand_messages_scroll_as_an_empty_page_does(visit: Visit, demo: Demo) -> None:
    for number in range(MANY // 2):
        ask(demo, number)
    page = visit("ben", "ideas")
    while (before := known(page)) < MANY:
        page.locator("#earlier").evaluate("(button) => button.click()")
        expect(page.get_by_test_id("message")).not_to_have_count(before)
    empty = frames(visit("ben", "campaign"), scroll=False)
    page.bring_to_front()
    full = min((frames(page, scroll=True, ms=4_000) for _ in range(2)), key=lambda one: one.slow)
    print(f"frames: empty {empty}, {known(page)} messages {full}")
    assert full.median < max(2 * empty.median, 34)
    assert full.slow < max(4 * empty.slow, 100)
    began = time.monotonic()
    page.get_by_test_id("text").fill("still quick")
    expect(page.get_by_test_id("text")).to_have_value("still quick")
    assert time.monotonic() - began < 2


def test_nothing_moves_while_a_card_changes(visit: Visit, tmp_path: Path) -> None:
    with Demo(tmp_path, "--clips", "shared", "--speed", "5") as slow:
        page = visit("ana", "campaign", at=slow)
        thread = say(page, "a windmill in the evening light --yes")
        status = thread.get_by_test_id("message").nth(1)
        expect(status.locator(".frame")).to_be_visible()
        page.wait_for_timeout(400)
        page.evaluate(SHIFTS)
        seen: set[str] = set()
        while thread.get_by_test_id("video").count() == 0:
            shifts = page.evaluate("window.shifts")
            seen.add(status.get_by_test_id("card").inner_text())
            page.wait_for_timeout(150)
        assert len(seen) >= 3, "the card changed"
        assert shifts == []
        expect(button(thread, "Again").last).to_be_visible()
