"""Work: how much an expression may make and look through on its way to a result.

The result has a limit of its own (`values`). Without this one, a short expression could fill the memory in between:
a list of a thousand references to one large text costs nothing until each is made into another text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flowrun.templating.values import UnfitError

MOST_WORK = 256 * 1024 * 1024
"""Bytes of everything that one evaluation makes or looks through."""

CALL = 32
"""What a filter, a test or a look-up costs besides."""

ITEM = 32
"""What an item of a list or of an object costs. A character of a text costs 1."""

MADE = 192
"""What a small value of its own costs: a character taken out of a text, an absent value."""

_left: ContextVar[list[int]] = ContextVar("left")


@contextmanager
def metered() -> Iterator[None]:
    """One evaluation."""
    before = _left.set([MOST_WORK])
    try:
        yield
    finally:
        _left.reset(before)


def spend(amount: int) -> None:
    """Count so much. Raises UnfitError where it is too much; outside of an evaluation nothing is counted."""
    left = _left.get(None)
    if left is None:
        return
    left[0] -= amount
    if left[0] < 0:
        raise UnfitError(f"it takes more than {MOST_WORK // 2**20} MiB of work; let the automation do it")


def breadth(value: Any) -> int:
    """What looking at a value costs, without what is inside of its items."""
    if isinstance(value, str):
        return len(value)
    return ITEM * len(value) if isinstance(value, list | tuple | Mapping) else 0


def in_parts(value: Any) -> int:
    """The same for whoever goes through it: a text becomes characters, each of which may be a value of its own."""
    return MADE * len(value) if isinstance(value, str) else breadth(value)


def compared(items: Iterable[Any], of: Callable[[Any], Any]) -> list[Any]:
    """The items, after counting what putting them in order by these parts looks through."""
    kept = list(items)
    for item in kept:
        look_through(of(item), times=len(kept).bit_length())
    return kept


def look_through(value: Any, times: int = 1) -> Any:
    """The value, after counting all that is in it, as whoever compares it or makes a text of it has to see."""
    level = [value]
    while level:
        spend(CALL + times * sum(map(breadth, level)))
        inner: list[Any] = []
        for item in level:
            if isinstance(item, Mapping):
                inner += item.values()
            elif isinstance(item, list | tuple):
                inner += item
        level = inner
    return value
