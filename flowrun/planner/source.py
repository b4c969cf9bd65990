"""Source: where a value of a plan came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from flowrun.core.plan import Json


class Source(NamedTuple):
    """A value that could have come from several places, and the one that it came from."""

    name: str
    value: Json
    source: str


class Sources(NamedTuple):
    """All of them, and the environment that was chosen: its `name` and its `file`."""

    values: tuple[Source, ...] = ()
    environment: Mapping[str, str] | None = None


NOWHERE = Sources()
"""Nobody asked."""
