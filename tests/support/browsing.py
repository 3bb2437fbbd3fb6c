"""The chat page as somebody at a browser uses it."""

import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.support.demo import PATIENCE, wait_until

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SOON, LATER = 15_000, 1000 * PATIENCE
"""Milliseconds that an answer of the page, and a video, may take."""

Visit = Callable[..., Page]
Shoot = Callable[[Page, str], None]

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}

_DROP = """([name, data]) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
  return transfer;
}"""
_PLAY_TO = """(video, second) => new Promise((done, failed) => {
  video.addEventListener("error", () => failed(video.error.message));
  video.addEventListener("timeupdate", () => video.currentTime >= second && done(video.currentTime));
  video.muted = true;
  video.play();
})"""
_PIXELS = """(video) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [32, 18];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 32, 18);
  return [...context.getImageData(0, 0, 32, 18).data];
}"""


def say(page: Page, text: str) -> Locator:
    """Write and send; the thread that it begins."""
    page.get_by_test_id("text").fill(text)
    page.get_by_test_id("send").click()
    return page.get_by_test_id("thread").filter(has=page.get_by_text(text, exact=True)).last


def cards(thread: Locator, words: str | re.Pattern[str]) -> Locator:
    """The cards with these words."""
    return thread.get_by_test_id("card").filter(has_text=words)


def button(where: Locator, label: str) -> Locator:
    """A button of a card."""
    return where.get_by_test_id("button").filter(has_text=label)


def credits_of(page: Page) -> tuple[int, int]:
    """What the box says is left, and held."""
    rows = page.get_by_test_id("credits").locator("dd").all_inner_texts()
    left, held = (int(re.sub(r"\D", "", row)) for row in rows[:2])
    return left, held


def waits_for_credits(page: Page, left: int, held: int) -> None:
    """Until the box says so."""
    wait_until(lambda: credits_of(page) == (left, held))


def drop(page: Page, name: str, picture: bytes) -> None:
    """Drag a file over the page and let go."""
    transfer = page.evaluate_handle(_DROP, [name, b64encode(picture).decode()])
    for event in ("dragenter", "dragover"):
        page.dispatch_event("#log", event, {"dataTransfer": transfer})
    expect(page.get_by_text("Drop pictures to attach them")).to_be_visible()
    page.dispatch_event("#log", "drop", {"dataTransfer": transfer})
    expect(page.get_by_text("Drop pictures to attach them")).to_be_hidden()


def attach(page: Page, **pictures: bytes) -> None:
    """Pick files, as from a phone's camera roll."""
    files = [FilePayload(name=f"{name}.jpg", mimeType="image/jpeg", buffer=data) for name, data in pictures.items()]
    page.get_by_test_id("file").set_input_files(files)


def plays(video: Locator) -> None:
    """It has pictures, time passes, and what is seen changes."""
    seen = [(video.evaluate(_PLAY_TO, second), video.evaluate(_PIXELS)) for second in (0.5, 2.5)]
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


def focused(page: Page) -> str:
    """What has the focus: its data-test, id or tag."""
    found: str = page.evaluate(
        "() => { const it = document.activeElement; return it.dataset.test || it.id || it.tagName.toLowerCase(); }"
    )
    return found
