"""Queries: the SQL of the journal, from the two files beside this one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def query(name: str) -> str:
    """One of `queries.sql`, by its name there."""
    return _queries()[name]


def schema() -> str:
    """The tables, as a script that makes them."""
    return _text("schema.sql")


def statements() -> tuple[str, ...]:
    """The same, one by one: a script would commit what was done before it."""
    return tuple(re.split(r";$\n+", schema().strip() + "\n", flags=re.MULTILINE)[:-1])


@cache
def _queries() -> Mapping[str, str]:
    parts = re.split(r"^-- name: (\w+)$", _text("queries.sql"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _text(name: str) -> str:
    return files("flowrun.journal").joinpath(name).read_text(encoding="utf-8")
