"""Gantt: when the steps of a run ran, as Mermaid draws it in a job summary."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flowrun.core.status import StepStatus
from flowrun.report.model import Report, StepReport

MOST = 100
"""Steps that are still legible below each other. Mermaid itself refuses more than 50,000 characters."""

_MARKUP = re.compile(r"[^\w .()\[\]/-]")
_TAGS = {StepStatus.FAILED: "crit, ", StepStatus.RUNNING: "active, ", StepStatus.SUCCEEDED: "done, "}


def mermaid(report: Report) -> str:
    """The picture; empty where no step has begun, and where there are too many of them."""
    began = [step for step in report.told if step.began_at is not None]
    return "\n".join(_lines(report, began)) + "\n" if 0 < len(began) <= MOST else ""


def _lines(report: Report, began: list[StepReport]) -> Iterator[str]:
    yield "gantt"
    yield f"    title {_words(report.workflow)}"
    yield "    dateFormat X"
    yield "    axisFormat %H:%M:%S"
    for number, step in enumerate(began):
        start = int(step.began_at or 0.0)
        end = max(start + 1, int(report.at if step.finished_at is None else step.finished_at))
        tag = "crit, " if step.let_through else _TAGS.get(step.status, "")
        yield f"    {_words(step.id)} :{tag}s{number}, {start}, {end}"


def _words(text: str) -> str:
    """Letters, digits and what is no markup: a colon would end the name."""
    return _MARKUP.sub("_", text)
