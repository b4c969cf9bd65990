"""Words on a picture: how wide they are, and how they become shorter or harmless."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from unicodedata import east_asian_width

BOLD = 1.14
"""How much wider bold letters are."""

_NARROW = frozenset("ijltfrI.,:;'|!()[]{} ")
_WIDE = frozenset("mwMW@%&—…<>+=#~^")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""What XML does not allow at all, and what turns a line round."""

_ESCAPES = str.maketrans({"\r": "&#13;", "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


class _Widths(dict[str, float]):
    """The width of each character, found out when it is first met."""

    def __missing__(self, character: str) -> float:
        self[character] = found = _width(character)
        return found


_WIDTHS = _Widths()


def width(text: str, size: float) -> float:
    """About how wide it is in a sans-serif font of this size, in the same unit; rather too wide than too narrow."""
    return size * sum(map(_WIDTHS.__getitem__, text))


def _width(character: str) -> float:
    if character in _NARROW:
        return 0.36
    if character in _WIDE:
        return 0.98
    if character.isascii():
        return 0.68 if character.isupper() else 0.6
    return 1.05 if east_asian_width(character) in "WF" else 0.75


def fitted(text: str, size: float, room: float) -> str:
    """As much of it as there is room for: cut in the middle, since names differ at their ends."""
    text = text[:400]
    if width(text, size) <= room:
        return text
    sums = list(accumulate(map(_WIDTHS.__getitem__, text), initial=0.0))
    most = room / size - _WIDTHS["…"] - 0.001

    def cut(kept: int) -> float:
        return sums[kept - kept // 3] + sums[-1] - sums[-1 - kept // 3]

    kept = bisect_right(range(len(text)), most, key=cut) - 1
    return f"{text[: kept - kept // 3]}…{text[len(text) - kept // 3 :]}" if kept > 1 else "…"


def escaped(text: str) -> str:
    """For XML and HTML, in text and in attributes. What XML does not allow becomes the replacement character."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text).translate(_ESCAPES)
