"""How this works, by topic: made from the tables of the grammar, so that it can't promise what isn't there."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from bot.commands.flags import FLAG_NAMES, FLAGS, Flag
from bot.commands.subwords.table import words_of
from bot.commands.wording.figures import named
from bot.commands.words import VERBS, Verb
from bot.messaging import Button, Card, Row

EXAMPLES = (
    "video a red fox runs through fresh snow, low camera, soft morning light",
    "video a lighthouse in a storm, waves break over the rocks, slow zoom in --ar 9:16",
    "video paper boats drift down a rainy street, close to the water --d 10 --no people, text",
)
"""Lines that help can try out: each only shows its price first."""

_PICTURES = """One picture becomes the first frame.
Two are first and last frame; that needs --pro. You see which is which before anything is spent, and can swap them.
Three or four appear together in a new scene; so do one or two with: elements they meet
To say which is what: --start 1, --end 2, or --ref 1,2,3 for a scene.
A public address works like an attached picture: animate https://… she waves
A ready-made effect takes pictures and no words: effect hug
JPEG, PNG, WebP, GIF, AVIF and HEIC are read. One that is too long or too narrow: --fit crop or --fit pad"""

_PROMPTS = """Say, in this order: who or what, what it does, where, in which light, and what the camera does.
One movement at a time: “a fox jumps over a stream” works, a story with three acts doesn't.
With a picture, say only what moves; what is to be seen it has already.
The camera is told in words: slow zoom in, pan left, handheld, seen from above.
Try it with 5 seconds in standard first; what works is worth --pro or --d 10.
--cfg says how close it keeps to the words: 0.3 to 0.5 is freer and moves more, 0.7 to 1 is stricter.
--no takes what you don't want to see, as a list without “no”: blur, text, extra fingers, camera shake."""

_REPLIES = """Answer to one of my videos with:
only flags, such as --d 10: the same, with that changed.
words: a new prompt with the same settings and pictures.
+ and words: added to the old prompt.
extend, cost, again, show, status or cancel: that, about this video.
Pictures that you attach take the place of the old ones."""

_CREDITS = """The team has a pool of credits, and a limit says how much each member may use.
The price is shown first where it is high; cost shows it at any time.
Credits are held when a video starts, charged when it is stored and checked, and released when none comes.
Nothing is bought twice."""


def help_card(topic: str = "", *, admin: bool = False) -> Card:
    """How this works: a topic, a command or a flag by its name, or the overview."""
    word = topic.casefold().lstrip("-")
    if word in TOPICS:
        return TOPICS[word](admin)
    if word in VERBS:
        return _verb(VERBS[word])
    if word.replace("_", "-") in FLAG_NAMES:
        return _flag(FLAG_NAMES[word.replace("_", "-")])
    return replace(_overview(admin), title=f"There is no topic {named(topic, 40)}") if word else _overview(admin)


def _overview(admin: bool) -> Card:
    """Names and examples of the verbs this person can use."""
    return Card(
        title="Videos from words and pictures",
        text="Say what happens in the video, or attach a picture and say how it moves.",
        rows=_verbs(verb for verb in VERBS.values() if admin or not verb.admin),
        command=VERBS["video"].example,
        buttons=(*_tries(0, 2), *(Button(label=name.capitalize(), action=f"go:help {name}") for name in _SHORTCUTS)),
        footer=f"More: {', '.join(f'help {name}' for name in TOPICS if admin or name not in _FOR_ADMINS)}",
    )


def _tries(*places: int) -> tuple[Button, ...]:
    """Examples to press: each shows its price, and makes nothing by itself."""
    return tuple(Button(label=f"Try: {_begin(EXAMPLES[place])}", action=f"try:{place}") for place in places)


def _begin(example: str) -> str:
    return " ".join(example.removeprefix("video ").split()[:4]).rstrip(",") + " …"


def _prompts(_admin: bool) -> Card:
    return Card(title="Good prompts for Kling 1.6", text=_PROMPTS, command=EXAMPLES[1], buttons=_tries(0, 1, 2))


def _replies(_admin: bool) -> Card:
    return Card(title="Answers to a video", text=_REPLIES, command="extend 1 she turns around")


def _effects(_admin: bool) -> Card:
    text = "One picture of a person or an animal, for some two, and no words."
    names = f"Some of them: {', '.join(_SOME)}. A wrong name is answered with the nearest ones."
    return Card(title="Ready-made effects", text=f"{text}\n{names}", command=VERBS["effect"].example)


def _flags(_admin: bool) -> Card:
    return Card(
        title="Flags",
        text="They go anywhere in the line. -- alone ends them: what follows is prompt text.",
        rows=tuple(Row(name=_spelled(flag), value=flag.help) for flag in FLAGS.values()),
        command=VERBS["animate"].example,
    )


def _pictures(_admin: bool) -> Card:
    return Card(title="Pictures", text=_PICTURES, command=VERBS["animate"].example)


def _credits(_admin: bool) -> Card:
    return Card(title="Credits", text=_CREDITS, rows=(*_words("credits"), *_verbs((VERBS["cost"],))))


def _admin(_admin: bool) -> Card:
    resolve = (
        ("resolve <job> charge", "an uncertain job was bought"),
        ("resolve <job> release", "it was not"),
        ("resolve <job> task <id>", "it was, and this is its task: the video still comes"),
    )
    rows = (*_words("quota", but=_RECORDS), *_verbs((VERBS["jobs"], VERBS["providers"])))
    return Card(
        title="For administrators",
        rows=(*rows, *(Row(name=name, value=value) for name, value in resolve)),
        footer="Rules for prompts, exports, what was changed, linked chats: help records",
    )


def _records(_admin: bool) -> Card:
    return Card(
        title="For administrators: rules and records",
        rows=tuple(row for row in _words("quota") if row not in _words("quota", but=_RECORDS)),
        footer="All else: help admin",
    )


def _words(verb: str, *, but: Collection[str] = ()) -> tuple[Row, ...]:
    """What stands behind a verb, as it is typed."""
    return tuple(Row(name=word.example, value=word.summary) for word in words_of(verb) if word.name not in but)


TOPICS: Mapping[str, Callable[[bool], Card]] = {
    "prompts": _prompts,
    "flags": _flags,
    "pictures": _pictures,
    "effects": _effects,
    "replies": _replies,
    "credits": _credits,
    "admin": _admin,
    "records": _records,
}
"""What help can tell about, and how."""

_FOR_ADMINS = ("admin", "records")
_RECORDS = ("rules", "export", "audit", "reconcile", "link")
"""Words behind `quota` that have a card of their own: platforms show 25 rows of one."""

_SHORTCUTS = ("prompts", "pictures", "flags")
_SOME = ("hug", "kiss", "squish", "jelly_press", "day_to_night", "fuzzyfuzzy", "expansion", "bullet_time")


def _verb(verb: Verb) -> Card:
    takes = tuple(Row(name=_spelled(flag), value=flag.help) for flag in FLAGS.values() if verb.name in flag.verbs)
    footer = "For administrators only." if verb.admin else ""
    return Card(
        title=verb.name,
        text=_sentence(verb.summary),
        rows=(*_words(verb.name), *takes),
        command=verb.example,
        footer=footer,
    )


def _flag(flag: Flag) -> Card:
    also = f"Also: {', '.join(f'--{name}' for name in flag.aliases)}" if flag.aliases else ""
    return Card(title=_spelled(flag), text=_sentence(flag.help), footer=also)


def _verbs(verbs: Iterable[Verb]) -> tuple[Row, ...]:
    return tuple(Row(name=verb.example, value=verb.summary) for verb in verbs)


def _spelled(flag: Flag) -> str:
    return f"--{flag.name} {flag.values}".strip()


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
