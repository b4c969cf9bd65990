"""Identity: how a run is called in Temporal, and what is written on it: its line of `runs list`.

The workflow id is that of the run, or that of its key: then no second run with this key can begin, whoever tries it and
wherever. The memo has the line as it began; what changes of it are search attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256
from typing import Any

from temporalio.client import WorkflowExecution, WorkflowExecutionStatus
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from flowrun.core.status import RunStatus
from flowrun.engines.temporal import attributes
from flowrun.journal.protocol import RunRow

MEMO = "flowrun"
"""The key in the memo of a workflow under which that line stands."""

_LONGEST = 200
"""Characters of a search attribute: stores in SQL take 255."""

_BEGUN = ("run_id", "workflow", "parent", "key", "group", "started_at")


def workflow_id(run_id: str) -> str:
    """Of a run that nobody has to find by its key."""
    return f"flowrun-{run_id}"


def key_id(key: str) -> str:
    """Of the one run with this key that may begin where another is not to."""
    return f"flowrun-key-{_digest(key)}"


def keyword(text: str) -> str:
    """The text as a search attribute: one that is long is cut, and ends in what tells it from others."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 33]}-{_digest(text)}"


def memo(row: RunRow) -> Mapping[str, Any]:
    """What stands on the workflow of a run from its beginning."""
    return {MEMO: {name: getattr(row, name) for name in _BEGUN}}


def marks(row: RunRow) -> TypedSearchAttributes:
    """What the workflow of a run is found by. What it has none of is not set."""
    texts = {
        attributes.RUN: row.run_id,
        attributes.WORKFLOW: row.workflow,
        attributes.STATUS: row.status,
        attributes.PARENT: row.parent,
        attributes.KEY: row.key,
        attributes.GROUP: row.group,
    }
    return TypedSearchAttributes([SearchAttributePair(name, keyword(text)) for name, text in texts.items() if text])


async def row_of(execution: WorkflowExecution) -> RunRow:
    """The line of the run that this execution is of. Raises KeyError for what is no run of ours."""
    begun = await execution.memo_value(MEMO)
    known = {field.name for field in fields(RunRow)}
    status = RunStatus(execution.typed_search_attributes[attributes.STATUS])
    open_ = execution.status is WorkflowExecutionStatus.RUNNING
    over = status.final and execution.close_time is not None
    return RunRow(
        **{name: value for name, value in begun.items() if name in known},
        status=status.value,
        finished_at=execution.close_time.timestamp() if over and execution.close_time is not None else None,
        owner=f"the workers of {execution.task_queue}" if open_ else "",
    )


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]
