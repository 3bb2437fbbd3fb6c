"""Teams and accounts that are joined: the code, what came of it, and why not."""

from bot.commands.wording.figures import in_credits
from bot.commands.wording.slips import Said
from bot.credits.linking import Kind
from bot.errors import LinkRefused
from bot.messaging import Card

_MINUTES = "It is good for ten minutes, and once."


def code(kind: Kind, word: str) -> Card:
    """A code, and what to do with it."""
    shown = f"{word[:4]}-{word[4:]}"
    if kind == "person":
        return Card(
            title=f"Your code: {shown}",
            text=(
                "Type it in the other chat, as yourself: your account there becomes one with this one, and what it "
                f"used keeps counting. {_MINUTES} Give it to nobody else."
            ),
            command=f"credits link {shown}",
        )
    return Card(
        title=f"Your code: {shown}",
        text=(
            "An administrator types it in the other chat: that chat then spends from this pool. Its top-ups come "
            "over, what is left of its refill expires, its own limits and rules end, and those from here hold. "
            f"{_MINUTES} Give it to nobody whom you don't trust with this pool."
        ),
        command=f"quota link {shown}",
    )


def joined(kind: Kind, moved: int) -> Card:
    """They are one now."""
    if kind == "person":
        text = "Both accounts are one person now. What this one used, got and gave keeps counting until it resets."
        return Card(title="Linked", text=f"{text}\nWhat is left: credits", tone="good")
    over = f" {in_credits(moved)} of top-ups came along." if moved else ""
    text = f"This chat and the other one share one pool now, with its limits and rules.{over}"
    return Card(title="Linked", text=f"{text}\nWhat there is: quota", tone="good")


def refused(error: LinkRefused) -> Said:
    """Why not, and what to do."""
    verb = "quota link" if error.kind == "workspace" else "credits link"
    whose = "This team has" if error.kind == "workspace" else "You have"
    return {
        "code": ("That code doesn't work", f"It is wrong, used, or older than ten minutes. A new one, there: {verb}"),
        "tries": ("Too many wrong codes", f"After five wrong ones I wait an hour. A new one then, there: {verb}"),
        "itself": (
            "That is from here",
            "The code is from this very chat. Type it in the other one, as who you are there.",
        ),
        "open": ("Not now", f"{whose} open jobs or approvals. When they have ended: {verb} and the code. See: status"),
    }[error.why]
