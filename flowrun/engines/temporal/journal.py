"""TemporalRecords: runs in a namespace, as everybody may read them and leave words for them. No worker is asked.

Listed are those of one task queue, which is that of a context; by its id any run is found.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from flowrun.core.events import RunFinished
from flowrun.engines.temporal import counter, identity, listing, wire
from flowrun.engines.temporal.beginnings import begin_again
from flowrun.engines.temporal.bridge import Bridge
from flowrun.engines.temporal.history import History
from flowrun.engines.temporal.listing import RPC
from flowrun.engines.temporal.pollers import check_served
from flowrun.errors import NoWorker, OtherWorker, TemporalUnreachable
from flowrun.journal import naming
from flowrun.journal.protocol import Record, Request, RunRow, Slot, Word
from flowrun.steps.protocol import Clock

_LAG = 0.3
"""Seconds after which a search finds what has just been begun; it takes about 0.1."""

_FRESH = 5.0
"""Seconds for which it is remembered whether somebody works on a run."""

_LATER = PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED

_KEPT = 4
"""So many runs are remembered as far as they have been read."""


class TemporalRecords:
    """Implements `journal.protocol.Records`. `task_queue`: the one whose workers drive what is begun from here."""

    def __init__(self, connect: Callable[[], Awaitable[Client]], task_queue: str, clock: Clock) -> None:
        self.bridge = Bridge(connect)
        self.task_queue = task_queue
        self._clock = clock
        self._known: dict[str, str] = {}
        self._histories: dict[str, History] = {}
        self._unserved: dict[str, tuple[float, str]] = {}
        self._slots: tuple[float, list[Slot]] = (0.0, [])

    def read(self, run_id: str, after: int = 0) -> Iterator[Record]:
        """Those that are there now; what has been read before is not fetched again."""
        history = self.bridge.call(lambda client: self.history(client, run_id))
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
        """The latest of its task queue first: a namespace may be that of many, and nobody means their runs."""
        return self._newest(listing.of_queue(self.task_queue, children=children), limit)

    def succeeded(self, workflow: str, limit: int = 20) -> list[RunRow]:
        """The latest of its task queue."""
        return self._newest(listing.of_succeeded(workflow, self.task_queue), limit)

    def keyed(self, key: str) -> RunRow | None:
        """The one that was created last, in whatever queue: a key is that of one run in the namespace."""
        return next(iter(self._newest(listing.of_key(key), 1)), None) if key else None

    def grouped(self, group: str) -> list[RunRow]:
        """Those that wait in the same queue: its workers give the turns."""
        query = listing.of_group(group, self.task_queue)
        return self.bridge.call(lambda client: listing.found(client, query)) if group else []

    def owned(self, run_id: str) -> bool:
        """Whether it goes on by itself, as soon as a worker is there."""
        described = self.bridge.call(lambda client: self._described(client, run_id))
        return described.status is WorkflowExecutionStatus.RUNNING

    def unserved(self, run_id: str) -> str:
        """That it waits for a worker, as it was a few seconds ago at most."""
        until, words = self._unserved.get(run_id, (0.0, ""))
        if self._clock.now() >= until:
            with suppress(TemporalUnreachable):  # nobody can say now: it is what it was
                words = self.bridge.call(lambda client: self._waits(client, run_id))
            self._unserved[run_id] = self._clock.now() + _FRESH, words
        return words

    def stranded(self, run_id: str) -> str:
        """How its workflow was ended in Temporal."""
        closed = self.bridge.call(lambda client: self._whole(client, run_id)).closed
        return "" if closed is None else closed.words

    def request(self, run_id: str, event: Word) -> Request:
        """Signal it. A run whose workflow was ended from outside goes on by this."""

        async def said(client: Client) -> Request:
            await self.leave(client, run_id, event)
            words = (await self._whole(client, run_id)).words
            return next(word for word in reversed(words) if word.event == event)

        return self.bridge.call(said)

    def requests(self, run_id: str, after: int = 0) -> list[Request]:
        """The words left, from the one after `after`."""

        async def asked(client: Client) -> list[Request]:
            return (await self._whole(client, run_id)).words[after:]

        return self.bridge.call(asked)

    def slots(self) -> list[Slot]:
        """What the legs of all runs of the same queue hold, as it was a few seconds ago at most."""
        until, found = self._slots
        if self._clock.now() >= until:
            found = self.bridge.call(lambda client: counter.slots(client, self.task_queue))
            self._slots = self._clock.now() + _FRESH, found
        return found

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

    async def history(self, client: Client, run_id: str) -> History:
        """What is known of the run, and how far it has come. Nobody may wait in it: it is everybody's."""
        history = self._histories.pop(run_id, None)
        if history is None:
            history = History(client, run_id, await self.locate(client, run_id))
        await history.look()
        self._histories[run_id] = history
        while len(self._histories) > _KEPT:
            del self._histories[next(iter(self._histories))]
        return history

    async def leave(self, client: Client, run_id: str, word: Word) -> None:
        """Leave a word. One for a run that has ended reaches nobody, as it would in a journal."""
        handle = client.get_workflow_handle(await self.locate(client, run_id))
        try:
            await handle.signal(wire.WORD, wire.pack_word(word), rpc_timeout=RPC)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            history = await self._whole(client, run_id)
            if history.records and isinstance(history.records[-1].event, RunFinished):
                raise naming.over(run_id) from None
            await begin_again(client, history, self._clock.now, word=word)

    def _newest(self, query: str, limit: int) -> list[RunRow]:
        now = self._clock.now()
        return self.bridge.call(lambda client: listing.newest(client, query, limit, now))

    async def _whole(self, client: Client, run_id: str) -> History:
        history = await self.history(client, run_id)
        while history.behind:
            await history.page()
        return history

    async def _waits(self, client: Client, run_id: str) -> str:
        described = await self._described(client, run_id)
        if described.status is not WorkflowExecutionStatus.RUNNING:
            return ""
        try:
            await check_served(client, described.task_queue)
        except (NoWorker, OtherWorker) as error:
            return f"for a worker: {error.message}"
        why = await _refused(client, described)
        return f"for a worker that can go on: {why}" if why else ""

    async def _located(self, client: Client, run_id: str) -> str:
        own = identity.workflow_id(run_id)
        if await _describe(client, own) is not None:
            return own
        for wait in (0.0, _LAG):  # one with a key has another id, and is found by a search
            await asyncio.sleep(wait)
            async for execution in client.list_workflows(listing.of_id(run_id), limit=1, rpc_timeout=RPC):
                return execution.id
        raise naming.unknown(run_id, f" in the namespace {client.namespace} of Temporal")

    async def _described(self, client: Client, run_id: str) -> WorkflowExecutionDescription:
        described = await _describe(client, await self.locate(client, run_id))
        if described is None:
            raise naming.unknown(run_id)
        return described


async def _refused(client: Client, described: WorkflowExecutionDescription) -> str:
    """Why a worker could not do what is tried again and again; empty where nothing is.

    A watch that is tried again has lost its worker before, and looks after its Jobs: nothing waits for it.
    """
    for pending in described.raw_description.pending_activities:
        watches = pending.activity_type.name == wire.WATCH and pending.state != _LATER
        if pending.HasField("last_failure") and not watches:
            error = await client.data_converter.decode_failure(pending.last_failure)
            return " ".join(str(getattr(error, "message", error)).split())
    return ""


async def _describe(client: Client, workflow_id: str) -> WorkflowExecutionDescription | None:
    """Its latest execution; None where there is no such workflow."""
    try:
        return await client.get_workflow_handle(workflow_id).describe(rpc_timeout=RPC)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND and "namespace" not in error.message.lower():
            return None
        raise
