"""Under what videos are booked, how many are made at once, and whether any are."""

from bot.commands.wording.figures import count
from bot.credits.rules import Rules
from bot.messaging import Card


def tagged(channel: str, tag: str) -> Card:
    """What a channel's videos are booked under from now on."""
    if not tag:
        text = f"Videos from {channel} are booked under nothing from now on, unless --for says otherwise."
        return Card(title="Changed", text=text, tone="good")
    text = f"Videos from {channel} are booked under {tag} from now on, unless --for says otherwise."
    return Card(title="Changed", text=f"{text}\nA limit for it: quota set tag:{tag} 1000/month", tone="good")


def together_set(rules: Rules) -> Card:
    """How many videos are made at once from now on."""
    return Card(
        title="Changed",
        text=f"{_at_once('One person', rules.together)}\n{_at_once('The team', rules.together_team)}\n"
        "What is above that waits for its turn; nothing is refused.",
        tone="good",
    )


def _at_once(who: str, most: int | None) -> str:
    return f"{who}: any number at once." if most is None else f"{who}: {count(most, 'video')} at once."


def all_paused(why: str) -> Card:
    """Nothing new anywhere from now on."""
    text = "Nothing new is made in any team from now on. What is under way is finished and shown."
    return Card(
        title="Everything is paused",
        text=f"{why}\n{text}" if why else text,
        tone="warning",
        command="quota resume everything",
    )


def still_paused(why: str) -> Card:
    """The team's own pause is over, but the operator's holds."""
    text = "This team isn't paused any more, but the operator paused everything: nothing new is made until they go on."
    return Card(
        title="Still paused",
        text=f"{why}\n{text}" if why else text,
        tone="warning",
        command="quota resume everything",
    )
