"""SARIF 2.1.0 of a run: what failed, at the steps' places in the workflow's file."""

from __future__ import annotations

from flowrun.report.document import instant
from flowrun.report.findings import sarif
from flowrun.report.findings.failures import of_report
from flowrun.report.model import Report


def render(report: Report) -> str:
    """A log of one SARIF run; which run of ours it is stands in its properties."""
    told = {
        "workflow": report.workflow,
        "run": report.run_id,
        "status": report.state,
        "started_at": instant(report.started_at),
    }
    return sarif.write(list(of_report(report)), {"properties": told})
