"""Beginnings: a run becomes a workflow; one whose workflow was ended from outside becomes another of the same id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from flowrun.core.events import AbortRequested, AttemptFinished, Event, RunReplanned, RunResumed, RunStarted
from flowrun.core.evolve import accepts, begin, evolve
from flowrun.core.plan import Plan
from flowrun.core.state import RunState
from flowrun.engines.temporal import identity, wire
from flowrun.engines.temporal.history import AFTER, History
from flowrun.engines.temporal.listing import RPC
from flowrun.errors import JournalError
from flowrun.journal import codec, naming, snapshot, summary
from flowrun.journal.protocol import Record, RunRow

_TURN = 20.0
"""Seconds for one turn of a small run. A turn that got lost on its way to a worker is given out again after that."""

_STEPS = 250
"""Steps for which a turn may take a second longer: the first one of ten thousand takes a while on a busy machine."""


_HALF = 0.5
"""The chance of an answer that nobody has thrown dice for."""


class Taken(Exception):
    """Another workflow has this id."""


async def begin_new(client: Client, started: RunStarted, workflow_id: str, queue: str) -> None:
    """Begin the run. Raises Taken where there is, or was, a workflow with this id."""
    records = [codec.dump(Record(1, 1, started))]
    row = summary.begin(started)
    try:
        await _start(
            client,
            [records, wire.pack(wire.Begin())],
            row,
            id=workflow_id,
            task_queue=queue,
            task_timeout=turn(started.plan),
            memo=identity.memo(row),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
    except WorkflowAlreadyStartedError as error:
        raise Taken from error


async def begin_again(
    client: Client,
    history: History,
    now: Callable[[], float],
    *,
    word: AbortRequested | AttemptFinished | None = None,
    replanned: RunReplanned | None = None,
) -> None:
    """Let a run go on whose last workflow was ended from outside; `history` has all of it.

    Starts that were under way may still go out for as long as their lease lasts: what looks for them comes after. Where
    somebody was quicker it is theirs; `word` reaches the run all the same.
    """
    latest = await history.look()
    if history.behind or history.closed is None:
        raise JournalError(f"the run {history.run_id} goes on: nothing is to be begun again")
    before = wire.unpack(wire.Begin, await history.opening())
    limits = before.limits
    await asyncio.sleep(history.closed.at + limits.lease - now() if history.closed.starting else 0)
    state = stands(record.event for record in history.records)
    seq, at = history.records[-1].seq, now()
    events: list[Event] = []
    for event in (RunResumed(at, state.epoch + 1), *([] if replanned is None else [replanned]), *_unheard(history)):
        if accepts(state, event):
            state = evolve(state, event)
            events.append(event)
    records = [codec.dump(Record(seq + 1 + place, state.epoch, event)) for place, event in enumerate(events)]
    opening = wire.Begin(seq=seq, snapshot=snapshot.dump(state), limits=limits, ancestors=before.ancestors)
    row = await identity.row_of(latest)
    said: Mapping[str, Any] = {}
    if word is not None:
        said = {"start_signal": wire.WORD, "start_signal_args": [wire.pack_word(word)]}
    policy = WorkflowIDConflictPolicy.USE_EXISTING if word is not None else WorkflowIDConflictPolicy.FAIL
    with suppress(WorkflowAlreadyStartedError):
        await _start(
            client,
            [records, wire.pack(opening)],
            replace(row, status=state.status.value),
            id=latest.id,
            task_queue=latest.task_queue,
            task_timeout=turn(state.plan),
            memo={**identity.memo(row), AFTER: latest.run_id},
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=policy,
            **said,
        )


def _unheard(history: History) -> Iterator[Event]:
    """The words that were left; one that the run has taken in does not fit any more."""
    for one in history.words:
        word = one.event
        yield replace(word, chance=_HALF) if isinstance(word, AttemptFinished) else word


async def _start(client: Client, arguments: list[Any], row: RunRow, **more: Any) -> None:
    await client.start_workflow(
        wire.RUN,
        args=arguments,
        search_attributes=identity.marks(row),
        static_summary=naming.plain(row.workflow),
        rpc_timeout=RPC,
        **more,
    )


def turn(plan: Plan) -> timedelta:
    """How long one turn of a run of this plan may take before another worker is asked for it."""
    return timedelta(seconds=_TURN + len(plan.steps) / _STEPS)


def stands(events: Iterable[Event]) -> RunState:
    """Where a run stands after these events. JournalError where they do not begin with RunStarted."""
    rest = iter(events)
    first = next(rest, None)
    if not isinstance(first, RunStarted):
        raise JournalError("the first record of the run is not its beginning")
    state = begin(first)
    for event in rest:
        state = evolve(state, event)
    return state
