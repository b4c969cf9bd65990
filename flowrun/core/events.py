"""What happened. Past tense, frozen, each with `at`: seconds since the epoch, from the engine's clock.

An event about an attempt names its step, the index of its leg (0 for a plain step) and its number, from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from flowrun.core.plan import Json, Plan
from flowrun.core.status import AbortLevel, Cause, LegStatus, Outcome, Phase, RunStatus, StepStatus, Succeeded


@dataclass(frozen=True, slots=True)
class Leg:
    """A member of a fan-out: its stable key (empty for a plain step) and its values.

    `origin`: in the stage `compensate`, the place of the leg that it undoes.
    """

    key: str = ""
    matrix: Mapping[str, Json] = field(default_factory=dict)
    origin: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What a leg of an earlier run gave, by the id of its step and its key: it need not be done again."""

    step_id: str
    key: str
    outcome: Succeeded


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Carries the plan and the inputs, so that a run can go on when its file is long gone.

    `origin` is the engine's parcel: where the file stood, its text, and which Orchestrator it was for. `workflows`:
    the plans of the files that steps name, by the name that the step gives. `parent`: the run that it is a step of.
    `again`: the run that this one is a retry of, of which it has `kept` what is not to be done again; `only` names the
    steps that it was asked for, where those are not all.
    """

    at: float
    run_id: str
    plan: Plan
    inputs: Mapping[str, Json] = field(default_factory=dict)
    origin: Json = None
    workflows: Mapping[str, Plan] = field(default_factory=dict)
    parent: str = ""
    again: str = ""
    kept: tuple[Kept, ...] = ()
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunAdmitted:
    """Its turn has come: no earlier run of its concurrency group is left. Nothing begins before."""

    at: float


@dataclass(frozen=True, slots=True)
class RunResumed:
    """Another process took over. Every intention that was open may or may not have been carried out."""

    at: float
    epoch: int


@dataclass(frozen=True, slots=True)
class RunReplanned:
    """The rest of the run follows another plan: that of its file as it was then.

    In `plan` each step that had begun stands as it was; `changed` are those others that are written differently.
    `inputs`, `origin` and `workflows` are those of the run from here on, as in RunStarted.
    """

    at: float
    plan: Plan
    inputs: Mapping[str, Json] = field(default_factory=dict)
    origin: Json = None
    workflows: Mapping[str, Plan] = field(default_factory=dict)
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AbortRequested:
    """Somebody, or the run's own timeout, wants the run to end."""

    at: float
    level: AbortLevel
    by: str = ""
    cause: Cause = Cause.ABORT


@dataclass(frozen=True, slots=True)
class StepBegan:
    """The condition held; these are the legs."""

    at: float
    step_id: str
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class AttemptScheduled:
    """The intention, with the rendered arguments, on paper before anything happens outside."""

    at: float
    step_id: str
    leg: int
    attempt: int
    arguments: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """It runs outside; `handle` is how the kind finds it again."""

    at: float
    step_id: str
    leg: int
    attempt: int
    handle: Json


@dataclass(frozen=True, slots=True)
class AttemptProgressed:
    """It entered a phase. `detail` is the kind's own word for it, such as a Job's State."""

    at: float
    step_id: str
    leg: int
    attempt: int
    phase: Phase
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AttemptStopping:
    """It is to end: politely, or by force. `cause` is a Cause or an error class (`timeout`)."""

    at: float
    step_id: str
    leg: int
    attempt: int
    force: bool
    cause: str


@dataclass(frozen=True, slots=True)
class AttemptFinished:
    """It ended. `chance`, from 0 to 1, is the engine's dice for the jitter of a retry."""

    at: float
    step_id: str
    leg: int
    attempt: int
    outcome: Outcome
    chance: float = 0.0


@dataclass(frozen=True, slots=True)
class RetryPlanned:
    """Another attempt will be made at `due`, under the rule with this index in the step's list."""

    at: float
    step_id: str
    leg: int
    attempt: int
    rule: int
    due: float


@dataclass(frozen=True, slots=True)
class RepeatPlanned:
    """It did its work, and `repeat.until` does not hold yet: the next round begins at `due`."""

    at: float
    step_id: str
    leg: int
    attempt: int
    due: float


@dataclass(frozen=True, slots=True)
class LegKept:
    """It succeeded in the run that this one is a retry of, and what it gave then stands."""

    at: float
    step_id: str
    leg: int
    outcome: Succeeded


@dataclass(frozen=True, slots=True)
class LegFinished:
    """The verdict on a leg. `cause` is a Cause where it was cancelled, an error class where it failed."""

    at: float
    step_id: str
    leg: int
    result: LegStatus
    cause: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class StepFinished:
    """The verdict on a step. `outcome` is what happened, `result` the same after continue_on_error."""

    at: float
    step_id: str
    result: StepStatus
    outcome: StepStatus
    cause: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The end. `warnings` are the steps whose failure was let through, `doubts` those of which something may run."""

    at: float
    status: RunStatus
    cause: str = ""
    outputs: Mapping[str, Json] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    message: str = ""


AttemptEvent: TypeAlias = AttemptScheduled | AttemptStarted | AttemptProgressed | AttemptStopping | AttemptFinished
LegEvent: TypeAlias = AttemptEvent | RetryPlanned | RepeatPlanned | LegKept | LegFinished
StepEvent: TypeAlias = StepBegan | StepFinished
RunEvent: TypeAlias = RunStarted | RunAdmitted | RunResumed | RunReplanned | AbortRequested | RunFinished
Event: TypeAlias = RunEvent | StepEvent | LegEvent

EVENTS: tuple[type[Event], ...] = (
    RunStarted,
    RunAdmitted,
    RunResumed,
    RunReplanned,
    AbortRequested,
    StepBegan,
    AttemptScheduled,
    AttemptStarted,
    AttemptProgressed,
    AttemptStopping,
    AttemptFinished,
    RetryPlanned,
    RepeatPlanned,
    LegKept,
    LegFinished,
    StepFinished,
    RunFinished,
)
