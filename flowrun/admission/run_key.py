"""Run keys: the same key twice is the same run, unless its author says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from flowrun.core.plan import Json


class OnDuplicate(StrEnum):
    """What becomes of a run whose key another has: it is that run, it is refused, or it takes the key over."""

    RETURN = "return"
    FAIL = "fail"
    RUN = "run"


class Answer(StrEnum):
    """A new run begins, it is the run that has the key, or it is refused."""

    FRESH = "fresh"
    SAME = "same"
    REFUSE = "refuse"


def answer(on_duplicate: OnDuplicate, *, held: bool, agree: bool) -> Answer:
    """Whether a run may begin. `held`: another has its key; `agree`: and was given the same inputs."""
    if not held or on_duplicate is OnDuplicate.RUN:
        return Answer.FRESH
    return Answer.SAME if on_duplicate is OnDuplicate.RETURN and agree else Answer.REFUSE


def differences(before: Mapping[str, Json], now: Mapping[str, Json]) -> tuple[str, ...]:
    """The names of the inputs that are not the same, in the order of the latter."""
    absent = object()
    return tuple(name for name in {**now, **before} if before.get(name, absent) != now.get(name, absent))
