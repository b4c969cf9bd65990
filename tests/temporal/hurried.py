"""Runs for which time passes quicker: the plans of the contract wait for minutes, and a server's timers are real."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from temporalio import workflow

from flowrun.engines.temporal.remote import WorkflowClock, WorkflowInbox
from tests.simulation.outside import Outside

CRITICAL = {
    "abort": 2.0, "fail_fast": 1.0, "timeouts": 4.0, "stuck": 8.0, "run_timeout": 6.0, "finally_timeout": 4.0
}  # fmt: skip
"""Plans in which a few seconds matter, which is what a busy machine may be late by; and their speeds."""

_SPEEDS = {"repeat": 60.0, "approval": 20.0, "asked_again": 20.0, "each_region": 20.0, "retry": 20.0, **CRITICAL}
_SPEED = 8.0


def speed_of(plan: str) -> float:
    """How many seconds of a plan are one second."""
    return _SPEEDS.get(plan, _SPEED)


def hurry(patch: pytest.MonkeyPatch) -> None:
    """The runs of this process. Their records have the times of their own clock."""
    sleep, wake = asyncio.sleep, WorkflowInbox._wake

    def speed() -> float:
        return speed_of(workflow.info().workflow_id.split("-")[1])

    async def nap(_: WorkflowClock, seconds: float) -> None:
        await sleep(seconds / speed())

    patch.setattr(WorkflowClock, "now", lambda _: workflow.time() * speed())
    patch.setattr(WorkflowClock, "sleep", nap)
    patch.setattr(WorkflowInbox, "_wake", lambda inbox, seconds: wake(inbox, seconds / speed()))


class HurriedOutside(Outside):
    """What runs outside ends as much earlier."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def later(self, seconds: float, call: Callable[..., object], *arguments: object) -> None:
        super().later(seconds / self._speed, call, *arguments)

    async def nap(self, seconds: float) -> None:
        await super().nap(seconds / self._speed)
