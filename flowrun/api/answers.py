"""Answers to approvals: what is asked, and the word that is left for whoever drives the run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.api.person import user
from flowrun.api.records import resolve, state_of
from flowrun.core.events import AttemptFinished
from flowrun.core.state import LegState, RunState, leg_name
from flowrun.core.status import LegStatus, StepStatus
from flowrun.engines.clock import SystemClock
from flowrun.errors import Conflict, SpecError, UsageError
from flowrun.nearest import guess
from flowrun.report.parcels import plain, run_of
from flowrun.steps.answer import FACTS, Answer, Decision, instant
from flowrun.steps.approval import ApprovalKind
from flowrun.steps.inputs import InputModel
from flowrun.steps.upshot import questions

if TYPE_CHECKING:
    from flowrun.core.plan import Json
    from flowrun.journal.protocol import Records
    from flowrun.settings import Settings

LOOK_EVERY = 0.1
"""Seconds between two looks at whether the owner of the run has taken an answer."""

_MOST_KEYS = 10


@dataclass(frozen=True, slots=True)
class Question:
    """An approval that waits. `leg` is the place of its leg, `key` its key; times are seconds since the epoch.

    The instructions are safe to show.
    """

    run_id: str
    step_id: str
    leg: int
    key: str
    attempt: int
    instructions: str
    asked: float
    until: float | None
    inputs: Mapping[str, InputModel]

    @property
    def name(self) -> str:
        """`sign_off`, or `sign_off[EU]` for a leg."""
        return leg_name(self.step_id, self.key)

    @property
    def required(self) -> tuple[str, ...]:
        """The inputs that whoever approves must give."""
        return tuple(name for name, declared in self.inputs.items() if declared.must_be_given)

    def expected(self, name: str, text: str) -> str | None:
        """What would be accepted for an input instead of this text; None where the text is fine."""
        from flowrun.spec.inputs import check_inputs  # noqa: PLC0415 - as in `_checked`

        _, found = check_inputs({name: self.inputs[name]}, {name: text}, {name})
        return found[0].message if found else None


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that is on record. `taken`: by whoever drives the run; else it is kept until the run is resumed."""

    run_id: str
    name: str
    decision: str
    by: str
    at: float
    comment: str
    taken: bool


def question(run_id: str | None, step_id: str, key: str | None, settings: Settings) -> Question:
    """What a step asks now. Raises UsageError where it does not, Conflict where somebody has answered, JournalError."""
    with closing(bootstrap.journal(settings)) as journal:
        run_id = resolve(journal, run_id)
        return _question(journal, _asking(journal, run_id, step_id), step_id, key)


async def answer(
    asked: Question,
    decision: str,
    settings: Settings,
    *,
    texts: Mapping[str, str] | None = None,
    comment: str = "",
    by: str | None = None,
) -> Answered:
    """Answer a question, and wait until it is taken, if anybody drives the run. `decision`: approved or rejected.

    Raises SpecError where the inputs do not fit, Conflict where somebody was quicker, JournalError.
    """
    decided = Decision(decision)
    inputs = _checked(asked, texts or {}) if decided is Decision.APPROVED else {}
    given = Answer(decided, _text(by or user()), SystemClock().now(), _text(comment), inputs)
    event = AttemptFinished(given.at, asked.step_id, asked.leg, asked.attempt, given.outcome())
    with closing(bootstrap.journal(settings)) as journal:
        request = journal.request(asked.run_id, event)
        number, first = next(_answers(journal, asked))
        if number != request.number:
            raise _too_late(asked, first.outcome)
        ended = await _end(journal, asked)
    if ended is not None and ended.outcome != event.outcome:
        raise _too_late(asked, ended.outcome)
    return Answered(asked.run_id, asked.name, decided.value, given.by, given.at, given.comment, taken=ended is not None)


def _asking(journal: Records, run_id: str, step_id: str) -> str:
    """The run whose step that is: this one or, where it has no such step, the only one within it that has it and asks.

    Raises UsageError where several of them ask.
    """
    state = _state(journal, run_id)
    if step_id in state.index:
        return run_id
    within = [child for child in _within(journal, state) if step_id in _steps_that_ask(child)]
    if len(within) > 1:
        ids = [child.run_id for child in within]
        raise UsageError(
            f"{step_id} asks in {len(ids)} runs within {run_id}", hint=_listed("name the one that is meant:", ids)
        )
    return within[0].run_id if within else run_id


def _within(journal: Records, state: RunState) -> Iterator[RunState]:
    """The runs that steps of a run are which have not ended, and those within them."""
    for step in state.steps:
        for leg in step.legs:
            run_id = run_of(leg.handle) if leg.status.active else ""
            if run_id:
                child = _state(journal, run_id)
                yield child
                yield from _within(journal, child)


def _steps_that_ask(state: RunState) -> set[str]:
    return {name.partition("[")[0] for name in questions(state)}


def _state(journal: Records, run_id: str) -> RunState:
    return state_of(record.event for record in journal.read(run_id))


def _checked(asked: Question, texts: Mapping[str, str]) -> Mapping[str, Json]:
    from flowrun.spec.inputs import check_inputs  # noqa: PLC0415 - who rejects need not load the reader of values

    values, problems = check_inputs(asked.inputs, texts, set(texts))
    if problems:
        raise SpecError(problems, file=f"the answer to {asked.name}")
    return values


async def _end(journal: Records, asked: Question) -> AttemptFinished | None:
    """How the attempt ended; None as soon as nobody drives the run."""
    seen = 0
    while True:
        owned = journal.owned(asked.run_id)  # asked first: an owner may end it and leave
        for record in journal.read(asked.run_id, seen):
            seen = record.seq
            if isinstance(record.event, AttemptFinished) and _about(record.event, asked):
                return record.event
        if not owned:
            return None
        await asyncio.sleep(LOOK_EVERY)


def _question(journal: Records, run_id: str, step_id: str, key: str | None) -> Question:
    state = _state(journal, run_id)
    place = _leg(state, step_id, key)
    leg = state.step(step_id).legs[place]
    name = leg_name(step_id, leg.leg.key)
    _refuse_unless_waiting(state, leg, name)
    handle = leg.handle
    inputs = {input_name: InputModel.model_validate(declared) for input_name, declared in handle["inputs"].items()}
    asked = Question(
        run_id=run_id,
        step_id=step_id,
        leg=place,
        key=leg.leg.key,
        attempt=leg.attempt,
        instructions=plain(handle["instructions"]),
        asked=handle["asked"],
        until=handle["until"],
        inputs=inputs,
    )
    for _, given in _answers(journal, asked):
        raise _too_late(asked, given.outcome)
    if asked.until is not None and asked.until <= SystemClock().now():
        raise UsageError(f"{name} can no longer be answered: its time was over at {instant(asked.until)}")
    return asked


def _leg(state: RunState, step_id: str, key: str | None) -> int:
    """The place of the leg that is meant. Raises UsageError."""
    at = state.index.get(step_id)
    approvals = [step.id for step in state.plan.steps if step.kind == ApprovalKind.name]
    if at is None:
        hint = guess(step_id, approvals, _listed("its approvals are", approvals))
        raise UsageError(f"the run {state.run_id} has no step {step_id!r}", hint=hint)
    place, step = state.place(at), state.steps[at]
    if place.kind != ApprovalKind.name:
        hint = _listed("its approvals are", approvals)
        raise UsageError(f"{step_id} is a {place.kind} step, and asks nobody", hint=hint)
    if step.status is StepStatus.WAITING:
        raise UsageError(f"{step_id} has not been reached yet", hint=f"flowrun runs show {state.run_id}")
    if not step.legs:
        raise UsageError(f"{step_id} asks nobody: it is {step.status}{f', {step.cause}' if step.cause else ''}")
    keys = [leg.leg.key for leg in step.legs]
    if place.fan_out is None and key:
        raise UsageError(f"{step_id} has no legs", hint="leave out --leg")
    if place.fan_out is not None and key is None:
        open_keys = [leg.leg.key for leg in step.legs if not leg.status.final]
        raise UsageError(
            f"{step_id} asks for each of its legs", hint=_listed("add --leg with one of", open_keys or keys)
        )
    if key and key not in keys:
        hint = guess(key, keys, _listed("its legs are", keys))
        raise UsageError(f"{step_id} has no leg {key!r}", hint=hint)
    return keys.index(key or "")


def _refuse_unless_waiting(state: RunState, leg: LegState, name: str) -> None:
    if leg.status is LegStatus.RUNNING and not state.status.final:
        return
    if leg.outcome is not None and leg.status is not LegStatus.READY:  # which is to be asked again
        told = _told(leg.outcome)
        raise Conflict(f"{name} has been answered: {told}" if told else f"{name} has ended without an answer")
    if state.status.final:
        raise UsageError(f"the run {state.run_id} has ended: {state.status}")
    if leg.status is LegStatus.STOPPING:
        raise UsageError(f"{name} is being ended, and takes no answer any more")
    again = f", not before {instant(leg.due)}" if leg.due else ""
    raise UsageError(f"{name} does not ask at this moment; it will{again}", hint=f"flowrun runs show {state.run_id}")


def _answers(journal: Records, asked: Question) -> Iterator[tuple[int, AttemptFinished]]:
    """The answers that were left for this attempt, numbered, in the order in which they came."""
    for request in journal.requests(asked.run_id):
        if isinstance(request.event, AttemptFinished) and _about(request.event, asked):
            yield request.number, request.event


def _about(event: AttemptFinished, asked: Question) -> bool:
    return (event.step_id, event.leg, event.attempt) == (asked.step_id, asked.leg, asked.attempt)


def _too_late(asked: Question, outcome: object) -> Conflict:
    told = _told(outcome)
    return Conflict(f"{asked.name} has been answered: {told}" if told else f"{asked.name} has ended without an answer")


def _told(outcome: object) -> str:
    """`approved by anna at 2026-10-31T18:00:00Z: looks good`; empty where nobody decided."""
    facts = getattr(outcome, "facts", None)
    given = facts.get(FACTS) if isinstance(facts, Mapping) else None
    if not given:
        return ""
    comment = f": {given['comment']}" if given["comment"] else ""
    return plain(f"{given['decision']} by {given['by']} at {instant(given['at'])}{comment}")


def _text(words: str) -> str:
    """Bytes of a command line that are no UTF-8 could not be written down."""
    return words.encode("utf-8", "replace").decode().strip()


def _listed(words: str, names: list[str]) -> str | None:
    more = ", …" if len(names) > _MOST_KEYS else ""
    return f"{words} {', '.join(names[:_MOST_KEYS])}{more}" if names else None
