"""What the journal knows of earlier runs of a workflow: the last of them, and how long its steps usually take."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.api.records import HISTORY, beginning
from flowrun.api.usual import usual_of
from flowrun.core.events import AttemptStarted
from flowrun.errors import JournalError, TemporalError
from flowrun.planner.known import known
from flowrun.review.history import History

if TYPE_CHECKING:
    from flowrun.journal.protocol import Records
    from flowrun.settings import Settings

_LOOKED_AT = 200
"""Among so many latest runs the last one of a workflow is looked for, whatever it came to."""


def history(workflow: str, settings: Settings) -> History:
    """That of the workflow of this name; an empty one where the journal cannot be read, for a plan needs none."""
    try:
        with closing(bootstrap.journal(settings)) as journal:
            return _history(workflow, journal)
    except (JournalError, TemporalError):
        return History()


def _history(workflow: str, journal: Records) -> History:
    done = journal.succeeded(workflow, HISTORY)
    latest = [row for row in journal.runs(_LOOKED_AT) if row.workflow == workflow]
    last = max([*latest, *done[:1]], key=lambda row: row.started_at, default=None)
    if last is None:
        return History()
    began = beginning(journal, last.run_id)
    plans = {"": known(began.plan, began.inputs), **{name: known(one, {}) for name, one in began.workflows.items()}}
    usual = usual_of(journal, done)
    return History(last.run_id, plans, _versions(journal, last.run_id), usual.steps, usual.runs)


def _versions(journal: Records, run_id: str) -> dict[str, str]:
    """The version of its Release that each step started."""
    found: dict[str, str] = {}
    for record in journal.read(run_id):
        event = record.event
        if isinstance(event, AttemptStarted) and isinstance(event.handle, dict):
            version = (event.handle.get("release") or {}).get("version")
            if version:
                found[event.step_id] = str(version)
    return found
