"""The instant at which a wait step ends, from its rendered argument."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from pydantic_core import PydanticCustomError

from flowrun.core.plan import Json
from flowrun.steps.fields import seconds, shown


def until_of(wait: Json, now: float) -> float:
    """When a wait that begins now ends: seconds since the epoch, from `{for: …}` or `{until: …}`.

    Raises ValueError, in words for the author.
    """
    if not isinstance(wait, dict) or len(wait) != 1:
        raise ValueError("wait needs `for: 10m` or `until: <time>`")
    until = now + _duration(wait["for"]) if "for" in wait else _instant(wait.get("until"))
    try:
        datetime.fromtimestamp(until, UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"wait would last until {until!r}, which is no time of this calendar") from None
    return until


def _duration(value: Json) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"wait.for is {value}, and takes seconds from 0 or a duration such as 10m")
        return float(value)
    try:
        return seconds(value)
    except PydanticCustomError:
        raise ValueError(f"wait.for is {shown(value)}, and takes a duration such as 90s, 10m, 1h30m or 2d") from None


def _instant(value: Json) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        instant = datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError(
            f"wait.until is {shown(value)}, and takes a time such as 2026-01-31T18:00:00Z or seconds since the epoch"
        ) from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
