"""Cover: takes values that nobody shall see out of what programs wrote."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from flowrun.core.plan import Json

HIDDEN = "***"
"""What stands in their place."""

_SHORTEST_CUT = 8
"""Characters of a value's beginning or end that are taken for it where a text was cut."""

_ELLIPSES = ("", "…", "...")
_SHORT = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}
"""The letters by which JSON escapes them."""


_PIECE = re.compile(r"\\+|[^\\]")
_AT_A_RUN = r"(?<!\\)"
_RUN, _RUN_GOES_ON, _FIRST_RUN = r"\\++", r"\\*+", rf"{_AT_A_RUN}\\++"
"""Backslashes: some, any more behind some, and some that begin here. None is given back once it is taken."""


class Cover:
    """Replaces values by `***`: as they are, and in the forms in which programs write them down."""

    def __init__(self, values: Sequence[str]) -> None:
        self._values = tuple(dict.fromkeys(values))
        longest_first = sorted(self._values, key=len, reverse=True)
        forms = [form for value in longest_first for form in (_written(value), *map(re.escape, _encoded(value)))]
        self._pattern = re.compile("|".join(forms)) if forms else None

    def text(self, text: str) -> str:
        """The text without them. Where it was cut, what is left of one at its beginning or end goes too."""
        if self._pattern is None:
            return text
        return self._without_cuts(self._pattern.sub(HIDDEN, text))

    def value(self, value: Json) -> Json:
        """A JSON value without them, in keys and values."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(key): self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        if isinstance(value, int | float) and not isinstance(value, bool) and json.dumps(value) in self._values:
            return HIDDEN
        return value

    def _without_cuts(self, text: str) -> str:
        for value in self._values:
            text = _without_end(_without_start(text, value), value)
        return text


def _without_start(text: str, value: str) -> str:
    """The text without the longest end of the value that it begins with."""
    for mark in (one for one in _ELLIPSES if text.startswith(one)):
        head = text[len(mark) : len(mark) + len(value) - 1]
        end = len(head) + 1
        while (at := head.rfind(value[-_SHORTEST_CUT:], 0, end - 1)) >= 0:
            end = at + _SHORTEST_CUT
            if value.endswith(head[:end]):
                return f"{mark}{HIDDEN}{text[len(mark) + end :]}"
    return text


def _without_end(text: str, value: str) -> str:
    """The text without the longest beginning of the value that it ends with."""
    for mark in (one for one in _ELLIPSES if text.endswith(one)):
        whole = text[: len(text) - len(mark)]
        tail = whole[-(len(value) - 1) :] if len(value) > 1 else ""
        at = -1
        while (at := tail.find(value[:_SHORTEST_CUT], at + 1)) >= 0:
            if len(tail) - at >= _SHORTEST_CUT and value.startswith(tail[at:]):
                return f"{whole[: len(whole) - len(tail) + at]}{HIDDEN}{mark}"
    return text


def _written(value: str) -> str:
    """A pattern of the value: as it is, in JSON inside of JSON however deep, in URLs and in HTML.

    A program may write any number of backslashes, so a run of them is taken whole, and from its beginning only: the
    time that looking takes grows as the text does.
    """
    pieces = _PIECE.findall(value)
    leads = [_FIRST_RUN, *(_RUN if piece[0] != "\\" else _RUN_GOES_ON for piece in pieces)]
    return "".join(map(_piece, pieces, leads))


def _piece(piece: str, lead: str) -> str:
    """A character, or a run of backslashes. `lead`: the backslashes before an escape, which a run has taken already."""
    if piece.isascii() and piece.isalnum():
        return piece
    one = piece[0]
    units = one.encode("utf-16-be", "surrogatepass")
    escapes = "".join(rf"{lead}u(?i:{units[at : at + 2].hex()})" for at in range(0, len(units), 2))
    ways = [escapes, f"(?i:{re.escape(quote(one, safe='', errors='surrogatepass'))})"]
    ways += [rf"{lead}{_SHORT[one]}"] if one in _SHORT else []
    ways += [re.escape(html.escape(one))] if html.escape(one) != one else []
    ways += [r"\+"] if one == " " else []
    if one == "\\":
        before = _AT_A_RUN if lead == _FIRST_RUN else ""
        return rf"(?:{before}\\{{{len(piece)},}}+|(?:{'|'.join(ways)}){{{len(piece)}}})"
    return rf"(?:(?:{lead})?{re.escape(one)}|{'|'.join(ways)})"


def _encoded(value: str) -> Iterator[str]:
    """The value in Base64, wherever in a longer text it begins, and in hexadecimal."""
    data = value.encode("utf-8", "surrogatepass")
    yield from (data.hex(), data.hex().upper())
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data)
        sure = encoded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6].decode("ascii")
        if len(sure) >= _SHORTEST_CUT or before == 0:
            yield from (sure, sure.replace("+", "-").replace("/", "_"))
