"""Look: whether runs still go on. The arbiter asks it of those that others wait for, and a parent of its children."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import RawValue
from temporalio.service import RPCError, RPCStatusCode

from flowrun.core.run import Run
from flowrun.engines.temporal.history import History
from flowrun.engines.temporal.post import CLOSED, LOOK, NONE, OPEN, News, pack
from flowrun.engines.temporal.wire import Tree
from flowrun.steps.upshot import upshot
from flowrun.templating.evaluator import Templates

_AT_ONCE = 8


class Looks:
    """The activities of one worker that look."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self) -> Sequence[Callable[..., Any]]:
        """For its list of activities."""
        return [self.look]

    @activity.defn(name=LOOK)
    async def look(self, records: RawValue, workflows: list[str], child: str = "") -> dict[str, Any]:
        """By workflow id whether it is open, closed, or there is none. `child`: a run of which the end is told, too."""
        del records
        gate = asyncio.Semaphore(_AT_ONCE)
        states = await asyncio.gather(*(self._state(workflow, gate) for workflow in workflows))
        found: dict[str, Any] = {"states": dict(zip(workflows, states, strict=True))}
        if child and states == [CLOSED]:
            found["news"] = await self._end(child, workflows[0])
        return found

    async def _state(self, workflow: str, gate: asyncio.Semaphore) -> str:
        async with gate:
            try:
                told = await self._client.get_workflow_handle(workflow).describe()
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
                return NONE
        return OPEN if told.status is WorkflowExecutionStatus.RUNNING else CLOSED

    async def _end(self, run_id: str, workflow: str) -> Tree:
        history = History(self._client, run_id, workflow)
        await history.advance()
        state = Run.replay((record.event for record in history.records), Templates()).state
        return pack(News(run_id, (), upshot(state) if state.status.final else None))
