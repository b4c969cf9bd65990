"""Records of a run, read from the histories of its executions, on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyExcludeType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client

from flowrun.core.events import AbortRequested, Event, RunFinished, RunResumed
from flowrun.core.status import AbortLevel, RunStatus
from flowrun.engines.clock import SystemClock, new_run_id
from flowrun.engines.temporal import wire
from flowrun.engines.temporal.history import AFTER, History
from flowrun.engines.temporal.identity import workflow_id
from flowrun.engines.temporal.journal import TemporalRecords
from flowrun.errors import JournalError, UnknownRun
from tests.temporal.scripted import Ground, dumped, ground, started, until
from tests.temporal.server import Server

STOP = AbortRequested(101.0, AbortLevel.STOP, "anna")
DRAIN = AbortRequested(101.0, AbortLevel.DRAIN, "anna")
END = RunFinished(102.0, RunStatus.SUCCEEDED)


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


def events(records: TemporalRecords, run_id: str, after: int = 0) -> list[Event]:
    return [record.event for record in records.read(run_id, after)]


async def told_history(told: Ground, run_id: str) -> History:
    history = History(told.client, run_id, workflow_id(run_id))
    await history.advance()
    return history


async def test_records_are_read_from_all_that_carries_them(told: Ground, run_id: str, records: TemporalRecords) -> None:
    await told.begin(started(run_id))
    await told.order(run_id, "note", dumped(1, DRAIN))
    await told.order(run_id, "continue", dumped(2, STOP))
    await until(lambda: len(events(records, run_id)) == 3)
    await told.order(run_id, "end", dumped(3, END))
    await until(lambda: not records.owned(run_id))
    assert events(records, run_id) == [started(run_id), DRAIN, STOP, END]
    assert events(records, run_id, 2) == [STOP, END]
    assert [record.seq for record in records.read(run_id)] == [1, 2, 3, 4]


async def test_a_reader_that_comes_late_reads_the_same(told: Ground, run_id: str, records: TemporalRecords) -> None:
    await told.begin(started(run_id))
    at = 1
    for _ in range(3):
        await told.order(run_id, "note", dumped(at, DRAIN))
        await told.order(run_id, "continue", dumped(at + 1, STOP))
        at += 2
        await until(lambda at=at: len(events(records, run_id)) == at)  # type: ignore[misc]
    history = await told_history(told, run_id)
    assert history.records == list(records.read(run_id))
    assert history.closed is None


async def test_what_has_been_read_is_not_fetched_again(
    told: Ground, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await told.begin(started(run_id))
    history = await told_history(told, run_id)
    fetched: list[int] = []
    take = history._take

    async def noted(events: Sequence[HistoryEvent]) -> None:
        fetched.extend(event.event_id for event in events)
        await take(events)

    monkeypatch.setattr(history, "_take", noted)
    await history.advance()
    for at in range(1, 4):
        await told.order(run_id, "note", dumped(at, DRAIN))
        while len(history.records) <= at:
            await history.advance()
    assert fetched == sorted(set(fetched))


async def test_many_may_read_it_at_once(told: Ground, run_id: str) -> None:
    await told.begin(started(run_id))
    for at in range(1, 6):
        await told.order(run_id, "continue", dumped(at, DRAIN))
    history = History(told.client, run_id, workflow_id(run_id))
    while len(history.records) < 6:
        await asyncio.gather(*(history.advance() for _ in range(5)))
    assert [record.seq for record in history.records] == list(range(1, 7))


async def test_who_waits_is_told_at_once_across_continuations(told: Ground, run_id: str) -> None:
    await told.begin(started(run_id))
    history = History(told.client, run_id, workflow_id(run_id))

    async def follow() -> None:
        while not any(isinstance(record.event, RunFinished) for record in history.records):
            assert await history.wait()

    following = asyncio.create_task(follow())
    for order, batch in (
        ("note", dumped(1, DRAIN)),
        ("continue", dumped(2)),
        ("continue", dumped(2, STOP)),
        ("end", dumped(3, END)),
    ):
        await told.order(run_id, order, batch)
    await asyncio.wait_for(following, 60)
    assert [record.event for record in history.records] == [started(run_id), DRAIN, STOP, END]
    assert await history.wait() is False


async def test_words_are_numbered_in_the_order_in_which_they_came(
    told: Ground, run_id: str, records: TemporalRecords
) -> None:
    await told.begin(started(run_id))
    first = await asyncio.to_thread(records.request, run_id, DRAIN)
    await told.order(run_id, "continue")
    second = await asyncio.to_thread(records.request, run_id, STOP)
    assert (first.number, second.number) == (1, 2)
    assert await asyncio.to_thread(records.requests, run_id) == [first, second]
    assert await asyncio.to_thread(records.requests, run_id, 1) == [second]


async def test_how_it_was_ended_from_outside_is_known(told: Ground, run_id: str) -> None:
    handle = await told.begin(started(run_id))
    await handle.terminate(reason="somebody cleaned up")
    history = await told_history(told, run_id)
    assert history.closed is not None
    assert (history.closed.how, history.closed.reason) == ("terminated", "somebody cleaned up")
    assert await history.wait() is False


async def test_a_bug_is_told_with_its_words(told: Ground, run_id: str) -> None:
    await told.begin(started(run_id))
    await told.order(run_id, "fail")
    history = History(told.client, run_id, workflow_id(run_id))
    while history.closed is None:
        await history.wait()
    assert (history.closed.how, history.closed.reason) == ("failed", "this is a bug")


async def test_a_run_that_was_resumed_is_read_from_both(told: Ground, run_id: str, records: TemporalRecords) -> None:
    before = await told.begin(started(run_id))
    await told.order(run_id, "continue", dumped(1, DRAIN))
    await until(lambda: len(events(records, run_id)) == 2)
    follower = await told_history(told, run_id)
    ended = await told.client.get_workflow_handle(before.id).describe()
    await told.client.get_workflow_handle(before.id).terminate()
    resumed = RunResumed(103.0, 2)
    await told.client.start_workflow(
        wire.RUN,
        args=[dumped(2, resumed, epoch=2), wire.pack(wire.Begin())],
        id=before.id,
        task_queue=told.queue,
        memo={AFTER: ended.run_id},
    )
    await told.order(run_id, "continue", dumped(3, STOP, epoch=2))
    await until(lambda: len(events(records, run_id)) == 4)
    assert events(records, run_id) == [started(run_id), DRAIN, resumed, STOP]
    while len(follower.records) < 4:
        assert await follower.wait()
    assert follower.records == list(records.read(run_id))


async def test_a_run_that_was_reset_is_read_anew(told: Ground, run_id: str, records: TemporalRecords) -> None:
    handle = await told.begin(started(run_id))
    async for event in handle.fetch_history_events(wait_new_event=True):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            break
    await told.order(run_id, "note", dumped(1, DRAIN))
    await until(lambda: len(events(records, run_id)) == 2)
    await _reset(told, handle.id)
    await until(lambda: len(events(records, run_id)) == 1)
    await told.order(run_id, "note", dumped(1, STOP))
    await until(lambda: len(events(records, run_id)) == 2)
    assert events(records, run_id) == [started(run_id), STOP]


async def _reset(told: Ground, workflow_id: str) -> None:
    """What nobody should do: to the first workflow task, without the orders that came later."""
    history = await told.client.get_workflow_handle(workflow_id).fetch_history()
    done = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    await told.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace="default",
            workflow_execution=WorkflowExecution(workflow_id=workflow_id),
            request_id="once",
            workflow_task_finish_event_id=next(event.event_id for event in history.events if event.event_type == done),
            reset_reapply_exclude_types=[ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL],
        )
    )


@pytest.mark.parametrize("batch", [dumped(2, STOP), [{"seq": 2}], dumped(0, STOP)], ids=["gap", "no record", "twice"])
async def test_what_does_not_follow_is_damage(told: Ground, run_id: str, records: TemporalRecords, batch: Any) -> None:
    await told.begin(started(run_id))
    await told.order(run_id, "continue", batch)
    seen: list[JournalError] = []

    def damaged() -> bool:
        try:
            events(records, run_id)
        except JournalError as error:
            seen.append(error)
        return bool(seen)

    await until(damaged)
    assert "record 2" in seen[0].message or "a record has no" in seen[0].message


async def test_what_is_no_run_is_said(run_id: str, records: TemporalRecords) -> None:
    with pytest.raises(UnknownRun, match="there is no run"):
        await asyncio.to_thread(events, records, run_id)
    with pytest.raises(JournalError, match="cannot be the id of a run"):
        await asyncio.to_thread(events, records, "x' OR WorkflowType='")


async def test_ten_thousand_records_are_read(told: Ground, run_id: str, records: TemporalRecords) -> None:
    await told.begin(started(run_id))
    for at in range(1, 10_000, 1000):
        await told.order(run_id, "note", dumped(at, *[DRAIN] * 1000))
    await until(lambda: sum(1 for _ in records.read(run_id)) == 10_001)
