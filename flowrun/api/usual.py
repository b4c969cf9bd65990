"""How long the steps of a workflow usually take, as the journal tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.core.events import Event, LegFinished, StepBegan, StepFinished
from flowrun.core.status import LegStatus, StepStatus

if TYPE_CHECKING:
    from flowrun.journal.protocol import Records, RunRow
    from flowrun.settings import Settings

_RUNS = 5
"""So many runs are read for a picture, which is waited for."""

_RECORDS = 50_000
"""Records after which no further run is read: of a workflow with thousands of legs a few runs say enough."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Seconds by the ids of steps: of a whole step, and of one of its legs. `runs`: of so many runs, the medians."""

    steps: Mapping[str, float] = field(default_factory=dict)
    legs: Mapping[str, float] = field(default_factory=dict)
    runs: int = 0


def usual_times(workflow: str, settings: Settings) -> Usual:
    """Of the latest runs that succeeded. Nothing, where no journal is; raises JournalError where it cannot be read."""
    if settings.temporal is None and not settings.state_dir.is_dir():
        return Usual()
    with closing(bootstrap.journal(settings)) as journal:
        return usual_of(journal, journal.succeeded(workflow, _RUNS))


def usual_of(journal: Records, rows: Iterable[RunRow]) -> Usual:
    """Of these runs, or of the first of them where they have many records."""
    steps: dict[str, list[float]] = {}
    legs: dict[str, list[float]] = {}
    runs = records = 0
    for row in rows:
        if records >= _RECORDS:
            break
        runs += 1
        began: dict[str, float] = {}
        for record in journal.read(row.run_id):
            records += 1
            for step_id, took, whole in _took(record.event, began):
                (steps if whole else legs).setdefault(step_id, []).append(took)
    return Usual(
        {step_id: median(took) for step_id, took in steps.items()},
        {step_id: median(took) for step_id, took in legs.items()},
        runs,
    )


def _took(event: Event, began: dict[str, float]) -> Iterator[tuple[str, float, bool]]:
    """What succeeded by this event: the step, its seconds, and whether it is the whole of it or a leg."""
    match event:
        case StepBegan():
            began[event.step_id] = event.at
        case LegFinished() if event.result is LegStatus.SUCCEEDED:
            yield event.step_id, event.at - began[event.step_id], False
        case StepFinished() if event.result is StepStatus.SUCCEEDED and event.step_id in began:
            yield event.step_id, event.at - began[event.step_id], True
