"""Timers of Jobs: when one that runs too long is stopped, and when one that sleeps goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from flowrun.emulator.entities import Job
from flowrun.emulator.ledger import Clock
from flowrun.orchestrator.wire import StopStrategy

TIMED_OUT = "Job stopped due to trigger timeout"
"""The Info of a Job that StopProcessExpression ended (help of UiPathOrch's Wait-OrchJob)."""

Stop = Callable[[Job, StopStrategy, str], None]


class Timers:
    """What is to happen at a time, until `close`. Times are seconds since the epoch."""

    def __init__(self, clock: Clock, stop: Stop) -> None:
        self._clock = clock
        self._stop = stop
        self._waiting: dict[tuple[str, int], asyncio.TimerHandle] = {}

    def watch(self, job: Job) -> None:
        """Stop a Job when its StopProcessExpression says so, which counts from its creation."""
        if job.stop_after is not None and not job.final:
            self.at("stop", job, job.created + job.stop_after, partial(self._expire, job))

    def at(self, what: str, job: Job, moment: float, then: Callable[[], None]) -> None:
        """Do something at a time, or soon where that is past. It takes the place of an earlier one."""
        earlier = self._waiting.pop((what, job.id), None)
        if earlier is not None:
            earlier.cancel()
        loop = asyncio.get_running_loop()
        self._waiting[what, job.id] = loop.call_later(max(moment - self._clock(), 0), self._ring, what, job, then)

    def close(self) -> None:
        """Forget all."""
        for handle in self._waiting.values():
            handle.cancel()
        self._waiting.clear()

    def _ring(self, what: str, job: Job, then: Callable[[], None]) -> None:
        self._waiting.pop((what, job.id), None)
        if not job.final:
            then()

    def _expire(self, job: Job) -> None:
        strategy = StopStrategy(job.stop_with)
        self._stop(job, strategy, TIMED_OUT)
        if strategy is StopStrategy.SOFT_STOP and job.kill_after is not None and not job.final:
            kill = partial(self._stop, job, StopStrategy.KILL, TIMED_OUT)
            self.at("kill", job, self._clock() + job.kill_after, kill)
