"""Which known words a mistyped one may have meant."""

from collections.abc import Iterable


def distance(one: str, other: str) -> int:
    """Damerau-Levenshtein: insertions, deletions, substitutions and swaps of neighbours between two words."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, left in enumerate(one, start=1):
        here = [row]
        for column, right in enumerate(other, start=1):
            cost = min(above[column] + 1, here[-1] + 1, above[column - 1] + (left != right))
            if row > 1 and column > 1 and left == other[column - 2] and one[row - 2] == right:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        before, above = above, here
    return above[-1]


def near(word: str, known: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """The known words closest to `word`, at most `most`; empty where none is close enough to be meant.

    One slip is forgiven in a word of up to 3 letters, two up to 7, three beyond; the only word it begins counts too.
    """
    word, names = word.casefold()[:40], list(known)
    slips = 1 if len(word) <= 3 else 2 if len(word) <= 7 else 3
    ranked = []
    for place, name in enumerate(names):
        if abs(len(name) - len(word)) <= slips and (far := distance(word, name)) <= slips and far < len(word):
            ranked.append((far, place, name))
    begun = [name for name in names if len(word) > 1 and name.startswith(word)]
    found = [name for _, _, name in sorted(ranked)]
    if len(begun) == 1:
        found = [*begun, *found]
    return tuple(dict.fromkeys(found))[:most]
