"""What holds for any line: nothing but refusals, no flag dropped, no word lost."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.commands.build import PictureSlot, build
from bot.commands.flags import FLAG_NAMES
from bot.commands.grammar import parse
from bot.commands.nearness import distance, near
from bot.commands.spelling import normalise, quoted, unescaped
from bot.commands.wording import refusal
from bot.commands.words import MAKING, VERBS
from bot.errors import BadValue, Refusal

JOB = "0123456789abcdefghij"
SLOTS = [PictureSlot(f"blob:{number:064x}") for number in range(6)]

SEEDS = [
    "a red fox runs through snow --ar 16:9 --d 5 --no blur, text",
    "animate https://x.org/a.png she waves \u2014pro --start 1 --end 2",
    'cost "a fox -- runs" --via fal, wavespeed --max $0.60 --dry',
    "--fx hug --d 10 --yes --cfg 0.7 --ref 1,2,3",
    'quota topup 5000 "PO 881"',
    "quota set default 300/month",
    f"resolve {JOB} task abc",
    f"again {JOB} --max 60",
    "help pictures",
]
ODD = [
    "--",
    "\u2014",
    '"',
    "'",
    "\u201c",
    "\\",
    "=",
    ",",
    " ",
    "\n",
    "\u00a0",
    "\u200b",
    "\ud83d",
    "\x00",
    "--no",
    "--d ",
    "1",
    "@a",
    "<",
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A sensible line with a few pieces cut out, doubled or put in."""
    line = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 6))):
        at, length = draw(st.integers(0, len(line))), draw(st.integers(0, 5))
        piece = draw(st.sampled_from(["", line[at : at + length] * 2, *ODD]) | st.text(max_size=3))
        line = line[:at] + piece + line[at + length :]
    return line


ANY_LINE = (
    st.text(max_size=80) | mutated() | st.lists(st.sampled_from([*ODD, *FLAG_NAMES, *VERBS]), max_size=12).map(" ".join)
)


@given(ANY_LINE, st.integers(0, 6))
@example('"' * 5_000, 0)
@example("--no " * 2_000, 0)
@example("--ref " + "1," * 4_000, 0)
@example("\u2014d " * 3_000, 0)
@example("a" * 9_999, 0)
def test_nothing_but_refusals_comes_out(line: str, pictures: int) -> None:
    try:
        typed = parse(line)
        if typed.verb is None or typed.verb in MAKING:
            build(typed, SLOTS[:pictures])
    except Refusal as error:
        card = refusal(error)
        assert card.title
        assert card.text


_FLAG_TOKEN = re.compile(r"(?<!\S)--([^\W_][^\s=]*)")


@given(ANY_LINE.map(lambda line: re.sub("[\"'\u2018-\u201e]", "", line)))
def test_no_flag_is_dropped(line: str) -> None:
    """Every `--word` in front of a lone `--` is a flag of the reading, or the line is refused."""
    try:
        typed = parse(line)
    except Refusal:
        return
    before_end = re.split(r"(?<!\S)--(?!\S)", normalise(line))[0]
    for name in _FLAG_TOKEN.findall(before_end):
        bare = name.casefold().replace("_", "-").rstrip(",;.!?:")
        assert bare.startswith("no-") or FLAG_NAMES[bare].name in typed.flags or f"--no-{bare}" in before_end.casefold()


PLAIN = st.sampled_from(
    ["fox", "red", "snow", "\u2014", "no", "well-lit", "-x", "\u201cold\u201d", "it's", "5", "a,b", "\U0001f98a"]
)
TYPED_FLAGS = st.sampled_from(
    ["--d 10", "--ar wide", "--pro", "--cfg=0.2", "--via fal", "--max 60", "--yes", "--start 1"]
)


@given(st.lists(PLAIN | TYPED_FLAGS, max_size=12))
def test_no_word_is_lost_or_invented(tokens: list[str]) -> None:
    typed = parse(" ".join(tokens))
    assert typed.prompt == " ".join(token for token in tokens if not token.startswith("--"))
    assert set(typed.flags) == {
        token[2:].partition(" ")[0].partition("=")[0] for token in tokens if token.startswith("--")
    }


@given(st.text(max_size=60))
def test_quoted_text_reads_back(text: str) -> None:
    line = quoted(text)
    assert "\n" not in line
    assert normalise(line) == line
    assert unescaped(line[1:-1]) == text


@given(st.text(max_size=200))
def test_normalising_again_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_a_message_that_is_too_long_is_refused_whatever_is_in_it() -> None:
    with pytest.raises(BadValue):
        normalise(" " * 10_001)


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("duration", "durration", 1),
        ("cancel", "cancle", 1),
        ("ar", "ra", 1),
        ("ca", "abc", 3),
        ("kitten", "sitting", 3),
    ],
)
def test_distance(one: str, other: str, far: int) -> None:
    assert distance(one, other) == distance(other, one) == far


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("hgu", ["hug", "kiss"], ("hug",)),
        ("xyz", ["hug", "kiss"], ()),
        ("x", ["d", "ar"], ()),
        ("dura", ["duration", "dry"], ("duration", "dry")),
        ("pro", ["pro", "prod", "prop", "prow"], ("pro", "prod", "prop")),
        ("squizz", ["squish", "kiss", "squeeze_scream"], ("squish",)),
    ],
)
def test_near_words(word: str, known: list[str], found: tuple[str, ...]) -> None:
    assert near(word, known) == found


@given(st.text(max_size=30), st.lists(st.text(min_size=1, max_size=12), max_size=20))
def test_near_words_are_known_and_few(word: str, known: list[str]) -> None:
    found = near(word, known)
    assert len(found) <= 3
    assert set(found) <= set(known)
