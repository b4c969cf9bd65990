"""Engine: what drives a Run to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from flowrun.admission.run_key import OnDuplicate
from flowrun.core.again import Earlier
from flowrun.core.events import Event, RunFinished
from flowrun.core.plan import Json, Plan
from flowrun.core.state import RunState
from flowrun.core.status import AbortLevel

Watch: TypeAlias = Callable[[Event, RunState], None]
"""Told of every event after it was committed, with the state after all that were committed with it."""


class Engine(Protocol):
    """Starts, resumes and ends runs."""

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
        """Put a new run on paper, with the plans of all files that are steps of it. Nothing starts before `drive`.

        Gives its id: another's, where that has its key and `on_duplicate` says so. `earlier`: the run that it is a
        retry of, and what it keeps of that.
        """
        ...

    async def drive(self, run_id: str, watch: Watch | None = None) -> RunFinished:
        """Take the run over and go on until it ends. Conflict where another process has it."""
        ...

    def abort(self, level: AbortLevel, by: str) -> None:
        """End the run that this engine drives. May be called from a signal handler of its loop, and again to raise."""
        ...

    def detach(self) -> None:
        """Leave at once: what runs goes on running, and `drive` raises EngineError."""
        ...
