"""Ending: a story in a few words: how the run ended, where it failed, and what had befallen it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from flowrun.core.events import AbortRequested, AttemptFinished, LegFinished, RunFinished, StepBegan, StepFinished
from flowrun.core.status import Cause, LegStatus, RunStatus, StepStatus, Succeeded, Unknown
from flowrun.simulation.faults import FAULTS
from flowrun.simulation.judge import judge
from flowrun.simulation.silence import Hang
from flowrun.simulation.story import RUN, Story

E = TypeVar("E")


class Result(StrEnum):
    """How a run ended, worst last. `hung` never did; of a `broken` one flowrun did something that it must not do."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ENDED = "ended"
    IN_DOUBT = "in_doubt"
    HUNG = "hung"
    BROKEN = "broken"


CODES = {Result.SUCCEEDED: 0, Result.FAILED: 1, Result.ENDED: 8, Result.IN_DOUBT: 9, Result.BROKEN: 70}
"""The exit codes of `flowrun run`. What hung would have none."""
DEADLINE = 4


@dataclass(frozen=True, slots=True)
class Ending:
    """How the run of a seed ended. `took` is in virtual seconds, up to its end or to when it was found to hang.

    `step` and `error`: the first that failed and was not let through, and how. `faults`: the families that struck.
    `again`: the steps of which an attempt began after one whose Job may have done its work, with how that one ended.
    `twice`: steps of which one attempt had two starts. `unknown`: steps of which nobody knows what became.
    """

    seed: int
    result: Result
    code: int | None
    took: float
    step: str = ""
    error: str = ""
    message: str = ""
    faults: tuple[str, ...] = ()
    hangs: tuple[Hang, ...] = ()
    again: tuple[tuple[str, str], ...] = ()
    twice: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


def ending(story: Story) -> Ending:
    """That of a story, judged."""
    wrong = tuple(judge(story))
    result = Result.BROKEN if wrong else _result(story)
    step, error, message = _failure(story) if result in (Result.FAILED, Result.IN_DOUBT) else ("", "", "")
    return Ending(
        story.seed,
        result,
        DEADLINE if _timed_out(story) and result is Result.ENDED else CODES.get(result),
        story.hangs[0].at if story.hangs else story.took,
        step,
        error,
        message,
        tuple(name for name in FAULTS if any(strike.fault == name for strike in story.strikes)),
        story.hangs,
        tuple(dict.fromkeys(_again(story))),
        tuple(dict.fromkeys(_twice(story))),
        tuple(dict.fromkeys(_unknown(story))),
        wrong,
    )


def _result(story: Story) -> Result:
    end = story.end
    if story.hangs or end is None:
        return Result.HUNG
    if end.doubts:
        return Result.IN_DOUBT
    if end.status is RunStatus.SUCCEEDED:
        return Result.SUCCEEDED
    return Result.FAILED if end.status is RunStatus.FAILED else Result.ENDED


def _timed_out(story: Story) -> bool:
    return any(isinstance(one.event, AbortRequested) and one.event.cause is Cause.RUN_TIMEOUT for one in story.events())


def _failure(story: Story) -> tuple[str, str, str]:
    events = [record.event for record in story.events()]
    for end in events:
        if isinstance(end, StepFinished) and end.result is StepStatus.FAILED:
            for leg in events:
                if isinstance(leg, LegFinished) and leg.step_id == end.step_id and leg.result is LegStatus.FAILED:
                    return end.step_id, leg.cause or end.cause, leg.message
            return end.step_id, end.cause, end.message
    last = events[-1]
    return ("", last.cause, last.message) if isinstance(last, RunFinished) else ("", "", "")


def _again(story: Story) -> Iterator[tuple[str, str]]:
    """Attempts after one that did not succeed, though its Job had begun."""
    keys = {(event.step_id, at): leg.key for event in _of(story, StepBegan) for at, leg in enumerate(event.legs)}
    begun = _attempts(story, begun=True)
    made = _attempts(story, begun=False)
    for event in _of(story, AttemptFinished):
        key = keys.get((event.step_id, event.leg), "")
        place = (event.step_id, key, event.attempt)
        following = (event.step_id, key, event.attempt + 1)
        if place in begun and following in made and not isinstance(event.outcome, Succeeded):
            yield event.step_id, getattr(event.outcome, "error", "unknown")


def _twice(story: Story) -> Iterator[str]:
    seen: dict[tuple[str, str, int], float] = {}
    for job in story.jobs:
        by = job.attempt
        if by is not None and by.run_id == RUN:
            place = (by.step_id, by.leg, by.number)
            if seen.setdefault(place, job.created) != job.created:
                yield by.step_id


def _unknown(story: Story) -> Iterator[str]:
    return (event.step_id for event in _of(story, AttemptFinished) if isinstance(event.outcome, Unknown))


def _attempts(story: Story, *, begun: bool) -> frozenset[tuple[str, str, int]]:
    """Those of the run itself that have made a Job, or one that has begun to work."""
    return frozenset(
        (job.attempt.step_id, job.attempt.leg, job.attempt.number)
        for job in story.jobs
        if job.attempt is not None and job.attempt.run_id == RUN and (not begun or job.begins < job.ends)
    )


def _of(story: Story, kind: type[E]) -> list[E]:
    """The events of a kind, in the journal of the run itself."""
    return [record.event for record in story.events() if isinstance(record.event, kind)]
