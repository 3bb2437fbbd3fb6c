"""Every sentence that people read, as cards."""

from bot.commands.wording.alerts import alert, settled
from bot.commands.wording.enhanced import (
    KEEP_MINE,
    NOTHING_BETTER,
    USE_NEW,
    WHICH_WORDS,
    improvable,
    not_enhanced,
    side_by_side,
    with_word,
)
from bot.commands.wording.estimates import estimate, free
from bot.commands.wording.notes import note
from bot.commands.wording.pictured import changes, pictured
from bot.commands.wording.prices import confirmed, dropped, prices, question
from bot.commands.wording.progress import edit_by_hand, jobs_list, result, short, status, stopping, taken_away
from bot.commands.wording.proposals import proposed, proposed_prices
from bot.commands.wording.refusals import refusal
from bot.commands.wording.supply import providers
from bot.commands.wording.team import glance
from bot.commands.wording.timeline import receipt
from bot.commands.wording.troubles import apart, at_home, sorry, trouble

__all__ = [
    "KEEP_MINE",
    "NOTHING_BETTER",
    "USE_NEW",
    "WHICH_WORDS",
    "alert",
    "apart",
    "at_home",
    "changes",
    "confirmed",
    "dropped",
    "edit_by_hand",
    "estimate",
    "free",
    "glance",
    "improvable",
    "jobs_list",
    "not_enhanced",
    "note",
    "pictured",
    "prices",
    "proposed",
    "proposed_prices",
    "providers",
    "question",
    "receipt",
    "refusal",
    "result",
    "settled",
    "short",
    "side_by_side",
    "sorry",
    "status",
    "stopping",
    "taken_away",
    "trouble",
    "with_word",
]  # fmt: skip
