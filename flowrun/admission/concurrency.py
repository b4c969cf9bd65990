"""Concurrency groups: of the runs of one group, one goes at a time, in the order in which they were created."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum

from flowrun.core.plan import OnConflict


class Turn(StrEnum):
    """What a run does now: go, wait for those before it, end them and then go, or not begin at all."""

    GO = "go"
    WAIT = "wait"
    END = "end"
    REFUSE = "refuse"


def before(group: Sequence[str], run_id: str, ancestors: Collection[str] = ()) -> tuple[str, ...]:
    """Who comes before this run. `group`: the runs of its group that are not over, in the order of their creation.

    One that is not among them comes after all. The runs that it is a step of wait for it, so it cannot wait for them.
    """
    place = group.index(run_id) if run_id in group else len(group)
    return tuple(other for other in group[:place] if other not in ancestors)


def turn(on_conflict: OnConflict, earlier: Sequence[str]) -> Turn:
    """What a run does while these of its group, which came before it, are not over."""
    if not earlier:
        return Turn.GO
    return {OnConflict.QUEUE: Turn.WAIT, OnConflict.CANCEL: Turn.END, OnConflict.REJECT: Turn.REFUSE}[on_conflict]
