import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.commands.enhancing import cut
from bot.errors import CheckFailed, SubmitRefused, SubmitUncertain
from bot.kling.requests import PROMPT_MAX
from bot.messaging import Button, Reply
from bot.providers.enhancer import Enhanced
from tests.support.enhancers import BETTER, FakeEnhancer, with_enhancer
from tests.support.front import ADA, Front, front, photo, shown

MINE = "a fox in snow"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Front]:
    async with front(tmp_path) as made:
        await made.says("help")
        yield made
        await made.check_books()


@pytest.fixture
def enhancer(house: Front) -> FakeEnhancer:
    return with_enhancer(house)


def buttons(reply: Reply) -> tuple[Button, ...]:
    return reply.card.buttons if reply.card else ()


def labels(reply: Reply) -> list[str]:
    return [button.label for button in buttons(reply)]


def press(reply: Reply, label: str) -> str:
    return next(button.action for button in buttons(reply) if button.label.startswith(label))


async def spent(house: Front) -> tuple[int, int]:
    """Credits charged for improvements, and held for anything."""
    rows = await house.rows("SELECT COALESCE(SUM(amount), 0) AS sum FROM entry WHERE kind = 'charge'")
    return int(rows[0]["sum"]), await house.held()


async def job_prompt(house: Front) -> str:
    (row,) = await house.rows("SELECT request FROM job")
    prompt: str = json.loads(row["request"])["prompt"]
    return prompt


async def state(house: Front) -> list[str]:
    return [row["state"] for row in await house.rows("SELECT state FROM enhancement ORDER BY id")]


async def test_both_prompts_are_shown_and_nothing_is_made(house: Front, enhancer: FakeEnhancer) -> None:
    reply = await house.says(f"{MINE} --enhance")
    assert reply.card is not None
    assert [(row.name, row.value) for row in reply.card.rows] == [("Yours", MINE), ("New", BETTER)]
    assert labels(reply) == ["Use the new one (at most 56 credits)", "Keep mine (at most 56 credits)", "Cancel"]
    assert reply.card.footer == "1 credit spent on this; nothing more before you choose."
    assert enhancer.improved == [MINE]
    assert (await spent(house), await house.counted()) == ((1, 0), (0, 0, 0))


@pytest.mark.parametrize(("label", "prompt"), [("Use the new one", BETTER), ("Keep mine", MINE)])
async def test_the_chosen_one_is_made_at_its_price(
    house: Front, enhancer: FakeEnhancer, label: str, prompt: str
) -> None:
    reply = await house.says(f"{MINE} --enhance --ar 1:1")
    reply = await house.presses(press(reply, label))
    assert reply.replaces
    assert await job_prompt(house) == prompt
    (card,) = house.desk.messenger.messages.values()
    assert "--enhance" not in str(card)
    assert prompt in str(card)
    (row,) = await house.rows("SELECT credits FROM job")
    assert await house.held() == row["credits"]


async def test_a_question_offers_better_words(house: Front, enhancer: FakeEnhancer) -> None:
    reply = await house.says(f"{MINE} --d 10")
    assert labels(reply) == ["Make it (112 credits)", "Improve the prompt (1 credit)", "No"]
    reply = await house.presses(press(reply, "Improve"))
    assert reply.replaces
    assert labels(reply) == ["Use the new one (at most 112 credits)", "Keep mine (at most 112 credits)", "Cancel"]
    await house.presses(press(reply, "Use"))
    assert await job_prompt(house) == BETTER


async def test_the_question_as_it_stood_before_does_not_buy_the_new_words(house: Front, enhancer: FakeEnhancer) -> None:
    question = await house.says(f"{MINE} --d 10")
    both = await house.presses(press(question, "Improve"))
    reply = await house.presses(press(question, "Make it"))
    assert (reply.card, reply.replaces) == (both.card, True)
    assert await house.counted() == (0, 0, 0)


async def test_a_way_out_of_a_mistyped_line_says_that_it_leaves_the_words_as_they_are(
    house: Front, enhancer: FakeEnhancer
) -> None:
    reply = await house.says(f"{MINE} --durration 10 --enhance")
    assert labels(reply) == ["Run corrected, without --enhance (at most 112 credits)", "Cancel"]


async def test_without_such_a_provider_nothing_is_offered(house: Front) -> None:
    assert labels(await house.says(f"{MINE} --d 10")) == ["Make it (112 credits)", "No"]
    reply = await house.says(f"{MINE} --enhance")
    assert reply.card is not None
    assert reply.card.title == "Nobody here improves prompts"
    assert "WAVESPEED_API_KEY" in reply.card.text


async def test_the_picture_goes_with_the_words(house: Front, enhancer: FakeEnhancer) -> None:
    reply = await house.says("animate she waves --enhance", photo())
    (picture,) = enhancer.pictures
    assert picture is not None
    assert (picture.width, picture.height) == (400, 300)
    assert len(picture.read()) == picture.size
    assert labels(reply)[0].startswith("Use the new one")


@pytest.mark.parametrize(
    "outcome",
    [SubmitRefused("wavespeed", "balance", "no money"), SubmitRefused("wavespeed", "policy", "not that")],
)
async def test_a_refusal_costs_nothing_and_the_question_stands(
    house: Front, enhancer: FakeEnhancer, outcome: Exception
) -> None:
    enhancer.outcomes = [outcome]
    reply = await house.says(f"{MINE} --enhance")
    assert "couldn't be improved" in shown(reply)
    assert labels(reply) == ["Make it (56 credits)", "Improve the prompt (1 credit)", "No"]
    assert (await spent(house), await state(house)) == ((0, 0), ["refused"])
    reply = await house.presses(press(reply, "Improve"))
    assert labels(reply)[0].startswith("Use the new one")
    assert (await spent(house), await state(house)) == ((1, 0), ["refused", "done"])


@pytest.mark.parametrize(
    "looks",
    [
        [Enhanced(state="failed", detail="no text")],
        [CheckFailed("wavespeed", "unavailable")],
        [Enhanced(state="running")],
    ],
    ids=["failed", "not reached", "never done"],
)
async def test_what_gives_no_text_is_given_back(house: Front, enhancer: FakeEnhancer, looks: list[Any]) -> None:
    enhancer.looks = looks
    began = house.desk.clock.now()
    reply = await house.says(f"{MINE} --enhance")
    assert "couldn't be improved" in shown(reply)
    assert labels(reply)[0] == "Make it (56 credits)"
    assert await spent(house) == (0, 0)
    assert house.desk.clock.now() - began < 120_000
    (row,) = await house.rows("SELECT * FROM enhancement")
    lost = row["state"] == "uncertain"
    (variance,) = await house.rows("SELECT COALESCE(SUM(amount), 0) AS sum FROM entry WHERE kind = 'variance'")
    assert (row["state"] in ("failed", "uncertain"), variance["sum"]) == (True, int(lost))


async def test_a_lost_answer_is_not_bought_again_by_itself(house: Front, enhancer: FakeEnhancer) -> None:
    enhancer.outcomes = [SubmitUncertain("wavespeed", "unknown", "cut")]
    await house.says(f"{MINE} --enhance")
    assert (enhancer.improved, await state(house), await spent(house)) == ([MINE], ["uncertain"], (0, 0))
    (row,) = await house.rows("SELECT used FROM usage WHERE scope = 'operator'")
    assert row["used"] == 1_000  # it may have been billed


async def test_the_same_words_are_nothing_better(house: Front, enhancer: FakeEnhancer) -> None:
    enhancer.looks = [Enhanced(state="done", text=f"  {MINE}\n")]
    reply = await house.says(f"{MINE} --enhance")
    assert "Nothing better came back" in shown(reply)
    assert labels(reply)[0] == "Make it (56 credits)"


async def test_said_twice_it_is_bought_once(house: Front, enhancer: FakeEnhancer) -> None:
    first = await house.says(f"{MINE} --enhance", key="once")
    again = await house.says(f"{MINE} --enhance", key="once")
    assert enhancer.improved == [MINE]
    assert (await spent(house), labels(again)) == ((1, 0), labels(first))


async def test_pressed_while_it_is_bought_it_is_bought_once(
    house: Front, enhancer: FakeEnhancer, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = await house.says(f"{MINE} --d 10")
    action, seen = press(question, "Improve"), []
    looks = enhancer.check_enhancement

    async def check(task: Any) -> Enhanced:
        seen.append(await house.presses(action))
        return await looks(task)

    monkeypatch.setattr(enhancer, "check_enhancement", check)
    await house.presses(action)
    assert enhancer.improved == [MINE]
    assert "being improved already" in shown(seen[0])
    assert await spent(house) == (1, 0)


async def test_only_the_person_who_asked_may_press(house: Front, enhancer: FakeEnhancer) -> None:
    question = await house.says(f"{MINE} --d 10")
    reply = await house.presses(press(question, "Improve"), by=ADA)
    assert reply.card is not None
    assert reply.card.title == "Not yours"
    assert enhancer.improved == []


async def test_a_question_that_was_answered_is_not_improved(house: Front, enhancer: FakeEnhancer) -> None:
    question = await house.says(f"{MINE} --d 10")
    await house.presses(press(question, "No"))
    reply = await house.presses(press(question, "Improve"))
    assert reply.card is not None
    assert reply.card.title == "Too late for that"
    assert enhancer.improved == []


async def test_a_yes_that_comes_while_the_words_are_improved_counts(
    house: Front, enhancer: FakeEnhancer, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = await house.says(f"{MINE} --d 10")
    looks = enhancer.check_enhancement

    async def check(task: Any) -> Enhanced:
        await house.presses(press(question, "Make it"))
        return await looks(task)

    monkeypatch.setattr(enhancer, "check_enhancement", check)
    reply = await house.presses(press(question, "Improve"))
    assert (reply.card, reply.replaces) == (None, False)
    assert await job_prompt(house) == MINE
    assert len(await house.rows("SELECT id FROM job")) == 1


async def test_over_the_limit_nothing_is_bought(house: Front, enhancer: FakeEnhancer) -> None:
    question = await house.says(f"{MINE} --d 10")
    await house.limit(0)
    reply = await house.presses(press(question, "Improve"))
    assert reply.card is not None
    assert reply.card.title == "Over the limit"
    assert (enhancer.improved, await state(house)) == ([], [])


async def test_where_everything_is_approved_better_words_are_not_bought_beside_it(
    house: Front, enhancer: FakeEnhancer
) -> None:
    """Removed: `check_threshold` in `enhancements.begin` (a credit was spent on it)."""
    await house.says("quota approve-over 0", by=ADA)
    assert shown(await house.says("a red fox --enhance")).startswith("That needs approval")
    assert (await house.counted(), enhancer.improved) == ((0, 0, 0), [])


async def test_an_expired_price_is_asked_anew_for_the_chosen_words(house: Front, enhancer: FakeEnhancer) -> None:
    reply = await house.says(f"{MINE} --enhance")
    house.desk.clock.advance(601)
    reply = await house.presses(press(reply, "Use"))
    assert labels(reply)[0] == "Make it (56 credits)"
    assert BETTER in shown(reply)
    assert await house.counted() == (0, 0, 0)


@pytest.mark.parametrize("line", ["cost a fox --enhance", "a fox --enhance --dry", "a fox --enhance --yes"])
async def test_it_goes_with_nothing_that_makes_no_choice(house: Front, enhancer: FakeEnhancer, line: str) -> None:
    reply = await house.says(line)
    assert reply.card is not None
    assert reply.card.title == "That doesn't go together"
    assert enhancer.improved == []


async def test_words_are_needed(house: Front, enhancer: FakeEnhancer) -> None:
    reply = await house.says("animate --enhance", photo())
    assert reply.card is not None
    assert reply.card.title == "The words are missing"
    assert enhancer.improved == []


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("  two\nlines\t and\x00 more ", "two lines and more"),
        ("x" * 3_000, "x" * PROMPT_MAX),
        ("One sentence. " + "y" * 3_000, "One sentence."),
        ("Half. " * 600, ("Half. " * 416).strip()),
    ],
)
def test_a_strangers_text_is_made_a_prompt(text: str, prompt: str) -> None:
    assert cut(text) == prompt
