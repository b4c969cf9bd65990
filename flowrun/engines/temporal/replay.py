"""Replay: runs that are under way, done over by the flowrun of this process. Nothing of them is started anew."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from flowrun.engines.temporal import attributes, wire
from flowrun.engines.temporal.faults import answering
from flowrun.engines.temporal.workflow import RunWorkflow

_SAID = re.compile(r'message: "((?:[^"\\]|\\.)*)"')
_CODE = re.compile(r"^\[\w+\] ")


@dataclass(frozen=True, slots=True)
class Replayed:
    """A run that is under way. `why`: what would keep it from going on here, in the library's words; often empty."""

    run_id: str
    why: str = ""


async def replay(client: Client, queue: str) -> AsyncIterator[Replayed]:
    """All that are under way on a task queue, as far as they have come. Raises TemporalError."""
    replayer = Replayer(
        workflows=[RunWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=client.data_converter,
        debug_mode=True,  # a large run takes longer than the two seconds that the library takes for a deadlock
    )
    with answering(client):
        async for found in client.list_workflows(
            f"WorkflowType = '{wire.RUN}' AND ExecutionStatus = 'Running' AND TaskQueue = '{queue}'"
        ):
            history = await client.get_workflow_handle(found.id, run_id=found.run_id).fetch_history()
            result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
            run_id = found.typed_search_attributes.get(attributes.RUN) or found.id
            yield Replayed(run_id, _words(result.replay_failure))


def _words(failure: Exception | None) -> str:
    """The first message of what the library says, which is a structure in one line."""
    if failure is None:
        return ""
    said = _SAID.search(str(failure))
    return _CODE.sub("", said[1] if said else " ".join(str(failure).split()))
