"""Upshot: how a run ended, and how far it is, as much of it as the step that it is must know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from shlex import quote

from flowrun.core.plan import Json, Stage
from flowrun.core.state import RunState, leg_name
from flowrun.core.status import Cause, ErrorClass, LegStatus, Phase, RunStatus, StepStatus, Unknown
from flowrun.steps.protocol import Progress

WORDS = 10
"""How often at most a child says how far it is: each time is a record in the journal of its parent."""


@dataclass(frozen=True, slots=True)
class Upshot:
    """How a run ended. `doubts`: its legs whose fate nobody knows, with their `jobs`.

    `error` and `message`: where it failed, the class that travels up, which is that of what failed first, and the words
    for it. `by` and `cause`: who wanted its end before its time, and what for; empty where nobody did.
    """

    run_id: str
    status: RunStatus
    outputs: Mapping[str, Json] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    jobs: tuple[Json, ...] = ()
    error: str = ""
    message: str = ""
    by: str = ""
    cause: Cause | None = None


def upshot(state: RunState) -> Upshot:
    """That of a run that has ended."""
    abort = state.abort
    by, cause = (abort.by, abort.cause) if abort is not None else ("", None)
    error, message = _blame(state) if state.status is RunStatus.FAILED else ("", "")
    jobs = tuple(_doubtful(state)) if state.doubts else ()
    return Upshot(state.run_id, state.status, state.outputs, state.doubts, jobs, error, message, by, cause)


def _blame(state: RunState) -> tuple[str, str]:
    """The error class that travels up, that of what failed first, and the words for it."""
    if state.cause:
        return state.cause, state.message
    failed = ((step.place, at) for at, step in enumerate(state.steps) if step.status is StepStatus.FAILED)
    at = min(failed)[1]
    step = state.steps[at]
    error = step.cause if step.cause in tuple(ErrorClass) else ErrorClass.FAULTED
    why = ": ".join(part for part in (step.cause, step.message) if part)
    return error, f"{state.place(at).id}: {why}"


def _doubtful(state: RunState) -> list[Json]:
    """The Jobs of those legs whose fate nobody knows."""
    unknown = (leg.outcome for step in state.steps for leg in step.legs if isinstance(leg.outcome, Unknown))
    facts = (outcome.facts for outcome in unknown if isinstance(outcome.facts, Mapping))
    return [job for one in facts for job in one.get("jobs") or ()]


class Words:
    """How far a run is, in words, said no more than WORDS times while it runs; and whom it asks, each time."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._said: tuple[Phase, int, tuple[str, ...]] | None = None
        self._total = -1

    def tell(self, state: RunState) -> None:
        """Say so, if there is news."""
        if state.status is RunStatus.QUEUED:
            self._say(Phase.PENDING, 0, (), "queued")
            return
        if self._total < 0:
            self._total = sum(step.stage is not Stage.COMPENSATE for step in state.plan.steps)
        total = self._total
        done = total - state.open[Stage.STEPS] - state.open[Stage.FINALLY]
        asks = tuple(questions(state))
        words = f"{done} of {total} step{'' if total == 1 else 's'}"
        if asks:
            words += f", {', '.join(asks)} asks: flowrun runs approve {state.run_id} {quote(asks[0])}"
        self._say(Phase.RUNNING, done * WORDS // max(total, 1), asks, words)

    def _say(self, phase: Phase, part: int, asks: tuple[str, ...], words: str) -> None:
        if (phase, part, asks) != self._said:
            self._said = (phase, part, asks)
            self._progress(phase, words)


def questions(state: RunState) -> Iterator[str]:
    """The legs of a run that wait for a person's answer, by their names: those whose handle holds instructions."""
    for step, now in zip(state.plan.steps, state.steps, strict=True):
        for leg in now.legs if now.held else ():
            if leg.status is LegStatus.RUNNING and isinstance(leg.handle, Mapping) and "instructions" in leg.handle:
                yield leg_name(step.id, leg.leg.key)
