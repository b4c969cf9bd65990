"""Engine: what drives a Run to its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from flowrun.admission.run_key import OnDuplicate
from flowrun.core.events import Event, RunFinished, RunReplanned, RunStarted
from flowrun.core.state import RunState
from flowrun.core.status import AbortLevel
from flowrun.journal.protocol import Record

Watch: TypeAlias = Callable[[Event, RunState], None]
"""Told of every event after it was committed, with the state after all that were committed with it."""


Replan: TypeAlias = Callable[[RunState], RunReplanned | None]
"""Asked by the new owner of a run, before anything is done, whether the rest of it is to follow another plan."""


class Engine(Protocol):
    """Starts, resumes and ends runs."""

    def create(self, started: RunStarted, on_duplicate: OnDuplicate = OnDuplicate.RUN) -> str:
        """Put a new run on paper, with the plans of all files that are steps of it. Nothing starts before `drive`.

        Gives its id: another's, where that has its key and `on_duplicate` says so.
        """
        ...

    async def drive(
        self,
        run_id: str,
        watch: Watch | None = None,
        *,
        past: Sequence[Record] = (),
        replan: Replan | None = None,
    ) -> RunFinished:
        """Take the run over and go on until it ends. Conflict where another process has it.

        `past`: its first records, where they have been read; `watch` is told of those behind them. What `replan`
        raises leaves the run as it stood.
        """
        ...

    def abort(self, level: AbortLevel, by: str) -> None:
        """End the run that this engine drives. May be called from a signal handler of its loop, and again to raise."""
        ...

    def detach(self) -> None:
        """Leave at once: what runs goes on running, and `drive` raises EngineError."""
        ...
