"""How long the steps of a workflow usually take, as the journal tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.core.events import Event, LegFinished, StepBegan, StepFinished
from flowrun.core.status import LegStatus, StepStatus

if TYPE_CHECKING:
    from flowrun.journal.protocol import Journal
    from flowrun.settings import Settings

_RUNS = 5
_EVENTS = 50_000
"""So many runs are read, or fewer where they have so many events: a picture is waited for."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Seconds by the ids of steps: of a whole step, and of one of its legs. `runs`: of so many runs, the medians."""

    steps: Mapping[str, float] = field(default_factory=dict)
    legs: Mapping[str, float] = field(default_factory=dict)
    runs: int = 0


def usual_times(workflow: str, settings: Settings) -> Usual:
    """Of the latest runs that succeeded. Nothing, where no journal is; raises JournalError where it cannot be read."""
    if not settings.state_dir.is_dir():
        return Usual()
    with closing(bootstrap.journal(settings)) as journal:
        return _usual(journal, workflow)


def _usual(journal: Journal, workflow: str) -> Usual:
    steps: dict[str, list[float]] = {}
    legs: dict[str, list[float]] = {}
    runs, left = 0, _EVENTS
    for row in journal.succeeded(workflow, _RUNS):
        if left <= 0:
            break
        events = [record.event for record in journal.read(row.run_id)]
        left -= len(events)
        runs += 1
        for step_id, took, whole in _took(events):
            (steps if whole else legs).setdefault(step_id, []).append(took)
    return Usual(
        {step_id: median(took) for step_id, took in steps.items()},
        {step_id: median(took) for step_id, took in legs.items()},
        runs,
    )


def _took(events: list[Event]) -> Iterator[tuple[str, float, bool]]:
    """What succeeded: the step, its seconds, and whether it is the whole of it or a leg."""
    began: dict[str, float] = {}
    for event in events:
        match event:
            case StepBegan():
                began[event.step_id] = event.at
            case LegFinished() if event.result is LegStatus.SUCCEEDED:
                yield event.step_id, event.at - began[event.step_id], False
            case StepFinished() if event.result is StepStatus.SUCCEEDED and event.step_id in began:
                yield event.step_id, event.at - began[event.step_id], True
