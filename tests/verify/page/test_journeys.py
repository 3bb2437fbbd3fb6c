"""The page in a real browser, on the demo as a person starts it."""

import io
import os
import re
import shutil
import signal
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

from tests.support.demo import PATIENCE, Demo, photograph, wait_until
from tests.support.media import file_of

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SOON, LATER = 15_000, 1000 * PATIENCE
"""Milliseconds that an answer of the page, and a video, may take."""

HOSTILE = '<img src=x onerror="document.title=1"> <script>document.title=2</script> **a** &amp; <b>'

DROP = """([name, data]) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
  return transfer;
}"""
PLAY_TO = """(video, second) => new Promise((done, failed) => {
  video.addEventListener("error", () => failed(video.error.message));
  video.addEventListener("timeupdate", () => video.currentTime >= second && done(video.currentTime));
  video.muted = true;
  video.play();
})"""
PIXELS = """(video) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [32, 18];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 32, 18);
  return [...context.getImageData(0, 0, 32, 18).data];
}"""

Visit = Callable[..., Page]
Shoot = Callable[[Page, str], None]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine: nothing is downloaded."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.fail(f"make verify needs a browser: install {', '.join(CHROMIUM[:-1])} or {CHROMIUM[-1]}", pytrace=False)
    with sync_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo with its first video in it."""
    with Demo(tmp_path_factory.mktemp("demo")) as running:
        running.wait_for("It is there.")
        yield running


@pytest.fixture
def visit(browser: Browser, demo: Demo) -> Iterator[Visit]:
    """Opens the page as somebody in some channel. Of all that a browser complains of, only a lost server is fine."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not re.search("WebSocket connection|ERR_CONNECTION", message.text):
            complaints.append(message.text)

    def open_page(person: str = "ana", channel: str = "general", *, at: Demo = demo, **options: Any) -> Page:
        page = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options}).new_page()
        page.set_default_timeout(SOON)
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(at.url)
        page.get_by_test_id("person").select_option(person)
        page.get_by_test_id("channel").filter(has_text=channel).click()
        expect(page.locator("#channel-name")).to_have_text(f"# {channel}")
        expect(page.get_by_test_id("credits")).to_be_visible()
        return page

    yield open_page
    for context in browser.contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def shoot(tmp_path: Path) -> Shoot:
    """Saves a screenshot to be looked at, into the folder KLINGBOT_TEST_SHOTS where that is set."""
    folder = Path(os.environ.get("KLINGBOT_TEST_SHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)

    def shot(page: Page, name: str) -> None:
        page.screenshot(path=folder / f"{name}.png")

    return shot


def say(page: Page, text: str) -> Locator:
    """Write and send; the thread that it begins."""
    page.get_by_test_id("text").fill(text)
    page.get_by_test_id("send").click()
    return page.get_by_test_id("thread").filter(has=page.get_by_text(text, exact=True)).last


def cards(thread: Locator, words: str | re.Pattern[str]) -> Locator:
    return thread.get_by_test_id("card").filter(has_text=words)


def button(where: Locator, label: str) -> Locator:
    return where.get_by_test_id("button").filter(has_text=label)


def credits_of(page: Page) -> tuple[str, str]:
    """What the box says is left, and held."""
    rows = page.get_by_test_id("credits").locator("dd").all_inner_texts()
    return rows[0], rows[1]


def names(page: Page) -> list[str | None]:
    """The channels in the list."""
    return [link.get_attribute("data-channel") for link in page.get_by_test_id("channel").all()]


def waits_for_credits(page: Page, left: str, held: str) -> None:
    wait_until(lambda: credits_of(page) == (left, held))


def drop(page: Page, name: str, picture: bytes) -> None:
    """Drag a file over the page and let go."""
    transfer = page.evaluate_handle(DROP, [name, b64encode(picture).decode()])
    for event in ("dragenter", "dragover"):
        page.dispatch_event("#log", event, {"dataTransfer": transfer})
    expect(page.get_by_text("Drop pictures to attach them")).to_be_visible()
    page.dispatch_event("#log", "drop", {"dataTransfer": transfer})
    expect(page.get_by_text("Drop pictures to attach them")).to_be_hidden()


def plays(video: Locator) -> None:
    """It has pictures, time passes, and what is seen changes."""
    seen = [(video.evaluate(PLAY_TO, second), video.evaluate(PIXELS)) for second in (0.5, 2.5)]
    assert video.evaluate("(video) => [video.videoWidth > 0, video.duration > 4.8, video.error]") == [True, True, None]
    assert seen[1][0] > seen[0][0] > 0
    changes = [abs(one - other) for one, other in zip(seen[0][1], seen[1][1], strict=True)]
    assert sum(changes) / len(changes) > 1


def fetched(page: Page, link: str | None) -> tuple[str, bytes]:
    """The content type and the body behind a link of the page."""
    assert link is not None
    answer = page.request.get(link if link.startswith("http") else page.url.partition("/#")[0] + link)
    assert answer.ok
    return answer.headers["content-type"], answer.body()


def test_a_dropped_picture_becomes_a_playing_video(visit: Visit, shoot: Shoot) -> None:
    page = visit("ben")
    waits_for_credits(page, "1,500 credits", "0")
    drop(page, "harbour <b>.jpg", file_of(photograph(1280, 720), quality=90))
    expect(page.get_by_test_id("detach")).to_have_count(1)
    thread = say(page, "the clouds drift, the light changes")
    expect(cards(thread, "is working on it")).to_have_attribute("data-tone", "working")
    waits_for_credits(page, "1,450 credits", "50")
    shoot(page, "working")

    video = thread.get_by_test_id("video")
    expect(video).to_have_count(1, timeout=LATER)
    assert fetched(page, video.get_attribute("poster"))[0] == "image/jpeg"
    plays(video)
    mime, clip = fetched(page, thread.get_by_test_id("download").get_attribute("href"))
    assert mime == "video/mp4"
    with av.open(io.BytesIO(clip), "r") as film:
        assert film.streams.video[0].codec_context.name == "h264"
    waits_for_credits(page, "1,450 credits", "0")
    expect(cards(thread, "50 charged").last).to_have_attribute("data-tone", "good")
    shoot(page, "light")


def test_a_cancel_in_time_releases_the_credits(visit: Visit, tmp_path: Path) -> None:
    with Demo(tmp_path, "--speed", "0.5") as slow:
        page = visit("ben", "ideas", at=slow)
        thread = say(page, "a paper boat in the rain --via fal")
        button(cards(thread, "is working on it"), "Cancel").click()
        expect(cards(thread, "none charged")).to_be_visible(timeout=LATER)
        expect(cards(thread, "Stopped").first).to_have_attribute("data-tone", "plain")
        waits_for_credits(page, "1,500 credits", "0")


def test_a_cancel_that_comes_too_late_says_so_and_the_video_comes(visit: Visit, shoot: Shoot) -> None:
    page = visit("mira", "campaign")
    thread = say(page, "a kite over the dunes --via wavespeed")
    button(cards(thread, "is working on it"), "Cancel").click()
    expect(cards(thread, "It can't be stopped any more: wavespeed goes on").first).to_be_visible()
    shoot(page, "too-late")
    expect(thread.get_by_test_id("video")).to_have_count(1, timeout=LATER)
    expect(cards(thread, "50 charged").last).to_be_visible()


def test_what_people_write_is_never_markup(visit: Visit) -> None:
    page = visit("ana", "ideas")
    thread = say(page, f"cost {HOSTILE}")
    card = cards(thread, "It would cost")
    expect(card).to_contain_text(HOSTILE)
    expect(thread.get_by_test_id("message").first).to_contain_text(HOSTILE)
    assert page.locator("#messages").locator("script, [onerror], [src=x]").count() == 0
    expect(page).to_have_title("#ideas · klingbot")


def test_a_private_card_is_seen_by_its_person_only(visit: Visit) -> None:
    ana, ben = visit("ana", "ideas"), visit("ben", "ideas")
    thread = say(ana, "credits")
    expect(thread.get_by_text("Only you see this")).to_be_visible()
    expect(cards(thread, "You can spend")).to_be_visible()
    asked = ben.get_by_test_id("message").filter(has_text="credits")
    for _ in ("as it happens", "read again"):
        expect(asked.first).to_be_visible()
        expect(ben.get_by_test_id("card").filter(has_text="You can spend")).to_have_count(0)
        ben.reload()


def test_only_administrators_have_the_operators_channel(visit: Visit, demo: Demo) -> None:
    mira, ana = visit("mira", "operators"), visit("ana")
    assert "operators" in names(mira)
    assert "operators" not in names(ana)
    ana.goto(f"{demo.url}/#operators")
    expect(ana.locator("#channel-name")).to_have_text("# general")
    answer = ana.request.get(f"{demo.url}/web/history?person=ana&channel=operators")
    assert (answer.status, answer.json()) == (400, {"error": "channel"})


def test_the_keyboard_is_enough(visit: Visit) -> None:
    page = visit("ana", "ideas")
    page.get_by_test_id("text").focus()
    page.keyboard.type("cost a fox --d 10 --pro")
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("send")).to_be_focused()
    page.keyboard.press("Enter")
    expect(cards(page.get_by_test_id("log"), "at most 196 credits")).to_be_visible()


def test_a_phone_shows_it_all_in_its_width(visit: Visit, shoot: Shoot) -> None:
    page = visit("ana", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, device_scale_factor=2)
    expect(page.get_by_test_id("video").first).to_be_visible()
    widths = page.evaluate(
        "() => [document.documentElement, document.getElementById('log')].map((it) => it.scrollWidth - it.clientWidth)"
    )
    assert widths == [0, 0]
    shoot(page, "phone")


def test_dark_is_dark(visit: Visit, shoot: Shoot) -> None:
    page = visit("ana", color_scheme="dark")
    expect(page.get_by_test_id("video").first).to_be_visible()
    style = "(at) => [getComputedStyle(at).backgroundColor, getComputedStyle(at).color]"
    ground, ink = (sum(map(int, re.findall(r"\d+", colour)[:3])) / 3 for colour in page.locator("body").evaluate(style))
    assert ground < 50 < 200 < ink
    shoot(page, "dark")


def test_a_button_of_before_a_restart_still_works(visit: Visit, demo: Demo, shoot: Shoot) -> None:
    page = visit("ana")
    thread = page.get_by_test_id("thread").filter(has_text="from noon to dusk")
    expect(thread.get_by_test_id("video")).to_have_count(1)
    demo.end(signal.SIGKILL)
    demo.start()
    page.reload()
    again = button(cards(thread, "50 charged").last, "Again")
    again.click()
    expect(page.get_by_test_id("confirm")).to_contain_text("Make it once more? The last one was 50 credits.")
    shoot(page, "confirm")
    page.get_by_role("button", name="Not now").click()
    again.click()
    page.get_by_test_id("confirm").get_by_role("button", name="Again").click()
    expect(thread.get_by_test_id("video")).to_have_count(2, timeout=LATER)
    plays(thread.get_by_test_id("video").last)
