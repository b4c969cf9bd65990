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
            for length in range(len(value) - 1, _SHORTEST_CUT - 1, -1):
                text = _without_end(_without_start(text, value[-length:]), value[:length])
        return text


def _without_start(text: str, cut: str) -> str:
    mark = next((one for one in _ELLIPSES if text.startswith(one + cut)), None)
    return text if mark is None else f"{mark}{HIDDEN}{text[len(mark) + len(cut) :]}"


def _without_end(text: str, cut: str) -> str:
    mark = next((one for one in _ELLIPSES if text.endswith(cut + one)), None)
    return text if mark is None else f"{text[: len(text) - len(cut) - len(mark)]}{HIDDEN}{mark}"


def _written(value: str) -> str:
    """A pattern of the value: as it is, in JSON inside of JSON however deep, in URLs and in HTML."""
    return "".join(map(_character, value))


def _character(one: str) -> str:
    if one.isascii() and one.isalnum():
        return one
    units = one.encode("utf-16-be", "surrogatepass")
    escapes = "".join(rf"\\+u(?i:{units[at : at + 2].hex()})" for at in range(0, len(units), 2))
    ways = [rf"\\*{re.escape(one)}", escapes, f"(?i:{re.escape(quote(one, safe='', errors='surrogatepass'))})"]
    ways += [rf"\\+{_SHORT[one]}"] if one in _SHORT else []
    ways += [re.escape(html.escape(one))] if html.escape(one) != one else []
    ways += [r"\+"] if one == " " else []
    return f"(?:{'|'.join(ways)})"


def _encoded(value: str) -> Iterator[str]:
    """The value in Base64, wherever in a longer text it begins, and in hexadecimal."""
    data = value.encode("utf-8", "surrogatepass")
    yield from (data.hex(), data.hex().upper())
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data)
        sure = encoded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6].decode("ascii")
        if len(sure) >= _SHORTEST_CUT or before == 0:
            yield from (sure, sure.replace("+", "-").replace("/", "_"))
