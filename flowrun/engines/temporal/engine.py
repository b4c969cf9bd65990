"""TemporalEngine: workers drive the runs. This process begins them, follows them, and leaves words for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError

from flowrun.admission.run_key import OnDuplicate
from flowrun.core.events import AbortRequested, RunFinished, RunReplanned, RunStarted
from flowrun.core.evolve import begin, evolve
from flowrun.core.state import RunState
from flowrun.core.status import AbortLevel
from flowrun.engines.protocol import Replan, Watch
from flowrun.engines.temporal import counter, identity, listing, wire
from flowrun.engines.temporal.beginnings import Taken, begin_again, begin_new, stands
from flowrun.engines.temporal.history import History
from flowrun.engines.temporal.journal import TemporalRecords
from flowrun.engines.temporal.listing import RPC
from flowrun.engines.temporal.pollers import check_served
from flowrun.errors import Conflict, EngineError, JournalError, NoWorker, Stranded, TemporalUnreachable
from flowrun.journal import arrival, naming
from flowrun.journal.protocol import Record
from flowrun.steps.protocol import Clock

_TRIES = 5
"""Plans that are made anew for a run that goes on while they are made."""

_PATIENCE = 300.0
"""Seconds for which a server that is away is waited for by who follows a run; one that waits for news takes some."""

_AGAIN = 1.0


class TemporalEngine:
    """Implements `engines.protocol.Engine`. A run that nobody follows goes on all the same."""

    def __init__(self, records: TemporalRecords, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._run_id = ""
        self._driving: asyncio.Task[RunFinished] | None = None
        self._saying: set[asyncio.Task[None]] = set()
        self._early: list[AbortRequested] = []
        self._fault: BaseException | None = None
        self._detached = False

    def create(self, started: RunStarted, on_duplicate: OnDuplicate = OnDuplicate.RUN) -> str:
        """Begin a new run: it goes on from here by itself. Raises Conflict where id, key or group refuse it."""
        return self._records.bridge.call(lambda client: self._create(client, started, on_duplicate))

    async def drive(
        self,
        run_id: str,
        watch: Watch | None = None,
        *,
        past: Sequence[Record] = (),
        replan: Replan | None = None,
    ) -> RunFinished:
        """Follow it until it ends; where Temporal's workflow was ended from outside, let it go on first.

        Raises JournalError, EngineError when detached, and Conflict only where `replan` is never quick enough.
        """
        self._run_id = run_id
        self._driving = asyncio.create_task(self._drive(run_id, watch, past, replan))
        try:
            if self._detached:
                self.detach()
            return await self._driving
        except asyncio.CancelledError:
            if self._fault is not None:
                raise self._fault from None
            if not self._detached:
                raise
            hint = f"flowrun runs watch {run_id}"
            raise EngineError("detached: the run goes on by itself", hint=hint) from None
        finally:
            self._driving = None
            for saying in self._saying:
                saying.cancel()

    def abort(self, level: AbortLevel, by: str) -> None:
        """Tell the run that this engine follows, or is about to follow."""
        word = AbortRequested(self._clock.now(), level, by)
        if self._driving is None:
            self._early.append(word)
        else:
            self._say(word)

    def detach(self) -> None:
        """Follow no longer."""
        self._detached = True
        if self._driving is not None:
            self._driving.cancel()

    async def _create(self, client: Client, started: RunStarted, on_duplicate: OnDuplicate) -> str:
        naming.check(started.run_id)
        key = started.plan.key
        now = self._clock.now()
        keyed = await listing.newest(client, listing.of_key(key), 1, now) if key else []
        holder = await self._first(client, keyed[0].run_id) if keyed else None
        run_id = arrival.identity(started, holder, on_duplicate)
        if run_id != started.run_id:
            return run_id
        if started.plan.concurrency is not None:
            query = listing.of_group(started.plan.concurrency.group, self._records.task_queue)
            group = await listing.found(client, query)
            arrival.admit(started, [row.run_id for row in group], ())
        by_key = bool(key) and on_duplicate is not OnDuplicate.RUN
        workflow_id = identity.key_id(key) if by_key else identity.workflow_id(run_id)
        queue = self._records.task_queue
        entered = await counter.enter(client, queue, started, workflow_id)
        try:
            await begin_new(client, started, workflow_id, queue)
        except Taken:
            if entered:
                await counter.leave(client, queue, started.run_id, workflow_id)
            if not by_key:
                raise naming.taken(run_id) from None
            row = await identity.row_of(await client.get_workflow_handle(workflow_id).describe(rpc_timeout=RPC))
            self._records.called(row.run_id, workflow_id)
            return arrival.identity(started, await self._first(client, row.run_id), on_duplicate)
        self._records.called(run_id, workflow_id)
        return run_id

    async def _first(self, client: Client, run_id: str) -> RunStarted:
        """How a run began."""
        history = await self._records.history(client, run_id)
        while history.behind and not history.records:
            await history.page()
        first = history.records[0].event if history.records else None
        if not isinstance(first, RunStarted):
            raise JournalError(f"the first record of the run {run_id} is not its beginning")
        return first

    async def _drive(
        self, run_id: str, watch: Watch | None, past: Sequence[Record], replan: Replan | None
    ) -> RunFinished:
        bridge = self._records.bridge
        history = await bridge.reach(lambda client: self._opened(client, run_id))
        told = _Told(watch, len(past))
        told.take(history)
        if told.ended is None:
            replanned = await self._replanned(history, told, replan) if replan is not None else None
            if history.closed is not None:
                await bridge.reach(lambda client: begin_again(client, history, self._clock.now, replanned=replanned))
        while self._early:
            self._say(self._early.pop(0))
        while told.ended is None:
            if not await self._news(history):
                raise _ended(history)
            told.take(history)
        return told.ended

    async def _news(self, history: History) -> bool:
        """As `History.wait`. A server that does not answer is asked again for a while: the run has not gone."""
        since = self._clock.now()
        while True:
            try:
                return await self._records.bridge.reach(lambda _: history.wait())
            except TemporalUnreachable:
                if self._clock.now() - since > _PATIENCE:
                    raise
            await self._clock.sleep(_AGAIN)

    async def _opened(self, client: Client, run_id: str) -> History:
        """A history of our own: nobody else waits in it."""
        history = History(client, run_id, await self._records.locate(client, run_id))
        await history.advance()
        return history

    async def _replanned(self, history: History, told: _Told, replan: Replan) -> RunReplanned | None:
        """Have the run follow another plan; one that does not go on is given it when it is begun again."""
        for _ in range(_TRIES):
            event = replan(stands(record.event for record in history.records))
            if event is None or history.closed is not None:
                return event
            if await self._records.bridge.reach(partial(_update, history=history, event=event)):
                return None
            await self._records.bridge.reach(lambda _: history.advance())
            told.take(history)
        hint = f"Nothing has changed. Try again: flowrun runs resume {history.run_id} --spec current"
        raise Conflict(f"the run {history.run_id} goes on faster than its rest can be planned anew", hint=hint)

    def _say(self, word: AbortRequested) -> None:
        run_id, records = self._run_id, self._records
        saying = asyncio.create_task(records.bridge.reach(lambda client: records.leave(client, run_id, word)))
        self._saying.add(saying)
        saying.add_done_callback(self._said)

    def _said(self, saying: asyncio.Task[None]) -> None:
        self._saying.discard(saying)
        error = None if saying.cancelled() else saying.exception()
        if error is not None and not isinstance(error, Conflict):  # it has ended: nobody needs to hear it
            self._fault = self._fault or error
            if self._driving is not None:
                self._driving.cancel()


class _Told:
    """Who watches, and what they have been told of. `ended`: the last event, once it is there."""

    def __init__(self, watch: Watch | None, past: int) -> None:
        self.ended: RunFinished | None = None
        self._watch = watch
        self._past = past
        self._read = 0
        self._state: RunState | None = None

    def take(self, history: History) -> None:
        """Tell what is new, with the state after all of it."""
        news = [record.event for record in history.records[self._read :]]
        for event in news if self._watch is not None else ():
            if self._state is None:
                assert isinstance(event, RunStarted)  # noqa: S101 - a run's first record
                self._state = begin(event)
            else:
                self._state = evolve(self._state, event)
        for event in news:
            self._read += 1
            if self._watch is not None and self._read > self._past and self._state is not None:
                self._watch(event, self._state)
            if isinstance(event, RunFinished):
                self.ended = event


async def _update(client: Client, history: History, event: RunReplanned) -> bool:
    """Whether the run took it; it does not where it has gone on since. Raises NoWorker where nobody could ask it."""
    handle = client.get_workflow_handle(history.workflow_id)
    description = await handle.describe(rpc_timeout=RPC)
    await check_served(client, description.task_queue)
    try:
        arguments = [wire.pack_word(event), history.records[-1].seq]
        await handle.execute_update(wire.REPLAN, args=arguments, rpc_timeout=RPC)
    except WorkflowUpdateRPCTimeoutOrCancelledError as error:
        hint = f"It may yet: flowrun runs show {history.run_id}"
        raise NoWorker(f"no worker said in time that the run {history.run_id} takes the plan", hint=hint) from error
    except WorkflowUpdateFailedError as error:
        if isinstance(error.cause, ApplicationError) and error.cause.type == wire.MOVED:
            return False
        raise EngineError(f"the run {history.run_id} does not take the plan: {error.cause}") from error
    return True


def _ended(history: History) -> Stranded:
    """Its workflow was ended while somebody followed it."""
    why = "its workflow has ended without saying how" if history.closed is None else history.closed.words
    return Stranded(f"the run {history.run_id} was left: {why}", hint=f"flowrun runs resume {history.run_id}")
