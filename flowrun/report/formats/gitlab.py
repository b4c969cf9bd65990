"""A code quality report for GitLab, of what failed in a run."""

from __future__ import annotations

from flowrun.report.findings import codequality
from flowrun.report.findings.failures import of_report
from flowrun.report.model import Report


def render(report: Report) -> str:
    """A list of what failed, at the steps' places in the workflow's file; empty for a run that succeeded."""
    return codequality.write(list(of_report(report)))
