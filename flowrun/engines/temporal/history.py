"""History: the records of a run and the words for it, as they stand in the histories that Temporal keeps of it.

A run is one workflow id. Each of its executions has continued as the next, or was ended from outside and resumed by the
next, whose memo names it.
No worker is asked: the first payload of a start, of a scheduled activity and of a completion is a list of records.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent, WorkflowExecutionStartedEventAttributes
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from flowrun.core.events import RunReplanned
from flowrun.engines.temporal import wire
from flowrun.errors import JournalError
from flowrun.journal import codec
from flowrun.journal.protocol import Record, Request

AFTER = "after"
"""In the memo of a run that was resumed: the execution that had been ended."""

_OURS = "flowrun."
_PATIENCE = timedelta(seconds=60)
"""For one page of a history. Where nothing is new, a server lets it wait for some twenty seconds."""


@dataclass(frozen=True, slots=True)
class Closed:
    """How Temporal ended an execution: its own word for that, such as `terminated`, and what was said about it.

    `at`: when, in seconds since the epoch; `starting`: whether a start was under way, which may still go out.
    """

    how: str
    reason: str = ""
    at: float = 0.0
    starting: bool = False

    @property
    def words(self) -> str:
        """That in a clause."""
        return f"its workflow was {self.how} in Temporal" + (f" ({self.reason})" if self.reason else "")


class History:
    """What has been fetched so far of one run: its `records`, and the `words` that were left for it.

    `closed`: how its latest execution ended; None as long as it goes on.
    """

    def __init__(self, client: Client, run_id: str, workflow_id: str) -> None:
        self.records: list[Record] = []
        self.words: list[Request] = []
        self.closed: Closed | None = None
        self._client = client
        self.run_id = run_id
        self.workflow_id = workflow_id
        self._coming: deque[str] = deque()
        self._execution = ""
        self._token: bytes | None = None
        self._read = 0
        self._over = True
        self._starts: set[int] = set()
        self._target = ("", 0)
        self._alone = asyncio.Lock()

    @property
    def behind(self) -> bool:
        """Whether there is more than has been fetched, as far as the last `look` knows."""
        execution, event = self._target
        return self._execution != execution or self._read < event

    async def advance(self) -> None:
        """Fetch all that there is now."""
        await self.look()
        while self.behind:
            await self.page()

    async def look(self) -> WorkflowExecutionDescription:
        """See how far it has come. Raises RPCError with NOT_FOUND where there is no such workflow."""
        async with self._alone:
            return await self._look()

    async def wait(self) -> bool:
        """Return when something may be new, or after a while; False where nothing can be: it was ended from outside."""
        async with self._alone:
            if self._over and not self._coming:
                await self._look()
                if not self.behind:
                    return False
            await self._fetch()
            return True

    async def page(self) -> None:
        """The next events, where there are some."""
        async with self._alone:
            if self.behind:
                await self._fetch()

    async def _look(self) -> WorkflowExecutionDescription:
        latest = await self._client.get_workflow_handle(self.workflow_id).describe(rpc_timeout=_PATIENCE)
        if latest.run_id not in {self._execution, *self._coming}:
            await self._follow(latest.run_id)
        self._target = latest.run_id, latest.history_length
        return latest

    async def _fetch(self) -> None:
        """The next events. Where there is none yet, it comes back when there is one, or after some twenty seconds."""
        if self._over:
            if not self._coming:
                return
            self._execution, self._token, self._read = self._coming.popleft(), None, 0
            self._over, self.closed, self._starts = False, None, set()
        handle = self._client.get_workflow_handle(self.workflow_id, run_id=self._execution)
        events = handle.fetch_history_events(
            next_page_token=self._token, wait_new_event=True, skip_archival=True, rpc_timeout=_PATIENCE
        )
        try:
            await events.fetch_next_page()
        except RPCError as error:
            raise self._gone(error) from error
        self._token = events.next_page_token
        await self._take(events.current_page or ())

    async def _follow(self, latest: str) -> None:
        """Find the executions from where we are to this one, back from it: each names the one before it."""
        at = self._coming[-1] if self._coming else self._execution
        found = [latest]
        while (before := await self._before(found[-1])) not in {at, ""}:
            found.append(before)
        if before != at:  # the one that we read is none of them: somebody has reset the run to an earlier point
            self.records, self.words, self.closed = [], [], None
            self._execution, self._over = "", True
            self._coming.clear()
        self._coming.extend(reversed(found))

    async def opening(self) -> wire.Tree:
        """What the execution that is read now was told at its beginning, besides records: a packed `wire.Begin`."""
        began = await self._began(self._execution)
        (opening,) = await self._client.data_converter.decode(began.input.payloads[1:2])
        tree: wire.Tree = opening
        return tree

    async def _began(self, execution: str) -> WorkflowExecutionStartedEventAttributes:
        handle = self._client.get_workflow_handle(self.workflow_id, run_id=execution)
        events = handle.fetch_history_events(page_size=1, skip_archival=True, rpc_timeout=_PATIENCE)
        try:
            return (await anext(events)).workflow_execution_started_event_attributes
        except RPCError as error:
            raise self._gone(error) from error

    async def _before(self, execution: str) -> str:
        """The execution before this one; empty where it is the first."""
        began = await self._began(execution)
        if began.continued_execution_run_id or AFTER not in began.memo.fields:
            return began.continued_execution_run_id
        (before,) = await self._client.data_converter.decode([began.memo.fields[AFTER]])
        return str(before)

    async def _take(self, events: Sequence[HistoryEvent]) -> None:
        """Take in the events of a page. JournalError where its records are none, or do not follow."""
        if not events:
            return
        found = [(event, payload) for event in events if (payload := _payload(event)) is not None]
        values = await self._client.data_converter.decode([payload for _, payload in found]) if found else []
        for (event, _), value in zip(found, values, strict=True):
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                self._hear(value)
            else:
                self._note(value)
        for event in events:
            self._count(event)
        self._read = events[-1].event_id
        self._end(events[-1])

    def _hear(self, tree: wire.Tree) -> None:
        word = wire.unpack_word(tree)
        if not isinstance(word, RunReplanned):
            self.words.append(Request(len(self.words) + 1, word))

    def _note(self, trees: Iterable[Any]) -> None:
        for tree in trees:
            record = codec.load(tree)
            if record.seq != len(self.records) + 1:
                raise JournalError(
                    f"record {len(self.records) + 1} of the run {self.run_id} is missing: "
                    f"what comes next in Temporal is record {record.seq}",
                    hint=f"temporal workflow show --workflow-id {self.workflow_id} shows what there is",
                )
            self.records.append(record)

    def _count(self, event: HistoryEvent) -> None:
        """The starts that are under way."""
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            if event.activity_task_scheduled_event_attributes.activity_type.name == wire.START:
                self._starts.add(event.event_id)
        elif event.event_type in _ENDS:
            self._starts.discard(getattr(event, _ENDS[event.event_type]).scheduled_event_id)

    def _end(self, event: HistoryEvent) -> None:
        """Whether this event is the last of its execution, and what follows."""
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
            self._over = True
            if not self._coming:
                attributes = event.workflow_execution_continued_as_new_event_attributes
                self._coming.append(attributes.new_execution_run_id)
        elif event.event_type in _CLOSES:
            at = event.event_time.ToMicroseconds() / 1e6
            self.closed = Closed(_CLOSES[event.event_type], _reason(event), at, starting=bool(self._starts))
            self._over = True

    def _gone(self, error: RPCError) -> Exception:
        if error.status != RPCStatusCode.NOT_FOUND:
            return error
        return JournalError(
            f"Temporal no longer has all of the run {self.run_id}: it keeps for a time only what has ended",
            hint="That time is the retention of the namespace: temporal operator namespace update --retention 90d",
        )


_CLOSES = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "completed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: "failed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: "timed out",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: "terminated",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: "cancelled",
}

_ENDS = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: "activity_task_completed_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED: "activity_task_failed_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: "activity_task_timed_out_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED: "activity_task_canceled_event_attributes",
}


def _payload(event: HistoryEvent) -> Payload | None:
    """Where an event has records, or a word for the run."""
    match event.event_type:
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
            payloads = event.workflow_execution_started_event_attributes.input.payloads
        case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.activity_task_scheduled_event_attributes
            payloads = scheduled.input.payloads
            if not scheduled.activity_type.name.startswith(_OURS):
                return None
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
            payloads = event.workflow_execution_completed_event_attributes.result.payloads
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            signaled = event.workflow_execution_signaled_event_attributes
            payloads = signaled.input.payloads
            if signaled.signal_name != wire.WORD:
                return None
        case _:
            return None
    return payloads[0] if payloads else None


def _reason(event: HistoryEvent) -> str:
    """What was said when it ended, in one line; empty where nothing was."""
    match event.event_type:
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
            said = event.workflow_execution_terminated_event_attributes.reason
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
            said = event.workflow_execution_failed_event_attributes.failure.message
        case _:
            said = ""
    return " ".join(said.split())
