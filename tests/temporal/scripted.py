"""A workflow that does what it is told, on the wire of runs: for tests of who reads histories, without an engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from flowrun.core.events import Event, RunStarted
from flowrun.core.plan import Concurrency, OnConflict, Plan
from flowrun.engines.temporal import attributes, identity, wire
from flowrun.journal import codec, summary
from flowrun.journal.protocol import Record
from tests.temporal.server import Server

_PATIENCE = 60.0


@workflow.defn(name=wire.RUN)
class Scripted:
    """Takes orders: `note` records, `continue` with them as new, `end` with them, `fail`. Words it leaves."""

    def __init__(self) -> None:
        self._orders: list[tuple[str, list[Any]]] = []

    @workflow.run
    async def run(self, _: list[Any], begin: Any, orders: Any = ()) -> list[Any]:
        self._orders[:0] = orders
        while True:
            await workflow.wait_condition(lambda: bool(self._orders))
            order, records = self._orders.pop(0)
            match order:
                case "note":
                    later = timedelta(seconds=10)
                    await workflow.execute_activity(wire.RECORD, args=[records, {}], start_to_close_timeout=later)
                case "status":
                    workflow.upsert_search_attributes([attributes.STATUS.value_set(str(records[0]))])
                case "continue":
                    workflow.continue_as_new(args=[records, begin, self._orders])
                case "end":
                    return records
                case _:
                    raise ApplicationError("this is a bug", non_retryable=True)

    @workflow.signal
    def order(self, order: str, records: list[Any]) -> None:
        self._orders.append((order, records))

    @workflow.signal(name=wire.WORD)
    def word(self, _: Any) -> None:
        """Left where it is: in the history."""


@activity.defn(name=wire.RECORD)
async def record(_: list[Any], __: Any) -> None:
    """Carries records, and does nothing."""


class Ground:
    """A client, and a worker for the queue of the test."""

    def __init__(self, client: Client, queue: str) -> None:
        self.client = client
        self.queue = queue

    async def begin(self, started: RunStarted, **more: Any) -> WorkflowHandle[Any, Any]:
        row = summary.begin(started)
        return await self.client.start_workflow(
            wire.RUN,
            args=[dumped(0, started), wire.pack(wire.Begin())],
            id=more.pop("id", identity.workflow_id(started.run_id)),
            task_queue=self.queue,
            memo={**identity.memo(row), **more.pop("memo", {})},
            search_attributes=identity.marks(row),
            **more,
        )

    async def order(self, run_id: str, order: str, records: Sequence[Any] = ()) -> None:
        handle = self.client.get_workflow_handle(identity.workflow_id(run_id))
        await handle.signal("order", args=[order, list(records)])


@asynccontextmanager
async def ground(server: Server, queue: str) -> AsyncIterator[Ground]:
    """A worker that carries out orders as long as the context lasts."""
    client = await Client.connect(server.address)
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=queue, workflows=[Scripted], activities=[record], workflow_runner=runner):
        yield Ground(client, queue)


def dumped(after: int, *events: Event, epoch: int = 1) -> list[Any]:
    """These events as records behind that number."""
    return [codec.dump(Record(after + 1 + at, epoch, event)) for at, event in enumerate(events)]


def started(run_id: str, workflow: str = "nothing", at: float = 100.0, **more: str) -> RunStarted:
    """The beginning of a run that has no steps. `more`: its key, its group, its parent."""
    concurrency = Concurrency(more["group"], OnConflict.QUEUE) if "group" in more else None
    plan = Plan(workflow, (), key=more.get("key", ""), concurrency=concurrency)
    return RunStarted(at, run_id, plan, parent=more.get("parent", ""))


async def until(holds: Callable[[], bool]) -> None:
    """Ask in a thread of its own, until it is so."""
    async with asyncio.timeout(_PATIENCE):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - nobody here knows when a server has got there
            await asyncio.sleep(0.05)
