"""Caller: on whose behalf a call is made, told by its context and not by what it sends."""

from __future__ import annotations

from contextvars import ContextVar

from flowrun.steps.protocol import Attempt

CALLER: ContextVar[Attempt | None] = ContextVar("CALLER", default=None)
"""For which attempt a start is being made, whatever keys it sends: who judges must not trust keys."""

PROCESS: ContextVar[int] = ContextVar("PROCESS", default=1)
"""Which process calls, from 1."""


def named(attempt: Attempt | None) -> str:
    """`post[EU]:2`, and in a run that is a step of another its id in front."""
    if attempt is None:
        return "nobody"
    leg = f"[{attempt.leg}]" if attempt.leg else ""
    within = f"{attempt.run_id}/" if "." in attempt.run_id else ""
    return f"{within}{attempt.step_id}{leg}:{attempt.number}"
