"""Span: how long something took, in words."""

from __future__ import annotations

from typing import Self

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


class Span(float):
    """A length of time in seconds, never below zero, that says itself: `0.4s`, `4m02s`, `1h05m`, `2d03h`."""

    __slots__ = ()

    def __new__(cls, seconds: float) -> Self:
        """Take what a clock that was set back gives for nothing at all."""
        return super().__new__(cls, max(0.0, seconds))

    def __str__(self) -> str:
        if round(self, 1) < 10:  # noqa: PLR2004 - below ten seconds a tenth still means something
            return f"{float(self):.1f}s"
        seconds = round(self)
        if seconds < _MINUTE:
            return f"{seconds}s"
        if seconds < _HOUR:
            return f"{seconds // _MINUTE}m{seconds % _MINUTE:02}s"
        if seconds < _DAY:
            return f"{seconds // _HOUR}h{seconds % _HOUR // _MINUTE:02}m"
        return f"{seconds // _DAY}d{seconds % _DAY // _HOUR:02}h"
