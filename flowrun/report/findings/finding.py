"""Finding: one thing that is wrong, in the words that code scanners, code quality reports and annotations share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from flowrun.errors import Problem
from flowrun.report.parcels import plain

ERROR, WARNING = "error", "warning"

Place: TypeAlias = Callable[[str], str]
"""From the name of a file to the one that others know it by: its path from the root of the repository."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of a file, or something that failed in a run. All text is safe to show.

    `rule` stays what it is (`FR104`, `faulted`). `file` is empty where it is about none; `line` and `column` count from
    1 and are 0 where they are not known. `about` is the place in the document, or the step.
    """

    rule: str
    severity: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    about: str = ""
    hint: str = ""

    @property
    def said(self) -> str:
        """What it is about, and the message, on one line."""
        return " ".join(": ".join(filter(None, (self.about, self.message))).split())


def of_problems(problems: Iterable[Problem], file: str, place: Place) -> Iterator[Finding]:
    """The problems of a file; `file` is meant where a problem names none."""
    for one in problems:
        position = one.position
        yield Finding(
            rule=one.code,
            severity=ERROR if one.severity == "error" else WARNING,
            message=plain(one.message),
            file=place(one.file or file),
            line=position.line if position else 0,
            column=position.column if position else 0,
            about=plain(one.where),
            hint=plain(one.hint or ""),
        )


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Errors before warnings, otherwise as they came."""
    return sorted(findings, key=lambda one: one.severity != ERROR)


def at_most(findings: Iterable[Finding], most: int) -> Iterator[Finding]:
    """The worst first, and `most` of a kind: where there are more, the last of them says how many."""
    ordered = worst_first(findings)
    for severity in (ERROR, WARNING):
        of_kind = [one for one in ordered if one.severity == severity]
        yield from _cut(of_kind, most)


def _cut(of_kind: Sequence[Finding], most: int) -> Iterator[Finding]:
    if len(of_kind) <= most:
        yield from of_kind
        return
    yield from of_kind[: most - 1]
    more = len(of_kind) - most + 1
    yield replace(of_kind[most - 1], rule="", about="", hint="", line=0, column=0, file="", message=f"+{more} more")
