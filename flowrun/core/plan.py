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
    """Which part of a run a step belongs to. They follow each other in this order."""

    STEPS = "steps"
    COMPENSATE = "compensate"
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
class Repeat:
    """An attempt that succeeded is made again, `every` seconds later, until `until` holds; at most `most` in all."""

    until: str
    most: int
    every: float = 0.0


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
    """A node. `arguments`: the kind's parcel of templates; `outputs`: names declared, `defaults`: their defaults.

    `pools`: how many slots of each a leg takes while it is active. `sensitive`: the outputs that nobody is shown.
    `undoes`: the step that one of the stage `compensate` undoes, leg by leg. `kill_timeout`: how long a killed attempt
    has at the least to be seen ended, where what it runs needs a time of its own for it.
    """

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
    kill_timeout: float = 0.0
    outputs: tuple[str, ...] = ()
    defaults: Mapping[str, Json] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()
    pools: Mapping[str, int] = field(default_factory=dict)
    repeat: Repeat | None = None
    undoes: str = ""


class OnConflict(StrEnum):
    """What a run does while another of its group is not over: wait its turn, end the others, or not begin."""

    QUEUE = "queue"
    CANCEL = "cancel"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Concurrency:
    """Of the runs of one group, one goes at a time."""

    group: str
    on_conflict: OnConflict = OnConflict.QUEUE


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole: `steps` in topological order, stage after stage. Times are seconds.

    `timeout` is for all that comes before `finally`, `finally_timeout` for `finally`. `pools`: how many slots each has.
    `key` is the run key, `env` the variables of the environment, `secrets` the names of those that are used.
    `inputs`: the declarations, for whoever starts the plan as a step of another. `sensitive`: its outputs that nobody
    is shown.
    """

    workflow: str
    steps: tuple[Step, ...]
    max_parallel: int | None = None
    timeout: float | None = None
    outputs: Mapping[str, Json] = field(default_factory=dict)
    finally_timeout: float | None = None
    pools: Mapping[str, int] = field(default_factory=dict)
    key: str = ""
    concurrency: Concurrency | None = None
    env: Mapping[str, Json] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    inputs: Mapping[str, Json] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()
