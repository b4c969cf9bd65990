"""EmbeddedEngine: one process drives one run at a time, and remembers it in a journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from flowrun.admission.run_key import OnDuplicate
from flowrun.core.again import Earlier
from flowrun.core.events import AbortRequested, AttemptFinished, Event, RunFinished, RunResumed, RunStarted
from flowrun.core.plan import Json, Plan
from flowrun.core.protocol import Evaluator
from flowrun.core.run import Run
from flowrun.core.status import AbortLevel
from flowrun.engines.embedded.claims import Claims
from flowrun.engines.embedded.dispatch import Dispatch
from flowrun.engines.embedded.family import Family
from flowrun.engines.embedded.loop import Inbox, Scribe, drive
from flowrun.engines.protocol import Watch
from flowrun.errors import EngineError
from flowrun.journal.protocol import Journal, Ownership
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

    def create(
        self,
        run_id: str,
        plan: Plan,
        inputs: Mapping[str, Json],
        origin: Json,
        workflows: Mapping[str, Plan] | None = None,
        *,
        on_duplicate: OnDuplicate = OnDuplicate.RUN,
        earlier: Earlier | None = None,
    ) -> str:
        """Put a new run on paper. Raises Conflict where id, key or group refuse it, JournalError."""
        again = earlier or Earlier()
        started = RunStarted(
            at=self._around.clock.now(),
            run_id=run_id,
            plan=plan,
            inputs=inputs,
            origin=origin,
            workflows=workflows or {},
            again=again.run_id,
            kept=again.kept,
            only=again.only,
        )
        return self._around.journal.create(started, on_duplicate)

    async def drive(self, run_id: str, watch: Watch | None = None) -> RunFinished:
        """Take the run over and go on until it ends. Raises Conflict, JournalError, and EngineError when detached."""
        around = self._around
        with around.journal.own(run_id, around.owner) as ownership:
            events, seq = _read(around.journal, run_id)
            run = Run.replay(events, around.evaluator, sharing=True)
            if watch is not None:
                for event in events:
                    watch(event, run.state)
            if run.finished:
                return _last(events)
            kinds = self._kinds(events[0])
            for plan in (run.state.plan, *run.state.workflows.values()):
                _check_kinds(plan, kinds)
            scribe = Scribe(around.journal, ownership, seq, watch)
            if seq > 1:
                resumed = RunResumed(around.clock.now(), max(ownership.epoch, run.state.epoch + 1))
                run.record(resumed)
                scribe.commit([resumed], run)
            return await self._drive(run, scribe, ownership, kinds)

    def _kinds(self, started: Event) -> Mapping[str, StepKind]:
        """Those of the surroundings, and the one whose steps are runs: each is driven as this one is."""
        assert isinstance(started, RunStarted)  # noqa: S101 - a replay has found it so
        around = self._around
        family = Family(around.journal, around.clock, around.evaluator, started, lambda: EmbeddedEngine(around))
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
            return await drive(run, scribe, inbox, dispatch, claims, around.clock, detached=lambda: self._detached)
        finally:
            self._inbox = None
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            await dispatch.aclose()

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


def _read(journal: Journal, run_id: str) -> tuple[list[Event], int]:
    records = list(journal.read(run_id))
    return [record.event for record in records], records[-1].seq


def _last(events: list[Event]) -> RunFinished:
    last = events[-1]
    if not isinstance(last, RunFinished):
        raise EngineError("the run has ended without saying how")
    return last
