"""Who can use the page: by keyboard alone, with a screen reader, with weak eyes, on a phone, without motion."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browsing import PHONE, Shoot, Visit, attach, cards, focused, say
from tests.support.demo import photograph
from tests.support.looking import faint, nameless
from tests.support.media import file_of

SCHEMES = ["light", "dark"]
OVERFLOW = """() => [document.documentElement, ...document.querySelectorAll("body *")]
  .filter((node) => node.clientWidth > 0 && node.checkVisibility())
  .filter((node) => !["auto", "scroll"].includes(getComputedStyle(node).overflowX))
  .filter((node) => !node.closest(".channels, .settings, .tray, .unseen"))
  .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
  .map((node) => `${node.nodeName}.${node.className}`)"""
RING = """() => {
  const it = document.activeElement;
  return getComputedStyle(it.matches(".pill select") ? it.parentElement : it).outlineStyle;
}"""


def states(page: Page, shoot: Shoot, name: str) -> list[str]:
    """Bring the page through what it can show, and say what can't be read or has no name."""
    wrong: list[str] = []

    def look(state: str) -> None:
        page.wait_for_timeout(350)  # what fades in has arrived
        shoot(page, f"{name}-{state}")
        wrong.extend(f"{state}: {one}" for one in (*faint(page), *nameless(page)))

    expect(page.get_by_test_id("video").last).to_be_visible()
    look("finished")
    expect(cards(say(page, "a fox --ar 4:3"), "4:3")).to_be_visible()
    look("refusal")
    expect(cards(say(page, "credits"), "You can spend")).to_be_visible()
    attach(page, one=file_of(photograph(320, 180, 8)), other=file_of(photograph(320, 180, 9)))
    page.get_by_test_id("text").fill("a fox and a hen --pro")
    expect(page.get_by_test_id("preview")).to_contain_text("credits")
    look("composer")
    page.get_by_test_id("text").fill("a fox --d 7")
    expect(page.get_by_test_id("preview")).to_have_attribute("data-tone", re.compile("warning|bad"))
    look("warning")
    page.get_by_test_id("text").fill("/")
    expect(page.get_by_test_id("option").first).to_be_visible()
    look("menu")
    page.get_by_test_id("text").fill("")
    page.get_by_test_id("more").click()
    look("form")
    page.keyboard.press("Escape")
    page.get_by_test_id("open-desk").click()
    armed = page.get_by_test_id("fault").first
    armed.get_by_label("Always").check()
    expect(armed).to_have_class("armed")
    look("desk")
    armed.get_by_label("Off").check()
    return wrong


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_can_be_read_and_every_control_has_a_name(visit: Visit, shoot: Shoot, scheme: str) -> None:
    assert states(visit("mira", color_scheme=scheme), shoot, scheme) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_empty_channel_teaches_and_can_be_read(visit: Visit, shoot: Shoot, scheme: str) -> None:
    page = visit("mira", "operators", color_scheme=scheme)
    expect(page.get_by_test_id("example")).to_have_count(3)
    shoot(page, f"{scheme}-empty")
    assert (faint(page), nameless(page)) == ([], [])
    page.get_by_test_id("example").first.click()
    expect(page.get_by_test_id("text")).to_have_value(re.compile("red fox"))
    expect(page.get_by_test_id("text")).to_be_focused()


def test_the_colours_can_be_chosen_and_stay_chosen(visit: Visit) -> None:
    page = visit("ana", color_scheme="light")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_test_id("theme").click()
    expect(page.get_by_test_id("theme")).to_have_accessible_name("Colours: Light")
    page.get_by_test_id("theme").click()
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark
    page.get_by_test_id("theme").click()
    assert page.evaluate(ground) == light


def begin(page: Page) -> None:
    """Be at the page's first stop, and know that it is the first."""
    page.evaluate("document.getElementById('skip').focus()")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("Tab")
    assert focused(page) == "skip"


def test_a_whole_journey_by_keyboard(visit: Visit) -> None:
    page = visit("ana", "ideas")
    page.reload()
    expect(page.get_by_test_id("text")).to_be_focused()
    begin(page)
    page.keyboard.press("Enter")
    assert focused(page) == "text"
    page.keyboard.type("cost a fox --d 10 --pro")
    page.keyboard.press("Enter")
    expect(cards(page.get_by_test_id("log"), "10 s").last).to_be_visible()

    page.keyboard.press("Shift+Tab")
    while page.evaluate("!document.activeElement.closest('.message')"):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    last = page.get_by_test_id("message").last
    expect(last).to_be_focused()
    page.keyboard.press("Home")
    expect(page.get_by_test_id("message").first).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_test_id("message").nth(-2)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.message') !== null"), "Tab goes into the message"
    page.keyboard.press("Escape")
    expect(last).to_be_focused()
    page.keyboard.press("r")
    expect(page.get_by_test_id("text")).to_be_focused()
    expect(page.locator("#replying")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#replying")).to_be_hidden()


def test_one_stop_in_the_list_and_a_ring_at_every_stop(visit: Visit) -> None:
    page = visit("ana")
    begin(page)
    seen = ["skip"]
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page) in ("body", "skip"):  # round once
            break
        if focused(page) != "text":
            assert page.evaluate(RING) != "none", focused(page)
        seen.append("message" if page.evaluate("document.activeElement.matches('.message')") else focused(page))
    assert seen.count("message") == 1, " ".join(seen)
    assert {"skip", "channel", "person", "theme", "open-takes", "text", "setting", "send"} <= set(seen)


def test_a_dialog_keeps_the_focus_and_gives_it_back(visit: Visit) -> None:
    page = visit("ana")
    page.get_by_test_id("more").press("Enter")
    form = page.get_by_test_id("form")
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    assert focused(page) == "more"
    page.get_by_test_id("open-takes").click()
    if page.locator("#side").is_hidden():
        page.get_by_test_id("open-takes").press("Enter")
    page.locator("#side-close").press("Escape")
    expect(page.locator("#side")).to_be_hidden()
    assert focused(page) == "open-takes"


def said(page: Page) -> Locator:
    return page.locator("#announce")


def test_news_are_told_and_progress_is_not_chatty(visit: Visit) -> None:
    ana, ben = visit("ana", "campaign"), visit("ben", "campaign")
    ana.evaluate(
        "() => { window.told = []; new MutationObserver(() => window.told.push("
        "document.getElementById('announce').textContent)).observe(document.getElementById('announce'),"
        " { childList: true }); }"
    )
    thread = say(ben, "a windmill turns --via wavespeed --yes")
    expect(thread.get_by_test_id("video")).to_have_count(1, timeout=120_000)
    expect(said(ana)).to_contain_text("klingbot")
    told: list[str] = ana.evaluate("window.told")
    assert "Ben: a windmill turns --via wavespeed --yes" in told
    assert len(told) <= 8, told
    assert not any("%" in one for one in told)


@pytest.mark.parametrize("person", ["ana", "mira"])
def test_a_phone_shows_it_all_in_its_width(visit: Visit, shoot: Shoot, person: str) -> None:
    page = visit(person, **PHONE)
    expect(page.get_by_test_id("video").last).to_be_visible()
    assert page.evaluate(OVERFLOW) == []
    shoot(page, f"phone-{person}")
    page.get_by_test_id("text").fill("a fox and a hen")
    expect(page.get_by_test_id("preview")).to_contain_text("credits")
    assert page.evaluate(OVERFLOW) == []
    say(page, "help flags")
    expect(cards(page.get_by_test_id("log"), "--ar").last).to_be_visible()
    assert page.evaluate(OVERFLOW) == []
    page.get_by_test_id("open-takes").click()
    assert page.evaluate(OVERFLOW) == []
    box = page.get_by_test_id("send").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 360


def test_nothing_moves_for_those_who_want_no_motion(visit: Visit) -> None:
    page = visit("ana", reduced_motion="reduce")
    say(page, "a mill by the river --yes")
    expect(page.locator(".ring").last).to_be_visible()
    moving = "() => document.getAnimations().filter((one) => one.effect.getComputedTiming().activeDuration > 10).length"
    assert page.evaluate(moving) == 0
