"""Short ways to make plans, runs and legs in any state, for the tests of the core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptProgressed,
    AttemptScheduled,
    AttemptStarted,
    AttemptStopping,
    Event,
    Leg,
    LegFinished,
    RetryPlanned,
    RunFinished,
    RunResumed,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.plan import Need, Plan, Step
from flowrun.core.run import Run
from flowrun.core.state import LegState, RunState, Stop
from flowrun.core.status import (
    AbortLevel,
    Failed,
    LegStatus,
    Outcome,
    Phase,
    RunStatus,
    StepStatus,
    Succeeded,
)
from tests.simulation.core.words import Words

NOW = 1_000.0


def job(step_id: str, *needs: str, **more: Any) -> Step:
    """A plain step of the kind `job`; a need with a `?` behind it is optional."""
    edges = tuple(Need(need.removesuffix("?"), optional=need.endswith("?")) for need in needs)
    return Step(step_id, "job", more.pop("arguments", {}), edges, **more)


def run_of(*steps: Step, inputs: Mapping[str, Any] | None = None, **more: Any) -> Run:
    """A run of these steps that has just started."""
    return Run(RunStarted(NOW, "run", Plan("made", steps, **more), inputs or {}), Words())


def began(step_id: str = "a", legs: int = 1) -> StepBegan:
    return StepBegan(NOW, step_id, tuple(Leg(str(at) if legs > 1 else "", {"n": at}) for at in range(legs)))


def finished(step_id: str = "a", leg: int = 0, attempt: int = 1, outcome: Outcome | None = None) -> AttemptFinished:
    return AttemptFinished(NOW, step_id, leg, attempt, outcome or Succeeded())


def failed(step_id: str = "a", leg: int = 0, attempt: int = 1, error: str = "faulted", **more: Any) -> AttemptFinished:
    return AttemptFinished(NOW, step_id, leg, attempt, Failed(error, **more))


def decided(step_id: str, result: str, cause: str = "", outcome: str = "") -> StepFinished:
    return StepFinished(NOW, step_id, StepStatus(result), StepStatus(outcome or result), cause)


def names(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def one_of_each(attempt: int = 1) -> tuple[Event, ...]:
    """One event of every type, about step `a`, leg 0 and this attempt."""
    who = (NOW, "a", 0, attempt)
    return (
        RunStarted(NOW, "run", Plan("made", ()), {}),
        RunResumed(NOW, 9),
        AbortRequested(NOW, AbortLevel.STOP),
        began(),
        AttemptScheduled(*who, arguments={"x": 1}),
        AttemptStarted(*who, handle={"job": 1}),
        AttemptProgressed(*who, phase=Phase.RUNNING),
        AttemptStopping(*who, force=False, cause="abort"),
        AttemptFinished(*who, outcome=Succeeded()),
        RetryPlanned(*who, rule=0, due=NOW + 5),
        LegFinished(NOW, "a", 0, LegStatus.SUCCEEDED),
        decided("a", "succeeded"),
        RunFinished(NOW, RunStatus.SUCCEEDED),
    )


def with_leg(run: Run, leg: LegState) -> RunState:
    """The run's state with step `a` running, and this as its only leg, counted as evolve would count it."""
    step = run.state.step("a")
    step = replace(
        step,
        status=StepStatus.RUNNING,
        legs=type(step.legs)([leg]),
        open=int(not leg.status.final),
        held=int(leg.status.active),
        failed=int(leg.status is LegStatus.FAILED),
        cancelled=int(leg.status is LegStatus.CANCELLED),
    )
    return replace(run.state, steps=run.state.steps.put(0, step), held=step.held)


def leg_in(status: LegStatus, **more: Any) -> LegState:
    """A leg in its first attempt, in that status."""
    stop = Stop(force=False, cause="abort", at=NOW) if status is LegStatus.STOPPING else None
    attempt = 0 if status is LegStatus.READY else 1
    return LegState(**{"status": status, "attempt": attempt, "stop": stop, "tries": (0,), "scheduled_at": NOW, **more})
