"""JSON, as `schemas/report.schema.json` has it."""

from __future__ import annotations

import json

from flowrun.report.document import document
from flowrun.report.model import Report


def render(report: Report) -> str:
    """The whole report."""
    return json.dumps(document(report), indent=2) + "\n"
