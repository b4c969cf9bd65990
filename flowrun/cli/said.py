"""What a library logs while a process stays: each thing in a line, once in a while, and never a traceback."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from flowrun.errors import FlowrunError

_QUIET = 60.0
"""Seconds in which the same is not said again."""

_NUMBER = re.compile(r"\d+")
"""What is the same but for how often it was tried is the same."""


class Said(logging.Handler):
    """Says warnings and errors as lines. What lies at the bottom of an exception is what it is about."""

    def __init__(self, say: Callable[[str, str], None]) -> None:
        super().__init__(logging.WARNING)
        self._say = say
        self._last: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Say it, unless it was said a moment ago."""
        error = record.exc_info[1] if record.exc_info else None
        text = " ".join(record.getMessage().split()) if error is None else line_of(error)
        same = _NUMBER.sub("#", text)
        if record.created - self._last.get(same, float("-inf")) < _QUIET:
            return
        self._last = {one: at for one, at in self._last.items() if record.created - at < _QUIET}
        self._last[same] = record.created
        self._say(text, "warn")


def line_of(error: BaseException) -> str:
    """What a person needs of it: what we ourselves say, else what it began with."""
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and cause not in chain:
        chain.append(cause)
    ours = next((one for one in chain if isinstance(one, FlowrunError)), None)
    if ours is not None:
        return f"{ours.message}; {ours.hint}" if ours.hint else ours.message
    first = chain[-1]
    return f"{type(first).__name__}: {' '.join(str(first).split())}".rstrip(": ")
