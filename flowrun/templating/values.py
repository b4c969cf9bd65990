"""What an expression may come to: plain JSON of a bounded size, and the text that a value becomes inside text."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from flowrun.templating.syntax import Json

MOST_SIZE = 16 * 1024 * 1024
"""The largest result: the characters of all its texts, one for each value, `_CONTAINER` for each list and object."""

_CONTAINER = 16
"""What an empty list or object counts: it takes as much memory as so many characters, and more."""

MOST_DEPTH = 100
"""How deep a result may be nested."""

_SHOWN = 80


class UnfitError(Exception):
    """A value that cannot be what is asked of it. The message is a clause: `a list cannot stand inside text`."""


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "null"),
    (bool, "a boolean"),
    (str, "text"),
    ((int, float), "a number"),
    (Mapping, "an object"),
    ((list, tuple), "a list"),
)


def kind_of(value: Any) -> str:
    """The value's type in the words of JSON, with its article. An absent value raises what it misses."""
    for types, words in _KINDS:
        if isinstance(value, types):
            return words
    str(value)
    return f"a {type(value).__name__}"


def shown(value: Any) -> str:
    """The value as JSON, cut to the length of a line."""
    try:
        text = json.dumps(plain(value), ensure_ascii=False)
    except UnfitError:
        return kind_of(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def in_text(value: Any) -> str:
    """What the value is inside text: texts as they are, numbers and booleans as in JSON, nothing else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return json.dumps(plain(value))
    raise UnfitError(f"{kind_of(value)} cannot stand inside text")


def plain(value: Any) -> Json:
    """The value as plain JSON: maps as dict, sequences as list. UnfitError for what JSON has no word for."""
    return _Measure().plain(value, 0)


def _size(value: Any) -> int:
    if isinstance(value, str):
        return 1 + len(value)
    return _CONTAINER if isinstance(value, Mapping | list | tuple) else 1


class _Measure:
    """Walks a value and stops at the limits."""

    def __init__(self) -> None:
        self.size = 0

    def plain(self, value: Any, depth: int) -> Json:
        self.size += _size(value)
        if self.size > MOST_SIZE:
            raise UnfitError(f"the result is larger than {MOST_SIZE} characters")
        if depth > MOST_DEPTH:
            raise UnfitError(f"the result is nested deeper than {MOST_DEPTH}")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            if not math.isfinite(value):
                raise UnfitError(f"{value} is not a number that JSON can hold")
            return float(value)
        if isinstance(value, Mapping):
            return {self._key(key): self.plain(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.plain(item, depth + 1) for item in value]
        raise UnfitError(f"{kind_of(value)} is not a value that JSON can hold")

    def _key(self, key: Any) -> str:
        if not isinstance(key, str):
            raise UnfitError(f"{kind_of(key)} cannot be the key of an object: only text can")
        self.size += len(key)
        return str.__str__(key)
