"""What was typed wrong, in a title and a sentence that says how to type it right."""

from collections.abc import Sequence

from bot.commands.flags import FLAGS
from bot.commands.wording.figures import count, either, named, shorten, thousands
from bot.commands.words import VERBS
from bot.errors import BadValue, Conflict, Missing, UnknownWord
from bot.kling.effects import SCENES

Said = tuple[str, str]
"""A card's title and text."""

_KINDS = {"verb": "command", "flag": "flag", "word": "word", "scene": "effect", "provider": "provider"}


def unknown_word(error: UnknownWord) -> Said:
    """A word that nobody knows, with what may have been meant."""
    mark = "--" if error.kind == "flag" else ""
    text = f"There is no {_KINDS[error.kind]} {named(mark + error.word)} here."
    if error.near:
        text += f" Did you mean {either([mark + word for word in error.near])}?"
    return f"Unknown {_KINDS[error.kind]}", f"{text} {_AFTER_UNKNOWN[error.kind]}"


_AFTER_UNKNOWN = {
    "verb": "To make a video of these words, start with: video",
    "flag": "All of them: help flags. If it belongs to the words, put the words in quotes.",
    "word": "How it goes: help",
    "scene": "Some that exist: hug, kiss, squish, jelly_press, day_to_night.",
    "provider": "Without --via the cheapest one is chosen; cost compares them all.",
}


def bad_value(error: BadValue) -> Said:
    """A value that a field doesn't take: what it takes, what was found, and what to type."""
    if error.field in _TEAM and not error.allowed and not error.value[-1:].isdigit():
        return "Unknown word", f"Behind {error.field} there is no {named(error.value)}. How it goes: help {error.field}"
    if error.field in _BAD:
        return "That value can't be used", _BAD[error.field].format(
            value=named(error.value),
            bare=shorten(error.value, 40),
            number=thousands(error.value),
            limit=either([thousands(word) for word in error.allowed]),
            tries=either([f"--{error.field} {word}" for word in error.allowed]),
        )
    if error.field in FLAGS and FLAGS[error.field].kind == "switch":
        return "That flag takes no value", f"--{error.field} stands alone; leave out {named(error.value)}."
    return "That value can't be used", _generic(error)


def _generic(error: BadValue) -> str:
    name = f"--{error.field}" if error.field in FLAGS else error.field
    if not error.allowed:
        return f"{named(error.value)} can't be used for {name}. Please change it."
    return f"{name} takes {either(error.allowed)}; you gave {named(error.value)}. Please use one of these."


_TEAM = ("credits", "quota")
"""Verbs with words behind them, where a menu or the command line says that a line is one of them."""
_SHORTER = "Please shorten it."
_BAD = {
    "d": "Kling 1.6 makes {limit} seconds; you asked for {bare}. Try {tries}.",
    "ar": "Kling 1.6 makes {limit}; you asked for {bare}. Try {tries}.",
    "cfg": "--cfg goes from 0 (free) to 1 (close to the prompt); you gave {bare}. Try --cfg 0.5.",
    "max": "--max takes credits or dollars; you gave {value}. Try --max 60 or --max $0.30.",
    "via": "--via takes {limit}; you gave {value}. Several providers go with commas between them.",
    "start": "--start takes a picture's number or public address; you gave {value}. Try --start 1.",
    "end": "--end takes a picture's number or public address; you gave {value}. Try --end 2.",
    "ref": "--ref takes pictures' numbers or public addresses; one of them is {value}. Try --ref 1,2.",
    "text": f"I read up to {{limit}} characters of a message; this one has {{number}}. {_SHORTER}",
    "prompt": f"Kling 1.6 reads up to {{limit}} characters of a prompt; yours has {{number}}. {_SHORTER}",
    "no": f"Kling 1.6 reads up to {{limit}} characters after --no; yours has {{number}}. {_SHORTER}",
    "reason": f"A reason has up to {{limit}} characters; yours has {{number}}. {_SHORTER}",
    "pictures": "Kling 1.6 takes up to {limit} pictures; you gave {bare}. Leave some out.",
    "people": "This effect takes one picture for each person in it, here {limit}; you gave {bare}. Leave some out.",
    "unused": "Picture {bare} has no part in this. Say what each is (--start 1 --end 2 or --ref 1,2), or leave it out.",
    "job": "{value} isn't a job's whole id of 20 characters. The jobs command lists them.",
    "resolve": "{value} is too much. It goes: resolve <job> charge, resolve <job> release, or resolve <job> task <id>.",
    "rate": "{value} isn't an amount for a period. It goes: {limit}.",
    "amount": "{value} isn't a whole number of credits above 0. It goes: quota topup {limit}.",
    "more": "{value} isn't a whole number of credits above 0. It goes: credits ask 200.",
    "gift": "{value} isn't a whole number of credits above 0. It goes: credits gift 50 @ana.",
    "receiver": "Nobody can give credits to themselves.",
    "model": "Here is Kling 1.6 and no other model; you asked for {bare}. Try {tries}.",
    "quality": "--quality takes {limit}; you gave {value}. Or say --std or --pro.",
    "camera": "--camera takes a move and how far, such as zoom:5 or pan:-3, or left_turn_forward alone; "
    "you gave {value}. Or leave it out, and put the camera into the words: slow zoom in.",
    "still": "--still takes the number of the mask's picture; you gave {value}. Try --still 2.",
    "brush": "--brush takes the number of the mask's picture and 2 to 77 points, such as 2:10,20>30,40; "
    "you gave {value}. Points are pixels from the lower left corner.",
    "brushes": "At most {limit} parts of a picture can move by themselves; you gave {bare}. Leave some out.",
    "tag": "A tag is one word of letters and digits, such as {limit}; you gave {value}.",
    "together": "{value} isn't a number of videos. It goes: quota together 3, quota together team 10, or off.",
    "resume": "{value} is too much. It goes: quota resume, or quota resume everything.",
    "weekday": "{value} is no day of the week. It goes: quota digest monday 09:00 #finance.",
    "time": "{value} is no time of day. It goes: quota digest monday 09:00 #finance.",
    "levels": "{value} aren't percentages from 1 to 100. It goes: quota alerts #finance 50,80,100.",
    "credits": "{value} isn't a number of credits that can be used; it takes {limit}. Please change it.",
}


def missing(error: Missing) -> Said:
    """Something that is needed and isn't there, with how to give it."""
    if error.what == "picture":
        return "A picture is missing", _no_picture(error)
    if error.what == "prompt":
        return "The words are missing", _NO_PROMPT.get(error.field, _NO_PROMPT[""])
    if (error.what, error.field) == ("job", "extend"):
        return "Which video?", _EXTEND
    if (error.what, error.field) == ("job", "quota refund"):
        return "Which job?", 'It goes: quota refund <job> "blurred". A month\'s jobs: quota export'
    if error.what == "value" and error.field in FLAGS:
        flag = FLAGS[error.field]
        return "A value is missing", f"--{flag.name} needs a value: {flag.values}. For example: {_example(flag.name)}"
    return "Something is missing", _MISSING.get(error.what, f"Please say which {error.what} you mean.")


_EXTEND = (
    "To let a video go on, say which: extend 1 and the words for your newest, or answer to its message. "
    "As the words of a new video they go behind: video"
)
_NO_PROMPT = {
    "": "Say what happens in the video, for example: video a red fox runs through snow. Or attach a picture.",
    "no": "There are no words for the video itself: all words after --no are what to avoid. "
    "Put the video's words first: a red fox --no blur",
    "ref": "A scene made from several pictures needs words. Say what happens in it.",
}
_MISSING = {
    "scene": "Which effect? It goes: effect hug, with a picture. Some that exist: hug, kiss, squish, jelly_press.",
    "job": "Which job? It goes: resolve <job> release. The jobs command lists them.",
    "decision": "What is it to be? It goes: resolve <job> charge, resolve <job> release, or resolve <job> task <id>.",
    "task": "Which task is it at the provider? It goes: resolve <job> task <id>.",
    "amount": "How much? It goes: quota set default 300/month, quota topup 5000 or quota refill 10000/month.",
    "number": "How many at once? It goes: quota together 3, quota together team 10, or quota together off.",
    "tag": "Which channel, and which tag? It goes: quota tag #ads acme, or quota tag #ads off.",
    "scope": "For whom? It goes: quota set default 300/month.",
    "threshold": "Above how many credits? It goes: quota approve-over 100 by role:Leads in #leads, or with off.",
    "approval": "Which one? It goes: approvals approve <its end>, as approvals lists them.",
    "more": 'How many credits, and what for? It goes: credits ask 200 "launch week"',
    "gift": "How many credits, and to whom? It goes: credits gift 50 @ana",
    "digest": "On which day, when and where? It goes: quota digest monday 09:00 #finance, or quota digest off.",
    "alerts": "Where, and at how many percent? It goes: quota alerts #finance 50,80,100, or quota alerts off.",
}


def _example(flag: str) -> str:
    return f"--{flag} {FLAGS[flag].example}".strip()


def _no_picture(error: Missing) -> str:
    there = f"there {'are' if error.found > 1 else 'is'} {error.found or 'none'}"
    if error.field == "fx":
        return f"This effect takes {count(error.needed, 'picture')}, one a person; {there}. Attach what is missing."
    if error.field in ("still", "brush") and error.needed == 1:
        return f"--{error.field} is a mask for a first frame; {there} beside it. Attach the picture itself as well."
    if error.field == "elements":
        return "A scene needs one to four pictures of what appears in it. Attach them, or start with: video"
    if error.field in ("start", "end", "still", "brush", "ref"):
        return f"--{error.field} names picture {error.needed}; {there}. Attach it, or name one that is there."
    return "Attach the picture to animate, or give its public address. For a video from words alone, start with: video"


def conflict(error: Conflict) -> Said:
    """Two things that don't go together, with which to leave out."""
    return "That doesn't go together", _conflict(error.field, error.other)


def _conflict(field: str, other: str) -> str:
    if other == "1.6":
        return _ABSENT[field]
    if other == "elements" and (field, other) not in _PAIRS:
        return f"A scene made from several pictures takes no --{field}. Leave it out, or use one picture."
    if field == other:
        return f"--{field} is there twice with different values. Say it once."
    if (field, other) in _PAIRS:
        return _PAIRS[field, other]
    if other in SCENES:
        return f"The effect {other} is always 5 seconds long. Leave out --{field}."
    if field == "fx":
        return f"An effect takes no --{other}. Leave it out, or leave out --fx."
    if other == "extend" and field in ("pro", "std", "model", "quality"):
        return f"A video goes on in the quality that it was made in. Leave out --{field}."
    if other in VERBS:
        return f"{named(other)} takes no --{field}. Leave it out.{_ON_AGAIN if other == 'again' else ''}"
    return f"{_either_flag([field, other])} contradict each other. Leave one of them out."


_ABSENT = {
    "seed": "No provider of Kling 1.6 takes a seed, so a video can't be repeated exactly. Leave it out; again makes "
    "another take of the same.",
    "audio": "Kling 1.6 makes videos without sound. Leave it out, and add sound afterwards.",
    "motion": "Kling 1.6 has no number for the strength of motion. Leave it out, and say it in words: slowly, with a "
    "sudden jump; a lower --cfg moves more freely.",
    "motion-brush": "A motion brush goes with masks: --brush 2:10,20>30,40 names the mask's picture and a path, "
    "--still 2 what stays. Where no provider takes masks, say in words what moves.",
    "fps": "The frames of a second can't be chosen with Kling 1.6. Leave it out.",
    "resolution": "Kling 1.6 makes 720p, and 1080p with --pro. Leave it out, or add --pro.",
}
_ON_AGAIN = " To change something, copy the command on the video's card and change that."
_FRAMES = (
    "--ref makes a new scene out of its pictures; --start and --end are the video's own frames. Leave one of them out."
)
_MASKS = "Masks belong to one first frame, without a last frame, a camera move or --ref. Leave one of them out."
_PAIRS = {
    (
        "end",
        "standard",
    ): "An end frame needs pro. Add --pro, or send one picture, or put both into one scene with --ref 1,2.",
    ("cfg", "elements"): "A scene made from several pictures takes no --cfg. Leave it out, or use one picture.",
    ("ref", "start"): _FRAMES,
    ("ref", "end"): _FRAMES,
    ("camera", "end"): "A camera move and a last frame exclude each other. Leave one of them out.",
    ("still", "end"): _MASKS,
    ("brush", "end"): _MASKS,
    ("still", "camera"): _MASKS,
    ("brush", "camera"): _MASKS,
    ("ref", "still"): _MASKS,
    ("ref", "brush"): _MASKS,
    ("d", "extend"): "An extension is four to five seconds long. Leave out --d.",
    ("fx", "prompt"): "An effect takes pictures and no words. Leave out the words, or leave out --fx.",
}


def _either_flag(names: Sequence[str]) -> str:
    return either([f"--{name}" if name in FLAGS else name for name in names], "and")
