"""One browser and one demo for all tests of the page: each talks in threads of its own."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.support.browsing import CHROMIUM, FLAGS, SOON, Shoot, Visit
from tests.support.demo import Demo

_EXPECTED = re.compile(r"WebSocket connection|ERR_CONNECTION|ERR_FAILED|ERR_INTERNET")
"""Of all that a browser complains of, only a lost server is fine."""


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo with its first video in it, and ready clips, so that videos come soon."""
    with Demo(tmp_path_factory.mktemp("demo"), "--clips", "shared", "--speed", "60") as running:
        running.wait_for("It is there.")
        yield running


@pytest.fixture
def visit(browser: Browser, demo: Demo) -> Iterator[Visit]:
    """Opens the page as somebody in some channel; what the browser complains of fails the test."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _EXPECTED.search(message.text):
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
        expect(page.get_by_test_id("credits").locator("dd").first).to_be_visible()
        expect(page.locator("#waiting")).to_be_hidden()
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
