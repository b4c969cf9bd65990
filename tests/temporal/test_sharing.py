"""Runs that share slots and turns, on a real server: each writes to the arbiter of its queue."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle, WorkflowUpdateFailedError

from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptScheduled,
    AttemptStarted,
    Event,
    RunAdmitted,
    RunFinished,
    RunStarted,
    StepBegan,
)
from flowrun.core.plan import Concurrency, FanOut, OnConflict, Plan, Step
from flowrun.core.status import AbortLevel, Cause
from flowrun.engines.clock import SystemClock
from flowrun.engines.temporal import arbiter
from flowrun.engines.temporal.activities import Place
from flowrun.engines.temporal.connect import identity
from flowrun.engines.temporal.engine import TemporalEngine
from flowrun.engines.temporal.journal import TemporalRecords
from flowrun.engines.temporal.pollers import pollers
from flowrun.engines.temporal.post import ADMISSION, CHILD, CLAIMS, ENTER, SLOTS, TELL, Office, arbiter_id, pack
from flowrun.engines.temporal.worker import working
from flowrun.errors import Conflict
from flowrun.journal.protocol import Slot
from tests.golden.events.plans import INPUTS, job
from tests.simulation.outside import Outside
from tests.temporal.server import Server
from tests.temporal.told import Ground, connected, events_of, histories, small

SAP = {"sap": 1}
FOR_EVER = 600.0


def fan(legs: int, takes: float = 0.3) -> Step:
    return replace(job("post", takes=takes), fan_out=FanOut({"n": list(range(legs))}), pools=SAP)


def most_at_once(logs: Sequence[Sequence[Event]]) -> int:
    moves = [
        (event.at, 1 if isinstance(event, AttemptScheduled) else -1)
        for events in logs
        for event in events
        if isinstance(event, AttemptScheduled | AttemptFinished) and event.step_id == "post"
    ]
    at_once = most = 0
    for _, move in sorted(moves):
        at_once += move
        most = max(most, at_once)
    return most


def arbiter_of(ground: Ground) -> WorkflowHandle[Any, Any]:
    return ground.client.get_workflow_handle(arbiter_id(ground.queue))


def ended(events: Sequence[Event]) -> RunFinished:
    last = events[-1]
    assert isinstance(last, RunFinished)
    return last


async def test_runs_on_two_workers_hold_no_more_slots_together_than_there_are(temporal: Server) -> None:
    ground = Ground(await connected(temporal.address))
    beside = replace(ground, client=await connected(temporal.address))
    plan = Plan("close", (fan(4), job("free", takes=0.1)), pools={"sap": 2})
    async with ground.worker(), beside.worker():
        runs = [await ground.begin(plan, Outside()) for _ in range(3)]
        logs = await asyncio.gather(*(ground.told(run) for run in runs))
        assert [ended(events).status for events in logs] == ["succeeded"] * 3
        assert most_at_once(logs) == 2
        assert await arbiter_of(ground).query(SLOTS) == []


async def test_arbiter_and_run_that_go_on_in_new_histories_forget_nothing(temporal: Server) -> None:
    ground = Ground(await connected(temporal.address))
    plan = Plan("close", (fan(5),), pools={"sap": 2})
    office = pack(Office(events=40))
    own = await ground.client.start_workflow(ADMISSION, office, id=arbiter_id(ground.queue), task_queue=ground.queue)
    async with ground.worker():
        runs = [await ground.begin(plan, Outside(), small(events=12)) for _ in range(2)]
        logs = await asyncio.gather(*(ground.told(run) for run in runs))
        assert [ended(events).status for events in logs] == ["succeeded"] * 2
        assert most_at_once(logs) == 2
        assert len(await histories(own)) > 1
        assert len(await histories(runs[0])) > 1
        assert await own.query(SLOTS) == []


async def test_a_run_that_was_ended_in_temporal_holds_its_slot_until_that_is_seen(
    temporal: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arbiter, "FIRST", 1.0)
    ground = Ground(await connected(temporal.address))
    plan = Plan("close", (fan(1, takes=FOR_EVER),), pools=SAP)
    async with ground.worker():
        gone = await ground.begin(plan, Outside())
        await ground.happened(gone, AttemptStarted)
        assert [row[3:] for row in await arbiter_of(ground).query(SLOTS)] == [["sap", 1, "0"]]
        waits = await ground.begin(replace(plan, steps=(fan(1),)), Outside())
        await ground.happened(waits, StepBegan)
        await gone.terminate("a test")
        assert ended(await ground.told(waits)).status == "succeeded"


async def test_who_waits_for_a_slot_can_be_ended_at_once(temporal: Server) -> None:
    ground = Ground(await connected(temporal.address))
    plan = Plan("close", (fan(1, takes=FOR_EVER),), pools=SAP)
    async with ground.worker():
        holds = await ground.begin(plan, Outside())
        await ground.happened(holds, AttemptStarted)
        waits = await ground.begin(plan, Outside())
        await ground.happened(waits, StepBegan)
        await ground.abort(waits, AbortLevel.STOP)
        assert ended(await ground.told(waits)).status == "cancelled"
        await ground.abort(holds, AbortLevel.STOP)
        assert ended(await ground.told(holds)).status == "cancelled"


async def test_runs_of_one_group_go_one_after_the_other_and_who_supersedes_ends_them(temporal: Server) -> None:
    ground = Ground(await connected(temporal.address))
    group = f"g-{uuid.uuid4().hex[:8]}"
    plan = Plan("close", (job("post", takes=0.5),), concurrency=Concurrency(group))
    async with ground.worker():
        runs = [await ground.begin(plan, Outside()) for _ in range(3)]
        logs = await asyncio.gather(*(ground.told(run) for run in runs))
        assert [ended(events).status for events in logs] == ["succeeded"] * 3
        assert most_at_once(logs) == 1
        long = replace(plan, steps=(job("post", takes=FOR_EVER),))
        goes = await ground.begin(long, Outside())
        await ground.happened(goes, RunAdmitted)
        queued = await ground.begin(long, Outside())
        hasty = await ground.begin(replace(plan, concurrency=Concurrency(group, OnConflict.CANCEL)), Outside())
        last, before, waited = await asyncio.gather(*(ground.told(run) for run in (hasty, goes, queued)))
        assert ended(last).status == "succeeded"
        for events in (before, waited):
            assert (ended(events).status, ended(events).cause) == ("cancelled", Cause.SUPERSEDED)
        (word,) = [event for event in before if isinstance(event, AbortRequested)]
        assert (word.by, word.level) == (f"run {hasty.id.removeprefix('flowrun-')}", AbortLevel.STOP)
        assert not any(isinstance(event, StepBegan) for event in waited)


async def test_a_run_that_shares_nothing_asks_nobody(temporal: Server) -> None:
    ground = Ground(await connected(temporal.address))
    async with ground.worker():
        run = await ground.begin(Plan("close", (job("a"),)), Outside())
        await ground.told(run)
        (history,) = await histories(run)
        kinds = {event.event_type for event in history}
        assert not any(event.HasField("workflow_execution_signaled_event_attributes") for event in history)
        assert len(kinds) < len(history)
        found = [one async for one in ground.client.list_workflows(f"WorkflowId = '{arbiter_id(ground.queue)}'")]
        assert found == []


async def test_an_arbiter_that_nobody_needs_ends_and_the_next_run_begins_another(
    temporal: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arbiter, "IDLE", 1.0)
    ground = Ground(await connected(temporal.address))
    plan = Plan("close", (fan(1),), pools=SAP)
    async with ground.worker():
        for _ in range(2):
            assert ended(await ground.told(await ground.begin(plan, Outside()))).status == "succeeded"
            await asyncio.wait_for(arbiter_of(ground).result(), 60)
            assert (await arbiter_of(ground).describe()).status is WorkflowExecutionStatus.COMPLETED


async def test_a_run_that_talked_to_an_arbiter_that_is_no_more_tells_the_next_one_all(temporal: Server) -> None:
    ground = Ground(await connected(temporal.address))
    plan = Plan("close", (fan(2, takes=3.0),), pools={"sap": 2})
    async with ground.worker():
        run = await ground.begin(plan, Outside())
        await ground.happened(run, AttemptStarted, 2)
        await arbiter_of(ground).terminate("a test")
        other = await ground.begin(replace(plan, steps=(fan(1),)), Outside())
        assert ended(await ground.told(other)).status == "succeeded"
        assert ended(await ground.told(run)).status == "succeeded"
        assert len(await events_of(run)) > 0
        assert await arbiter_of(ground).query(SLOTS) == []


async def test_of_two_that_begin_at_once_and_not_beside_each_other_one_is_refused(temporal: Server) -> None:
    ground = Ground(await connected(temporal.address))
    outside = Outside()
    ground.outsides.known = defaultdict(lambda: outside)
    concurrency = Concurrency(f"g-{uuid.uuid4().hex[:8]}", OnConflict.REJECT)
    plan = Plan("close", (fan(1, takes=FOR_EVER),), pools=SAP, concurrency=concurrency)
    records = TemporalRecords(lambda: connected(temporal.address), ground.queue, SystemClock())

    def create(run_id: str) -> str:
        return TemporalEngine(records, SystemClock()).create(RunStarted(time.time(), run_id, plan, INPUTS))

    place = Place({"job": ground.outsides}, None, 0.1)
    async with working(ground.client, ground.queue, place, identity=identity()):
        while not await pollers(ground.client, ground.queue):  # noqa: ASYNC110 - the server hears of it, and we do not
            await asyncio.sleep(0.1)
        names = [f"close-{uuid.uuid4().hex[:8]}" for _ in range(2)]
        answers = await asyncio.gather(*(asyncio.to_thread(create, name) for name in names), return_exceptions=True)
        refused = [answer for answer in answers if isinstance(answer, Conflict)]
        (begun,) = [answer for answer in answers if isinstance(answer, str)]
        assert [f"{begun} of the concurrency group {concurrency.group!r} is not over" in one.message for one in refused]
        assert len(refused) == 1
        handle = ground.client.get_workflow_handle(f"flowrun-{begun}")
        await ground.happened(handle, AttemptStarted)
        await ground.abort(handle, AbortLevel.STOP)
        await ground.told(handle)
        while True:
            with suppress(Conflict):  # a search finds the end of a run a moment later
                again = await asyncio.to_thread(create, f"close-{uuid.uuid4().hex[:8]}")
                break
        await ground.happened(ground.client.get_workflow_handle(f"flowrun-{again}"), AttemptStarted)
        assert await asyncio.to_thread(records.slots) == [Slot(again, "post", 0, "sap", 1, "0")]
    await asyncio.to_thread(records.close)


async def test_what_nobody_can_read_changes_nothing(temporal: Server) -> None:
    ground = Ground(await connected(temporal.address))
    plan = Plan("close", (fan(1, takes=2.0),), pools=SAP)
    async with ground.worker():
        run = await ground.begin(plan, Outside())
        await ground.happened(run, AttemptStarted)
        for signal, said in ((CLAIMS, {"granted": [{"odd": 1}]}), (CHILD, []), (CHILD, {"run_id": "nobody"})):
            await run.signal(signal, said)
        await arbiter_of(ground).signal(TELL, {"letter": 7})
        with pytest.raises(WorkflowUpdateFailedError):
            await arbiter_of(ground).execute_update(ENTER, {"run_id": 1})
        assert ended(await ground.told(run)).status == "succeeded"
        assert await arbiter_of(ground).query(SLOTS) == []
