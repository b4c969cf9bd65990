"""Quotes: which a text is written with, so that every reader of YAML reads the same and a file has one style."""

from __future__ import annotations

import re

_OTHERWISE = re.compile(
    r"yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt\s].*)?"
    r"|[-+]?[0-9]+_[0-9_]*|[-+]?0b[01_]+"
)
"""Texts that readers of YAML 1.1 take for a boolean, a number in base sixty, a date or a number."""


def read_otherwise(text: str) -> bool:
    """Whether a plain scalar that is a text is something else for a reader of YAML 1.1."""
    return _OTHERWISE.fullmatch(text) is not None


def requoted(written: str, *, key: bool) -> str:
    """A scalar on one line, with its quotes, as it is to be written; its value stays what it is.

    Single quotes; double ones around an expression or where a single quote stands inside.
    """
    quote, inner = written[:1], written[1:-1]
    if quote == '"':
        return written if any(part in inner for part in ("\\", "'", "${{")) else f"'{inner}'"
    if quote == "'":
        better = ("''" in inner or "${{" in inner) and '"' not in inner and "\\" not in inner
        return '"' + inner.replace("''", "'") + '"' if better else written
    return f"'{written}'" if not key and read_otherwise(written) else written
