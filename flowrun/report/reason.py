"""Reason: the telling part of what a program wrote when it failed, which may be 4,000 characters of a stack."""

from __future__ import annotations

import re
from datetime import UTC, datetime

LINE = 160
PASSAGE = 300
"""Characters for one change among many, and for the last lines of a run."""

_PYTHON = re.compile(r"^.*Traceback \(most recent call last\):.*$", re.MULTILINE)
_FRAMES = re.compile(r"^[^\S\n]+at \S.*$", re.MULTILINE)
"""Blanks of one line, for a robot may write a million empty ones, and each would be tried with all that follow it."""


def brief(text: str) -> str:
    """Its most telling line: the exception under a Python stack or above one of .NET or Java, else the first."""
    lines = [joined(line) for line in _without_stack(text).splitlines()]
    line = next(filter(None, lines), "")
    return line if len(line) <= LINE else f"{line[: LINE - 1]}…"


def told(text: str, most: int = PASSAGE) -> str:
    """All of it on one line where it fits; else without the stack; else its end, where programs say what went wrong."""
    whole = joined(text)
    if len(whole) <= most:
        return whole
    said = joined(_without_stack(text))
    if len(said) <= most:
        return said
    return f"…{said[1 - most :]}" if said == whole else f"{said[: most - 1]}…"


def joined(text: str) -> str:
    """On one line, and without a full stop at its end, for a sentence goes on behind it."""
    line = " ".join(text.split())
    return line[:-1] if line.endswith(".") and not line.endswith("..") else line


def moment(at: float) -> str:
    """Seconds since the epoch as people read them, in UTC: `2026-10-31T18:00:00Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def because(cause: str, said: str) -> str:
    """`faulted: no such invoice`, or what there is of the two."""
    return ": ".join(part for part in (cause, said) if part)


def _without_stack(text: str) -> str:
    stacks = list(_PYTHON.finditer(text))
    if stacks:
        lines = text[stacks[-1].end() :].splitlines()
        own = next((place for place, line in enumerate(lines) if line[:1].strip()), None)
        last = [line for line in lines if line.strip()][-1:]
        return "\n".join(last if own is None else lines[own:]) or text
    frames = _FRAMES.search(text)
    return text[: frames.start()] if frames and text[: frames.start()].strip() else text
