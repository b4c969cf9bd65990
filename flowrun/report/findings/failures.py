"""What went wrong in a run, as findings: each leg that failed, what may still run; the run itself where it is neither.

The place is that of the step in the workflow's file, as the run had it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from flowrun.core.status import RunStatus
from flowrun.errors import Position
from flowrun.report.findings.finding import ERROR, WARNING, Finding
from flowrun.report.model import LegReport, Report, StepReport
from flowrun.report.reason import told

_LONGEST = 1000
"""Characters of a message: a viewer shows a paragraph, and the journal has the rest."""

_DOUBT = "in_doubt"


def of_report(report: Report) -> Iterator[Finding]:
    """Each failure with the step that it is of. One that was let through is a warning."""
    failed = list(report.failed())
    doubts = list(report.open_jobs()) if report.doubts else []
    file, position = _origin(report) if failed or doubts else (_file(report), lambda _: None)
    for step, leg in failed:
        yield _failure(report, step, leg, file, position(step.id))
    for open_job in doubts:
        at = position(open_job.leg.partition("[")[0])
        yield _placed(_DOUBT, ERROR, f"{open_job.what} may still be running", file, at, open_job.leg)
    unsaid = report.status in (RunStatus.FAILED, RunStatus.CANCELLED)
    if unsaid and not any(step.id not in report.warnings for step, _ in failed) and not doubts:
        message = told(report.message, _LONGEST) or f"the run was {report.status.value}"
        yield _placed(report.cause or report.status.value, ERROR, message, file, None, report.workflow)


def _failure(report: Report, step: StepReport, leg: LegReport, file: str, at: Position | None) -> Finding:
    severity = WARNING if step.id in report.warnings or step.let_through else ERROR
    names = ", ".join(job.name for job in leg.jobs)
    message = " ".join(filter(None, (told(leg.message, _LONGEST) or leg.cause, f"({names})" if names else "")))
    return _placed(leg.cause or "failed", severity, message, file, at, step.name(leg))


def _placed(rule: str, severity: str, message: str, file: str, at: Position | None, about: str) -> Finding:
    line, column = (at.line, at.column) if at else (0, 0)
    return Finding(rule, severity, message, file, line, column, about)


def _file(report: Report) -> str:
    origin = report.origin
    return str(origin.get("file") or "") if isinstance(origin, Mapping) else ""


def _origin(report: Report) -> tuple[str, Callable[[str], Position | None]]:
    """The workflow's file, and where in it a step begins; None for one that is not found."""
    origin = report.origin
    text = origin.get("text") if isinstance(origin, Mapping) else None
    if not isinstance(text, str):
        return _file(report), lambda _: None
    from flowrun.spec.loader import load  # noqa: PLC0415 - a run without failures needs no YAML reader

    loaded = load(text, _file(report))
    paths = loaded.paths
    return _file(report), lambda step: loaded.document.position(paths[step]) if step in paths else None
