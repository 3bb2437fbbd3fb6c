"""Every sentence that people read, as cards."""

from bot.commands.help import help_card
from bot.commands.wording.alerts import alert, settled
from bot.commands.wording.prices import confirmed, dropped, note, prices, question
from bot.commands.wording.progress import jobs_list, result, status, stopping
from bot.commands.wording.refusals import refusal
from bot.commands.wording.team import credits, glance, headroom_line, quota
from bot.commands.wording.timeline import receipt
from bot.commands.wording.troubles import sorry, trouble

__all__ = [
    "alert", "confirmed", "credits", "dropped", "glance", "headroom_line", "help_card", "jobs_list", "note", "prices",
    "question", "quota", "receipt", "refusal", "result", "settled", "sorry", "status", "stopping", "trouble",
]  # fmt: skip
