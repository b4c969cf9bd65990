"""Findings as a table in Markdown, for a job summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowrun.report.findings.finding import Finding, worst_first
from flowrun.report.markup import escaped

MOST = 50
"""Rows; the rest is counted."""


def write(findings: Sequence[Finding], message: str) -> str:
    """How many there are, the message, and a row for each, errors first."""
    return "\n".join(_lines(worst_first(findings), message)) + "\n"


def _lines(findings: Sequence[Finding], message: str) -> Iterator[str]:
    yield f"### {len(findings)} problem{'' if len(findings) == 1 else 's'}"
    yield ""
    if message:
        yield from (escaped(message), "")
    yield "| Place | Problem | What is wrong |"
    yield "| --- | --- | --- |"
    for one in findings[:MOST]:
        place = ":".join([one.file, *([str(one.line)] if one.line else [])])
        rule = one.rule if one.severity == "error" else f"{one.rule} {one.severity}"
        hint = f"<br>{escaped(one.hint)}" if one.hint else ""
        yield f"| {escaped(place)} | {escaped(rule)} | {escaped(one.said)}{hint} |"
    if len(findings) > MOST:
        yield from ("", f"and {len(findings) - MOST} more")
