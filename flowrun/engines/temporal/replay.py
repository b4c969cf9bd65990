"""Replay: runs that are under way, done over by the flowrun of this process. Nothing of them is started anew."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from temporalio import workflow
from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.worker import (
    Interceptor,
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from flowrun.engines.temporal import attributes, post, wire
from flowrun.engines.temporal.faults import answering
from flowrun.engines.temporal.worker import WORKFLOWS

_NAMES = (wire.RUN, post.ADMISSION)
_SAID = re.compile(r'message: "((?:[^"\\]|\\.)*)"')
_CODE = re.compile(r"^\[\w+\] ")


@dataclass(frozen=True, slots=True)
class Replayed:
    """A run that is under way, or the arbiter between them. `why`: what would keep it from going on here; often empty.

    It is in the words of Temporal's library.
    """

    run_id: str
    why: str = ""


async def replay(client: Client, queue: str) -> AsyncIterator[Replayed]:
    """All that are under way on a task queue, as far as they have come. Raises TemporalError."""
    over = replayer(queue, client.data_converter)
    with answering(client):
        async for found in client.list_workflows(f"ExecutionStatus = 'Running' AND TaskQueue = '{queue}'"):
            if found.workflow_type not in _NAMES:
                continue
            history = await client.get_workflow_handle(found.id, run_id=found.run_id).fetch_history()
            result = await over.replay_workflow(history, raise_on_replay_failure=False)
            run_id = found.typed_search_attributes.get(attributes.RUN) or found.id
            yield Replayed(run_id, _words(result.replay_failure))


def replayer(queue: str, converter: DataConverter, more: Sequence[Interceptor] = ()) -> Replayer:
    """Does over what has happened on that task queue."""
    return Replayer(
        workflows=WORKFLOWS,
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=converter,
        interceptors=[_There(queue), *more],
        debug_mode=True,  # a large run takes longer than the two seconds that the library takes for a deadlock
    )


class _There(Interceptor):
    """A replayer has a task queue of its own, and a run asks the arbiter of the one that it is on."""

    def __init__(self, queue: str) -> None:
        self._queue = queue

    def workflow_interceptor_class(self, _: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        queue = self._queue

        class Inward(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(_Outward(outbound, queue))

        return Inward


class _Outward(WorkflowOutboundInterceptor):
    def __init__(self, outward: WorkflowOutboundInterceptor, queue: str) -> None:
        super().__init__(outward)
        self._queue = queue

    def info(self) -> workflow.Info:
        """As on that queue."""
        return replace(super().info(), task_queue=self._queue)


def _words(failure: Exception | None) -> str:
    """The first message of what the library says, which is a structure in one line."""
    if failure is None:
        return ""
    said = _SAID.search(str(failure))
    return _CODE.sub("", said[1] if said else " ".join(str(failure).split()))
