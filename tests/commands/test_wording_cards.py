"""What holds for every card: buttons that exist, rows that say something, texts that platforms take. Help is true."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import wording
from bot.commands.build import build
from bot.commands.flags import FLAGS
from bot.commands.grammar import parse
from bot.commands.help import EXAMPLES, TOPICS, help_card
from bot.commands.wording import team
from bot.commands.wording.render import render
from bot.commands.words import ACTIONS, OF_APPROVALS, OF_ASKS, OF_JOBS, VERBS
from bot.errors import Refusal
from bot.jobs.states import JobState
from bot.jobs.views import AttemptView, JobError, JobView
from bot.kling.requests import TextToVideo
from bot.messaging import Card
from tests.support.views import ATTEMPT, JOB, ROOM, VIEW

TEXT = st.text(max_size=200) | st.sampled_from(["", " ", "x" * 3_000, "@everyone <!channel> *hi*"])
TIMES = st.none() | st.integers(0, 10**9)


@st.composite
def views(draw: st.DrawFn) -> JobView:
    """Any job, whether or not it makes sense."""
    attempts: list[AttemptView] = [
        replace(
            ATTEMPT,
            number=number,
            outcome=outcome,
            error=draw(TEXT),
            task=draw(TEXT),
            cost=draw(TIMES),
            ended_at=draw(TIMES),
        )
        for number, outcome in enumerate(
            draw(st.lists(st.sampled_from(["intended", "refused", "done", "odd"]), max_size=15))
        )
    ]
    endings = st.sampled_from(["policy", "no_video", "cancelled", "charged_by_admin"])
    return replace(
        VIEW,
        state=draw(st.sampled_from(JobState)),
        request=TextToVideo(prompt="a" + draw(TEXT.map(lambda text: text[:2_000]))),
        person_name=draw(TEXT),
        charged=draw(st.sampled_from([None, 0, 30, 50])),
        estimated=draw(st.booleans()),
        usual=draw(st.sampled_from([(0, 0), (60, 360)])),
        measured=draw(st.booleans()),
        progress=draw(st.none() | st.floats(0, 1)),
        queue_position=draw(st.none() | st.integers(0, 99)),
        cancel_asked=draw(st.booleans()),
        late=draw(st.booleans()),
        cancel_refused=draw(st.booleans()),
        attempts=tuple(attempts),
        ended_at=draw(TIMES) or 1,
        error=draw(
            st.none() | st.builds(JobError, ending=endings, provider=TEXT.map(lambda text: text[:40]), detail=TEXT)
        ),
    )


def cards_of(view: JobView) -> Iterator[Card]:
    yield wording.status(view, 10**6)
    yield wording.receipt(view)
    yield wording.result(view)
    yield wording.stopping(view)
    yield wording.settled(view)
    yield wording.jobs_list([view] * 30, 10**6, everybody=True)
    yield team.credits(ROOM, [view] * 5, 10**6)
    for kind in ("uncertain", "no_video", "auth", "odd"):
        yield render("alert", view, {"kind": kind, "detail": "x" * 5_000, "provider": "fal"}, 0)


@given(views())
def test_every_card_of_a_job_can_be_shown(view: JobView) -> None:
    for card in cards_of(view):
        check(card)


HELP = [help_card(topic, admin=True) for topic in ("", *TOPICS, *VERBS, *FLAGS)]


@pytest.mark.parametrize(
    "card", [*HELP, wording.sorry(), wording.confirmed(), wording.dropped()], ids=lambda card: card.title
)
def test_every_fixed_card_can_be_shown(card: Card) -> None:
    check(card)
    assert "{" not in card.title + card.text + card.footer, "a blank that nobody filled in"


def check(card: Card) -> None:
    assert 0 < len(card.title) <= 150
    assert len(card.text) <= 3_000
    assert len(card.footer) <= 300
    assert len(card.rows) <= 25
    for row in card.rows:
        assert 0 < len(row.name) <= 100
        assert 0 < len(row.value) <= 1_000
    for button in card.buttons:
        action, _, identity = button.action.partition(":")
        assert action in ACTIONS
        assert (
            identity == JOB
            if action in OF_JOBS | OF_ASKS | OF_APPROVALS
            else parse(_line_of(action, identity)).verb in VERBS
        )
        assert len(button.action) <= 100
        assert button.action.isascii()
        assert len(button.label) <= 75
        assert len(button.confirm) <= 100


def _line_of(action: str, identity: str) -> str:
    return EXAMPLES[int(identity)] if action == "try" else identity


@pytest.mark.parametrize("card", HELP, ids=lambda card: card.title)
def test_help_shows_only_commands_that_are_read(card: Card) -> None:
    """What help calls a command is read as that command, with a job's id where it says `<job>`."""
    lines = [card.command, *(row.name for row in card.rows if not row.name.startswith("--"))]
    for line in filter(None, lines):
        verb = line.split()[0]
        assert parse(line.replace("<job>", JOB).replace("<id>", "T1")).verb == verb
        assert verb in VERBS


def test_help_names_every_flag_and_every_verb_that_a_person_can_use() -> None:
    assert [row.name.split()[0] for row in help_card("flags").rows] == [f"--{name}" for name in FLAGS]
    everybody = [row.name.split()[0] for row in help_card().rows]
    assert everybody == [name for name, verb in VERBS.items() if not verb.admin]
    assert [row.name.split()[0] for row in help_card(admin=True).rows] == list(VERBS)
    assert "admin" not in help_card().footer


def test_help_finds_a_topic_a_verb_a_flag_or_starts_at_the_beginning() -> None:
    assert help_card("Pictures").title == "Pictures"
    assert help_card("cancel").command == "cancel"
    assert help_card("--d").title == help_card("d").title == "--d 5 or 10"
    assert help_card("me") == replace(help_card(), title="There is no topic “me”")


_COMMAND = re.compile(r"(?:goes|with|by|receipt|stands|example|some|of them): ([a-z]+)")


@pytest.mark.parametrize("line", ["", "--no a fox", "--mdel 1 x", "animate", "cancle", "resolve", "quota set", "x --d"])
def test_next_steps_name_commands_that_exist(line: str) -> None:
    with pytest.raises(Refusal) as caught:
        build(parse(line))
    for word in _COMMAND.findall(wording.refusal(caught.value).text):
        assert word in VERBS
