"""EmbeddedEngine: one process drives one run at a time, and remembers it in a journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from flowrun.admission.run_key import OnDuplicate
from flowrun.core.events import AbortRequested, AttemptFinished, Event, RunFinished, RunResumed, RunStarted
from flowrun.core.plan import Plan
from flowrun.core.protocol import Evaluator
from flowrun.core.run import Run
from flowrun.core.state import RunState
from flowrun.core.status import AbortLevel
from flowrun.engines.dispatch import Dispatch
from flowrun.engines.embedded.claims import Claims
from flowrun.engines.embedded.family import Family
from flowrun.engines.embedded.scribe import Scribe
from flowrun.engines.loop import Inbox, drive
from flowrun.engines.protocol import Replan, Watch
from flowrun.errors import EngineError
from flowrun.journal.protocol import Journal, Ownership, Record
from flowrun.steps.protocol import Clock, StepKind
from flowrun.steps.workflow import WorkflowKind

LISTEN_EVERY = 0.25
"""Seconds between two looks at the words that other processes left for this run."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that an engine needs and does not make: `dice` gives numbers from 0 to 1, `owner` says who this is."""

    journal: Journal
    kinds: Mapping[str, StepKind]
    evaluator: Evaluator
    clock: Clock
    dice: Callable[[], float]
    owner: str


class EmbeddedEngine:
    """Implements `engines.protocol.Engine`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._inbox: Inbox | None = None
        self._detached = False
        self._early: list[AbortRequested] = []

    def create(self, started: RunStarted, on_duplicate: OnDuplicate = OnDuplicate.RUN) -> str:
        """Put a new run on paper. Raises Conflict where id, key or group refuse it, JournalError."""
        return self._around.journal.create(started, on_duplicate)

    async def drive(
        self,
        run_id: str,
        watch: Watch | None = None,
        *,
        past: Sequence[Record] = (),
        replan: Replan | None = None,
    ) -> RunFinished:
        """Take the run over and go on until it ends. Raises Conflict, JournalError, and EngineError when detached."""
        around = self._around
        with around.journal.own(run_id, around.owner) as ownership:
            news = list(around.journal.read(run_id, past[-1].seq if past else 0))
            events = [record.event for record in (*past, *news)]
            run = Run.replay(events, around.evaluator, sharing=True)
            if watch is not None:
                for record in news:
                    watch(record.event, run.state)
            if run.finished:
                return _last(events)
            scribe = Scribe(around.journal, ownership, len(events), watch)
            first = self._taken_over(run, ownership, replan, began=len(events) > 1)
            kinds = self._kinds(run.state)
            for plan in (run.state.plan, *run.state.workflows.values()):
                _check_kinds(plan, kinds)
            scribe.commit(first, run)
            del past, news, events  # which may be many, and are not needed for as long as the run goes on
            return await self._drive(run, scribe, ownership, kinds)

    def _taken_over(self, run: Run, ownership: Ownership, replan: Replan | None, *, began: bool) -> list[Event]:
        """What a new owner puts on paper before anything else."""
        events: list[Event] = []
        if began:
            events.append(RunResumed(self._around.clock.now(), max(ownership.epoch, run.state.epoch + 1)))
            run.record(events[0])
        replanned = replan(run.state) if replan is not None else None
        if replanned is not None:
            events.append(replanned)
            run.record(replanned)
        return events

    def _kinds(self, state: RunState) -> Mapping[str, StepKind]:
        """Those of the surroundings, and the one whose steps are runs: each is driven as this one is."""
        around = self._around
        family = Family(around.journal, around.clock, around.evaluator, state, lambda: EmbeddedEngine(around))
        return {**around.kinds, WorkflowKind.name: WorkflowKind(family)}

    async def _drive(
        self, run: Run, scribe: Scribe, ownership: Ownership, kinds: Mapping[str, StepKind]
    ) -> RunFinished:
        around = self._around
        inbox = self._inbox = Inbox()
        while self._early:
            inbox.put(self._early.pop(0))
        heard = self._hear(ownership.run_id, inbox, 0)
        dispatch = Dispatch(
            ownership.run_id,
            kinds,
            around.clock,
            around.dice,
            inbox.put,
            inbox.fail,
            confirm=lambda: around.journal.confirm(ownership),
        )
        claims = Claims(around.journal, ownership, run, around.clock)
        claims.hold()
        listening = asyncio.create_task(self._listen(ownership.run_id, inbox, heard, claims))
        try:
            return await drive(run, scribe, inbox, dispatch, claims, around.clock, leave=self._leave)
        finally:
            self._inbox = None
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            await dispatch.aclose()

    def _leave(self) -> EngineError | None:
        if not self._detached:
            return None
        return EngineError("detached: what was started goes on by itself", hint="flowrun runs resume")

    def _hear(self, run_id: str, inbox: Inbox, heard: int) -> int:
        """Words from other processes: `flowrun runs abort` in another terminal, or an answer to an approval."""
        for request in self._around.journal.requests(run_id, heard):
            event = request.event
            inbox.put(replace(event, chance=self._around.dice()) if isinstance(event, AttemptFinished) else event)
            heard = request.number
        return heard

    async def _listen(self, run_id: str, inbox: Inbox, heard: int, claims: Claims) -> None:
        """To words from other processes, and for what other runs may have given back or come to the end of."""
        try:
            while True:
                admitted = claims.turn()
                if admitted is not None:
                    inbox.put(admitted)
                elif claims.waits:
                    inbox.ring()
                await self._around.clock.sleep(LISTEN_EVERY)
                heard = self._hear(run_id, inbox, heard)
        except Exception as error:  # noqa: BLE001 - whatever it is, the run must not go on deaf
            inbox.fail(error)

    def abort(self, level: AbortLevel, by: str) -> None:
        """End the run that this engine drives, or is about to drive."""
        event = AbortRequested(self._around.clock.now(), level, by)
        if self._inbox is None:
            self._early.append(event)
        else:
            self._inbox.put(event)

    def detach(self) -> None:
        """Leave at once."""
        self._detached = True
        if self._inbox is not None:
            self._inbox.ring()


def _check_kinds(plan: Plan, kinds: Mapping[str, StepKind]) -> None:
    unknown = sorted({step.kind for step in plan.steps} - kinds.keys())
    if unknown:
        raise EngineError(
            f"this flowrun knows no step of the kind {', '.join(unknown)}", hint="resume with the version that began it"
        )


def _last(events: list[Event]) -> RunFinished:
    last = events[-1]
    if not isinstance(last, RunFinished):
        raise EngineError("the run has ended without saying how")
    return last
