"""Arrival: whether a new run begins, or is another that has its key. Asked in the transaction that would write it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flowrun.admission.concurrency import Turn, before, turn
from flowrun.admission.run_key import Answer, OnDuplicate, answer, differences
from flowrun.core.events import RunStarted
from flowrun.journal import naming


def identity(started: RunStarted, holder: RunStarted | None, on_duplicate: OnDuplicate) -> str:
    """The id of the run that this is: its own, or that of the holder of its key. Conflict where it is refused."""
    if holder is None:
        return started.run_id
    differing = differences(holder.inputs, started.inputs)
    match answer(on_duplicate, held=True, agree=not differing):
        case Answer.FRESH:
            return started.run_id
        case Answer.SAME:
            return holder.run_id
        case Answer.REFUSE:
            then, now = holder.inputs, started.inputs
            shown = [(name, then.get(name), now.get(name)) for name in differing]
            raise naming.refused_by_key(started.plan.key, holder.run_id, shown)


def admit(started: RunStarted, group: Sequence[str], ancestors: Collection[str]) -> None:
    """Conflict where the run is not to begin while others of its group, in order of creation, are not over."""
    concurrency = started.plan.concurrency
    if concurrency is not None:
        earlier = before(group, started.run_id, ancestors)
        if turn(concurrency.on_conflict, earlier) is Turn.REFUSE:
            raise naming.refused_by_group(concurrency.group, earlier)
