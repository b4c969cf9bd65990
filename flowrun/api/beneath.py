"""Beneath: what may still run of a run, looked for in the runs that are its steps, and in theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.api.records import so_far
from flowrun.errors import JournalError, TemporalError

if TYPE_CHECKING:
    from flowrun.journal.protocol import Records
    from flowrun.report.model import OpenJob, Report
    from flowrun.settings import Settings


def open_jobs(report: Report, settings: Settings) -> tuple[tuple[str, OpenJob], ...]:
    """What may still run, each with the id of the run in which it stands: this one, or one that is a step below it.

    A run below that the journal does not have, or cannot give, is itself what may still run. Raises nothing: this is
    asked at the end, when the run itself has been told already.
    """
    known = list(report.open_jobs())
    if not any(one.job is None and one.run for one in known):
        return tuple((report.run_id, one) for one in known)
    try:
        with closing(bootstrap.journal(settings)) as journal:
            return tuple(_beneath(report, journal))
    except (JournalError, TemporalError):
        return tuple((report.run_id, one) for one in known)


def _beneath(report: Report, journal: Records) -> Iterator[tuple[str, OpenJob]]:
    for one in report.open_jobs():
        child = _run(one, journal)
        if child is None:
            yield report.run_id, one
            continue
        found = list(_beneath(child, journal))
        yield from found
        if not found and not child.final:  # between two of its Jobs: what it does next is not known
            yield report.run_id, one


def _run(one: OpenJob, journal: Records) -> Report | None:
    """The run that this is, where it is one and the journal has it."""
    if one.job is not None or not one.run:
        return None
    try:
        return so_far(journal, one.run)
    except (JournalError, TemporalError):
        return None
