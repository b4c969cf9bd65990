"""Where a run stands: frozen values, made only by `evolve`. Steps and legs go by their place in the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowrun.core.events import Leg
from flowrun.core.plan import Json, Plan, Stage, Step
from flowrun.core.status import AbortLevel, Cause, LegStatus, Outcome, Phase, RunStatus, StepStatus, Succeeded
from flowrun.core.table import Table


@dataclass(frozen=True, slots=True)
class Stop:
    """An attempt was asked to end: `at` is when the present way of asking began."""

    force: bool
    cause: str
    at: float


@dataclass(frozen=True, slots=True)
class LegState:
    """One leg, in its present attempt. Times are seconds since the epoch.

    Of one that is final there is left what others may ask: its values, how many attempts it took, and what it came to.

    `due`: not before. `epoch`: which owner of the run scheduled the attempt. `seen`: which one last heard of it. `ran`:
    seconds spent running before `phase_since`. `tries`: how often each retry rule of the step was used in this round
    of `repeat`; `rounds`: how many rounds are over.
    """

    leg: Leg = field(default_factory=Leg)
    status: LegStatus = LegStatus.READY
    attempt: int = 0
    due: float = 0.0
    epoch: int = 0
    seen: int = 0
    arguments: Mapping[str, Json] = field(default_factory=dict)
    handle: Json = None
    scheduled_at: float = 0.0
    phase: Phase = Phase.PENDING
    phase_since: float = 0.0
    ran: float = 0.0
    stop: Stop | None = None
    outcome: Outcome | None = None
    chance: float = 0.0
    tries: tuple[int, ...] = ()
    rounds: int = 0
    cause: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class StepState:
    """One step. `unmet` counts needs that are not final, `open` legs that are not, `held` those that hold a slot.

    `place`: how many steps had ended before it did.
    """

    unmet: int = 0
    status: StepStatus = StepStatus.WAITING
    legs: Table[LegState] = field(default_factory=Table)
    open: int = 0
    held: int = 0
    failed: int = 0
    cancelled: int = 0
    place: int = 0
    outcome: StepStatus | None = None
    cause: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Abort:
    """The run is to end."""

    level: AbortLevel
    by: str
    cause: Cause
    at: float


@dataclass(frozen=True, slots=True)
class RunState:
    """The whole. `index` and `dependents` follow from the plan; the rest is the fold of events.

    `open` counts the steps of each stage that are not final, `failed` those whose result is failed, `ended` all that
    are. `held` counts the legs that may be alive, `pooled` the slots of each pool that they hold. `kept`: what legs of
    an earlier run gave, by step and key; `only`: the steps that were asked for, where those are not all.
    `admitted_at`: when its turn came; None while it waits for it. `stage_at`: when the last of its stages that has
    ended did. `resumed_at`: when the present owner took it over; 0 for the first. `origin`: the engine's parcel.
    """

    plan: Plan
    run_id: str
    inputs: Mapping[str, Json]
    started_at: float
    index: Mapping[str, int]
    dependents: tuple[tuple[int, ...], ...]
    steps: Table[StepState]
    status: RunStatus = RunStatus.RUNNING
    workflows: Mapping[str, Plan] = field(default_factory=dict)
    origin: Json = None
    kept: Mapping[tuple[str, str], Succeeded] = field(default_factory=dict)
    only: frozenset[str] = frozenset()
    epoch: int = 1
    admitted_at: float | None = None
    stage_at: float = 0.0
    resumed_at: float = 0.0
    abort: Abort | None = None
    held: int = 0
    pooled: Mapping[str, int] = field(default_factory=dict)
    ended: int = 0
    open: Mapping[Stage, int] = field(default_factory=dict)
    failed: Mapping[Stage, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    cause: str = ""
    message: str = ""
    outputs: Mapping[str, Json] = field(default_factory=dict)

    def step(self, step_id: str) -> StepState:
        """The state of the step with this id."""
        return self.steps[self.index[step_id]]

    def leg(self, at: int, leg: int) -> LegState:
        """The state of a leg, by the places of its step and its own."""
        return self.steps[at].legs[leg]

    def place(self, at: int) -> Step:
        """The step at this place of the plan."""
        return self.plan.steps[at]


def places(plan: Plan) -> Mapping[str, int]:
    """Where each step stands in a plan, by its id."""
    return {step.id: at for at, step in enumerate(plan.steps)}


def dependents(plan: Plan, index: Mapping[str, int]) -> tuple[tuple[int, ...], ...]:
    """For each step, by places, those that need it."""
    found: list[list[int]] = [[] for _ in plan.steps]
    for at, step in enumerate(plan.steps):
        for need in step.needs:
            found[index[need.step]].append(at)
    return tuple(map(tuple, found))


def leg_name(step_id: str, key: str) -> str:
    """How a leg is called in reports and references: `post[EU]`, or `post` alone for a plain step."""
    return f"{step_id}[{key}]" if key else step_id
