"""The script of a test as a simulation takes it: how Jobs go, and what people answer. Of faults it says nothing."""

from __future__ import annotations

from flowrun.core.status import ErrorClass
from flowrun.simulation.courses import Course, Jobs, Reply, Script
from flowrun.spec.trials.models import AnswerModel, JobModel, ReturnedModel
from flowrun.spec.trials.suite import Trial
from flowrun.trials.script import DECISIONS

_REFUSED = (ErrorClass.START_REJECTED, ErrorClass.RATE_LIMITED)


def script_of(trial: Trial) -> Script:
    """What a test says. That a Job is lost, or that nobody knows, is left to the simulation."""
    return Script(
        {step: tuple(_jobs(line.says) for line in lines) for step, lines in trial.jobs.items()},
        {step: tuple(_reply(line.says) for line in lines) for step, lines in trial.answers.items()},
    )


def _jobs(says: JobModel) -> Jobs:
    each = says.jobs or (says,)
    return Jobs(says.leg, says.attempt, says.error in _REFUSED, tuple(_course(says, one) for one in each))


def _course(says: JobModel, one: ReturnedModel) -> Course:
    return Course(
        one.state,
        one.info or "",
        one.outputs if one.model_fields_set & {"outputs", "state"} else None,
        says.pending,
        says.duration if "duration" in says.model_fields_set else None,
        says.suspended or 0.0,
        says.stops,
        says.killed,
    )


def _reply(says: AnswerModel) -> Reply:
    after = says.after if "after" in says.model_fields_set else None
    return Reply(says.leg, says.attempt, DECISIONS[says.decision], says.by, says.comment or "", says.inputs, after)
