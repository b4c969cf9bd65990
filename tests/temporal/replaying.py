"""Kept histories, done over by the code of today: what it asks of Temporal, and what it would put on record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.worker import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    Interceptor,
    SignalExternalWorkflowInput,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from flowrun.engines.temporal.codec import Codec
from flowrun.engines.temporal.payloads import Payloads
from flowrun.engines.temporal.replay import replayer

KEPT = Path(__file__).parents[1] / "golden" / "histories"
CONVERTER = DataConverter(payload_converter_class=Payloads, payload_codec=Codec(()))
"""That of a flowrun without a key."""


def kept(names: str = "*") -> list[WorkflowHistory]:
    """All of them, or those that are called like this, each by the name of its file."""
    files = sorted(KEPT.glob(f"{names}.json"))
    return [WorkflowHistory.from_json(file.stem, file.read_text(encoding="ascii")) for file in files]


async def replayed(histories: Sequence[WorkflowHistory]) -> dict[str, Exception | None]:
    """Do them over: what was found wrong with each, by the name of its file."""
    Heard.records.clear()
    found: dict[str, Exception | None] = {}
    for history in histories:
        queue = history.events[0].workflow_execution_started_event_attributes.task_queue.name
        over = replayer(queue, CONVERTER, [_Listening()])
        result = await over.replay_workflow(history, raise_on_replay_failure=False)
        found[history.workflow_id] = result.replay_failure
    return found


async def written(history: WorkflowHistory) -> list[Any]:
    """What came into a history after what it began with: records, and what was told to other workflows."""
    found: list[Any] = []
    for event in history.events:
        for kind, name in _CARRIERS.items():
            if event.HasField(kind):  # type: ignore[arg-type]
                payloads = getattr(getattr(event, kind), name).payloads
                (said,) = await CONVERTER.decode(payloads[:1])
                found += said if isinstance(said, list) else [_told(said)]
    return found


_CARRIERS = {
    "activity_task_scheduled_event_attributes": "input",
    "signal_external_workflow_execution_initiated_event_attributes": "input",
    "workflow_execution_continued_as_new_event_attributes": "input",
    "workflow_execution_completed_event_attributes": "result",
}


class Heard(WorkflowInboundInterceptor):
    """What workflows that are done over put on record and tell others, by the id of their execution."""

    records: ClassVar[dict[str, list[Any]]] = {}

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outward(outbound))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 - the SDK's word
        result = await super().execute_workflow(input)
        _hear(result)
        return result


class _Outward(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002 - the SDK's word
        _hear(input.args[0])
        return super().start_activity(input)

    async def signal_external_workflow(self, input: SignalExternalWorkflowInput) -> None:  # noqa: A002 - the SDK's word
        _hear([_told(tree) for tree in input.args])
        await super().signal_external_workflow(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> Any:  # noqa: A002 - the SDK's word
        _hear(input.args[0])
        super().continue_as_new(input)


class _Listening(Interceptor):
    def workflow_interceptor_class(self, _: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        return Heard


def _told(tree: dict[str, Any]) -> dict[str, Any]:
    """Without the id of who says it, which is another where it is done over."""
    return {name: value for name, value in tree.items() if name != "workflow"}


def _hear(records: Any) -> None:
    Heard.records.setdefault(workflow.info().run_id, []).extend(json.loads(json.dumps(records)))
