"""The engine's own part: how runs begin, how they are followed and left, and go on after somebody ended them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from temporalio.client import Client

from flowrun.admission.run_key import OnDuplicate
from flowrun.core.events import (
    AbortRequested,
    AttemptScheduled,
    Event,
    Leg,
    RunFinished,
    RunReplanned,
    RunResumed,
    RunStarted,
    StepBegan,
)
from flowrun.core.plan import Plan, Step
from flowrun.core.run import Run
from flowrun.core.state import RunState
from flowrun.core.status import AbortLevel, RunStatus
from flowrun.engines.clock import SystemClock, new_run_id
from flowrun.engines.temporal import identity, wire
from flowrun.engines.temporal.engine import TemporalEngine
from flowrun.engines.temporal.journal import TemporalRecords
from flowrun.errors import Conflict, EngineError, NoWorker, Stranded, UsageError
from flowrun.journal import snapshot
from flowrun.templating.evaluator import Templates
from tests.temporal.scripted import Ground, dumped, ground, started, until
from tests.temporal.server import Server

END = RunFinished(102.0, RunStatus.SUCCEEDED)
STEP = Plan("one", (Step("only", "job"),))


@pytest.fixture
def run_id() -> str:
    return new_run_id(SystemClock().now())


@pytest.fixture
async def told(temporal: Server, run_id: str) -> AsyncIterator[Ground]:
    async with ground(temporal, f"queue-{run_id}") as one:
        yield one


@pytest.fixture
def records(temporal: Server, run_id: str) -> Iterator[TemporalRecords]:
    one = TemporalRecords(lambda: Client.connect(temporal.address), f"queue-{run_id}", SystemClock())
    yield one
    one.close()


@pytest.fixture
def engine(records: TemporalRecords) -> TemporalEngine:
    return TemporalEngine(records, SystemClock())


async def create(engine: TemporalEngine, began: RunStarted, on_duplicate: OnDuplicate = OnDuplicate.RUN) -> str:
    return await asyncio.to_thread(engine.create, began, on_duplicate)


async def keyed(records: TemporalRecords, key: str, run_id: str) -> None:
    def found() -> bool:
        row = records.keyed(key)
        return row is not None and row.run_id == run_id

    await until(found)


async def test_a_new_run_is_followed_to_its_end(told: Ground, run_id: str, engine: TemporalEngine) -> None:
    seen: list[tuple[Event, RunStatus]] = []
    assert await create(engine, started(run_id)) == run_id
    driving = asyncio.create_task(engine.drive(run_id, lambda event, state: seen.append((event, state.status))))
    drain = AbortRequested(101.0, AbortLevel.DRAIN, "anna")
    await told.order(run_id, "continue", dumped(1, drain))
    await told.order(run_id, "end", dumped(2, END))
    assert await driving == END
    assert [event for event, _ in seen] == [started(run_id), drain, END]
    assert seen[-1][1] is RunStatus.SUCCEEDED


async def test_what_was_told_is_not_told_again(
    told: Ground, run_id: str, engine: TemporalEngine, records: TemporalRecords
) -> None:
    await create(engine, started(run_id))
    await told.order(run_id, "end", dumped(1, END))
    past = await asyncio.to_thread(lambda: list(records.read(run_id))[:1])
    seen: list[Event] = []
    assert await engine.drive(run_id, lambda event, _: seen.append(event), past=past) == END
    assert seen == [END]


async def test_an_id_is_taken_once(told: Ground, run_id: str, engine: TemporalEngine) -> None:
    await create(engine, started(run_id))
    with pytest.raises(Conflict, match=f"there is a run {run_id} already"):
        await create(engine, started(run_id, "another"))
    await told.client.get_workflow_handle(identity.workflow_id(run_id)).terminate()
    with pytest.raises(Conflict, match="already"):
        await create(engine, started(run_id, "another"))


@pytest.mark.parametrize("seen", [False, True], ids=["at once", "once it is found by a search"])
async def test_a_key_is_one_run(run_id: str, engine: TemporalEngine, records: TemporalRecords, *, seen: bool) -> None:
    key, inputs = f"key of {run_id}", {"country": "EU"}
    first, second = (replace(started(f"{run_id}-{at}", key=key), inputs=inputs) for at in (1, 2))
    other = replace(started(f"{run_id}-3", key=key), inputs={"country": "US"})
    assert await create(engine, first, OnDuplicate.FAIL) == first.run_id
    if seen:
        await keyed(records, key, first.run_id)
    assert await create(engine, second, OnDuplicate.RETURN) == first.run_id
    with pytest.raises(Conflict, match=f"belongs to run {first.run_id}"):
        await create(engine, second, OnDuplicate.FAIL)
    with pytest.raises(Conflict, match="other inputs: country was 'EU' and is 'US'"):
        await create(engine, other, OnDuplicate.RETURN)
    assert await create(engine, second, OnDuplicate.RUN) == second.run_id
    await keyed(records, key, second.run_id)
    assert await create(engine, replace(other, inputs=inputs), OnDuplicate.RETURN) == second.run_id


async def test_of_many_at_once_with_one_key_one_begins(run_id: str, engine: TemporalEngine) -> None:
    runs = [started(f"{run_id}-{at}", key=f"key of {run_id}") for at in range(8)]
    ids = await asyncio.gather(*(create(engine, one, OnDuplicate.RETURN) for one in runs))
    assert len(set(ids)) == 1


async def test_an_abort_is_a_word_for_the_run(
    told: Ground, run_id: str, engine: TemporalEngine, records: TemporalRecords
) -> None:
    await create(engine, started(run_id))
    engine.abort(AbortLevel.DRAIN, "early")
    driving = asyncio.create_task(engine.drive(run_id))
    await until(lambda: len(records.requests(run_id)) == 1)
    engine.abort(AbortLevel.KILL, "late")
    await until(lambda: len(records.requests(run_id)) == 2)
    words = await asyncio.to_thread(records.requests, run_id)
    assert [(word.event.level, word.event.by) for word in words if isinstance(word.event, AbortRequested)] == [
        (AbortLevel.DRAIN, "early"),
        (AbortLevel.KILL, "late"),
    ]
    await told.order(run_id, "end", dumped(1, END))
    assert await driving == END


async def test_who_leaves_leaves_the_run_as_it_is(
    run_id: str, engine: TemporalEngine, records: TemporalRecords
) -> None:
    await create(engine, started(run_id))
    driving = asyncio.create_task(engine.drive(run_id))
    asyncio.get_running_loop().call_later(0.2, engine.detach)
    with pytest.raises(EngineError, match="the run goes on by itself"):
        await driving
    assert await asyncio.to_thread(records.owned, run_id)


async def test_one_that_is_ended_from_outside_is_said(told: Ground, run_id: str, engine: TemporalEngine) -> None:
    await create(engine, started(run_id))
    begun = asyncio.Event()
    driving = asyncio.create_task(engine.drive(run_id, lambda *_: begun.set()))
    await begun.wait()
    await told.client.get_workflow_handle(identity.workflow_id(run_id)).terminate(reason="cleaning up")
    with pytest.raises(Stranded, match=r"its workflow was terminated in Temporal \(cleaning up\)"):
        await driving


async def _stranded(told: Ground, engine: TemporalEngine, began: RunStarted) -> None:
    """A run with one start on paper, whose workflow was ended."""
    await create(engine, began)
    events = (StepBegan(101.0, "only", (Leg(),)), AttemptScheduled(101.0, "only", 0, 1, {}))
    await told.order(began.run_id, "note", dumped(1, *events))
    await until(lambda: len(list(engine._records.read(began.run_id))) == 3)
    await told.client.get_workflow_handle(identity.workflow_id(began.run_id)).terminate()


async def _opening(told: Ground, run_id: str) -> tuple[list[Any], wire.Begin]:
    """What the latest workflow of a run was begun with."""
    history = await told.client.get_workflow_handle(identity.workflow_id(run_id)).fetch_history()
    given = history.events[0].workflow_execution_started_event_attributes.input.payloads
    records, begin = await told.client.data_converter.decode(list(given))
    return records, wire.unpack(wire.Begin, begin)


async def test_it_goes_on_from_its_last_record(
    told: Ground, run_id: str, engine: TemporalEngine, records: TemporalRecords
) -> None:
    began = replace(started(run_id), plan=STEP)
    await _stranded(told, engine, began)
    driving = asyncio.create_task(engine.drive(run_id))
    await until(lambda: records.owned(run_id))
    carried, opening = await _opening(told, run_id)
    assert [(record["seq"], record["epoch"], record["type"]) for record in carried] == [(4, 2, "RunResumed")]
    assert opening.seq == 3
    run = Run.restore(snapshot.load(opening.snapshot), Templates())
    assert run.state == Run.replay([record.event for record in records_of(records, run_id)], Templates()).state
    (start,) = run.commands((0, 0))
    assert start.recheck, "somebody may have started it already"  # type: ignore[union-attr]
    engine.detach()
    with pytest.raises(EngineError):
        await driving


def records_of(records: TemporalRecords, run_id: str) -> list[Any]:
    return list(records.read(run_id))


async def test_a_word_lets_it_go_on_too(
    told: Ground, run_id: str, engine: TemporalEngine, records: TemporalRecords
) -> None:
    await _stranded(told, engine, replace(started(run_id), plan=STEP))
    stop = AbortRequested(103.0, AbortLevel.STOP, "anna")
    request = await asyncio.to_thread(records.request, run_id, stop)
    assert (request.number, request.event) == (1, stop)
    assert await asyncio.to_thread(records.owned, run_id)
    events = [record.event for record in await asyncio.to_thread(records_of, records, run_id)]
    assert isinstance(events[-1], RunResumed)


async def test_a_word_that_nobody_heard_is_not_lost(
    told: Ground, run_id: str, engine: TemporalEngine, records: TemporalRecords
) -> None:
    await create(engine, replace(started(run_id), plan=STEP))
    stop = AbortRequested(103.0, AbortLevel.STOP, "anna")
    await asyncio.to_thread(records.request, run_id, stop)
    await told.client.get_workflow_handle(identity.workflow_id(run_id)).terminate()
    driving = asyncio.create_task(engine.drive(run_id))
    await until(lambda: records.owned(run_id))
    assert [record.event for record in await asyncio.to_thread(records_of, records, run_id)][-1] == stop
    engine.detach()
    with pytest.raises(EngineError):
        await driving


async def test_a_word_for_a_run_that_has_ended_is_refused(
    told: Ground, run_id: str, engine: TemporalEngine, records: TemporalRecords
) -> None:
    await create(engine, started(run_id))
    await told.order(run_id, "end", dumped(1, END))
    assert await engine.drive(run_id) == END
    with pytest.raises(Conflict, match="has ended"):
        await asyncio.to_thread(records.request, run_id, AbortRequested(103.0, AbortLevel.STOP, "anna"))


async def test_one_that_goes_on_anew_may_follow_another_plan(
    told: Ground, run_id: str, engine: TemporalEngine, records: TemporalRecords
) -> None:
    await _stranded(told, engine, replace(started(run_id), plan=STEP))
    longer = Plan("one", (*STEP.steps, Step("other", "job")))

    def replan(state: RunState) -> RunReplanned:
        return RunReplanned(104.0, longer, state.inputs, state.origin, state.workflows)

    driving = asyncio.create_task(engine.drive(run_id, replan=replan))
    await until(lambda: records.owned(run_id))
    _, opening = await _opening(told, run_id)
    assert [step.id for step in snapshot.load(opening.snapshot).plan.steps] == ["only", "other"]
    engine.detach()
    with pytest.raises(EngineError):
        await driving


async def test_what_a_plan_raises_leaves_the_run_as_it_stood(
    told: Ground, run_id: str, engine: TemporalEngine, records: TemporalRecords
) -> None:
    await _stranded(told, engine, replace(started(run_id), plan=STEP))

    def replan(_: RunState) -> RunReplanned:
        raise UsageError("not like this")

    with pytest.raises(UsageError):
        await engine.drive(run_id, replan=replan)
    assert not await asyncio.to_thread(records.owned, run_id)


async def test_a_plan_needs_somebody_to_take_it(run_id: str, engine: TemporalEngine) -> None:
    await create(engine, replace(started(run_id), plan=STEP))
    replan: Callable[[RunState], RunReplanned] = lambda state: RunReplanned(104.0, state.plan)  # noqa: E731
    with pytest.raises(NoWorker):
        await engine.drive(run_id, replan=replan)


async def test_a_run_waits_for_a_worker_and_says_so(
    run_id: str, engine: TemporalEngine, records: TemporalRecords
) -> None:
    await create(engine, started(run_id))
    words = await asyncio.to_thread(records.unserved, run_id)
    assert words.startswith(f"for a worker: no worker serves the task queue queue-{run_id}")
