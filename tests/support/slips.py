"""Words one slip away from a flag's name, and whether they lead back to it."""

import string

from bot.commands.flags import FLAG_NAMES
from bot.commands.grammar import parse
from bot.errors import Refusal, UnknownWord


def slips(name: str) -> set[str]:
    """Every word one letter, or one swap of neighbours, away from a name."""
    letters = string.ascii_lowercase + "-"
    cut = {name[:at] + name[at + 1 :] for at in range(len(name))}
    swapped = {name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in range(len(name) - 1)}
    other = {name[:at] + letter + name[at + 1 :] for at in range(len(name)) for letter in letters}
    more = {name[:at] + letter + name[at:] for at in range(len(name) + 1) for letter in letters}
    return {word for word in cut | swapped | other | more if len(word) > 1 and word.strip("-") == word}


def found(word: str, name: str) -> bool:
    """Whether the mistyped word is answered with the flag; also where it is a word of its own, or three are as near."""
    try:
        parse(f"a fox --{word} 1")
    except UnknownWord as error:
        if error.kind != "flag" or word.startswith("no-"):
            return True
        meant = {FLAG_NAMES[near.split()[0]].name for near in error.near}
        return FLAG_NAMES[name].name in meant or (len(name) < 4 and len(error.near) == 3)
    except Refusal:
        return True
    return True
