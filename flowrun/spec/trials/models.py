"""What stands in a `*.test.yaml`: the script of what happens outside, and what must come of it."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from flowrun.core.plan import Json
from flowrun.core.status import AbortLevel, Cause, ErrorClass, LegStatus, RunStatus, StepStatus
from flowrun.orchestrator.wire import FINAL_STATES, JobState
from flowrun.steps.fields import (
    Count,
    Duration,
    Items,
    Map,
    Part,
    Text,
    Tries,
    described,
    one_of,
    refuse,
    seconds,
    shown,
)

TEST_LANGUAGE = 1
"""The version of test files that this release reads."""

CAUSES = (Cause.ABORT.value, Cause.SUPERSEDED.value)
UNKNOWN = "unknown"
START_ERRORS = (ErrorClass.START_REJECTED, ErrorClass.RATE_LIMITED, ErrorClass.LOST, UNKNOWN)
"""What can become of an attempt besides the end of its Jobs. `unknown`: nobody can tell whether something runs."""

_STATES = tuple(state.value for state in JobState if state in FINAL_STATES)
_RUN = tuple(status.value for status in RunStatus if status.final)
_STEP = tuple(status.value for status in StepStatus if status.final)
_LEG = tuple(status.value for status in LegStatus if status.final)
_DURATION = {"type": "string", "pattern": r"^(P[0-9DTHMS.]+|([0-9.]+[dhms])+)$", "examples": ["90s", "1h30m"]}


def _version(value: Json) -> int:
    if value != TEST_LANGUAGE or isinstance(value, bool | float):
        raise refuse("FR107", found=shown(value), allowed=str(TEST_LANGUAGE))
    return TEST_LANGUAGE


def _lasting(value: Json) -> float:
    return math.inf if value in ("forever", "never") else seconds(value)


def _key(value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise refuse("FR103", found=described(value), expected="the key of a leg")
    return str(value)


def _instant(value: Json) -> float:
    try:
        instant = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise refuse("FR103", found=described(value), expected="a time such as 2026-10-31T18:00:00Z") from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def _chance(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise refuse("FR103", found=described(value), expected="a number from 0 to 1")
    return float(value)


Lasting = Annotated[
    float,
    PlainValidator(_lasting),
    WithJsonSchema({"anyOf": [_DURATION, {"enum": ["forever", "never"]}]}),
]
"""A duration, or `forever`, which may be written `never`."""

Key = Annotated[str, PlainValidator(_key), WithJsonSchema({"type": ["string", "number"]})]
Instant = Annotated[float, PlainValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
Chance = Annotated[float, PlainValidator(_chance), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
State = Annotated[str, PlainValidator(one_of(*_STATES)), WithJsonSchema({"enum": list(_STATES)})]
RunResult = Annotated[str, PlainValidator(one_of(*_RUN)), WithJsonSchema({"enum": list(_RUN)})]
StepResult = Annotated[str, PlainValidator(one_of(*_STEP)), WithJsonSchema({"enum": list(_STEP)})]
LegResult = Annotated[str, PlainValidator(one_of(*_LEG)), WithJsonSchema({"enum": list(_LEG)})]
Error = Annotated[str, PlainValidator(one_of(*START_ERRORS)), WithJsonSchema({"enum": list(START_ERRORS)})]
FileError = Annotated[
    str, PlainValidator(one_of(*ErrorClass, UNKNOWN)), WithJsonSchema({"enum": [*ErrorClass, UNKNOWN]})
]
Level = Annotated[str, PlainValidator(one_of(*AbortLevel)), WithJsonSchema({"enum": list(AbortLevel)})]
Names = Annotated[tuple[Text, ...], Items]


class ReturnedModel(Part):
    """How one of several Jobs of a start ends."""

    state: State = Field(default=JobState.SUCCESSFUL.value, description="Its State at the end, in Orchestrator's word.")
    info: Text | None = Field(default=None, description="Its Info: why it ended so.")
    outputs: Map | None = Field(default=None, description="Its output arguments.")


class JobModel(ReturnedModel):
    """What becomes of an attempt of a job step. The first entry of a step that fits an attempt is its own."""

    leg: Key | None = Field(default=None, description="For this leg of the fan-out only.")
    attempt: Count | None = Field(default=None, description="For this attempt only, counted from 1.")
    error: Error | None = Field(
        default=None, description="It comes to this instead of an end of its Jobs; `unknown`: nobody can tell."
    )
    jobs: Annotated[tuple[ReturnedModel, ...], Items] = Field(
        default=(), description="How each Job ends, where one start makes several."
    )
    start: Duration = Field(default=0.0, description="How long until the start is answered.")
    pending: Lasting = Field(default=0.0, description="How long its Jobs wait for a robot.")
    duration: Lasting = Field(default=0.0, description="How long its Jobs run; `forever`: until they are stopped.")
    suspended: Duration | None = Field(default=None, description="How long they are suspended, half-way.")
    stops: Lasting = Field(default=0.0, description="How long after SoftStop they end; `never`: they do not listen.")
    killed: Lasting = Field(default=0.0, description="How long after Kill they end; `never`: they survive it.")
    chance: Chance | None = Field(
        default=None, description="The dice for the jitter of its retry; otherwise the test's."
    )

    @model_validator(mode="after")
    def _together(self) -> JobModel:
        returned = ("state", "info", "outputs")
        if self.jobs:
            _refuse_beside("jobs", returned, self.model_fields_set)
        if self.error is not None:
            _refuse_beside("error", ("state", "jobs"), self.model_fields_set)
        return self


def _refuse_beside(key: str, others: tuple[str, ...], written: set[str]) -> None:
    for other in others:
        if other in written:
            raise refuse("FR706", other, first=key, second=other)


class AnswerModel(Part):
    """What a person says to an approval step."""

    leg: Key | None = Field(default=None, description="For this leg of the fan-out only.")
    attempt: Count | None = Field(default=None, description="For this attempt only, counted from 1.")
    decision: Annotated[
        str, PlainValidator(one_of("approve", "reject")), WithJsonSchema({"enum": ["approve", "reject"]})
    ] = Field(description="What they decide.")
    by: Text = Field(default="somebody", description="Who it is.")
    comment: Text | None = Field(default=None, description="What they say with it.")
    after: Duration = Field(default=0.0, description="How long after they were asked.")
    inputs: Map = Field(default={}, description="What they fill in.")


class FileModel(Part):
    """What becomes of an attempt of a step that runs a file; the file has tests of its own."""

    leg: Key | None = Field(default=None, description="For this leg of the fan-out only.")
    attempt: Count | None = Field(default=None, description="For this attempt only, counted from 1.")
    outputs: Map = Field(default={}, description="What it gives.")
    error: FileError | None = Field(default=None, description="It fails so; `unknown`: nobody can tell.")
    message: Text | None = Field(default=None, description="Why it does.")
    duration: Lasting = Field(default=0.0, description="How long it runs; `forever`: until it is ended.")
    stops: Lasting = Field(default=0.0, description="How long after it was asked to end it has; `never`: it does not.")
    killed: Lasting = Field(default=0.0, description="How long after it was killed it has ended; `never`: it has not.")


class AbortModel(Part):
    """Somebody ends the run."""

    after: Duration = Field(default=0.0, description="How long after the start of the run.")
    level: Level = Field(default=AbortLevel.STOP.value, description="How hard: drain, stop or kill.")
    by: Text = Field(default="a test", description="Who it is.")
    cause: Annotated[str, PlainValidator(one_of(*CAUSES)), WithJsonSchema({"enum": list(CAUSES)})] = Field(
        default=Cause.ABORT.value, description="Why: `superseded` where a later run of the group took its place."
    )


class SpanModel(Part):
    """A length of time that may vary."""

    at_least: Duration | None = Field(default=None, description="It takes so long or longer.")
    at_most: Duration | None = Field(default=None, description="It takes so long or shorter.")


class Came(Part):
    """What must have come of something: what is left out is not looked at."""

    cause: str | None = Field(default=None, description="Its cause: an error class, or why it did not run.")
    message: Text | None = Field(default=None, description="A text that its message holds.")
    attempts: Tries | None = Field(default=None, description="How many attempts there were, over all legs.")
    arguments: Map | None = Field(default=None, description="Input arguments that its last attempt was sent, by name.")
    outputs: Map | None = Field(default=None, description="Outputs that it gave, by name.")
    duration: Json = Field(default=None, description="How long it took, from its first attempt to its end.")


class LegCame(Came):
    """What must have come of a leg."""

    result: LegResult | None = Field(default=None, description="Its result.")


class StepCame(Came):
    """What must have come of a step."""

    result: StepResult | None = Field(default=None, description="Its result.")
    outcome: StepResult | None = Field(default=None, description="What happened, before `continue_on_error`.")
    legs: Json = Field(default=None, description="How many legs there are, or what comes of each, by its key.")


class ExpectModel(Part):
    """What must come of the run."""

    result: RunResult | None = Field(default=None, description="The result of the run.")
    cause: str | None = Field(default=None, description="Its cause.")
    message: Text | None = Field(default=None, description="A text that its message holds.")
    steps: Json = Field(default=None, description="What must come of steps, by id: a result, or more.")
    order: Names = Field(default=(), description="These start one after the other: steps, or legs as `post[EU]`.")
    never_started: Names = Field(default=(), description="These never start: steps, or legs as `post[EU]`.")
    outputs: Map | None = Field(default=None, description="Outputs of the run, by name.")
    warnings: Names | None = Field(default=None, description="The steps whose failure was let through: exactly these.")
    doubts: Names | None = Field(default=None, description="Of which something may still run: exactly these.")
    duration: Json = Field(default=None, description="How long the run takes, on the virtual clock.")


class TrialModel(Part):
    """One test: a run by a script, and what must come of it."""

    name: Text = Field(description="What it shows.")
    inputs: Map = Field(default={}, description="Inputs of the run; the others are the file's.")
    env: Text | None = Field(default=None, description="The environment; otherwise the file's.")
    run_id: Text = Field(default="test", description="The id of the run.")
    started_at: Instant = Field(default=1_767_225_600.0, description="When the run starts; 2026-01-01T00:00:00Z.")
    jobs: Json = Field(default=None, description="What becomes of the Jobs of steps, by id; the others are the file's.")
    answers: Json = Field(default=None, description="What people say to approval steps, by id.")
    workflows: Json = Field(default=None, description="What becomes of the files that steps run, by id.")
    abort: Json = Field(default=None, description="Somebody ends the run; a list: and again, harder.")
    admitted: Lasting | None = Field(
        default=None, description="How long the run waits for its turn in its concurrency group."
    )
    chance: Chance = Field(default=1.0, description="The dice for the jitter of retries: 1 is the whole wait.")
    expect: ExpectModel = Field(description="What must come of it.")


class SuiteModel(Part):
    """A whole file."""

    flowrun_test: Annotated[int, PlainValidator(_version), WithJsonSchema({"const": TEST_LANGUAGE})] = Field(
        description="The version of test files: 1."
    )
    workflow: Text | None = Field(
        default=None, description="The workflow's file, from here; otherwise this file's name without `.test`."
    )
    inputs: Map = Field(default={}, description="Inputs of all tests.")
    env: Text | None = Field(default=None, description="The environment of all tests.")
    jobs: Json = Field(default=None, description="What becomes of the Jobs of steps, by id, in all tests.")
    answers: Json = Field(default=None, description="What people say to approval steps, by id, in all tests.")
    workflows: Json = Field(default=None, description="What becomes of the files that steps run, by id, in all tests.")
    tests: Json = Field(description="The tests.")
