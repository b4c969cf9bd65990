"""Listing: the runs of a namespace by what is written on them. What has just been begun is found a moment later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecution

from flowrun.core.status import RunStatus
from flowrun.engines.temporal import attributes, identity, wire
from flowrun.journal import naming
from flowrun.journal.protocol import RunRow

RPC = timedelta(seconds=20)
"""For one request of a person who waits for the answer."""

_WINDOWS = (timedelta(minutes=5), timedelta(hours=2), timedelta(days=1), timedelta(days=14))
"""How far back the latest runs are looked for, one after the other, until there are enough."""

_PAGE = 1000

_EVERY = f"WorkflowType = '{wire.RUN}' AND ExecutionStatus != 'ContinuedAsNew'"


def of_queue(queue: str, *, children: bool) -> str:
    """The runs that wait, or have waited, in a task queue; without `children` those that are steps of no other."""
    found = f"{_EVERY} AND {_equals('TaskQueue', queue)}"
    return found if children else f"{found} AND {attributes.PARENT.name} IS NULL"


def of_id(run_id: str) -> str:
    """The run, whatever its workflow id."""
    return f"{_EVERY} AND {_equals(attributes.RUN.name, run_id)}"


def of_key(key: str) -> str:
    """The runs with this key."""
    return f"{_EVERY} AND {_equals(attributes.KEY.name, key)}"


def of_group(group: str, queue: str) -> str:
    """The runs of a concurrency group that go on, in one queue: nobody waits for one that was ended from outside."""
    ours = f"{of_queue(queue, children=True)} AND {_equals(attributes.GROUP.name, group)}"
    return f"{ours} AND ExecutionStatus = 'Running'"


def of_succeeded(workflow: str, queue: str) -> str:
    """The runs of a workflow in one queue that succeeded."""
    done = _equals(attributes.STATUS.name, RunStatus.SUCCEEDED.value)
    return f"{of_queue(queue, children=True)} AND {_equals(attributes.WORKFLOW.name, workflow)} AND {done}"


async def found(client: Client, query: str) -> list[RunRow]:
    """One line for each run, that of its latest execution, in the order in which the runs were created."""
    latest: dict[str, WorkflowExecution] = {}
    async for execution in client.list_workflows(query, page_size=_PAGE, rpc_timeout=RPC):
        known = latest.get(execution.id)
        if known is None or known.start_time < execution.start_time:
            latest[execution.id] = execution
    rows = [await identity.row_of(execution) for execution in latest.values()]
    return sorted(rows, key=lambda row: (row.started_at, row.run_id))


async def newest(client: Client, query: str, limit: int, now: float) -> list[RunRow]:
    """The runs that were created last, the latest first.

    Servers sort by when an execution ended, and by the beginning of its latest history: not as is asked here.
    """
    for window in _WINDOWS:
        since = now - window.total_seconds()
        when = datetime.fromtimestamp(since, UTC).isoformat()
        rows = await found(client, f"{query} AND StartTime >= '{when}'")
        within = [row for row in rows if row.started_at >= since]
        if len(within) >= limit:
            return within[: -limit - 1 : -1]
    return (await found(client, query))[: -limit - 1 : -1]


def _equals(name: str, text: str) -> str:
    """That an attribute has this value, in the words of Temporal's queries."""
    quoted = identity.keyword(naming.plain(text)).replace("\\", "\\\\").replace("'", "\\'")
    return f"{name} = '{quoted}'"
