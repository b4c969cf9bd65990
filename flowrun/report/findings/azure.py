"""The logging commands of Azure Pipelines that file an issue with a place.

The syntax is that of learn.microsoft.com "Logging commands"; what is escaped is what the agent unescapes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flowrun.report.findings.finding import Finding, at_most

MOST = 10
"""Issues of a kind that the page of a run shows for one task."""


_COMMAND = re.compile(r"#(?=#(?:vso)?\[)", re.IGNORECASE)


def write(findings: Sequence[Finding]) -> str:
    """A command each, the worst first, at most ten of a kind."""
    return "".join(f"{_issue(one)}\n" for one in at_most(findings, MOST))


def command(name: str, properties: Mapping[str, str], message: str = "") -> str:
    """`##vso[task.logissue type=error;code=FR104]message`; a property without a value is left out."""
    words = ";".join(f"{key}={_value(value)}" for key, value in properties.items() if value)
    return f"##vso[{name}{f' {words}' if words else ''}]{_data(message)}"


def _data(text: str) -> str:
    """What an older agent might take for a second command in the line is none any more."""
    return _COMMAND.sub("# ", text).replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(";", "%3B").replace("]", "%5D")


def _issue(found: Finding) -> str:
    values = {
        "type": found.severity,
        "sourcepath": found.file,
        "linenumber": str(found.line or ""),
        "columnnumber": str(found.column or ""),
        "code": found.rule,
    }
    hint = f" ({' '.join(found.hint.split())})" if found.hint else ""
    return command("task.logissue", values, f"{found.said}{hint}")
