"""The plan: a workflow made concrete. What an engine needs to know about it, and no more; all values are frozen.

Durations are seconds. A *template* is a JSON value in which strings may hold `${{ }}`; the core never looks inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A plain JSON value. The core carries such parcels and does not open them."""


class Stage(StrEnum):
    """Which of the two maps of the file a step stands in."""

    STEPS = "steps"
    FINALLY = "finally"


class OnEmpty(StrEnum):
    """What a fan-out without legs comes to."""

    SUCCEED = "succeed"
    SKIP = "skip"
    FAIL = "fail"


class Jitter(StrEnum):
    """How a wait between tries is spread: not at all, or anywhere between nothing and the whole."""

    NONE = "none"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Need:
    """An edge. An optional one is also satisfied by a step that had nothing to do (rule R2)."""

    step: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """An `if`. `asks_status` is whether it uses a status function, which rule R4 turns on."""

    expression: str
    asks_status: bool = False


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds to wait before the next try: `initial`, times `factor` for each further one, never above `most`."""

    initial: float = 0.0
    factor: float = 2.0
    most: float = 3600.0
    jitter: Jitter = Jitter.NONE


@dataclass(frozen=True, slots=True)
class RetryRule:
    """For these error classes (`*` is any), and where `match` is found in the message, at most `most` more tries."""

    errors: tuple[str, ...] = ("*",)
    most: int = 0
    match: str | None = None
    backoff: Backoff = Backoff()


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How many legs may fail before the fan-out has: a count, or a percentage of its legs."""

    count: int = 0
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class FanOut:
    """A step with a matrix. The values are templates: which legs there are is known when the step begins."""

    matrix: Mapping[str, Json]
    include: Json = ()
    exclude: Json = ()
    key: str | None = None
    max_parallel: int | None = None
    fail_fast: bool = False
    tolerate: Tolerance = Tolerance()
    on_empty: OnEmpty = OnEmpty.SUCCEED


@dataclass(frozen=True, slots=True)
class Step:
    """A node. `arguments`: the kind's parcel of templates; `outputs`: names declared, `defaults`: their defaults."""

    id: str
    kind: str
    arguments: Mapping[str, Json] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    stage: Stage = Stage.STEPS
    condition: Condition | None = None
    fan_out: FanOut | None = None
    retry: tuple[RetryRule, ...] = ()
    continue_on_error: tuple[str, ...] = ()
    timeout: float | None = None
    pending_timeout: float | None = None
    stop_timeout: float = 60.0
    outputs: tuple[str, ...] = ()
    defaults: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole: `steps` in topological order, those of `finally` last."""

    workflow: str
    steps: tuple[Step, ...]
    max_parallel: int | None = None
    timeout: float | None = None
    outputs: Mapping[str, Json] = field(default_factory=dict)
