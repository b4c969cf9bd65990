"""GitHub's workflow commands that annotate a place in a file.

The syntax is that of docs.github.com "Workflow commands for GitHub Actions"; what is escaped is what the runner
unescapes (actions/runner, src/Runner.Common/ActionCommand.cs).
"""

from __future__ import annotations

from collections.abc import Sequence

from flowrun.report.findings.finding import Finding, at_most

MOST = 10
"""Annotations of a kind that GitHub keeps of one step; it drops the rest without a word."""


def write(findings: Sequence[Finding]) -> str:
    """A command each, the worst first, at most ten of a kind."""
    return "".join(f"{_annotation(one)}\n" for one in at_most(findings, MOST))


def data(text: str) -> str:
    """The text as what follows the second `::` of a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    """The text as the value of a property."""
    return data(text).replace(":", "%3A").replace(",", "%2C")


def _annotation(found: Finding) -> str:
    title = " ".join(filter(None, (found.rule, found.about))) or "flowrun"
    values = {
        "file": found.file,
        "line": str(found.line or ""),
        "col": str(found.column or ""),
        "title": title,
    }
    properties = ",".join(f"{name}={_value(value)}" for name, value in values.items() if value)
    hint = f"\nhint: {found.hint}" if found.hint else ""
    return f"::{found.severity} {properties}::{data(f'{found.message}{hint}')}"
