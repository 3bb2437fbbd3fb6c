"""What a team's content rules refuse: words of the prompt, and effects. Looked at before anything is stored or spent.

The negative prompt may name whatever it likes: it says what is not to be seen.
"""

import re
import unicodedata

from bot.credits.rules import Rules, rules_of
from bot.errors import AgainstRules
from bot.kling.requests import Effect, Request
from bot.store.scripts import Script

_ACCENTS = re.compile("[\u0300-\u036f]")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Scripts that put no blanks between words."""


def check_content(rules: Rules, request: Request) -> None:
    """Raise AgainstRules for a request that the rules don't allow."""
    if isinstance(request, Effect):
        if not rules.effects:
            raise AgainstRules("effects")
        return
    check_words(rules, request.prompt)


def check_words(rules: Rules, prompt: str) -> None:
    """Raise AgainstRules for a prompt with a refused word in it."""
    if rules.refused and (word := _found(rules.refused, prompt)) is not None:
        raise AgainstRules("word", word)


def allowed_in(workspace: str, request: Request) -> Script[None]:
    """The same by the rules that a workspace has now. Raises AgainstRules, and NotFound for the workspace."""
    check_content((yield from rules_of(workspace)), request)


def folded(text: str) -> str:
    """Words of a text as they are compared: without case, accents, signs and what can't be seen; one blank between."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()).casefold())
    return " ".join("".join(map(_plain, plain)).split())


def _plain(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Cf":  # a joiner in the middle of a word hides nothing
        return ""
    return char if kind[0] in "LMN" else " "


def _found(refused: tuple[str, ...], prompt: str) -> str | None:
    """The first refused word that the prompt has as a whole word, wherever it stands."""
    said = f" {folded(prompt)} "
    for word in refused:
        meant = folded(word)
        if meant and (meant in said if _UNSPACED.search(meant) else f" {meant} " in said):
            return word
    return None
