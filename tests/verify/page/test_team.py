"""Team credits in a real browser: the credits card, approvals open and decided, the report, with the hardest names."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browsing import LATER, PHONE, Shoot, Visit, button, cards, say
from tests.support.demo import Demo
from tests.support.looking import faint

NAME = "Anastasia-Konstantinopolitanskaya Featherstonehaugh-Cholmond"
TAG = "a-cost-centre-with-a-name-of-40-letters-"
MOST = "999,999,999"
DARK: dict[str, Any] = {**PHONE, "color_scheme": "dark"}
DESKTOP: dict[str, Any] = {}
SCREENS = pytest.mark.parametrize("screen", [DESKTOP, PHONE, DARK], ids=["desktop", "phone", "phone-dark"])

_HARDER = """([name, most]) => {
  for (const card of document.querySelectorAll(".card")) {
    const walker = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode;
      const named = text.data.replace(/\\b(Ana|Ben|Mira)\\b/g, name);
      text.data = named.replace(/\\d[\\d,]*(?= (of|credit|left|after|now))/g, most);
    }
  }
}"""
_UNFIT = """() => [
  ...document.querySelectorAll(".credits, .credits *, .card, .card *, .file, .file img")
].filter((node) => {
  const box = node.getBoundingClientRect();
  if (!node.checkVisibility() || box.width === 0) return false;
  const held = node.closest(".credits, .card")?.getBoundingClientRect();
  if (held && (box.left < held.left - 1 || box.right > held.right + 1)) return !node.matches(".frame, .frame *");
  const cut = getComputedStyle(node).overflowX !== "visible" && node.scrollWidth > node.clientWidth + 1;
  return cut || box.left < -1 || box.right > innerWidth + 1;
}).map((node) => `${node.tagName} ${node.className}: ${node.textContent.slice(0, 60)}`)"""
"""Parts of cards, and of the credits, that are wider than what shows them, or stick out of it or of the page."""


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A team of its own, for its limits are changed here; all that costs more than 40 credits needs approval."""
    with Demo(tmp_path_factory.mktemp("team"), "--clips", "shared", "--speed", "60") as running:
        running.wait_for("It is there.")
        yield running


def rule(mira: Page, command: str) -> None:
    expect(say(mira, command).get_by_test_id("card").first).to_contain_text("Changed")


def newest(page: Page, words: str | re.Pattern[str]) -> Locator:
    found = cards(page.get_by_test_id("log"), words).last
    expect(found).to_be_visible()
    found.evaluate("(card) => card.scrollIntoView({ block: 'center' })")
    return found


def fits(page: Page) -> None:
    """Nothing scrolls sideways, is cut off, sticks out or is faint: as it is, and with the hardest names and sums."""
    for hard in (False, True):
        if hard:
            page.evaluate(_HARDER, [NAME, MOST])
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(_UNFIT) == []
        assert faint(page) == []


def ask_for_approval(ana: Page, text: str) -> None:
    thread = say(ana, text)
    expect(cards(thread, "Needs approval").last).to_contain_text("An administrator decides")
    button(cards(thread, "Needs approval").last, "Ask for approval").click()
    expect(cards(thread, "Waiting for approval").first).to_be_visible()


@SCREENS
def test_the_credits_card(visit: Visit, shoot: Shoot, team: Demo, screen: dict[str, Any]) -> None:
    mira = visit("mira", "ideas", at=team)
    rule(mira, "quota set default 999999999/month")
    rule(mira, 'quota topup 990000000 "PO 881"')
    ana = visit("ana", "ideas", at=team, **screen)
    say(ana, "credits")
    expect(newest(ana, "You can spend")).to_contain_text("credits ask 200")
    fits(ana)
    newest(ana, "You can spend")
    shoot(ana, f"team-credits-{len(screen)}")


@SCREENS
def test_an_approval_open_and_decided(visit: Visit, shoot: Shoot, team: Demo, screen: dict[str, Any]) -> None:
    mira, ana = visit("mira", "campaign", at=team, **screen), visit("ana", "campaign", at=team)
    rule(mira, "quota approve-over 40")
    ask_for_approval(ana, f"a heron by the lake, version {len(screen)} --for {TAG}")
    asked = newest(mira, f"version {len(screen)}")
    expect(asked).to_contain_text("Ana asks for 45 credits")
    button(asked, "Approve once").click()
    expect(newest(mira, "Approved once by Mira")).to_contain_text("Asked by")
    expect(ana.get_by_test_id("thread").last.get_by_test_id("video")).to_have_count(1, timeout=LATER)
    ask_for_approval(ana, f"a second heron, version {len(screen)} --for {TAG}")
    asked = newest(mira, f"a second heron, version {len(screen)}")
    shoot(mira, f"team-asked-{len(screen)}")
    fits(mira)
    shoot(mira, f"team-asked-hard-{len(screen)}")
    button(asked, "Deny").click()
    mira.get_by_test_id("form").get_by_label("Why").fill("not before the launch " * 8)
    mira.get_by_test_id("form-submit").click()
    expect(newest(mira, "Denied by")).to_contain_text("not before the launch")
    expect(newest(ana, "Denied by Mira")).to_contain_text("Nothing was spent")
    fits(mira)
    newest(mira, "Denied by")
    shoot(mira, f"team-denied-{len(screen)}")


@SCREENS
def test_the_report_with_its_picture(visit: Visit, shoot: Shoot, team: Demo, screen: dict[str, Any]) -> None:
    mira = visit("mira", "operators", at=team, **screen)
    say(mira, "quota report week")
    expect(newest(mira, "By day")).to_contain_text("By person")
    shoot(mira, f"team-report-{len(screen)}")
    picture = mira.locator(".file img").last
    expect(picture).to_have_attribute("alt", re.compile(r"credits spent\. .*By day: .*By person: "))
    picture.scroll_into_view_if_needed()
    mira.wait_for_function("() => [...document.querySelectorAll('.file img')].at(-1).naturalWidth === 1080")
    shoot(mira, f"team-picture-{len(screen)}")
    fits(mira)


def test_the_desk_decides_what_waits(visit: Visit, shoot: Shoot, team: Demo) -> None:
    ana, mira = visit("ana", "ideas", at=team), visit("mira", "ideas", at=team)
    expect(cards(say(ana, 'credits ask 300 "launch week"'), "Waiting for approval").first).to_be_visible()
    mira.get_by_test_id("open-desk").click()
    part = mira.locator("[data-command=approvals]")
    expect(part).to_contain_text("launch week")
    shoot(mira, "team-desk")
    number = re.search(r"(\d+)\. Ana: 300 credits", part.inner_text())
    assert number
    button(part, f"Approve {number[1]}").click()
    expect(part).to_contain_text("own limit is higher by 300 credits")
    expect(newest(ana, "Approved by Mira")).to_contain_text("until it resets")
