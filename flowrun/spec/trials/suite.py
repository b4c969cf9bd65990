"""Suite: a test file that was read. Every value knows the path to where it stands, for whoever finds it untrue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from flowrun.errors import Problem
from flowrun.spec.document import Document, Path
from flowrun.spec.trials.models import (
    AbortModel,
    AnswerModel,
    FileModel,
    JobModel,
    LegCame,
    SpanModel,
    StepCame,
    SuiteModel,
    TrialModel,
)

Entry = TypeVar("Entry", JobModel, AnswerModel, FileModel)


@dataclass(frozen=True, slots=True)
class Line(Generic[Entry]):
    """An entry of a script. `own`: it stands in the test itself, and not at the top of the file for all of them."""

    path: Path
    says: Entry
    own: bool = True


Lines = Mapping[str, tuple[Line[Entry], ...]]
"""The entries of a script, by step."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a step or of a leg. `count`: how many legs there are; `legs`: what must come of some."""

    path: Path
    came: StepCame | LegCame
    span: SpanModel | None = None
    count: int | None = None
    legs: Mapping[str, Expected] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trial:
    """One test, with what the top of the file says for all."""

    path: Path
    head: TrialModel
    env: str | None
    jobs: Lines[JobModel]
    answers: Lines[AnswerModel]
    files: Lines[FileModel]
    aborts: tuple[AbortModel, ...]
    steps: Mapping[str, Expected]
    span: SpanModel | None


@dataclass(frozen=True, slots=True)
class Suite:
    """A file. `head` is None and `trials` is empty where it cannot be read; `problems` says why, in order."""

    document: Document
    file: str
    head: SuiteModel | None
    trials: tuple[Trial, ...]
    problems: tuple[Problem, ...]

    @property
    def valid(self) -> bool:
        """Whether it can be carried out: warnings are no obstacle."""
        return self.head is not None and not any(problem.severity == "error" for problem in self.problems)
