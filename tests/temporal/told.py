"""Runs of plans on a real server, and what their histories tell, read without any code of ours but the codec."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.converter import DataConverter

from flowrun.core.events import AbortRequested, AttemptFinished, AttemptStarted, Event, RunStarted
from flowrun.core.plan import Json, Plan, Step
from flowrun.core.status import AbortLevel, Outcome
from flowrun.engines.temporal import wire
from flowrun.engines.temporal.activities import Place
from flowrun.engines.temporal.payloads import Payloads
from flowrun.engines.temporal.worker import working
from flowrun.journal.codec import dump, load
from flowrun.journal.protocol import Record
from flowrun.steps.protocol import Attempt, Permission, Preflight, Progress
from tests.golden.events.plans import INPUTS, Said
from tests.simulation.outside import Outside, ScriptedKind

QUICK = wire.Limits(lease=4.0, sign=2.0)
"""For a server whose workers are gone within seconds."""

_PATIENCE = 120.0


AS_THEY_ARE = DataConverter(payload_converter_class=Payloads)
"""Values go over the wire as they are."""


async def connected(address: str, values: DataConverter = AS_THEY_ARE) -> Client:
    """A client of the server."""
    return await Client.connect(address, data_converter=values)


class Outsides:
    """Implements StepKind: what each run starts is somewhere else, and what its children start with it."""

    name = "job"

    def __init__(self) -> None:
        self.known: dict[str, Outside] = {}

    def _kind(self, attempt: Attempt) -> ScriptedKind:
        return ScriptedKind(self.known[attempt.run_id.partition(".")[0]])

    async def check(self, steps: Sequence[Step]) -> Preflight:
        del steps
        return Preflight()

    async def start(self, attempt: Attempt, may_start: Permission) -> wire.Answer:
        return await self._kind(attempt).start(attempt, may_start)

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        return await self._kind(attempt).wait(attempt, handle, progress)

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        await self._kind(attempt).stop(attempt, handle, force=force)


@dataclass
class Ground:
    """A task queue of its own, what runs outside, and the runs that were begun."""

    client: Client
    outsides: Outsides = field(default_factory=Outsides)
    queue: str = field(default_factory=lambda: f"tests-{uuid.uuid4().hex[:8]}")

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """One that serves it."""
        async with working(self.client, self.queue, Place({"job": self.outsides}, None, 0.1)):
            yield

    async def begin(
        self,
        plan: Plan,
        outside: Outside,
        limits: wire.Limits = QUICK,
        speed: float = 1.0,
        *,
        files: Mapping[str, Plan] | None = None,
    ) -> WorkflowHandle[Any, Any]:
        """A new run of the plan, for a clock of that speed."""
        run_id = f"{plan.workflow}-{uuid.uuid4().hex[:8]}"
        self.outsides.known[run_id] = outside
        began = RunStarted(time.time() * speed, run_id, plan, INPUTS, workflows=files or {})
        started = dump(Record(1, 1, began))
        begin = wire.pack(wire.Begin(limits=limits))
        return await self.client.start_workflow(
            wire.RUN,
            args=[[started], begin],
            id=f"flowrun-{run_id}",
            task_queue=self.queue,
            task_timeout=timedelta(seconds=60),
        )

    async def say(self, handle: WorkflowHandle[Any, Any], word: wire.Word) -> None:
        """Leave a word for the run."""
        await handle.signal(wire.WORD, wire.pack_word(word))

    async def abort(self, handle: WorkflowHandle[Any, Any], level: AbortLevel) -> None:
        await self.say(handle, AbortRequested(time.time(), level, "tester"))

    async def answer(self, handle: WorkflowHandle[Any, Any], said: Said, speed: float) -> None:
        """As soon as the question has stood in the history for so long."""
        asked = (said.step, said.leg, said.attempt)
        while not any(  # noqa: ASYNC110 - as anybody else who looks at a history
            isinstance(event, AttemptStarted) and (event.step_id, event.leg, event.attempt) == asked
            for event in await events_of(handle)
        ):
            await asyncio.sleep(0.1)
        await asyncio.sleep(said.after / speed)
        answer = said.answer(time.time())
        await self.say(handle, AttemptFinished(answer.at, *asked, answer.outcome()))

    async def happened(self, handle: WorkflowHandle[Any, Any], kind: type[Any], count: int = 1) -> None:
        """Return once so many events of this type stand in the history."""
        while sum(isinstance(event, kind) for event in await events_of(handle)) < count:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.1)

    async def told(self, handle: WorkflowHandle[Any, Any]) -> list[Event]:
        """All that happened, once the run has ended."""
        await asyncio.wait_for(handle.result(), _PATIENCE)
        return await events_of(handle)


async def events_of(handle: WorkflowHandle[Any, Any]) -> list[Event]:
    """The events of a run so far, whose records must stand in its histories without a gap and each once."""
    records: list[Record] = []
    for history in await histories(handle):
        for event in history:
            records += await _records(handle, event)
    numbers = [record.seq for record in records]
    assert numbers == list(range(1, len(records) + 1)), numbers
    return [record.event for record in records]


async def histories(handle: WorkflowHandle[Any, Any]) -> list[Sequence[Any]]:
    """Those of the run, the first first."""
    client, told = handle._client, await handle.describe()
    run_id: str | None = told.raw_description.workflow_execution_info.first_run_id or told.run_id
    found: list[Sequence[Any]] = []
    while run_id:
        one = client.get_workflow_handle(handle.id, run_id=run_id)
        found.append([event async for event in one.fetch_history_events()])
        last = found[-1][-1]
        onward = last.HasField("workflow_execution_continued_as_new_event_attributes")
        run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id if onward else None
    return found


async def _records(handle: WorkflowHandle[Any, Any], event: Any) -> list[Record]:
    for kind, payloads in (("workflow_execution_started", "input"), ("activity_task_scheduled", "input")):
        if event.HasField(f"{kind}_event_attributes"):
            return await _first(handle, getattr(getattr(event, f"{kind}_event_attributes"), payloads))
    if event.HasField("workflow_execution_completed_event_attributes"):
        return await _first(handle, event.workflow_execution_completed_event_attributes.result)
    return []


async def _first(handle: WorkflowHandle[Any, Any], payloads: Any) -> list[Record]:
    (trees,) = await handle._client.data_converter.decode(payloads.payloads[:1])
    return [load(tree) for tree in trees]


def small(limits: wire.Limits = QUICK, **more: Any) -> wire.Limits:
    """Limits at which everything goes in small pieces."""
    return replace(limits, **more)
