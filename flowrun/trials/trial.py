"""A test, carried out: its run is rehearsed, and what came of it is held against what it expects."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from flowrun.core.commands import StartStep
from flowrun.core.events import AbortRequested, Event, RunAdmitted, RunStarted
from flowrun.core.plan import Json, Plan
from flowrun.core.protocol import Evaluator
from flowrun.core.state import leg_name
from flowrun.core.status import AbortLevel, Cause
from flowrun.errors import Position, Problem
from flowrun.rehearsal.drive import Rehearsed, rehearse
from flowrun.report.fold import fold
from flowrun.report.model import Report
from flowrun.span import Span
from flowrun.spec.places import Path
from flowrun.spec.problems import in_order
from flowrun.spec.trials.models import AnswerModel, FileModel, JobModel
from flowrun.spec.trials.suite import Suite, Trial
from flowrun.trials.script import TrialScript, Unscripted
from flowrun.trials.verdict import differences


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a test. `problems`: why it failed, none where it passed. `took`: seconds of virtual time."""

    name: str
    file: str
    position: Position
    problems: tuple[Problem, ...]
    took: float = 0.0
    report: Report | None = None
    events: tuple[Event, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything came as it was expected."""
        return not self.problems


def carry_out(suite: Suite, trial: Trial, plan: Plan, inputs: Mapping[str, Json], evaluator: Evaluator) -> Tried:
    """Rehearse the run of a test, and judge it. Never raises for what the test or the workflow do."""
    script = TrialScript(trial)
    head = trial.head
    started = RunStarted(head.started_at, head.run_id, plan, inputs)
    place = suite.document.position((*trial.path, "name"))
    try:
        done = rehearse(started, evaluator, script, _from_outside(trial, plan))
    except Unscripted as missing:
        found = suite.document.problem(missing.code, missing.path, **missing.fields)
        return Tried(head.name, suite.file, place, (replace(found, file=suite.file),))
    report = fold(done.events, reveal=True)  # what is sensitive in a test was made up by its author
    problems = [*_unended(suite, trial, done), *differences(trial, suite.document, report, done.events)]
    if done.ended:
        problems += _unused(suite, trial, script, done)
    found_all = in_order(replace(one, file=suite.file) for one in problems)
    return Tried(head.name, suite.file, place, found_all, done.took, report, done.events)


def _from_outside(trial: Trial, plan: Plan) -> Iterator[Event]:
    start = trial.head.started_at
    if plan.concurrency is not None and not math.isinf(trial.head.admitted or 0.0):
        yield RunAdmitted(start + (trial.head.admitted or 0.0))
    for abort in trial.aborts:
        yield AbortRequested(start + abort.after, AbortLevel(abort.level), abort.by, Cause(abort.cause))


def _unended(suite: Suite, trial: Trial, done: Rehearsed) -> Iterator[Problem]:
    if done.ended:
        return
    waits = [leg_name(one.step_id, one.leg_key) for one in done.open if not isinstance(one, StartStep)]
    words = ", ".join(dict.fromkeys(waits)) or "its turn"
    yield suite.document.problem("FR713", (*trial.path, "name"), took=str(Span(done.took)), waits=words)


def _unused(suite: Suite, trial: Trial, script: TrialScript, done: Rehearsed) -> Iterator[Problem]:
    for step_id, path, says in _own(trial):
        if path not in script.used:
            why = _why_unused(step_id, says.leg, says.attempt, done)
            yield suite.document.problem("FR712", path, why=why)


def _own(trial: Trial) -> Iterator[tuple[str, Path, JobModel | AnswerModel | FileModel]]:
    """The entries that stand in the test itself."""
    for step_id, jobs in trial.jobs.items():
        yield from ((step_id, line.path, line.says) for line in jobs if line.own)
    for step_id, answers in trial.answers.items():
        yield from ((step_id, line.path, line.says) for line in answers if line.own)
    for step_id, files in trial.files.items():
        yield from ((step_id, line.path, line.says) for line in files if line.own)


def _why_unused(step_id: str, leg: str | None, attempt: int | None, done: Rehearsed) -> str:
    step = done.state.step(step_id)
    legs = [one for one in step.legs if leg in (None, one.leg.key)]
    if not step.legs:
        return f"{step_id} never began: it is {step.status}" + (f" ({step.cause})" if step.cause else "")
    if not legs:
        there = ", ".join(one.leg.key for one in step.legs)
        return f"{step_id} has no leg {leg}; its legs are {there:.200}"
    most = max(one.attempt for one in legs)
    if attempt is not None and most < attempt:
        return f"there {'was one attempt' if most == 1 else f'were {most} attempts'} of {leg_name(step_id, leg or '')}"
    return "an entry above it fits all that it fits"
