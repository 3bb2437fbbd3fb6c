"""An administrator's desk in a real browser: limits, jobs, and in the demo the faults of the sandbox."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.support.browsing import LATER, Shoot, Visit, cards, credits_of, say, waits_for_credits


def part(page: Page, command: str) -> Locator:
    return page.locator(f"[data-command={command}]")


def fault(page: Page, name: str) -> Locator:
    return page.locator(f"[data-fault={name}]")


def open_desk(visit: Visit, channel: str = "general") -> Page:
    page = visit("mira", channel)
    page.get_by_test_id("open-desk").click()
    expect(fault(page, "latency")).to_be_visible()
    return page


def test_only_administrators_have_a_desk(visit: Visit) -> None:
    expect(visit("ana").get_by_test_id("open-desk")).to_be_hidden()
    page = open_desk(visit)
    page.get_by_test_id("person").select_option("ana")
    expect(page.get_by_test_id("desk")).to_be_hidden()
    expect(page.get_by_test_id("open-desk")).to_be_hidden()


def test_limits_are_seen_and_set_and_nothing_is_said_in_the_channel(visit: Visit, shoot: Shoot) -> None:
    page = open_desk(visit, "ideas")
    before = page.get_by_test_id("message").count()
    expect(part(page, "quota")).to_contain_text("1,500 credits a month")
    fold = part(page, "quota").locator("details").filter(has_text="quota set").first
    fold.locator("summary").click()
    fold.get_by_label("Credits").fill("1600")
    fold.get_by_label("month").check()
    fold.get_by_label("For").fill("default")
    shoot(page, "quota-form")
    fold.get_by_test_id("form-submit").click()
    expect(part(page, "quota")).to_contain_text("1,600")
    assert page.get_by_test_id("message").count() == before
    ana = visit("ana", "ideas")
    say(ana, "credits")
    expect(cards(ana.get_by_test_id("log"), "You can spend").last).to_contain_text("1,600 credits a month")


def test_a_fault_is_switched_hits_and_costs_nothing(visit: Visit, shoot: Shoot) -> None:
    mira, ana = open_desk(visit, "campaign"), visit("ana", "campaign")
    before = credits_of(ana)
    policy = fault(mira, "policy_at_submit")
    policy.get_by_label("Once").check()
    expect(policy).to_have_class("armed")
    thread = say(ana, "a hare in the rye --via fal --yes")
    expect(cards(thread, re.compile("none charged|released", re.IGNORECASE)).first).to_be_visible(timeout=LATER)
    waits_for_credits(ana, *before)
    mira.get_by_test_id("open-desk").click()
    mira.get_by_test_id("open-desk").click()
    expect(policy).to_contain_text("hit once")
    expect(policy.get_by_label("Off")).to_be_checked()
    shoot(mira, "fault")
    say(ana, "a hare in the barley --via fal --yes")
    expect(ana.get_by_test_id("thread").last.get_by_test_id("video")).to_have_count(1, timeout=LATER)


def test_faults_have_places_and_go_off_together(visit: Visit) -> None:
    page = open_desk(visit)
    page.get_by_test_id("fault-place").select_option("fal")
    fault(page, "stuck").get_by_label("Always").check()
    expect(fault(page, "stuck")).to_have_class("armed")
    page.get_by_test_id("fault-place").select_option("*")
    expect(fault(page, "stuck")).not_to_have_class("armed")
    page.get_by_test_id("faults-off").click()
    page.get_by_test_id("fault-place").select_option("fal")
    expect(fault(page, "stuck").get_by_label("Off")).to_be_checked()


def test_the_desk_has_open_jobs(visit: Visit) -> None:
    page = open_desk(visit)
    expect(part(page, "jobs").get_by_test_id("card")).to_be_visible()
    part(page, "jobs").get_by_role("button", name="Refresh").click()
    expect(part(page, "jobs").get_by_test_id("card")).to_contain_text(re.compile("job", re.IGNORECASE))
