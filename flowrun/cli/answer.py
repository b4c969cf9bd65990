"""Answer: what a command has to say, before anybody asked for a form of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from flowrun.cli.exit import ExitCode
from flowrun.errors import FlowrunError, Position, Problem, SpecError

if TYPE_CHECKING:
    from flowrun.api import Report

SCHEMA = "flowrun.output/v1"


class Line(NamedTuple):
    """A line of talk, and how it reads: plain, dim, good, warn, bad."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` is for `-o json`, `rows` for jsonl, `csv`, `markdown` and `names` for those, `text` for people.

    `message` goes into the envelope, and to stderr in the other forms; `talk` goes to stderr in its place in all.
    `run` is the one that the command drove, for the pipeline that it is in.
    """

    data: Any = None
    text: str = ""
    rows: Iterable[Any] = ()
    names: tuple[str, ...] = ()
    csv: str = ""
    markdown: str = ""
    code: ExitCode = ExitCode.SUCCESS
    message: str = ""
    talk: tuple[Line, ...] = ()
    problems: tuple[Problem, ...] = ()
    run: Report | None = None

    def envelope(self) -> dict[str, Any]:
        """The same shape for every command and every error."""
        return {
            "schema": SCHEMA,
            "result": self.code.result,
            "code": int(self.code),
            "message": self.message,
            "data": self.data,
            "diagnostics": [diagnostic(problem) for problem in self.problems],
        }


def of_error(error: FlowrunError, code: ExitCode) -> Answer:
    """What an error says. A hint is part of the message, for it says what to write instead."""
    hint = f"\n  {error.hint}" if error.hint else ""
    problems = error.problems if isinstance(error, SpecError) else ()
    file = error.file if isinstance(error, SpecError) else ""
    return Answer(code=code, message=f"{error.message}{hint}", problems=tuple(_placed(one, file) for one in problems))


def diagnostic(problem: Problem) -> Mapping[str, Any]:
    """A problem as JSON."""
    other = None if problem.other is None else {**_place(problem.other), "label": problem.other_label}
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "file": problem.file,
        **_place(problem.position),
        "where": problem.where,
        "hint": problem.hint,
        "other": other,
    }


def _placed(problem: Problem, file: str) -> Problem:
    return problem if problem.file else replace(problem, file=file)


def _place(position: Position | None) -> dict[str, int | None]:
    return {"line": None, "column": None} if position is None else {"line": position.line, "column": position.column}
