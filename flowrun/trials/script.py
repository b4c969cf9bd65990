"""TrialScript: what a test file says becomes of each attempt, as a rehearsal asks for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import count
from typing import TypeVar

from flowrun.core.commands import StartStep
from flowrun.core.plan import Json
from flowrun.core.state import leg_name
from flowrun.core.status import ErrorClass, Failed, Outcome, Phase, Succeeded, Unknown
from flowrun.orchestrator.wire import JobState
from flowrun.rehearsal.fate import Fate, Spell
from flowrun.rehearsal.kinds import Answered, approval_fate, wait_fate
from flowrun.spec.places import Path
from flowrun.spec.trials.models import UNKNOWN, AnswerModel, FileModel, JobModel, ReturnedModel
from flowrun.spec.trials.suite import Line, Lines, Trial
from flowrun.steps.answer import Decision
from flowrun.steps.job import rehearsed
from flowrun.steps.job.rehearsed import Returned
from flowrun.steps.protocol import Attempt
from flowrun.steps.workflow import child_id

FIRST_JOB = 101
DECISIONS = {"approve": Decision.APPROVED, "reject": Decision.REJECTED}
"""What stands in a test file, as an answer has it."""

_Entry = TypeVar("_Entry", JobModel, AnswerModel, FileModel)
_BEFORE_JOBS = (ErrorClass.START_REJECTED, ErrorClass.RATE_LIMITED)


class Unscripted(Exception):
    """The test does not say what becomes of an attempt. `fields` are those of the problem."""

    def __init__(self, code: str, path: Path, fields: Mapping[str, Json]) -> None:
        super().__init__(code)
        self.code = code
        self.path = path
        self.fields = fields


class TrialScript:
    """Implements `rehearsal.fate.Script` for one test. `used`: the paths of the entries that an attempt came to."""

    def __init__(self, trial: Trial) -> None:
        self.used: set[Path] = set()
        self._trial = trial
        self._numbers = count(FIRST_JOB)

    def fate(self, start: StartStep, now: float) -> Fate:
        """That of an attempt. Raises Unscripted."""
        match start.kind:
            case "wait":
                return wait_fate(start, now)
            case "approval":
                line = self._line(self._trial.answers, start)
                return approval_fate(start, now, _answered(line.says) if line else None)
            case "workflow":
                file = self._line(self._trial.files, start)
                return self._file(start, file.says if file else FileModel())
            case _:
                return self._job(start)

    def _line(self, lines: Lines[_Entry], start: StartStep) -> Line[_Entry] | None:
        """The first entry of the step that fits the leg and the attempt."""
        for line in lines.get(start.step_id, ()):
            if line.says.leg in (None, start.leg_key) and line.says.attempt in (None, start.attempt):
                self.used.add(line.path)
                return line
        return None

    def _file(self, start: StartStep, says: FileModel) -> Fate:
        """A run of its own, of which the test says what comes of it."""
        head = self._trial.head
        handle = {"run": child_id(Attempt(head.run_id, start.step_id, start.leg_key, start.attempt, start.arguments))}
        if says.error == ErrorClass.START_REJECTED:
            return Fate(Failed(says.error, says.message or ""), begins=False, chance=head.chance)
        outcome: Outcome = Succeeded(says.outputs, handle)
        if says.error == UNKNOWN:
            outcome = Unknown(says.message or "whether something runs cannot be told", handle)
        elif says.error is not None:
            outcome = Failed(says.error, says.message or "", says.outputs, handle)
        return Fate(
            outcome=None if math.isinf(says.duration) else outcome,
            spells=(Spell(Phase.RUNNING, says.duration, "0 of 1 step"),),
            handle=handle,
            stops_after=_finite(says.stops),
            killed_after=_finite(says.killed),
            chance=head.chance,
        )

    def _job(self, start: StartStep) -> Fate:
        refused = rehearsed.refusal(start.arguments)
        line = self._line(self._trial.jobs, start)
        chance = self._trial.head.chance
        if refused is not None:
            return Fate(refused, begins=False, chance=chance)
        says = line.says if line else _nothing(start, self._trial)
        chance = chance if says.chance is None else says.chance
        if says.error in _BEFORE_JOBS or says.error == UNKNOWN:
            return Fate(_error(says), begins=False, begins_after=says.start, chance=chance)
        made = rehearsed.jobs_of(start.arguments)
        if says.jobs and len(says.jobs) != made:
            path = (*line.path, "jobs") if line else self._trial.path
            name = leg_name(start.step_id, start.leg_key)
            raise Unscripted("FR714", path, {"said": len(says.jobs), "name": name, "made": made})
        numbers = [next(self._numbers) for _ in range(made)]
        return Fate(
            outcome=None if math.inf in (says.pending, says.duration) else _outcome(start, says, numbers),
            begins_after=says.start,
            spells=_spells(says),
            handle=rehearsed.handle_of(numbers),
            stops_after=_finite(says.stops),
            killed_after=_finite(says.killed),
            chance=chance,
        )


def _answered(says: AnswerModel) -> Answered:
    return Answered(DECISIONS[says.decision], says.by, says.after, says.comment or "", says.inputs)


def _nothing(start: StartStep, trial: Trial) -> JobModel:
    """A Job of which nothing is said succeeds at once; not where that would break the step's promise."""
    contract: Mapping[str, Mapping[str, Json]] = start.arguments.get("outputs") or {}
    promised = [name for name, one in contract.items() if one.get("required", True) and "default" not in one]
    if not promised:
        return JobModel()
    path = (*trial.path, "jobs", start.step_id) if start.step_id in trial.jobs else trial.path
    attempt = f" in attempt {start.attempt}" if start.attempt > 1 else ""
    outputs = ", ".join(f"{name}: …" for name in promised)
    fields = {
        "name": f"{leg_name(start.step_id, start.leg_key)}{attempt}",
        "promised": ", ".join(promised),
        "hint": f"Write `jobs: {{{start.step_id}: {{outputs: {{{outputs}}}}}}}`.",
    }
    raise Unscripted("FR711", path, fields)


def _error(says: JobModel) -> Outcome:
    if says.error == UNKNOWN:
        return Unknown(says.info or "whether something runs cannot be told")
    return Failed(says.error or ErrorClass.LOST, says.info or "")


def _outcome(start: StartStep, says: JobModel, numbers: list[int]) -> Outcome:
    if says.error is not None:
        return _error(says)
    each = [_returned(one) for one in says.jobs] or [_returned(says)] * len(numbers)
    return rehearsed.outcome_of(start.arguments, numbers, each)


def _returned(says: ReturnedModel) -> Returned:
    return Returned(says.state, says.info or "", says.outputs)


def _spells(says: JobModel) -> tuple[Spell, ...]:
    """Pending, running; half-way suspended, where it is that."""
    spells = [Spell(Phase.PENDING, says.pending, JobState.PENDING.value)] if says.pending else []
    if math.isinf(says.pending):
        return tuple(spells)
    if says.suspended is None or math.isinf(says.duration):
        return (*spells, Spell(Phase.RUNNING, says.duration, JobState.RUNNING.value))
    half = Spell(Phase.RUNNING, says.duration / 2, JobState.RUNNING.value)
    return (*spells, half, Spell(Phase.SUSPENDED, says.suspended, JobState.SUSPENDED.value), half)


def _finite(seconds: float) -> float | None:
    return None if math.isinf(seconds) else seconds
