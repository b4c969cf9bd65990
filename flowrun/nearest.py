"""What somebody probably meant: the word that is written the same but for case and hyphens, else the nearest one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_CUTOFF = 0.65
"""How like each other two words must be, as difflib counts it: a guess that is far off helps less than a list."""


_MOST_COMPARED = 2_000
"""Words. A robot may give a million names, and comparing takes a tenth of a millisecond for each."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The word of `known` that was meant; None where none is near."""
    options = list(known)
    same = {folded(option): option for option in options}.get(folded(word))
    if same:
        return same
    if len(options) > _MOST_COMPARED:
        options = [one for one in options if one[:1] == word[:1] and abs(len(one) - len(word)) <= 1]
    return next(iter(get_close_matches(word, options[:_MOST_COMPARED], n=1, cutoff=_CUTOFF)), None)


def guess(word: str, known: Iterable[str], otherwise: str | None) -> str | None:
    """The hint for a word that is not known: what was meant, or else what there is."""
    near = nearest(word, known)
    return f"did you mean {near}?" if near else otherwise


def folded(word: str) -> str:
    """The word without what people write differently: `input_arguments` and `InputArguments` are the same."""
    return word.replace("_", "").replace("-", "").replace(" ", "").lower()
