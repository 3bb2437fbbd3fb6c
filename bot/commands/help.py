"""How this works, by topic: made from the tables of the grammar, so that it can't promise what isn't there."""

from collections.abc import Callable, Iterable, Mapping

from bot.commands.words import FLAGS, VERBS, Flag, Verb
from bot.messaging import Card, Row

_PICTURES = """One picture becomes the first frame.
Two are first and last frame; that needs --pro.
Three or four appear together in a new scene.
To say which is what: --start 1, --end 2, or --ref 1,2,3 for a scene.
A public address works like an attached picture: animate https://… she waves
A ready-made effect takes pictures and no words: animate --fx hug"""

_CREDITS = """The team has a pool of credits, and a limit says how much each member may use.
The price is shown first where it is high; cost shows it at any time.
Credits are held when a video starts, charged when it is stored and checked, and released when none comes.
Nothing is bought twice."""


def help_card(topic: str = "", *, admin: bool = False) -> Card:
    """How this works: a topic, a command or a flag by its name, or the overview."""
    word = topic.casefold().lstrip("-")
    if word in _TOPICS:
        return _TOPICS[word](admin)
    if word in VERBS:
        return _verb(VERBS[word])
    if word in FLAGS:
        return _flag(FLAGS[word])
    return _overview(admin)


def _overview(admin: bool) -> Card:
    """Names and examples of the verbs this person can use."""
    return Card(
        title="Videos from words and pictures",
        text="Say what happens in the video, or attach a picture and say how it moves.",
        rows=_verbs(verb for verb in VERBS.values() if admin or not verb.admin),
        command=VERBS["video"].example,
        footer=f"More: {', '.join(f'help {name}' for name in _TOPICS if admin or name != 'admin')}",
    )


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
    return Card(title="Credits", text=_CREDITS, rows=_verbs((VERBS["credits"], VERBS["cost"])))


def _admin(_admin: bool) -> Card:
    examples = (
        ("quota", "the pool and the limits"),
        ("quota set default 300/month", "how much each member may use"),
        ('quota topup 5000 "PO 881"', "add credits that don't expire"),
        ("quota refill 10000/month", "what the pool is filled up with"),
        ("jobs", VERBS["jobs"].summary),
        ("resolve <job> charge", "an uncertain job was bought"),
        ("resolve <job> release", "it was not"),
        ("resolve <job> task <id>", "it was, and this is its task: the video still comes"),
    )
    return Card(title="For administrators", rows=tuple(Row(name=name, value=value) for name, value in examples))


_TOPICS: Mapping[str, Callable[[bool], Card]] = {
    "flags": _flags,
    "pictures": _pictures,
    "credits": _credits,
    "admin": _admin,
}


def _verb(verb: Verb) -> Card:
    takes = tuple(Row(name=_spelled(flag), value=flag.help) for flag in FLAGS.values() if verb.name in flag.verbs)
    footer = "For administrators only." if verb.admin else ""
    return Card(title=verb.name, text=_sentence(verb.summary), rows=takes, command=verb.example, footer=footer)


def _flag(flag: Flag) -> Card:
    also = f"Also: {', '.join(f'--{name}' for name in flag.aliases)}" if flag.aliases else ""
    return Card(title=_spelled(flag), text=_sentence(flag.help), footer=also)


def _verbs(verbs: Iterable[Verb]) -> tuple[Row, ...]:
    return tuple(Row(name=verb.example, value=verb.summary) for verb in verbs)


def _spelled(flag: Flag) -> str:
    return f"--{flag.name} {flag.values}".strip()


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
