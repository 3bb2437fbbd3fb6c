"""A hundred thousand lines, made up and mutated: nothing but refusals comes out, and no flag is lost on the way."""

import os
import random
import re

import pytest

from bot.commands.build import PictureSlot, build
from bot.commands.canonical import command
from bot.commands.fixing import fixes
from bot.commands.flags import FLAG_NAMES
from bot.commands.grammar import parse
from bot.commands.making import PAID
from bot.commands.scanning import plain
from bot.commands.spelling import normalise
from bot.commands.wording import refusal
from bot.commands.words import VERBS
from bot.errors import Refusal
from bot.kling.requests import dump_request
from tests.support.slips import found, slips

LINES = int(os.environ.get("KLINGBOT_TEST_LINES", "100000"))
PARTS = 10
JOB = "0123456789abcdefghij"
SLOTS = [PictureSlot(f"blob:{number:064x}") for number in range(10)]
SEEDS = (
    "a red fox runs through snow --ar 16:9 --d 5 --no blur, text",
    "animate https://x.org/a.png she waves \u2014pro --start 1 --end 2",
    'cost "a fox -- runs" --via fal, wavespeed --max $0.60 --dry',
    "--fx hug --d 10 --yes --cfg 0.7 --ref 1,2,3",
    "effect jelly press --pro",
    "elements they meet -ar 9:16 -neg blur -gs 0.5",
    "she waves --still 2 --brush 3:10,20>30,40>50,60 --brush 4:1,2>3,4",
    "a fox --camera zoom:5 --model 1.6-pro --quality pro",
    f"extend {JOB} she turns --no blur",
    'quota topup 5000 "PO 881"',
    f"resolve {JOB} task abc",
    f"again {JOB} --max 60",
    "```\nvideo a fox `--d 10`\n```",
    "a fox --no-audio --no-pro --no text",
)
ODD = (
    "--", "\u2014", "\u2013d ", "-d 5", '"', "'", "\u201c", "\u201d", "\\", "=", ",", " ", "\n", "\u00a0", "\u200b",
    "`", "```", "\ud83d", "\x00", "--no ", "--d ", "1", "@a", "<", ">", ":", "$", "+", "--no-", "-- ", "\u2212", "#",
    "\u0130",
)  # fmt: skip
_FLAG = re.compile(r"(?<!\S)--([^\W_][^\s=]*)")
_QUOTES = re.compile("[\"'\u2018-\u201e]")


def made_up(chance: random.Random) -> str:
    """A line: a mutated one, tokens thrown together, or any characters."""
    kind = chance.random()
    if kind < 0.6:
        return mutated(chance, chance.choice(SEEDS))
    words = [*ODD, *FLAG_NAMES, *VERBS, *(f"--{name}" for name in FLAG_NAMES), "fox", "10", "16:9", JOB, "hug"]
    if kind < 0.9:
        return " ".join(chance.choice(words) for _ in range(chance.randint(0, 12)))
    return "".join(chr(chance.choice((chance.randint(0, 0x24F), chance.randint(0, 0x10FFFF)))) for _ in range(20))


def mutated(chance: random.Random, line: str) -> str:
    """A few pieces cut out, doubled or put in."""
    for _ in range(chance.randint(0, 6)):
        at, length = chance.randint(0, len(line)), chance.randint(0, 5)
        piece = chance.choice(("", line[at : at + length] * 2, *ODD, chr(chance.randint(0x20, 0x17F))))
        line = line[:at] + piece + line[at + length :]
    return line


def lost_flags(line: str, flags: set[str]) -> list[str]:
    """Names after two dashes, in front of a lone `--`, that neither are in the reading nor were taken back."""
    before = re.split(r"(?<!\S)--(?!\S)", normalise(line))[0]
    names = [plain(name).rstrip(",;.!?:") for name in _FLAG.findall(before)]
    return [
        name for name in names
        if not name.startswith("no-") and FLAG_NAMES[name].name not in flags and f"no-{name}" not in names
    ]  # fmt: skip


@pytest.mark.parametrize("part", range(PARTS))
def test_a_hundred_thousand_lines(part: int) -> None:
    chance = random.Random(f"words {part} {os.environ.get('KLINGBOT_TEST_SEED', '')}")
    for _ in range(LINES // PARTS):
        line, pictures, reply = made_up(chance), chance.randint(0, 6), chance.random() < 0.2
        try:
            typed = parse(line, providers=("fal", "wavespeed"), pictures=pictures, reply=reply)
            paid = typed.verb is None or typed.verb in PAID
            if not _QUOTES.search(line):
                assert not paid or lost_flags(line, set(typed.flags)) == [], line
            if paid and typed.verb != "again" and (typed.verb != "extend" or typed.job == JOB):
                request = build(typed, SLOTS[:pictures]).request
                again = build(parse(command(request)), [PictureSlot(ref) for ref in request.pictures]).request
                assert dump_request(again) == dump_request(request), line
        except Refusal as error:
            check_refusal(line, error)


def check_refusal(line: str, error: Refusal) -> None:
    """It has words, and ways out that don't grow."""
    card = refusal(error)
    assert card.title
    assert card.text
    assert all(len(fix.line) <= 2 * len(line) + 100 for fix in fixes(line, error))


@pytest.mark.parametrize("name", sorted(name for name in FLAG_NAMES if len(name) > 1))
def test_every_slip_in_a_flag_is_found(name: str) -> None:
    assert [word for word in sorted(slips(name)) if not found(word, name)] == []
