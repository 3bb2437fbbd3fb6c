"""Receipts, exports, the audit, the reconciliation and forgetting, as people meet them."""

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands.wording.records import harmless
from bot.jobs import scripts
from bot.jobs.forgetting import WORDS
from bot.jobs.states import JobState
from bot.kling.requests import load_request
from tests.support.front import ADA, BEN, CAT, PRICE, Front, front, photo, shown


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        yield made
        await made.check_books()


async def files(house: Front) -> list[tuple[str, str, list[dict[str, str]]]]:
    """Every CSV file that was shown: its channel, who alone saw it there, and its lines."""
    await house.desk.settle()
    found = []
    for message in house.desk.messenger.messages.values():
        for file, data in message.files:
            if file.mime == "text/csv":
                only = message.only_for.user if message.only_for else ""
                found.append((message.place.channel, only, list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))))
    return found


# receipts


async def test_history_shows_ones_own_jobs_newest_first_and_leads_to_their_receipts(house: Front) -> None:
    made, waits = await house.finished(), await house.orders("a boat")
    await house.orders("somebody else's", by=CAT)
    reply = await house.says("credits history")
    said = shown(reply)
    assert said.index(waits) < said.index(made)
    assert f"1. 20 November · a boat · {PRICE} held · {waits}" in said
    assert f"2. 20 November · a red fox · 50 charged, {PRICE - 50} released · {made}" in said
    assert "somebody else's" not in said
    assert reply.private
    assert reply.card is not None
    assert shown(await house.presses(reply.card.buttons[1].action)).startswith("Video finished")


async def test_history_of_a_tag_has_only_what_was_booked_under_it(house: Front) -> None:
    await house.orders("a boat")
    acme = await house.orders("a fox --for acme")
    said = shown(await house.says("credits history --for ACME"))
    assert acme in said
    assert "a boat" not in said
    assert shown(await house.says("credits history --for other")).startswith("No receipts for other")


async def test_history_as_a_file_goes_to_direct_messages(house: Front) -> None:
    job = await house.finished("a fox --for acme")
    house.desk.messenger.takes_direct = True
    assert "It comes to your direct messages" in shown(await house.says("credits history --csv", key="k"))
    await house.says("credits history --csv", key="k")
    ((channel, _, (line,)),) = await files(house)
    assert channel == "direct-ben"
    assert line == {
        "job": job, "person": line["person"], "tag": "acme", "channel": "fake:general", "provider": "fal",
        "held": str(PRICE), "charged": "50", "released": str(PRICE - 50), "corrected": "0", "cost_usd": "0.25",
        "held_at": "2025-11-20T12:00:00Z", "ended_at": line["ended_at"],
    }  # fmt: skip


async def test_where_there_are_no_direct_messages_the_file_is_shown_to_the_person_alone(house: Front) -> None:
    await house.orders()
    assert "There are no direct messages with you here" in shown(await house.says("credits history --csv"))
    ((channel, only, _),) = await files(house)
    assert (channel, only) == ("general", BEN)


@pytest.mark.parametrize("line", ["credits history of the silk road", "credits forget everything we said"])
async def test_prose_that_begins_like_a_word_is_a_prompt(house: Front, line: str) -> None:
    assert shown(await house.says(f"{line} --dry")).startswith("It would cost")


async def test_a_flag_that_a_word_has_no_use_for_is_refused(house: Front) -> None:
    assert "takes no --csv" in shown(await house.says("credits --csv"))


# export


async def test_export_has_the_months_jobs_of_everybody_and_no_formula(house: Front) -> None:
    first, second = await house.finished(), await house.orders("a boat", by=CAT)
    await house.says(f'quota refund {first} "blurred"', by=ADA)
    name = "UPDATE person SET name = '=1+1' WHERE name = 'Cat'"
    await house.house.database._writer.call(lambda raw: raw.execute(name))
    said = shown(await house.says("quota export 2025-11", by=ADA))
    assert said.startswith("Credits of 2025-11: 2 jobs")
    ((_, only, lines),) = await files(house)
    assert only == ADA
    assert [(line["job"], line["person"], line["charged"], line["corrected"]) for line in lines] == [
        (first, "Ben", "50", "50"), (second, "'=1+1", "0", "0"),
    ]  # fmt: skip
    assert shown(await house.says("quota export 2025-10", by=ADA)).startswith("Credits of 2025-10: 0 jobs")
    assert "2026-11" in shown(await house.says("quota export lately-1", by=ADA))
    assert "Only for administrators" in shown(await house.says("quota export 2025-11"))


@pytest.mark.parametrize("word", ["=1", "+1", "-1", "@a", "\t=1", "  =1", "\uff1d1"])
def test_what_a_spreadsheet_would_calculate_is_text(word: str) -> None:
    assert harmless(word) == f"'{word}"
    assert harmless(f"a{word}") == f"a{word}"


# audit, reconcile


async def test_audit_tells_what_was_changed_and_of_somebody_what_they_did_themselves(house: Front) -> None:
    job = await house.finished()
    await house.says("quota set @Ben 500/month", by=ADA)
    await house.says("quota pause reviews", by=ADA)
    await house.says("quota resume", by=ADA)
    everything = shown(await house.says("quota audit", by=ADA))
    assert "20 November · Ada · quota set Ben: 500/month" in everything
    assert "quota pause: reviews" in everything
    about = shown(await house.says("quota audit @Ben", by=ADA))
    assert about.startswith("About Ben")
    assert "quota set Ben: 500/month" in about
    assert f"50 charged, {PRICE - 50} released · {job}" in about
    assert "quota pause" not in about
    assert "Only for administrators" in shown(await house.says("quota audit"))


async def test_reconcile_sets_credits_against_cost_and_names_what_is_not_settled(house: Front) -> None:
    await house.finished()
    lost = await house.orders("a boat")
    await house.lost(lost)
    said = shown(await house.says("quota reconcile", by=ADA))
    assert "fal: 1 job: 50 charged ($0.25), cost $0.25, $0.00 apart" in said
    assert f"1 job not settled: {lost}. To settle one: resolve <job> charge" in said
    assert "The ledger adds up." in said


async def test_a_loss_shows_as_variance(house: Front) -> None:
    job = await house.orders()
    attempt = await house.lost(job)
    await house.house.database.run(
        scripts.give_up, job, JobState.UNCERTAIN, attempt=attempt, outcome="failed",
        error={"ending": "no_video", "billed": True}, reason="no_video", kept=280_000, loss=56,
        now=house.desk.clock.now(),
    )  # fmt: skip
    said = shown(await house.says("quota reconcile", by=ADA))
    assert "fal: 1 job: 0 charged ($0.00), cost $0.28, -$0.28 apart" in said
    assert "56 credits of variance" in said


# forget me


async def forget(house: Front, by: str = BEN) -> str:
    reply = await house.says("credits forget me", by=by)
    assert reply.card is not None
    return shown(await house.presses(reply.card.buttons[0].action, by=by))


async def everywhere(house: Front) -> str:
    """All texts of all rows that are about asks and jobs."""
    tables = ("ask", "job", "attempt", "enhancement")
    return json.dumps([await house.rows(f"SELECT * FROM {table}") for table in tables])


async def test_forgetting_takes_words_and_pictures_and_leaves_the_amounts(house: Front) -> None:
    job = await house.finished("animate the secret plan --no secret blur", photo(1))
    await house.asked("another secret --d 10")
    shared = await house.finished("animate he waves", photo(2))
    await house.says("animate he waves, too --yes", photo(2), by=CAT)
    entries = await house.rows("SELECT * FROM entry ORDER BY id")
    before = {row["sha256"] for row in await house.rows("SELECT sha256 FROM blob")}
    assert "The prompts of 2 jobs and 1 picture are gone" in await forget(house)
    after = {row["sha256"] for row in await house.rows("SELECT sha256 FROM blob")}
    text = await everywhere(house)
    assert "secret" not in text
    assert len(before - after) == 1
    assert not (before - after) & {one for one in before if one in text}
    assert await house.rows("SELECT * FROM entry ORDER BY id") == entries
    for name in (job, shared):
        assert WORDS in shown(await house.says(f"show {name}"))
        assert "was forgotten, so it can't be made again" in shown(await house.says(f"again {name}"))
        assert "was forgotten" in shown(await house.presses(f"edit:{name}"))
    assert "he waves, too" in text
    assert WORDS in shown(await house.says("credits history"))


async def test_nothing_is_forgotten_while_a_job_is_open_nor_by_somebody_else(house: Front) -> None:
    job = await house.orders()
    before = await everywhere(house)
    assert "You have an open job" in await forget(house)
    person = (await house.rows("SELECT person FROM job"))[0]["person"]
    assert "No such ask" in shown(await house.presses(f"forget:{person}", by=CAT))
    assert await everywhere(house) == before
    assert load_request((await house.rows("SELECT request FROM job WHERE id = :job", job=job))[0]["request"])


async def test_forgetting_again_changes_nothing(house: Front) -> None:
    await house.finished("animate the secret plan", photo(1))
    await forget(house)
    before = await everywhere(house)
    assert "0 pictures are gone" in await forget(house)
    assert await everywhere(house) == before
