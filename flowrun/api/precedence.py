"""Precedence: what is done for a run while it is driven, because of the runs that go before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from flowrun.core.plan import OnConflict
from flowrun.engines.clock import SystemClock
from flowrun.errors import Conflict, EngineError, FlowrunError, JournalError, TemporalUnreachable
from flowrun.report.model import Change

if TYPE_CHECKING:
    from flowrun.api.telling import Telling
    from flowrun.engines.protocol import Engine

LOOK_EVERY = 0.3
"""Seconds between two looks at other runs."""

End = Callable[[str], Awaitable[object]]
"""Drives a run, which was asked to end, to its end. Conflict where another process drives it after all."""


@asynccontextmanager
async def looking(engine: Engine, telling: Telling, end: End) -> AsyncIterator[None]:
    """Look beside the run as long as the context lasts. What goes wrong there is raised, and the engine let go."""
    if telling.beside.idle:
        yield
        return
    task = asyncio.create_task(_Precedence(telling, end).go_on())
    task.add_done_callback(lambda done: None if done.cancelled() else engine.detach())
    try:
        yield
    except EngineError:
        if task.done() and (error := task.exception()) is not None:
            raise error from None
        raise
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class _Precedence:
    def __init__(self, telling: Telling, end: End) -> None:
        self._telling = telling
        self._end = end
        self._given_up: set[str] = set()

    async def go_on(self) -> None:
        """Until cancelled. The engine has told those before it to end; those that nobody drives do not hear it."""
        beside = self._telling.beside
        while True:
            await asyncio.sleep(LOOK_EVERY)
            with suppress(TemporalUnreachable):  # for a moment: who drives the run says it where it is for good
                self._telling.look(SystemClock().now())
            if beside.on_conflict is OnConflict.CANCEL and self._telling.report().abort is None:
                for run_id in beside.deserted():
                    if run_id not in self._given_up:
                        await self._take_over(run_id)

    async def _take_over(self, run_id: str) -> None:
        self._say("ends", f"run {run_id} itself, for nobody drives it")
        try:
            await self._end(run_id)
        except Conflict:
            pass  # somebody does
        except JournalError:
            raise
        except FlowrunError as error:
            self._given_up.add(run_id)
            self._say("waits", f"for run {run_id}, which it cannot end: {error.message}")

    def _say(self, state: str, detail: str) -> None:
        self._telling.tell(Change(SystemClock().now(), "", "", state, detail, "warn"))
