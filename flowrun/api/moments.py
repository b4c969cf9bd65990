"""Moments and durations as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flowrun.errors import UsageError

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def moment(text: str | None, now: float) -> str | None:
    """A moment as the API takes it, in UTC with milliseconds: `2018-02-22T10:00:00.837Z`. Raises UsageError.

    It takes a date, or a date with a time, with `Z` or an offset, else in the time of this machine; or a duration
    such as `2h`, which is so long before now.
    """
    if text is None:
        return None
    ago = _duration(text)
    if ago is not None:
        return _utc(datetime.fromtimestamp(now - ago, UTC))
    try:
        return _utc(datetime.fromisoformat(text.strip()).astimezone(UTC))
    except (ValueError, OverflowError):
        hint = "write 2026-11-23, 2026-11-23T10:00, 2026-11-23T10:00:00Z, or a duration before now: 90m, 2h, 7d"
        raise UsageError(f"{text!r} is no moment", hint=hint) from None


def seconds(text: str) -> float:
    """A duration in seconds: `90s`, `1h30m`, or a bare number of seconds. Raises UsageError."""
    found = _duration(text)
    if found is None and re.fullmatch(r"\d+(\.\d+)?", text.strip()):
        found = float(text)
    if found is None:
        raise UsageError(f"{text!r} is no duration", hint="write 90s, 10m, 1h30m")
    return found


def _duration(text: str) -> float | None:
    folded = text.strip().lower()
    parts = _PART.findall(folded)
    if not parts or "".join(number + unit for number, unit in parts) != folded:
        return None
    return float(sum(float(number) * _SECONDS[unit] for number, unit in parts))


def _utc(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z"
