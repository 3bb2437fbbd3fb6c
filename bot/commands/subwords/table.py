"""Every word behind `quota` and `credits`, in the order that help shows them. A later feature adds its file here."""

from collections.abc import Mapping

from bot.commands.subwords import approvals, limits, linking, own, pool, records, reporting, rules, spending
from bot.commands.subwords.subword import SubWord

ALL: tuple[SubWord, ...] = (
    *own.WORDS,
    *limits.WORDS,
    *pool.WORDS,
    *approvals.WORDS,
    *reporting.WORDS,
    *spending.WORDS,
    *rules.WORDS,
    *records.WORDS,
    *linking.WORDS,
)

SUBWORDS: Mapping[tuple[str, str], SubWord] = {(word.verb, word.name): word for word in ALL}
"""By verb and name."""


def words_of(verb: str) -> tuple[SubWord, ...]:
    """The words of a verb; first the verb alone."""
    return tuple(word for word in ALL if word.verb == verb)


def names_of(verb: str) -> tuple[str, ...]:
    """Their names, without the verb alone."""
    return tuple(word.name for word in words_of(verb) if word.name)
