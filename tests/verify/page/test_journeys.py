"""The page in a real browser, on the demo as a person starts it: whole journeys from words to a playing video."""

import io
import re
import signal
from pathlib import Path

import av
from playwright.sync_api import Page, expect

from tests.support.browsing import (
    LATER,
    Shoot,
    Visit,
    button,
    cards,
    credits_of,
    drop,
    fetched,
    plays,
    say,
    waits_for_credits,
)
from tests.support.demo import Demo, photograph
from tests.support.media import file_of

HOSTILE = '<img src=x onerror="document.title=1"> <script>document.title=2</script> **a** &amp; <b>'


def names(page: Page) -> list[str | None]:
    """The channels in the list."""
    return [link.get_attribute("data-channel") for link in page.get_by_test_id("channel").all()]


def test_a_dropped_picture_becomes_a_playing_video(visit: Visit, shoot: Shoot) -> None:
    page = visit("ben")
    before, _ = credits_of(page)
    drop(page, "harbour <b>.jpg", file_of(photograph(1280, 720), quality=90))
    expect(page.get_by_test_id("detach")).to_have_count(1)
    thread = say(page, "the clouds drift, the light changes --via wavespeed")
    expect(cards(thread, "wavespeed").first).to_have_attribute("data-tone", "working")
    waits_for_credits(page, before - 50, 50)
    shoot(page, "working")

    video = thread.get_by_test_id("video")
    expect(video).to_have_count(1, timeout=LATER)
    assert fetched(page, video.get_attribute("poster"))[0] == "image/jpeg"
    thread.get_by_test_id("play").click()
    expect(thread.get_by_test_id("play")).to_have_count(0)
    plays(video)
    mime, clip = fetched(page, thread.get_by_test_id("download").get_attribute("href"))
    assert mime == "video/mp4"
    with av.open(io.BytesIO(clip), "r") as film:
        assert film.streams.video[0].codec_context.name == "h264"
    waits_for_credits(page, before - 50, 0)
    expect(cards(thread, "50 charged").last).to_have_attribute("data-tone", "good")
    shoot(page, "finished")


def test_the_status_folds_to_a_line_once_its_video_is_there(visit: Visit) -> None:
    page = visit("ana")
    thread = page.get_by_test_id("thread").filter(has_text="from noon to dusk").first
    folded = thread.locator("details.folded").first  # another test's video may have come here as well
    expect(folded.get_by_test_id("card")).to_be_hidden()
    folded.locator("summary").click()
    expect(folded.get_by_test_id("card")).to_contain_text("attempt 1")


def test_a_cancel_in_time_releases_the_credits(visit: Visit, tmp_path: Path) -> None:
    with Demo(tmp_path, "--speed", "0.5") as slow:
        page = visit("ben", "ideas", at=slow)
        before, _ = credits_of(page)
        thread = say(page, "a paper boat in the rain --via fal")
        button(cards(thread, "fal"), "Cancel").click()
        expect(cards(thread, "none charged")).to_be_visible(timeout=LATER)
        expect(cards(thread, "Stopped").first).to_have_attribute("data-tone", "plain")
        waits_for_credits(page, before, 0)


def test_a_cancel_that_comes_too_late_says_so_and_the_video_comes(visit: Visit, tmp_path: Path, shoot: Shoot) -> None:
    with Demo(tmp_path, "--clips", "shared") as running:
        page = visit("mira", "campaign", at=running)
        thread = say(page, "a kite over the dunes --via wavespeed")
        button(cards(thread, "wavespeed is working on it"), "Cancel").click()
        expect(cards(thread, "It can't be stopped any more: wavespeed goes on").first).to_be_visible()
        shoot(page, "too-late")
        expect(thread.get_by_test_id("video")).to_have_count(1, timeout=LATER)
        expect(cards(thread, "50 charged").last).to_be_visible()


def test_what_people_write_is_never_markup(visit: Visit) -> None:
    page = visit("ana", "ideas")
    thread = say(page, f"cost {HOSTILE}")
    expect(cards(thread, HOSTILE)).to_be_visible()
    expect(thread.get_by_test_id("message").first).to_contain_text(HOSTILE)
    page.get_by_test_id("text").fill(HOSTILE)
    expect(page.get_by_test_id("preview")).to_have_class(re.compile("open"))
    assert page.locator("#main, #side").locator("script, [onerror], [src=x]").count() == 0
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


def test_an_answer_to_somebodys_picture_sets_it_in_motion(visit: Visit) -> None:
    ana, ben = visit("ana", "campaign"), visit("ben", "campaign")
    drop(ana, "harbour.jpg", file_of(photograph(1280, 720, 3), quality=80))
    say(ana, "help pictures")
    message = ben.get_by_test_id("message").filter(has_text="help pictures").first
    message.hover()
    message.get_by_test_id("reply").click()
    expect(ben.locator("#replying-to")).to_contain_text("Replying to Ana")
    ben.get_by_test_id("text").fill("the boats sway --yes")
    expect(ben.get_by_test_id("preview")).to_contain_text("credits")
    ben.keyboard.press("Enter")
    thread = ben.get_by_test_id("thread").filter(has_text="the boats sway")
    expect(cards(thread, "from 1 picture").first).to_be_visible()
    expect(thread.get_by_test_id("video")).to_have_count(1, timeout=LATER)


def test_a_button_of_before_a_restart_still_works(visit: Visit, demo: Demo, shoot: Shoot) -> None:
    page = visit("ana")
    thread = page.get_by_test_id("thread").filter(has_text="from noon to dusk").first
    expect(thread.get_by_test_id("video").first).to_be_visible()
    count = thread.get_by_test_id("video").count()
    demo.end(signal.SIGKILL)
    demo.start()
    page.reload()
    again = button(cards(thread, "charged").last, "Again")
    again.click()
    expect(page.get_by_test_id("confirm")).to_contain_text("Make it once more?")
    shoot(page, "confirm")
    page.get_by_role("button", name="Not now").click()
    expect(again).to_be_focused()
    again.click()
    page.get_by_test_id("confirm").get_by_role("button", name="Again").click()
    expect(thread.get_by_test_id("video")).to_have_count(count + 1, timeout=LATER)
    plays(thread.get_by_test_id("video").last)
