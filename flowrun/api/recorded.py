"""A test of a workflow made from a real run, and tried out before it is given away."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from flowrun import bootstrap
from flowrun.api.records import resolve
from flowrun.api.texts import new_text
from flowrun.core.events import Event, RunReplanned, RunStarted
from flowrun.core.plan import Json
from flowrun.errors import UsageError
from flowrun.report.fold import fold
from flowrun.settings import Settings
from flowrun.spec.document import Path as Way
from flowrun.spec.document import dotted
from flowrun.spec.trials import loader
from flowrun.spec.trials.writing import yaml
from flowrun.templating.evaluator import Templates
from flowrun.trials.record import recording
from flowrun.trials.trial import Tried, carry_out

_HEAD = "# Recorded from a run: what its Jobs returned, and what came of it. Keep what the test is to show.\n\n"
_EXPECT: Way = ("tests", 0, "expect")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A test file, and where it is less than the run was.

    `left_out`: expectations that were dropped, for they need something that is not in the file. `differs`: what came
    out otherwise all the same; empty where the test passes.
    """

    text: str
    left_out: tuple[str, ...]
    differs: tuple[str, ...]


def record_test(run_id: str | None, settings: Settings, to: Path | None = None) -> Recorded:
    """The test that does what a run did, for the file `to`. Raises UsageError, JournalError."""
    with closing(bootstrap.journal(settings)) as journal:
        events = tuple(record.event for record in journal.read(resolve(journal, run_id)))
    started = events[0]
    assert isinstance(started, RunStarted)  # noqa: S101 - the journal of a run begins so
    report = fold(events)
    if not report.final:
        raise UsageError(f"the run {report.run_id} has not ended", hint="record it when it has")
    if started.again:
        raise UsageError(f"the run {report.run_id} goes on from {started.again}", hint="record one that did it all")
    if any(isinstance(event, RunReplanned) for event in events):
        message = f"the run {report.run_id} went on by another text of its file than it began with"
        raise UsageError(message, hint="record one that followed a single text")
    data = recording(events, report, _workflow(started.origin, to))
    return _tried(data, events)


def write_test(recorded: Recorded, to: Path) -> None:
    """Put it into a file that is not there yet. Raises UsageError."""
    new_text(to, recorded.text, "name another file, or take what you need of it")


def _workflow(origin: Json, to: Path | None) -> str | None:
    """The path from the test file to the workflow's; None where the name of the test file says it."""
    named = origin.get("file") if isinstance(origin, Mapping) else None
    if not isinstance(named, str):
        return None
    file = Path(named)
    folder = (to.parent if to else Path()).resolve()
    if to is not None and folder == file.parent and to.name == f"{file.stem}.test{file.suffix}":
        return None
    return Path(os.path.relpath(file, folder)).as_posix()


def _tried(data: dict[str, Json], events: tuple[Event, ...]) -> Recorded:
    """Carried out on the plan of the run; without those arguments and outputs that need what is hidden."""
    text = _HEAD + yaml(data)
    tried = _carried_out(text, events)
    wrong = {problem.where for problem in tried.problems}
    left_out: list[str] = []
    for name, values, key in _parcels(data):
        if _concerned(name, wrong):
            del values[key]
            left_out.append(name)
    if left_out:
        text = _HEAD + yaml(data)
        tried = _carried_out(text, events)
    return Recorded(text, tuple(left_out), tuple(f"{one.where}: {one.message}" for one in tried.problems))


def _parcels(data: dict[str, Json]) -> list[tuple[str, dict[str, Json], str]]:
    """Each argument and output that is expected: its path as problems name it, the map that it stands in, its name."""
    expect = data["tests"][0]["expect"]
    maps: list[tuple[Way, dict[str, Json]]] = [(("outputs",), expect.get("outputs") or {})]
    for step_id, came in expect["steps"].items():
        if isinstance(came, dict):
            maps.append((("steps", step_id, "arguments"), came.get("arguments") or {}))
    return [(dotted((*_EXPECT, *way, name)), values, name) for way, values in maps for name in values]


def _concerned(name: str, wrong: set[str]) -> bool:
    return any(where == name or where.startswith((f"{name}.", f"{name}[")) for where in wrong)


def _carried_out(text: str, events: tuple[Event, ...]) -> Tried:
    started = events[0]
    assert isinstance(started, RunStarted)  # noqa: S101 - as above
    suite = loader.load(text, "")
    assert suite.trials, suite.problems  # noqa: S101 - what was written here can be read
    return carry_out(suite, suite.trials[0], started.plan, started.inputs, Templates())
