"""What the journal knows of earlier runs of a workflow: the last of them, and how long its steps usually take."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from statistics import median
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.api.records import HISTORY, beginning
from flowrun.core.events import AttemptStarted, StepBegan, StepFinished
from flowrun.core.status import StepStatus
from flowrun.errors import JournalError
from flowrun.planner.known import known
from flowrun.review.history import History

if TYPE_CHECKING:
    from flowrun.journal.protocol import Journal
    from flowrun.settings import Settings

_LOOKED_AT = 200
"""Among so many latest runs the last one of a workflow is looked for, whatever it came to."""

_RECORDS = 50_000
"""Records that are read for usual times: of a workflow with thousands of legs a few runs say enough."""


def history(workflow: str, settings: Settings) -> History:
    """That of the workflow of this name; an empty one where the journal cannot be read, for a plan needs none."""
    try:
        with closing(bootstrap.journal(settings)) as journal:
            return _history(workflow, journal)
    except JournalError:
        return History()


def _history(workflow: str, journal: Journal) -> History:
    done = journal.succeeded(workflow, HISTORY)
    latest = [row for row in journal.runs(_LOOKED_AT) if row.workflow == workflow]
    last = max([*latest, *done[:1]], key=lambda row: row.started_at, default=None)
    if last is None:
        return History()
    began = beginning(journal, last.run_id)
    plans = {"": known(began.plan, began.inputs), **{name: known(one, {}) for name, one in began.workflows.items()}}
    took: dict[str, list[float]] = defaultdict(list)
    runs = records = 0
    for row in done:
        if records > _RECORDS:
            break
        runs += 1
        records += _times(journal, row.run_id, took)
    usual = {step_id: median(times) for step_id, times in took.items()}
    return History(last.run_id, plans, _versions(journal, last.run_id), usual, runs)


def _times(journal: Journal, run_id: str, took: dict[str, list[float]]) -> int:
    """Add the seconds that each step took that succeeded; how many records that were."""
    began: dict[str, float] = {}
    count = 0
    for record in journal.read(run_id):
        count += 1
        match record.event:
            case StepBegan(at=at, step_id=step_id):
                began[step_id] = at
            case StepFinished(at=at, step_id=step_id, result=StepStatus.SUCCEEDED) if step_id in began:
                took[step_id].append(at - began[step_id])
    return count


def _versions(journal: Journal, run_id: str) -> dict[str, str]:
    """The version of its Release that each step started."""
    found: dict[str, str] = {}
    for record in journal.read(run_id):
        event = record.event
        if isinstance(event, AttemptStarted) and isinstance(event.handle, dict):
            version = (event.handle.get("release") or {}).get("version")
            if version:
                found[event.step_id] = str(version)
    return found
