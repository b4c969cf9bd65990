"""One line for each finding, as compilers write it: `file:line:column: CODE place: message`."""

from __future__ import annotations

from collections.abc import Sequence

from flowrun.report.findings.finding import ERROR, Finding


def write(findings: Sequence[Finding]) -> str:
    """A line each; nothing where there is nothing."""
    return "".join(f"{line(one)}\n" for one in findings)


def line(found: Finding) -> str:
    """`specs/close.yaml:12:7: FR204 steps.post: …`; a warning says that it is one, behind its code."""
    place = ":".join([found.file, *(str(number) for number in (found.line, found.column) if number)])
    rule = found.rule if found.severity == ERROR else f"{found.rule} {found.severity}:"
    return " ".join(filter(None, (f"{place}:" if place else "", rule, found.said)))
