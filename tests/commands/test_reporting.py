"""`quota report`, `digest` and `alerts`: said by an administrator, shown as words and as a picture."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.commands.subwords.reporting import WORDS
from bot.commands.wording import reporting
from bot.commands.wording.reporting import Report
from bot.credits.periods import period_of
from bot.credits.spending import Burndown, DayShare, Share, Spending
from bot.errors import Refusal
from bot.media.chart import lay_out
from tests.support.clock import START
from tests.support.front import ADA, BEN, Front, front, shown

DAY = 86_400_000
NOVEMBER = period_of(START, "UTC", "month")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        made.desk.messenger.takes_direct = True
        yield made


async def rules(house: Front) -> dict[str, Any]:
    return dict(json.loads((await house.rows("SELECT rules FROM workspace"))[0]["rules"]))


@pytest.mark.parametrize("word", ["", " week", " 2025-11"])
async def test_a_report_is_said_at_once_and_its_picture_comes_to_whoever_asked(house: Front, word: str) -> None:
    await house.finished()
    said = shown(await house.says(f"quota report{word}", by=ADA, key="once"))
    (charged,) = await house.rows("SELECT amount FROM entry WHERE kind = 'charge'")
    assert f"{charged['amount']} credits spent" in said
    assert "By person: Ben " in said
    assert "By provider: " in said
    assert "it lasts until the refill on 1 December" in said
    assert "to your direct messages" in said
    await house.says(f"quota report{word}", by=ADA, key="once")
    await house.desk.settle()
    (one,) = [one for one in house.desk.messenger.messages.values() if one.place.channel == "direct-ada"]
    ((file, data),) = one.files
    assert (file.name, data[1:4]) == ("credits.png", b"PNG")
    assert file.alt == one.card.alt
    assert "By person: Ben " in file.alt


async def test_members_are_told_nothing_of_others(house: Front) -> None:
    for line in ("quota report", "quota digest off", "quota alerts off"):
        assert "administrator" in shown(await house.says(line, by=BEN))
    await house.desk.settle()
    assert house.desk.messenger.messages == {}


async def test_a_digest_is_switched_on_and_off_and_noted(house: Front) -> None:
    said = shown(await house.says("quota digest mon 08:30 #general", by=ADA))
    assert "to #general every Monday at 08:30 (UTC)" in said
    digest = (await rules(house))["digest"]
    assert (digest["weekday"], digest["minute"], digest["place"]["channel"]) == (0, 510, "general")
    assert "No weekly report comes any more" in shown(await house.says("quota digest off", by=ADA))
    assert (await rules(house))["digest"] is None
    notes = await house.rows("SELECT action, detail FROM audit ORDER BY id")
    assert [note["detail"] for note in notes] == ["Monday at 08:30, #general", "off"]


async def test_alerts_have_a_place_and_levels_each_by_itself(house: Front) -> None:
    said = shown(await house.says("quota alerts #general 90,50%", by=ADA))
    assert "At 50 % and 90 % of the pool and of every limit I tell it #general" in said
    assert (await rules(house))["alerts_at"]["channel"] == "general"
    await house.says("quota alerts 75", by=ADA)
    after = await rules(house)
    assert (after["alerts_at"]["channel"], after["alert_levels"]) == ("general", [75])
    assert "Nobody is told any more" in shown(await house.says("quota alerts off", by=ADA))
    assert (await rules(house))["alert_levels"] == []
    assert "At 50 %, 80 % and 100 %" in shown(await house.says("quota alerts #general", by=ADA))


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("quota digest", "quota digest monday 09:00 #finance"),
        ("quota digest someday 09:00 #general", "no day of the week"),
        ("quota digest monday 25:00 #general", "no time of day"),
        ("quota digest monday 09:00 @ada", "#finance"),
        ("quota alerts", "quota alerts #finance 50,80,100"),
        ("quota alerts #general 0", "percentages from 1 to 100"),
        ("quota alerts #general 50,many", "percentages from 1 to 100"),
        ("quota report November", "2026-11"),
    ],
)
async def test_what_can_t_be_read_is_answered_with_how_it_goes(house: Front, line: str, hint: str) -> None:
    assert hint in shown(await house.says(line, by=ADA))
    assert await house.rows("SELECT * FROM audit") == []


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_examples_are_what_the_words_take(word: Any) -> None:
    try:
        word.read(word.example.removeprefix(f"quota {word.name}").strip())
    except Refusal as error:
        raise AssertionError(word.example) from error


def test_forms_write_what_is_read() -> None:
    by_name = {word.name: word for word in WORDS}
    filled = {"weekday": "friday", "time": "17:00", "channel": "#ads"}
    assert by_name["digest"].write(filled) == "friday 17:00 #ads"
    assert by_name["digest"].write({"weekday": "off"}) == "off"
    assert by_name["alerts"].write({"channel": "#ads", "levels": "50"}) == "#ads 50"
    assert by_name["report"].write({"month": "week"}) == "week"


def told(credits: tuple[int, ...], *, people: int = 1, before: int = 0, spent: int = 0, left: int = 10_000) -> Report:
    """Days of credits up to today, shared by so many people with long names."""
    total = sum(credits)
    start = START - START % DAY - (len(credits) - 1) * DAY
    name = "Maximiliane-Henriette von Hohenzollern-Sigmaringen the {}"
    shares = tuple(Share(f"p{n}", name.format(n), total // people) for n in range(people)) if total else ()
    return Report(
        team="Acme",
        timezone="UTC",
        spending=Spending(
            start_ms=start, end_ms=start + len(credits) * DAY, total=total, people=shares,
            tags=(Share("acme", "acme", total),) if total else (),
            providers=(Share("fal", "fal", total),) if total else (),
            days=tuple(DayShare("", start + n * DAY, one) for n, one in enumerate(credits)),
        ),
        before=before,
        burndown=Burndown(period=NOVEMBER, now=START, spent=spent, held=0, left=left, refills=True),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("report", "pool", "change"),
    [
        (told((0,)), "10,000 of 10,000 credits left; nothing spent since 1 November", "Nothing was spent, nor"),
        (told((5,), before=10, spent=500), "lasts until the refill on 1 December", "50 % less"),
        (told((5,), before=5, spent=9_000, left=1_000), "exhausted on 22 November, before the refill", "As much as"),
        (told((5,), spent=9_000, left=0), "0 of 9,000 credits left; until the refill", "Nothing was spent in as many"),
    ],
)
def test_card_picture_and_alt_text_say_the_same(report: Report, pool: str, change: str) -> None:
    card, drawn, alt = reporting.report(report), reporting.chart(report), reporting.alt(report)
    gauge = drawn.gauge
    assert gauge is not None
    for text in (card.rows[-1].value, gauge.text, alt):
        assert pool in text
    for text in (card.text, drawn.note, alt):
        assert change in text
    assert (card.tone == "warning") is gauge.warns
    for group in drawn.groups:
        assert all(f"{item.name} {item.text}" in alt for item in group.items)
    assert all(f"{day.name}: {day.text}" in alt for day in drawn.days if day.amount)


def test_thirty_people_are_six_lines_and_their_sum() -> None:
    drawn = reporting.chart(told((999_999_999,) * 7, people=30))
    assert [len(group.items) for group in drawn.groups] == [6, 1, 1]
    assert drawn.groups[0].items[-1].name == "25 others"
    assert lay_out(drawn).height < 2_800
