"""What the page does when the network does not: it comes back, shows what it missed, loses and repeats nothing."""

import re
import signal

from playwright.sync_api import Route, expect

from tests.support.browsing import LATER, SOON, Visit, cards, say
from tests.support.demo import Demo

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def test_nothing_is_asked_of_anybody_else_and_the_policy_says_so(visit: Visit, demo: Demo) -> None:
    page = visit("mira")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = page.reload()
    assert answer is not None
    parts = (part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert dict(parts) == POLICY
    expect(page.get_by_test_id("video").last).to_be_visible()
    page.get_by_test_id("open-desk").click()
    expect(page.get_by_test_id("fault").first).to_be_visible()
    assert len(asked) > 20
    assert [url for url in asked if not url.startswith((demo.url, "data:", "blob:"))] == []


def test_a_cut_connection_comes_back_and_shows_what_was_missed(visit: Visit, demo: Demo) -> None:
    ana = visit("ana", "campaign")
    ana.evaluate("window.same = true")
    ana.get_by_test_id("text").fill("half a thought")
    demo.end(signal.SIGKILL)
    expect(ana.locator("#offline")).to_contain_text("Trying again", timeout=SOON)
    ana.get_by_test_id("send").click()
    expect(ana.locator("#problem")).to_contain_text("No connection", timeout=SOON)
    expect(ana.get_by_test_id("text")).to_have_value("half a thought")
    demo.start()
    ben = visit("ben", "campaign")
    say(ben, "help credits")
    missed = ana.get_by_test_id("message").filter(has_text="help credits")
    expect(missed.first).to_be_visible(timeout=2 * SOON)
    expect(ana.locator("#offline")).to_be_hidden()
    expect(ana.get_by_test_id("text")).to_have_value("half a thought")
    assert ana.evaluate("window.same"), "without a reload"
    expect(say(ben, "help flags").get_by_test_id("message").first).to_be_visible()
    expect(ana.get_by_test_id("message").filter(has_text="help flags").first).to_be_visible()


def test_an_answer_that_is_lost_on_its_way_is_asked_for_again_and_happens_once(visit: Visit) -> None:
    page = visit("ana", "campaign")
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.extend(re.findall(r'"key":"(\w+)"', route.request.post_data or ""))
        if len(keys) > 1:
            route.continue_()
            return
        route.fetch()
        route.abort()

    page.route("**/web/ask", lose)
    page.context.set_default_timeout(SOON)
    thread = say(page, "cost a lantern on the water")
    expect(cards(thread, "a lantern on the water")).to_have_count(1)
    page.wait_for_timeout(1_500)
    assert len(set(keys)) == 1
    expect(page.get_by_text("cost a lantern on the water", exact=True)).to_have_count(1)
    expect(page.get_by_test_id("text")).to_have_value("")


def test_what_is_not_sent_waits_in_its_channel_also_through_a_reload(visit: Visit) -> None:
    page = visit("ana", "ideas")
    page.get_by_test_id("text").fill("a thought for ideas")
    page.get_by_test_id("channel").filter(has_text="general").click()
    expect(page.get_by_test_id("text")).to_have_value("")
    page.get_by_test_id("channel").filter(has_text="ideas").click()
    page.reload()
    expect(page.get_by_test_id("text")).to_have_value("a thought for ideas")
    page.get_by_test_id("text").fill("")


def test_a_job_goes_on_where_nobody_looks(visit: Visit) -> None:
    page = visit("ben", "ideas")
    thread = say(page, "a ferry leaves at dawn --yes")
    expect(thread.get_by_test_id("card").first).to_be_visible()
    page.context.set_offline(True)
    page.wait_for_timeout(4_000)
    page.context.set_offline(False)
    expect(thread.get_by_test_id("video")).to_have_count(1, timeout=LATER)
    expect(thread.locator("details.folded")).to_have_count(1)
