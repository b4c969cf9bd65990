"""The whole exception tree, and the two values that an error of the author's carries.

FlowrunError                 every error that a person is meant to read
├── SpecError                the author's file is wrong; carries every Problem found
├── PlanError                valid on its own, impossible with these inputs or this Orchestrator
├── UsageError               a flag, a file or an input given on the command line is wrong
├── Stale                    what was reviewed is not what is there: a lock, a plan file
├── TemplateError            an expression failed while it was evaluated
├── OrchestratorError        the other side said no, or did not answer
│   ├── Unreachable          nothing was sent: DNS, connect, TLS
│   ├── NotSignedIn          401 or 403
│   ├── Throttled            429; rejected before any work was done
│   ├── Refused              any other answer that says: not done, and not on another try
│   └── Ambiguous            sent, and nobody knows whether it was done
├── TemporalError            Temporal said no, or did not answer
│   ├── TemporalUnreachable  nobody listens, nobody answers, or TLS did not verify
│   │   └── NoWorker         nobody serves the task queue: what waits there goes on waiting
│   ├── TemporalDenied       not let in: an API key, a certificate, a namespace, a right
│   └── OtherWorker          who serves the task queue is of another flowrun
├── JournalError             the record cannot be read or written
│   ├── UnknownRun           there is no run by this id
│   └── Conflict             another process owns the run, or wrote first
└── EngineError              the engine cannot go on
    └── Stranded             what drove the run was ended from outside
IllegalTransition            an AssertionError: a bug of ours; the journal is intact
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text. Both numbers count from 1; `column` counts characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Another text for what stands from `start` to `end`, which is the first place behind it."""

    start: Position
    end: Position
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a file: what, where, and what to write instead.

    `code` is stable (`FR104`). `where` is the path in the document (`steps.post.needs[1]`). `other` is a second
    place that the first conflicts with, and `other_label` says what stands there. `fix` is what puts it right without
    a choice; empty where only the author can know.
    """

    code: str
    message: str
    position: Position | None = None
    where: str = ""
    hint: str | None = None
    severity: str = "error"
    other: Position | None = None
    other_label: str = ""
    file: str = ""
    fix: tuple[Edit, ...] = ()


class FlowrunError(Exception):
    """Every error that a person is meant to read. `hint` says what to do about it."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SpecError(FlowrunError):
    """The author's file is wrong. Carries all problems of the file and its text, so that each can be shown.

    `others`: the texts of further files that some of the problems are in, by their names.
    """

    def __init__(
        self,
        problems: tuple[Problem, ...],
        *,
        file: str = "",
        text: str = "",
        others: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        count = sum(problem.severity == "error" for problem in problems)
        super().__init__(f"{file or 'the workflow'}: {count} problem{'' if count == 1 else 's'}")
        self.problems = problems
        self.file = file
        self.text = text
        self.others = others


class PlanError(FlowrunError):
    """The file is valid on its own, and impossible with these inputs."""


class UsageError(FlowrunError):
    """A flag, a file or an input given on the command line is wrong."""


class Stale(FlowrunError):
    """What was reviewed is not what is there now: nothing is started. The message has each thing that moved."""


class TemplateError(FlowrunError):
    """An expression failed. The message names the expression and what it missed."""


class OrchestratorError(FlowrunError):
    """Orchestrator said no, or did not answer.

    `status` is the HTTP status, `code` the API's own errorCode, `trace_id` what UiPath's support asks for.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        method: str = "",
        url: str = "",
        status: int | None = None,
        code: int | None = None,
        trace_id: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.method = method
        self.url = url
        self.status = status
        self.code = code
        self.trace_id = trace_id


class Unreachable(OrchestratorError):
    """Nothing was sent: the name did not resolve, nobody listened, or TLS did not verify."""


class NotSignedIn(OrchestratorError):
    """401 or 403: the token is missing, expired, or lacks a scope or a permission."""

    @property
    def lost(self) -> bool:
        """Whether nobody is signed in (a 401, or signing in was refused), rather than somebody not allowed."""
        return self.status != 403  # noqa: PLR2004 - HTTP's own number


class Throttled(OrchestratorError):
    """429: rejected before any work was done. `retry_after` is in seconds, None where the server named none."""

    retry_after: float | None = None


class Refused(OrchestratorError):
    """The server answered that it did not do it, and another try would get the same answer."""


class Ambiguous(OrchestratorError):
    """The request left, and nobody knows whether it was carried out."""


class TemporalError(FlowrunError):
    """Temporal said no, or did not answer. Nothing is lost: what it has of runs stays as it is."""


class TemporalUnreachable(TemporalError):
    """Nobody listens at its address, nobody answers in time, or TLS did not verify."""


class NoWorker(TemporalUnreachable):
    """Nobody serves the task queue. What was begun waits for a worker, and goes on by itself."""


class TemporalDenied(TemporalError):
    """Not let in: the API key or the certificate is not accepted, the namespace is not there, a right is missing."""


class OtherWorker(TemporalError):
    """Who serves the task queue is of a flowrun that does not know what this one would give it."""


class JournalError(FlowrunError):
    """The record of runs cannot be read or written."""


class UnknownRun(JournalError):
    """There is no run by this id."""


class Conflict(JournalError):
    """Another process owns the run, or has written to it first."""


class EngineError(FlowrunError):
    """The engine cannot go on."""


class Stranded(EngineError):
    """What drove the run was ended from outside. The run stands where it stood, and can be resumed."""


class IllegalTransition(AssertionError):
    """An event arrived that the state does not accept: a bug of ours, never the user's. The journal is intact."""
