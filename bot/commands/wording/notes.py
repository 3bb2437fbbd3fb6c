"""What is worth telling about how a line was read."""

from bot.commands.typed import Note
from bot.commands.wording.figures import named, shorten
from bot.commands.words import VERBS


def note(word: Note) -> str:
    """One sentence or two."""
    match word.kind:
        case "repeated":
            return f"--{word.name} was there more than once; {named(word.value)} counts."
        case "one_dash":
            return f"Flags have two dashes here: {shorten(word.value, 200)}"
        case "silent":
            return "Kling 1.6 makes videos without sound, so there is none to switch off."
        case "not_a_switch":
            return f"What follows --no is what to avoid, here {named(word.value or word.name)}; it switches nothing."
        case "last_frame":
            return "It goes on from the last frame of that video, as a video of its own."
        case _:
            example = VERBS[word.name].example
            return f"{named(word.name)} was read as part of the prompt. The command of that name goes: {example}"
