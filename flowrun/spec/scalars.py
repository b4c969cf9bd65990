"""Plain YAML scalars: which value a text stands for, by the core schema of YAML 1.2.

`yes`, `no`, `on` and `12:30` are text there; the only numbers with another base are `0o17` and `0x1F`.
"""

from __future__ import annotations

import math
import re
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NUMBER_STARTS = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_LONGEST_NUMBER = 40
_LARGEST = 2**63 - 1
_SMALLEST = -(2**63)


class NotJson(ValueError):
    """A number that JSON, or a 64-bit integer on the other side, cannot hold. The message says which."""


def resolve(text: str) -> Scalar:
    """The value of a plain scalar. Raises NotJson for infinities, NaN and integers beyond 64 bits."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _INTEGER.fullmatch(text):
        return _within(int(text) if len(text) <= _LONGEST_NUMBER else _LARGEST + 1)
    if _BASED.fullmatch(text):
        return _within(int(text, 0) if len(text) <= _LONGEST_NUMBER else _LARGEST + 1)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if not math.isfinite(number):
            raise NotJson("larger than a JSON number can be")
        return number
    if _NOT_FINITE.fullmatch(text):
        raise NotJson("not a number that JSON has")
    return text


def has_leading_zero(text: str) -> bool:
    """Whether a plain scalar is an integer that other readers take for octal, such as `0065`."""
    return _LEADING_ZERO.fullmatch(text) is not None


def octal_reading(text: str) -> int | None:
    """What a reader of octal numbers makes of such a text (53 of `0065`); None where it cannot be octal."""
    try:
        return int(text, 8)
    except ValueError:
        return None


def _within(number: int) -> int:
    if not _SMALLEST <= number <= _LARGEST:
        raise NotJson("larger than a 64-bit integer can be")
    return number
