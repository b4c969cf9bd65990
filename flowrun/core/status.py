"""The words for where things stand: of a run, of a step, of a leg, and what an attempt came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from flowrun.core.plan import Json


class RunStatus(StrEnum):
    """A run's. `queued` waits for its turn in a concurrency group; everything after `aborting` is final."""

    QUEUED = "queued"
    RUNNING = "running"
    ABORTING = "aborting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing can change it any more."""
        return self not in (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.ABORTING)


class StepStatus(StrEnum):
    """A step's. `running` from the moment its legs are known; everything after it is final."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing can change it any more."""
        return self not in (StepStatus.WAITING, StepStatus.RUNNING)


class LegStatus(StrEnum):
    """A leg's: one member of a fan-out, or the only one of a plain step.

    `ready` waits for a slot or for the time of its next try; `scheduled` is an intention on paper; `stopping` has
    been asked to end and may still have a living Job; `tried` has an outcome and awaits the verdict.
    """

    READY = "ready"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    STOPPING = "stopping"
    TRIED = "tried"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing can change it any more."""
        return self in (LegStatus.SUCCEEDED, LegStatus.FAILED, LegStatus.CANCELLED)

    @property
    def active(self) -> bool:
        """Whether it holds a slot: something of it may be running outside."""
        return self in (LegStatus.SCHEDULED, LegStatus.RUNNING, LegStatus.STOPPING)


class Phase(StrEnum):
    """What an attempt is doing outside. Only `running` counts against a step's timeout."""

    PENDING = "pending"
    RUNNING = "running"
    SUSPENDED = "suspended"


class AbortLevel(StrEnum):
    """How a run is ended: let what runs end, ask it to stop, kill it. Levels only rise."""

    DRAIN = "drain"
    STOP = "stop"
    KILL = "kill"

    @property
    def rank(self) -> int:
        """Greater is harder."""
        return tuple(AbortLevel).index(self)


class Cause(StrEnum):
    """Why something did not run, or did not run to its end. A failed one has an error class instead."""

    CONDITION = "condition"
    UPSTREAM_FAILED = "upstream_failed"
    UPSTREAM_CANCELLED = "upstream_cancelled"
    UPSTREAM_SKIPPED = "upstream_skipped"
    EMPTY_MATRIX = "empty_matrix"
    NOT_SELECTED = "not_selected"
    ABORT = "abort"
    FAIL_FAST = "fail_fast"
    RUN_TIMEOUT = "run_timeout"
    SUPERSEDED = "superseded"


class ErrorClass(StrEnum):
    """The closed list of ways to fail, as `retry` and `continue_on_error` name them."""

    START_REJECTED = "start_rejected"
    RATE_LIMITED = "rate_limited"
    PENDING_TIMEOUT = "pending_timeout"
    TIMEOUT = "timeout"
    FAULTED = "faulted"
    STOPPED_OUTSIDE = "stopped_outside"
    LOST = "lost"
    OUTPUT_CONTRACT = "output_contract"
    EXPRESSION = "expression"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The attempt did its work. `facts` is what the kind tells about it (for a job step: its Jobs)."""

    outputs: Mapping[str, Json] = field(default_factory=dict)
    facts: Json = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt failed, in one of the ways of ErrorClass. `outputs` are those that there are all the same."""

    error: str
    message: str = ""
    outputs: Mapping[str, Json] = field(default_factory=dict)
    facts: Json = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The attempt never began, because the run was ended first."""

    message: str = ""
    facts: Json = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can tell whether something of the attempt still runs. Held, never called a success."""

    message: str = ""
    facts: Json = None


Outcome: TypeAlias = Succeeded | Failed | Cancelled | Unknown
