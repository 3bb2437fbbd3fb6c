"""What typed lines mean: a table of lines and their readings, and one of lines that are refused."""

from typing import Any

import pytest

from bot.commands.arguments import Settle
from bot.commands.flags import FLAGS
from bot.commands.grammar import Note, Typed, parse
from bot.commands.subwords.limits import SetLimit
from bot.commands.subwords.pool import SetRefill, TopUp
from bot.commands.subwords.scopes import ScopeWord
from bot.commands.values import Budget
from bot.commands.words import VERBS
from bot.errors import BadValue, Conflict, Missing, Refusal, UnknownWord

JOB = "0123456789abcdefghij"
EVERYBODY = ScopeWord("default")


def words(prompt: str = "", *addresses: str, **flags: Any) -> Typed:
    return Typed(prompt=prompt, flags=flags, addresses=addresses)


def video(prompt: str = "", *addresses: str, **flags: Any) -> Typed:
    return Typed(verb="video", maker="video", prompt=prompt, flags=flags, addresses=addresses)


def animate(prompt: str = "", *addresses: str, **flags: Any) -> Typed:
    return Typed(verb="animate", maker="animate", prompt=prompt, flags=flags, addresses=addresses)


def prose(prompt: str, verb: str) -> Typed:
    return Typed(prompt=prompt, notes=(Note("read_as_prompt", verb),))


READINGS: list[tuple[str, Typed]] = [
    # words and flags
    ("", words()),
    ("a red fox", words("a red fox")),
    (
        "a red fox runs through snow --ar 16:9 --d 5 --no blur, text",
        words("a red fox runs through snow", ar="16:9", d=5, no="blur, text"),
    ),
    ("video a red fox --pro", video("a red fox", pro=True)),
    ("Video: a red fox", video("a red fox")),
    ("video", video()),
    ("video video games", video("video games")),
    ("animate she waves --d 10", animate("she waves", d=10)),
    ("cost a red fox --pro", Typed(verb="cost", prompt="a red fox", flags={"pro": True})),
    ("cost animate she waves", Typed(verb="cost", maker="animate", prompt="she waves")),
    ("--ar 9:16 a red fox", words("a red fox", ar="9:16")),
    ("a red fox --std --d 10 runs", words("a red fox runs", std=True, d=10)),
    ("a fox --d 5 --d 5", words("a fox", d=5)),
    ("a fox --ar wide --ar 16:9", words("a fox", ar="16:9")),
    ("  a fox \n --d 10  ", words("a fox", d=10)),
    ("a fox\nruns", words("a fox\nruns")),
    # spellings of names and values
    ("a fox --AR 9:16", words("a fox", ar="9:16")),
    ("a fox --aspect_ratio=1:1", words("a fox", ar="1:1")),
    ("a fox --aspect-ratio square", words("a fox", ar="1:1")),
    ("a fox --ar 16x9", words("a fox", ar="16:9")),
    ("a fox --ar 9\u00d716", words("a fox", ar="9:16")),
    ("a fox --ar Portrait, --d 10s.", words("a fox", ar="9:16", d=10)),
    ("a fox --duration=10 --guidance_scale .7", words("a fox", d=10, cfg=0.7)),
    ("a fox --cfg 0,7", words("a fox", cfg=0.7)),
    ('a fox --d "10"', words("a fox", d=10)),
    ("a fox --d \u201c10\u201d", words("a fox", d=10)),
    ("a fox --max 60", words("a fox", max=Budget(credits=60))),
    ("a fox --max 1,000cr", words("a fox", max=Budget(credits=1000))),
    ("a fox --max $0.60", words("a fox", max=Budget(microusd=600_000))),
    ("a fox --budget 1.5$", words("a fox", max=Budget(microusd=1_500_000))),
    ("a fox --via cheapest", words("a fox", via=())),
    ("a fox --via Fast", words("a fox", via=("fast",))),
    ("a fox --via fal, wavespeed", words("a fox", via=("fal", "wavespeed"))),
    ("a fox --yes", words("a fox", yes=True)),
    ("a fox --dry", words("a fox", dry=True)),
    ("--fx hug", words(fx="hug")),
    ("--effect Lets-Ride", words(fx="let's_ride")),
    # phrases and quotes
    ("--no blur --d 5", words(no="blur", d=5)),
    ('--no "blur, --text" a fox', words("a fox", no="blur, --text")),
    ("a fox --no 'old' cars", words("a fox", no="'old' cars")),
    ("a fox --no \u201cblur\u201d", words("a fox", no="blur")),
    ('a fox --no ""', words("a fox", no="")),
    ('cost "fox" --d 10', Typed(verb="cost", prompt="fox", flags={"d": 10})),
    ('"a fox --d 7 -- runs" --d 10', words("a fox --d 7 -- runs", d=10)),
    (r'"a \"fox\"\nruns \\ \u200b"', words('a "fox"\nruns \\ \u200b')),
    ('"Hello" says the fox', words('"Hello" says the fox')),
    ("\u201cHello\u201d says the fox", words("\u201cHello\u201d says the fox")),
    # dashes as phones type them
    ("a red fox \u2014ar 9:16 \u2014d 10", words("a red fox", ar="9:16", d=10)),
    ("a fox \u2013pro", words("a fox", pro=True)),
    ("a cat \u2014 no collar", words("a cat \u2014 no collar")),
    ("well\u2014lit, well--lit", words("well\u2014lit, well--lit")),
    ("a \u2014dragon", words("a \u2014dragon")),
    ("a --> b --- c", words("a --> b --- c")),
    ("a fox -- --d 10", words("a fox --d 10")),
    # what can't be seen
    ("a\u00a0fox\u200b --d\u00a010", words("a fox", d=10)),
    ("\ufeffhelp", Typed(verb="help")),
    ("\U0001f468\u200d\U0001f469\u200d\U0001f467 dance", words("\U0001f468\u200d\U0001f469\u200d\U0001f467 dance")),
    ("half \ud83d a character", words("half \ufffd a character")),
    # pictures
    ("a fox --start 1", words("a fox", start=1)),
    ("morph --first #1 --last 2 --pro", words("morph", start=1, end=2, pro=True)),
    ("a fox and a hen --ref 1, 2,3", words("a fox and a hen", ref=(1, 2, 3))),
    ("animate https://x.org/a.png she waves", animate("she waves", "https://x.org/a.png")),
    ("<https://x.org/a.png>, she waves", words("she waves", "https://x.org/a.png")),
    ("she waves http://x.org/a.png", words("she waves", "http://x.org/a.png")),
    ("as on https://x.org but red", words("as on https://x.org but red")),
    ("video she waves --start https://x.org/a", video("she waves", "https://x.org/a", start="https://x.org/a")),
    (
        "go --ref https://x.org/a,b.png,2,https://y.org/",
        words("go", "https://x.org/a,b.png", "https://y.org/", ref=("https://x.org/a,b.png", 2, "https://y.org/")),
    ),
    # verbs that are not about a new video
    ("status", Typed(verb="status")),
    ("Status?", Typed(verb="status")),
    (f"status {JOB.upper()}", Typed(verb="status", words=(JOB.upper(),), job=JOB)),
    ("show 3", Typed(verb="show", words=("3",), job="3")),
    ("cancel it", Typed(verb="cancel")),
    ("cancel job 0123", Typed(verb="cancel", words=("0123",), job="0123")),
    ("again", Typed(verb="again")),
    (
        f"again {JOB} --max 60 --yes",
        Typed(verb="again", words=(JOB,), job=JOB, flags={"max": Budget(credits=60), "yes": True}),
    ),
    ("credits", Typed(verb="credits", words=("",))),
    ("help", Typed(verb="help")),
    ("help flags", Typed(verb="help", words=("flags",))),
    ("jobs", Typed(verb="jobs")),
    ("quota", Typed(verb="quota", words=("",))),
    (
        "quota set default 300/month",
        Typed(verb="quota", words=("set",), change=SetLimit(EVERYBODY, 300, "month")),
    ),
    (
        "quota set default 1,500 credits per week",
        Typed(
            verb="quota",
            words=("set",),
            change=SetLimit(EVERYBODY, 1500, "week"),
        ),
    ),
    (
        'quota topup 5000 "PO 881"',
        Typed(verb="quota", words=("topup",), change=TopUp(5000, "PO 881")),
    ),
    ("quota topup 5000", Typed(verb="quota", words=("topup",), change=TopUp(5000, ""))),
    ("quota refill 0/day", Typed(verb="quota", words=("refill",), change=SetRefill(0, "day"))),
    (f"resolve {JOB} charge", Typed(verb="resolve", words=(JOB, "charge"), job=JOB, change=Settle(JOB, "charge"))),
    (
        f"resolve {JOB} task Qx-9_z",
        Typed(verb="resolve", words=(JOB, "task", "Qx-9_z"), job=JOB, change=Settle(JOB, "task", "Qx-9_z")),
    ),
    # prose that begins with a verb, or with something like one
    ("show me a fox", prose("show me a fox", "show")),
    ("cancel culture as a circus", prose("cancel culture as a circus", "cancel")),
    ("credits roll over a black sky", prose("credits roll over a black sky", "credits")),
    ("Status quo, a rock band", prose("Status quo, a rock band", "status")),
    ("again and again the waves hit", prose("again and again the waves hit", "again")),
    ("help me fly", prose("help me fly", "help")),
    ("quota of fish", prose("quota of fish", "quota")),
    ("resolve the conflict", prose("resolve the conflict", "resolve")),
    ("jobs nobody wants", prose("jobs nobody wants", "jobs")),
    ("statue", words("statue")),
    ("snow", words("snow")),
    ("coast at dawn", words("coast at dawn")),
    ("gains in the gym", words("gains in the gym")),
]


@pytest.mark.parametrize(("line", "reading"), READINGS, ids=[line[:40] for line, _ in READINGS])
def test_reading(line: str, reading: Typed) -> None:
    assert parse(line) == reading


REFUSED: list[tuple[str, Refusal]] = [
    # flags that aren't
    ("a fox --durration 10", UnknownWord("flag", "durration", ("duration",))),
    ("a fox --n 5", BadValue("n", "5", ("1", "2", "3", "4"))),
    ("a fox --no-blur", UnknownWord("flag", "no-blur", ("no blur",))),
    ("a fox --d10", UnknownWord("flag", "d10", ("d 10",))),
    ("a fox --ar16:9", UnknownWord("flag", "ar16:9", ("ar 16:9",))),
    ("a fox --10", UnknownWord("flag", "10")),
    ("--quie a fox", UnknownWord("flag", "quie")),
    # values that aren't
    ("a fox --d 7", BadValue("d", "7", ("5", "10"))),
    ("a fox --d '10'0", BadValue("d", "'10'0", ("5", "10"))),
    ('a fox --d "10"0', BadValue("d", '"10"0', ("5", "10"))),
    ("a fox --ar 4:3", BadValue("ar", "4:3", ("16:9", "9:16", "1:1"))),
    ("a fox --cfg 2", BadValue("cfg", "2", ("0 to 1",))),
    ("a fox --cfg nan", BadValue("cfg", "nan", ("0 to 1",))),
    ("a fox --cfg -0.1", BadValue("cfg", "-0.1", ("0 to 1",))),
    ("a fox --max 0", BadValue("max", "0", ("60", "$0.30"))),
    ("a fox --max 0.5", BadValue("max", "0.5", ("60", "$0.30"))),
    ("a fox --max $0", BadValue("max", "$0", ("60", "$0.30"))),
    ("a fox --max 99999999999", BadValue("max", "99999999999", ("60", "$0.30"))),
    ("a fox --max $99999999999", BadValue("max", "$99999999999", ("60", "$0.30"))),
    ("a fox --start 0", BadValue("start", "0", ("1", "2", "https://\u2026"))),
    ("a fox --start ftp://x.org", BadValue("start", "ftp://x.org", ("1", "2", "https://\u2026"))),
    ("a fox --start https://me@x.org/", BadValue("start", "https://me@x.org/", ("1", "2", "https://\u2026"))),
    ("a fox --ref 1,2,3,4,5", BadValue("pictures", "5", ("4",))),
    ("a fox --pro=yes", BadValue("pro", "yes")),
    ("--fx hugg", UnknownWord("scene", "hugg", ("hug", "hula"))),
    ("a fox --via fall", UnknownWord("provider", "fall", ("fal",))),
    ("a fox --via fal,cheapest", BadValue("via", "fal,cheapest", ("cheapest", "fast", "fal", "wavespeed"))),
    ("a fox --d", Missing("value", "d")),
    ("a fox --d --pro", Missing("value", "d")),
    ("a fox --d= 10", Missing("value", "d")),
    ("a fox --no -- blur", Missing("value", "no")),
    ("x" * 10_001, BadValue("text", "10001", ("10000",))),
    # flags that contradict each other, or their verb
    ("a fox --d 5 --d 10", Conflict("d", "d")),
    ("a fox --via fal --provider wavespeed", Conflict("via", "via")),
    ("a fox --max 60 --max $0.30", Conflict("max", "max")),
    ("a fox --pro --std", Conflict("pro", "std")),
    ("a fox --yes --dry", Conflict("yes", "dry")),
    ("cost a fox --yes", Conflict("yes", "cost")),
    ("status --d 10", Conflict("d", "status")),
    ("again --d 10", Conflict("d", "again")),
    ("credits --pro", Conflict("pro", "credits")),
    # verbs that aren't, and their arguments
    ("cancle", UnknownWord("verb", "cancle", ("cancel",))),
    (f"cancell {JOB}", UnknownWord("verb", "cancell", ("cancel",))),
    ("hlep", UnknownWord("verb", "hlep", ("help",))),
    ("credit", UnknownWord("verb", "credit", ("credits",))),
    ("cots a red fox", UnknownWord("verb", "cots", ("cost",))),
    ("credits @ana", UnknownWord("word", "@ana")),
    ("quota top-up 5000", UnknownWord("word", "top-up", ("topup",))),
    ("quota set", Missing("scope", "quota set")),
    ("quota set 300/month", Missing("scope", "quota set")),
    ("quota set default", Missing("amount", "quota set default")),
    ("quota set ana 300/month", UnknownWord("word", "ana", ("@ana",))),
    ("quota set role: 300/month", UnknownWord("word", "role:", ("role:Designers",))),
    ("quota set job", Missing("amount", "quota set job")),
    ("quota timezone Atlantis", BadValue("timezone", "Atlantis")),
    ("quota set default 300", BadValue("rate", "300", ("300/day", "300/week", "300/month"))),
    ("quota set default -5/day", BadValue("rate", "-5/day", ("300/day", "300/week", "300/month"))),
    ("quota topup", Missing("amount", "quota topup")),
    ("quota topup 0", BadValue("amount", "0", ("5000",))),
    ("quota topup -5", BadValue("amount", "-5", ("5000",))),
    ("quota topup 1.5", BadValue("amount", "1.5", ("5000",))),
    ("quota topup 1000000000000000", BadValue("amount", "1000000000000000", ("5000",))),
    ("quota topup 5 " + "x" * 201, BadValue("reason", "201", ("200",))),
    ("resolve", Missing("job", "resolve")),
    ("resolve 3 charge", BadValue("job", "3")),
    (f"resolve {JOB}", Missing("decision", "resolve")),
    (f"resolve {JOB} chrage", UnknownWord("word", "chrage", ("charge",))),
    (f"resolve {JOB} task", Missing("task", "resolve")),
    (f"resolve {JOB} charge it", BadValue("resolve", "it")),
]


@pytest.mark.parametrize(("line", "refusal"), REFUSED, ids=[line[:40] for line, _ in REFUSED])
def test_refused_reading(line: str, refusal: Refusal) -> None:
    with pytest.raises(type(refusal)) as caught:
        parse(line, providers=("fal", "wavespeed"))
    assert vars(caught.value) == vars(refusal)


def test_a_flag_given_twice_counts_the_last_time_and_says_so() -> None:
    typed = parse("a fox --ar 16:9 --ar tall --no blur --no text")
    assert typed.flags == {"ar": "9:16", "no": "text"}
    assert typed.notes == (Note("repeated", "ar", "tall"), Note("repeated", "no", "text"))


def test_any_provider_goes_where_none_are_named() -> None:
    assert parse("a fox --via somebody").flags["via"] == ("somebody",)
    with pytest.raises(UnknownWord):
        parse("a fox --via somebody", providers=())


def test_tables_fit_together() -> None:
    names = [name for flag in FLAGS.values() for name in (flag.name, *flag.aliases)]
    assert len(names) == len(set(names))
    assert all(flag.verbs <= VERBS.keys() for flag in FLAGS.values())
    assert list(VERBS) == [
        "video",
        "animate",
        "elements",
        "effect",
        "extend",
        "cost",
        "status",
        "cancel",
        "show",
        "again",
        "credits",
        "approvals",
        "help",
        "quota",
        "jobs",
        "providers",
        "resolve",
    ]
    assert set("ar d no pro std model quality cfg start end ref fx camera still brush via max yes dry".split()) <= set(
        FLAGS
    )
    assert {verb.name for verb in VERBS.values() if verb.admin} == {"quota", "jobs", "resolve", "providers"}


@pytest.mark.parametrize(
    "verb", [verb for verb in VERBS.values() if "<job>" not in verb.example], ids=lambda verb: verb.name
)
def test_examples_are_read_as_their_verb(verb: Any) -> None:
    assert parse(verb.example).verb == verb.name


def test_a_prompt_that_begins_like_a_line_about_credits_carries_nobodys_id() -> None:
    typed = parse("credits roll over <@U0BEN> in <#123>, by <&S0DESIGN>")
    assert (typed.verb, typed.prompt) == (None, "credits roll over @U0BEN in #123, by &S0DESIGN")
