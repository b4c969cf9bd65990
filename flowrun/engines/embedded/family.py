"""Family: the runs that steps of a run are. Each is driven beside its parent, by an engine of its own like that one's.

Nobody has to tell them of a detach or of a crash: who drives a child is a task of its parent, and ends with it. The
child stays as it is in the journal, and goes on when the parent does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from flowrun.core.events import AbortRequested, Event, RunFinished
from flowrun.core.plan import Json, Plan
from flowrun.core.protocol import Evaluator
from flowrun.core.run import Run
from flowrun.core.state import RunState
from flowrun.core.status import AbortLevel, RunStatus
from flowrun.engines.birth import child
from flowrun.engines.protocol import Watch
from flowrun.errors import Conflict, UnknownRun
from flowrun.journal.protocol import Journal
from flowrun.steps.protocol import Clock, Progress
from flowrun.steps.upshot import Upshot, Words, upshot

LOOK_EVERY = 1.0
"""Seconds between two looks at a child that another process drives: somebody has resumed it by its own id."""


class Driver(Protocol):
    """As much of an engine as a child needs."""

    async def drive(self, run_id: str, watch: Watch | None = None) -> RunFinished:
        """As `engines.protocol.Engine`."""
        ...

    def abort(self, level: AbortLevel, by: str) -> None:
        """As `engines.protocol.Engine`."""
        ...


class Family:
    """Implements `steps.workflow.Children` for the run that stands as `parent` says when it is taken over."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        evaluator: Evaluator,
        parent: RunState,
        engine: Callable[[], Driver],
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._evaluator = evaluator
        self._parent = parent
        self._engine = engine
        self._driven: dict[str, Driver] = {}

    def plan(self, workflow: str) -> Plan | None:
        """The plan of a file."""
        return self._parent.workflows.get(workflow)

    async def known(self, run_id: str) -> bool:
        """Whether there is such a run. Raises JournalError for a damaged one."""
        try:
            self._journal.run(run_id)
        except UnknownRun:
            return False
        return True

    async def begin(self, run_id: str, workflow: str, inputs: Mapping[str, Json]) -> None:
        """Put it on paper with all that it needs to go on without its parent.

        Raises TemplateError where its concurrency group cannot be told, Conflict where it is refused by it.
        """
        self._journal.create(child(self._parent, run_id, workflow, inputs, self._evaluator, self._clock.now()))

    async def end(self, run_id: str, progress: Progress) -> Upshot:
        """Drive it; where another process does, look on until it has ended or is left alone."""
        told = Words(progress).tell
        while not self._over(run_id):
            if self._journal.owned(run_id):
                told(self._state(run_id))
                await self._clock.sleep(LOOK_EVERY)
                continue
            state = await self._drive(run_id, told)
            if state is not None:
                return upshot(state)
        return upshot(self._state(run_id))

    async def _drive(self, run_id: str, told: Callable[[RunState], None]) -> RunState | None:
        """The state at the end; None where somebody else was quicker, or has taken it over."""
        last: RunState | None = None

        def watch(_: Event, state: RunState) -> None:
            nonlocal last
            last = state
            told(state)

        engine = self._driven[run_id] = self._engine()
        try:
            await engine.drive(run_id, watch)
        except Conflict:
            return None
        finally:
            del self._driven[run_id]
        return last

    async def stop(self, run_id: str, level: AbortLevel, by: str) -> None:
        """Tell the engine that drives it here; else leave a word for whoever does, or will."""
        if run_id in self._driven:
            self._driven[run_id].abort(level, by)
        elif not self._over(run_id):
            self._journal.request(run_id, AbortRequested(self._clock.now(), level, by))

    def _over(self, run_id: str) -> bool:
        return RunStatus(self._journal.run(run_id).status).final

    def _state(self, run_id: str) -> RunState:
        return Run.replay((record.event for record in self._journal.read(run_id)), self._evaluator).state
