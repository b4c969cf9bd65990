"""TemporalRecords: the runs of a namespace, as everybody may read them and leave words for them. No worker is asked."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from flowrun.core.status import RunStatus
from flowrun.engines.temporal import attributes, identity, wire
from flowrun.engines.temporal.bridge import Bridge
from flowrun.engines.temporal.history import History
from flowrun.errors import JournalError
from flowrun.journal import naming
from flowrun.journal.protocol import Record, Request, RunRow, Slot, Word
from flowrun.steps.protocol import Clock

_RPC = timedelta(seconds=20)
"""For one request of a person who waits for the answer."""

_LAG = 0.3
"""Seconds after which a search finds what has just been begun; it takes about 0.1."""

_WINDOWS = (timedelta(minutes=5), timedelta(hours=2), timedelta(days=1), timedelta(days=14))
"""How far back the latest runs are looked for, one after the other, until there are enough."""

_KEPT = 4
"""So many runs are remembered as far as they have been read."""

_PAGE = 1000
_OURS = f"WorkflowType = '{wire.RUN}' AND ExecutionStatus != 'ContinuedAsNew'"


class TemporalRecords:
    """Implements `journal.protocol.Records`. `task_queue`: the one whose workers drive what is begun from here."""

    def __init__(self, connect: Callable[[], Awaitable[Client]], task_queue: str, clock: Clock) -> None:
        self.bridge = Bridge(connect)
        self.task_queue = task_queue
        self._clock = clock
        self._known: dict[str, str] = {}
        self._histories: dict[str, History] = {}

    def read(self, run_id: str, after: int = 0) -> Iterator[Record]:
        """Those that are there now; what has been read before is not fetched again."""
        history = self.bridge.call(lambda client: self._looked(client, run_id))
        read = after
        while True:
            found = history.records
            yield from itertools.islice(found, read, None)
            read = max(read, len(found))
            if not history.behind:
                return
            self.bridge.call(lambda _: history.page())

    def run(self, run_id: str) -> RunRow:
        """The run's line, as its latest execution has it."""

        async def asked(client: Client) -> RunRow:
            return await identity.row_of(await self._described(client, run_id))

        return self.bridge.call(asked)

    def runs(self, limit: int = 50, *, children: bool = False) -> list[RunRow]:
        """The latest first, whatever queue they wait in: a namespace is one journal."""
        query = _OURS if children else f"{_OURS} AND {attributes.PARENT.name} IS NULL"
        return self.bridge.call(lambda client: self._latest(client, query, limit))

    def succeeded(self, workflow: str, limit: int = 20) -> list[RunRow]:
        """The latest of them."""
        name, status = _equals(attributes.WORKFLOW.name, workflow), f"'{RunStatus.SUCCEEDED.value}'"
        query = f"{_OURS} AND {name} AND {attributes.STATUS.name} = {status}"
        return self.bridge.call(lambda client: self._latest(client, query, limit))

    def keyed(self, key: str) -> RunRow | None:
        """The one that was created last."""
        if not key:
            return None
        query = f"{_OURS} AND {_equals(attributes.KEY.name, key)}"
        found = self.bridge.call(lambda client: self._latest(client, query, 1))
        return found[0] if found else None

    def grouped(self, group: str) -> list[RunRow]:
        """Those that wait in the same queue: its workers give the turns."""
        if not group:
            return []
        over = ", ".join(f"'{status.value}'" for status in RunStatus if status.final)
        queue = _equals("TaskQueue", self.task_queue)
        query = f"{_OURS} AND {_equals(attributes.GROUP.name, group)} AND {queue}"
        query = f"{query} AND {attributes.STATUS.name} NOT IN ({over})"
        found = self.bridge.call(lambda client: _found(client, query))
        return sorted(found, key=lambda row: (row.started_at, row.run_id))

    def owned(self, run_id: str) -> bool:
        """Whether it goes on by itself, as soon as a worker is there."""
        described = self.bridge.call(lambda client: self._described(client, run_id))
        return described.status is WorkflowExecutionStatus.RUNNING

    def request(self, run_id: str, event: Word) -> Request:
        """Signal it."""

        async def said(client: Client) -> Request:
            workflow_id = await self.locate(client, run_id)
            handle = client.get_workflow_handle(workflow_id)
            await handle.signal(wire.WORD, wire.pack_word(event), rpc_timeout=_RPC)
            history = await self._looked(client, run_id)
            while history.behind:
                await history.page()
            return next(word for word in reversed(history.words) if word.event == event)

        return self.bridge.call(said)

    def requests(self, run_id: str, after: int = 0) -> list[Request]:
        """The words left, from the one after `after`."""

        async def asked(client: Client) -> list[Request]:
            history = await self._looked(client, run_id)
            while history.behind:
                await history.page()
            return history.words[after:]

        return self.bridge.call(asked)

    def slots(self) -> list[Slot]:
        """What the legs of all runs hold."""
        return []

    def close(self) -> None:
        """Let go of the connection."""
        self.bridge.close()

    async def locate(self, client: Client, run_id: str) -> str:
        """The workflow id of a run. Raises UnknownRun."""
        naming.check(run_id)
        if run_id not in self._known:
            self._known[run_id] = await self._located(client, run_id)
        return self._known[run_id]

    def called(self, run_id: str, workflow_id: str) -> None:
        """Remember what has just been begun from here: a search does not find it yet."""
        self._known[run_id] = workflow_id

    async def _located(self, client: Client, run_id: str) -> str:
        own = identity.workflow_id(run_id)
        with suppress(_Absent):
            await _describe(client, own)
            return own
        query = f"{_OURS} AND {_equals(attributes.RUN.name, run_id)}"
        for wait in (0.0, _LAG):  # one with a key has another id, and is found by a search
            await asyncio.sleep(wait)
            async for execution in client.list_workflows(query, limit=1, rpc_timeout=_RPC):
                return execution.id
        raise naming.unknown(run_id, f" in the namespace {client.namespace} of Temporal")

    async def _described(self, client: Client, run_id: str) -> WorkflowExecutionDescription:
        try:
            return await _describe(client, await self.locate(client, run_id))
        except _Absent:
            raise naming.unknown(run_id) from None

    async def _looked(self, client: Client, run_id: str) -> History:
        """What is known of the run, and how far it has come."""
        history = self._histories.pop(run_id, None)
        if history is None:
            history = History(client, run_id, await self.locate(client, run_id))
        await history.look()
        self._histories[run_id] = history
        while len(self._histories) > _KEPT:
            del self._histories[next(iter(self._histories))]
        return history

    async def _latest(self, client: Client, query: str, limit: int) -> list[RunRow]:
        """Servers sort by when an execution ended, and by the beginning of its latest history: not as is asked here."""
        now = self._clock.now()
        for window in _WINDOWS:
            since = now - window.total_seconds()
            when = datetime.fromtimestamp(since, UTC).isoformat()
            rows = await _found(client, f"{query} AND StartTime >= '{when}'")
            within = [row for row in rows if row.started_at >= since]
            if len(within) >= limit:
                return _sorted(within)[:limit]
        return _sorted(await _found(client, query))[:limit]


class _Absent(JournalError):
    """There is no such workflow."""


async def _describe(client: Client, workflow_id: str) -> WorkflowExecutionDescription:
    try:
        return await client.get_workflow_handle(workflow_id).describe(rpc_timeout=_RPC)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND and "namespace" not in error.message.lower():
            raise _Absent(error.message) from error
        raise


async def _found(client: Client, query: str) -> list[RunRow]:
    """One line for each run: that of its latest execution."""
    latest: dict[str, WorkflowExecution] = {}
    async for execution in client.list_workflows(query, page_size=_PAGE, rpc_timeout=_RPC):
        known = latest.get(execution.id)
        if known is None or known.start_time < execution.start_time:
            latest[execution.id] = execution
    return [await identity.row_of(execution) for execution in latest.values()]


def _sorted(rows: list[RunRow]) -> list[RunRow]:
    return sorted(rows, key=lambda row: (row.started_at, row.run_id), reverse=True)


def _equals(name: str, text: str) -> str:
    """That an attribute has this value, in the words of Temporal's queries."""
    quoted = identity.keyword(naming.plain(text)).replace("\\", "\\\\").replace("'", "\\'")
    return f"{name} = '{quoted}'"
