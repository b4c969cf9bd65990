"""What somebody probably meant: the word that is written the same but for case and hyphens, else the nearest one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_CUTOFF = 0.65
"""How like each other two words must be, as difflib counts it: a guess that is far off helps less than a list."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The word of `known` that was meant; None where none is near."""
    options = list(known)
    same = {folded(option): option for option in options}.get(folded(word))
    return same or next(iter(get_close_matches(word, options, n=1, cutoff=_CUTOFF)), None)


def guess(word: str, known: Iterable[str], otherwise: str | None) -> str | None:
    """The hint for a word that is not known: what was meant, or else what there is."""
    near = nearest(word, known)
    return f"did you mean {near}?" if near else otherwise


def folded(word: str) -> str:
    """The word without what people write differently: `input_arguments` and `InputArguments` are the same."""
    return word.replace("_", "").replace("-", "").replace(" ", "").lower()
