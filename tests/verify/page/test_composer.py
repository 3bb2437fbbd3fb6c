"""Where one writes, in a real browser: the price while writing, settings, roles, forms, commands, and comparing."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.support.browsing import LATER, PHONE, Shoot, Visit, attach, button, cards, credits_of, say
from tests.support.demo import photograph, wait_until
from tests.support.media import file_of

HARBOUR, DUNES = (file_of(photograph(640, 360, seed), quality=80) for seed in (5, 6))


def preview(page: Page) -> Locator:
    return page.get_by_test_id("preview")


def pictures(page: Page) -> list[str]:
    """The names of the attached pictures, in their order."""
    return [hold.get_attribute("title") or "" for hold in page.locator(".hold").all()]


def sent(page: Page) -> list[str]:
    """What the page sends for previews from now on."""
    bodies: list[str] = []
    page.on("request", lambda request: bodies.append(request.post_data or "") if "/preview" in request.url else None)
    return bodies


def test_the_price_and_the_router_s_pick_are_there_while_one_writes(visit: Visit, shoot: Shoot) -> None:
    page = visit("ana", "ideas")
    before, bodies = credits_of(page), sent(page)
    page.get_by_test_id("text").press_sequentially("a red fox runs through snow", delay=15)
    expect(preview(page)).to_contain_text(re.compile(r"\d+ credits"))
    assert len(bodies) <= 3, "one look after a pause, not one for each letter"
    first = preview(page).inner_text()
    page.locator("[data-setting=d]").select_option("10")
    wait_until(lambda: preview(page).inner_text() != first)
    assert credits_of(page) == before
    page.get_by_test_id("text").fill("a fox --ar 4:3")
    expect(preview(page)).to_have_attribute("data-tone", "warning")
    shoot(page, "preview")
    page.get_by_test_id("text").fill("")
    expect(preview(page)).to_be_hidden()


def test_a_preview_sends_no_picture(visit: Visit) -> None:
    page = visit("ana", "ideas")
    bodies = sent(page)
    attach(page, harbour=HARBOUR)
    page.get_by_test_id("text").fill("the boats sway")
    expect(preview(page)).to_contain_text("start")
    assert bodies
    assert max(map(len, bodies)) < 1_000


def test_two_pictures_swap_move_and_take_roles(visit: Visit, shoot: Shoot) -> None:
    page = visit("ben", "ideas")
    attach(page, harbour=HARBOUR, dunes=DUNES)
    page.get_by_test_id("text").fill("from the one to the other --pro")
    expect(preview(page)).to_contain_text(re.compile(r"Picture 1 start.*Picture 2 end", re.DOTALL))
    page.get_by_test_id("swap").click()
    assert pictures(page) == ["dunes.jpg", "harbour.jpg"]
    page.locator(".hold").last.press("ArrowLeft")
    assert pictures(page) == ["harbour.jpg", "dunes.jpg"]
    page.get_by_test_id("role").first.select_option("end")
    page.get_by_test_id("role").last.select_option("start")
    shoot(page, "roles")
    page.get_by_test_id("send").click()
    thread = page.get_by_test_id("thread").filter(has_text="from the one to the other").last
    expect(cards(thread, "from 2 pictures").first).to_be_visible()
    expect(page.get_by_test_id("picture")).to_have_count(0)


def test_settings_go_along_and_are_gone_after_the_send(visit: Visit) -> None:
    page = visit("ana", "campaign")
    page.locator("[data-setting=ar]").select_option("9:16")
    page.get_by_test_id("more").click()
    form = page.get_by_test_id("form")
    form.get_by_label("Avoid").fill("blur, text")
    form.get_by_role("button", name="Use these").click()
    expect(form).to_be_hidden()
    expect(page.get_by_test_id("more")).to_be_focused()
    expect(page.get_by_test_id("more")).to_contain_text("1")
    say(page, "a lighthouse in the fog --dry")
    thread = page.get_by_test_id("thread").filter(has_text="a lighthouse in the fog --dry --ar 9:16 --no blur, text")
    expect(cards(thread, "9:16").first).to_be_visible()
    expect(page.locator(".pill.on")).to_have_count(0)


def test_a_slash_offers_the_commands_and_a_command_its_form(visit: Visit, shoot: Shoot) -> None:
    page = visit("ana", "ideas")
    page.get_by_test_id("text").press_sequentially("/co")
    expect(page.get_by_test_id("option")).to_have_text(re.compile("^cost"))
    page.keyboard.press("Enter")
    form = page.get_by_test_id("form")
    expect(form.get_by_role("heading")).to_have_text("cost")
    shoot(page, "form")
    form.get_by_label("Words", exact=True).fill("a heron lands on the pier")
    form.get_by_label("10 seconds").check()
    form.get_by_test_id("form-submit").click()
    expect(form).to_be_hidden()
    log = page.get_by_test_id("log")
    expect(cards(log, re.compile("a heron lands on the pier")).last).to_contain_text("10 s")


def test_administrators_commands_are_offered_to_them_alone(visit: Visit) -> None:
    ana, mira = visit("ana", "ideas"), visit("mira", "ideas")
    for page, there in ((ana, 0), (mira, 1)):
        page.get_by_test_id("text").press_sequentially("/")
        expect(page.get_by_test_id("option").filter(has_text=re.compile("^quota set"))).to_have_count(there)
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("menu")).to_be_hidden()


def test_what_a_slash_begins_can_be_sent_as_well(visit: Visit) -> None:
    page = visit("ana", "ideas")
    page.get_by_test_id("text").fill("/help")
    page.get_by_test_id("text").press("Escape")
    page.get_by_test_id("send").click()
    expect(cards(page.get_by_test_id("log"), "More: help").last).to_be_visible()


def test_edit_opens_the_form_with_what_was_asked_for(visit: Visit) -> None:
    page = visit("ana")
    thread = page.get_by_test_id("thread").filter(has_text="from noon to dusk").first
    button(thread.get_by_test_id("message").filter(has=page.get_by_test_id("video")).first, "Edit").click()
    form = page.get_by_test_id("form")
    words = form.get_by_label("Words", exact=True)
    expect(words).to_have_value("slow push in, the light changes from noon to dusk")
    words.fill("slow push in, a storm comes up")
    form.get_by_test_id("form-submit").click()
    expect(form).to_be_hidden()
    expect(cards(page.get_by_test_id("log"), "a storm comes up").first).to_be_visible()


def test_two_videos_play_side_by_side(visit: Visit, shoot: Shoot) -> None:
    page = visit("ben", "campaign")
    for text in ("a wooden bridge --yes", "the same bridge in winter --yes"):
        expect(say(page, text).get_by_test_id("video")).to_have_count(1, timeout=LATER)
    if page.locator("#side").is_hidden():
        page.get_by_test_id("open-takes").click()
    takes = page.get_by_test_id("take")
    takes.nth(0).get_by_role("button", name=re.compile("Put into")).click()
    takes.nth(1).get_by_role("button", name=re.compile("Put into")).click()
    dialog = page.get_by_test_id("compare")
    expect(dialog.get_by_test_id("compared")).to_have_count(2)
    dialog.get_by_test_id("play-both").click()
    times = "(dialog) => [...dialog.querySelectorAll('video')].map((video) => video.currentTime)"
    wait_until(lambda: min(dialog.evaluate(times)) > 1, within=30)
    one, other = dialog.evaluate(times)
    assert abs(one - other) < 0.35
    shoot(page, "compare")
    dialog.get_by_test_id("play-both").click()
    dialog.get_by_test_id("seek").fill("500")
    wait_until(lambda: all(2 < time < 3 for time in dialog.evaluate(times)), within=30)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(".picked-take")).to_have_count(0)


def test_a_phone_writes_compares_and_looks_at_takes(visit: Visit, shoot: Shoot) -> None:
    page = visit("ana", **PHONE)
    attach(page, harbour=HARBOUR, dunes=DUNES)
    page.get_by_test_id("text").fill("the boats sway")
    expect(preview(page)).to_contain_text("credits")
    shoot(page, "phone-composer")
    page.get_by_test_id("open-takes").click()
    expect(page.locator("#side")).to_be_focused()
    page.get_by_test_id("take").first.locator(".still").click()
    expect(page.locator("#side")).to_be_hidden()
    expect(page.get_by_test_id("text")).to_have_value("the boats sway")
