"""A team's content rules: shown, changed, and why something is against them."""

from bot.commands.wording.figures import either, in_credits, named
from bot.commands.wording.slips import Said
from bot.credits.rules import Rules
from bot.errors import AgainstRules
from bot.jobs.views import JobView
from bot.messaging import Button, Card, Row

_FLAGGED = {
    "spoiler": "hidden until somebody opens it",
    "button": "behind a button, for whoever presses it",
    "never": "not shown at all",
}
_HOW = (
    "To change them: quota rules refuse nude, gore · quota rules allow gore · quota rules flagged spoiler, button or "
    "never · quota rules effects off"
)


def rules(now: Rules, *, changed: bool = False) -> Card:
    """The rules as they are."""
    refused = ", ".join(now.refused) if now.refused else "none"
    return Card(
        title="Changed" if changed else "Content rules",
        text=f"Refused words are whole words of a prompt, whatever their case or accents; --no may name them.\n{_HOW}",
        tone="good" if changed else "plain",
        rows=(
            Row(name="Refused words", value=refused),
            Row(name="Flagged videos", value=_FLAGGED[now.flagged]),
            Row(name="Effects", value="on" if now.effects else "off"),
        ),
    )


def against(error: AgainstRules) -> Said:
    """Which rule, and what to do."""
    ask = "An administrator can change it"
    if error.rule == "effects":
        return "Effects are off here", f"This team doesn't use ready-made effects. {ask}: quota rules effects on"
    if error.rule == "flagged":
        return "That video isn't shown here", (
            f"Its provider flagged it, and this team doesn't show flagged videos. {ask}: quota rules flagged spoiler"
        )
    return "Against this team's rules", (
        f"The word {named(error.word)} is refused in prompts here. Say it without that word. "
        f"{ask}: quota rules allow {error.word}"
    )


def kept_back(view: JobView, how: str) -> str:
    """In the place of a flagged video: why it isn't there."""
    if how == "button":
        return f"{view.provider} marked it as possibly sensitive, so it is shown only to whoever presses the button."
    charged = f"{in_credits(view.charged or view.credits)} were charged, because it was made."
    return (
        f"{view.provider} marked it as possibly sensitive, and this team doesn't show such videos. {charged} "
        f"Please ask an administrator, who may give them back: quota refund {view.id}"
    )


def reveal(view: JobView) -> Button:
    """Shows a kept back video to whoever presses it."""
    return Button(label="Show it to me", action=f"reveal:{view.id}")


def revealing(*, direct: bool) -> Card:
    """The answer to whoever wants to see it."""
    where = "to your direct messages" if direct else "here, to you alone"
    return Card(title="It comes", text=f"The video comes {where}.")


def revealed(view: JobView) -> Card:
    """The message that it is on."""
    return Card(
        title="A flagged video", text=f"{view.provider} marked it as possibly sensitive.", footer=f"Job {view.id}"
    )


def too_large(view: JobView) -> Card:
    """The message that it isn't on."""
    return Card(
        title="A flagged video", text="It is too large for this place. It is kept with me.", footer=f"Job {view.id}"
    )


def words(refused: tuple[str, ...]) -> str:
    """Words as a note of the audit has them."""
    return either(refused, "and")
