"""Courses: how Jobs go in fair weather, and what people answer: as a test file says, else made up from the contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowrun.core.plan import Json
from flowrun.steps.answer import Decision
from flowrun.steps.protocol import Attempt

SAMPLES: Mapping[str, Json] = {
    "string": "sample",
    "number": 1.5,
    "integer": 1,
    "boolean": True,
    "object": {},
    "array": ["sample", "another"],
    "list": ["sample", "another"],
    "date": "2026-01-31",
    "any": "sample",
}
"""A value of each type that an output or an input may be declared with."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a Job goes. `outputs` None: made up from the step's contract; `lasts` None: some minutes.

    Times are seconds; `stops` and `killed` are how long after SoftStop and Kill it ends, infinite where it never does.
    """

    state: str = "Successful"
    info: str = ""
    outputs: Mapping[str, Json] | None = None
    pending: float = 0.0
    lasts: float | None = None
    suspended: float = 0.0
    stops: float = 0.0
    killed: float = 0.0


@dataclass(frozen=True, slots=True)
class Jobs:
    """What becomes of the attempts of a step that fit: None fits any leg, any attempt.

    `refused`: Orchestrator refuses the start. One course is that of each of several Jobs.
    """

    leg: str | None = None
    attempt: int | None = None
    refused: bool = False
    courses: tuple[Course, ...] = (Course(),)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person says to an approval, so many seconds after it was asked; None: some time within hours."""

    leg: str | None = None
    attempt: int | None = None
    decision: Decision = Decision.APPROVED
    by: str = "somebody"
    comment: str = ""
    inputs: Mapping[str, Json] = field(default_factory=dict)
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """What is said of the steps of a workflow, by id. Of the others nothing is."""

    jobs: Mapping[str, tuple[Jobs, ...]] = field(default_factory=dict)
    replies: Mapping[str, tuple[Reply, ...]] = field(default_factory=dict)

    def of(self, step: str, leg: str, attempt: int) -> Jobs:
        """The first that fits, else one of which all is made up."""
        found = (one for one in self.jobs.get(step, ()) if one.leg in (None, leg) and one.attempt in (None, attempt))
        return next(found, Jobs())

    def reply(self, step: str, leg: str, attempt: int) -> Reply:
        """The same for a person."""
        found = (one for one in self.replies.get(step, ()) if one.leg in (None, leg) and one.attempt in (None, attempt))
        return next(found, Reply())


def outputs(course: Course, attempt: Attempt) -> dict[str, Json]:
    """What a Job of this course gives: what is said, and a sample of its type for each promise that is not kept."""
    contract: Mapping[str, Mapping[str, Json]] = attempt.arguments.get("outputs") or {}
    given = dict(course.outputs or {})
    for name, promise in contract.items():
        if name not in given and promise.get("required", True):
            given[name] = promise["default"] if "default" in promise else SAMPLES[str(promise.get("type", "any"))]
    return given


def filled_in(said: Mapping[str, Json], declared: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
    """The inputs of an answer: what is said, and a sample for each that must be given. Null is what others are."""
    given = {name: said.get(name, one.get("default")) for name, one in declared.items()}
    for name, one in declared.items():
        if given[name] is None and one.get("required", True):
            options = one.get("options") or ()
            given[name] = options[0] if options else SAMPLES[str(one.get("type", "string"))]
    return given
