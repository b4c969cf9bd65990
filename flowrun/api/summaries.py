"""What a page about a pipeline shows of a command: annotations at the lines of files, and a summary in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from flowrun.api.roots import placed, placing
from flowrun.report.findings import WRITERS, markdown
from flowrun.report.findings.failures import of_report
from flowrun.report.findings.finding import ERROR, Finding, of_problems
from flowrun.report.parcels import plain

if TYPE_CHECKING:
    from flowrun.errors import Problem
    from flowrun.report.model import Report


def annotated(form: str, problems: Sequence[Problem], run: Report | None = None, refusal: str = "") -> str:
    """Problems, what failed in a run, and why a command was refused, in one of the forms of findings, as `github`."""
    refused = [Finding("", ERROR, plain(refusal))] if refusal else []
    return WRITERS[form]([*dict.fromkeys(_findings(problems, run)), *refused])


def problems_summary(problems: Sequence[Problem], message: str) -> str:
    """A table of what is wrong with files, below a message."""
    return markdown.write(list(dict.fromkeys(_findings(problems, None))), message)


def run_summary(run: Report) -> tuple[str, ...]:
    """What came of a run, as Markdown; then a picture of when its steps ran, where any has begun."""
    from flowrun.api.pictures import charted  # noqa: PLC0415 - drawn in pipelines alone
    from flowrun.report.course import chart  # noqa: PLC0415 - the same
    from flowrun.report.formats import FORMATS  # noqa: PLC0415 - a file that is checked has no report
    from flowrun.report.picture import drawing  # noqa: PLC0415 - as above

    began = any(step.began_at is not None for step in run.told)
    picture = charted(chart(run), drawing(run), "mermaid") if began else ""
    return (FORMATS["md"](placed(run)), *([f"```mermaid\n{picture}```\n"] if picture else []))


def _findings(problems: Sequence[Problem], run: Report | None) -> Iterator[Finding]:
    yield from of_problems(problems, "", placing())
    if run is not None:
        yield from of_report(placed(run))
