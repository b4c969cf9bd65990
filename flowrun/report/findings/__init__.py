"""What is wrong, for machines that collect such things: of a file that was checked, or of a run that failed.

Each way to write them down is a pure function from findings to text, and this is the whole list. JUnit is not among
them, for it tells of what is right, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from flowrun.report.findings import azure, codequality, concise, github, sarif
from flowrun.report.findings.finding import Finding

Writer: TypeAlias = Callable[[Sequence[Finding]], str]

WRITERS: Mapping[str, Writer] = {
    "concise": concise.write,
    "github": github.write,
    "azure": azure.write,
    "gitlab": codequality.write,
    "sarif": sarif.write,
}
