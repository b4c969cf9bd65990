"""Story: the recorded chain of causes behind a step: what decided about it, its attempts, and whoever made it so."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from flowrun.core.events import (
    AbortRequested,
    AttemptEvent,
    AttemptFinished,
    AttemptProgressed,
    AttemptScheduled,
    AttemptStarted,
    AttemptStopping,
    Event,
    LegFinished,
    RepeatPlanned,
    RetryPlanned,
    RunReplanned,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.evolve import begin, evolve
from flowrun.core.plan import Json, RetryRule, Step
from flowrun.core.questions import step_view
from flowrun.core.state import LegState, RunState, leg_name
from flowrun.core.status import Cancelled, Failed, LegStatus, Phase, Succeeded, Unknown
from flowrun.report.parcels import plain
from flowrun.report.reason import because, told
from flowrun.report.why import Why, chain
from flowrun.templating.analysis import references_of

MOST_LEGS = 5
"""Of so many legs the story is told; the others are counted."""

_SHOWN = 80
_HIDDEN = "(sensitive)"


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt: when it was put on paper and when it ended, what it came to, and what was done about that."""

    number: int
    began_at: float
    ended_at: float | None = None
    came: str = ""
    stopping: str = ""
    phase: str = ""
    then: str = ""


@dataclass(frozen=True, slots=True)
class LegStory:
    """A leg and its attempts. `waits`: for what, where it is not over."""

    name: str
    state: str
    reason: str
    tries: tuple[Try, ...] = ()
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A step of the chain. `decided_at`: when its needs had ended and it was decided; `ended_at` its verdict.

    `planned_at`: since when it stands in the plan as it does, where that is not the plan that the run began with.
    `condition` is its `if` as it is written, `referred` what that referred to when it was asked. `hidden`: how many
    further legs there are to tell of.
    """

    why: Why
    decided_at: float | None = None
    ended_at: float | None = None
    planned_at: float | None = None
    condition: str = ""
    referred: tuple[tuple[str, str], ...] = ()
    legs: tuple[LegStory, ...] = ()
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """The chain, from the step that was asked for to the root. `aborts`: who ended the run, when and how."""

    run_id: str
    at: float
    links: tuple[Link, ...]
    aborts: tuple[AbortRequested, ...] = ()


@dataclass(slots=True)
class _Record:
    """What is gathered while the events of one run pass by."""

    state: RunState
    decided: dict[str, tuple[float, RunState]] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    planned: dict[str, float] = field(default_factory=dict)
    tries: dict[tuple[str, int], list[Try]] = field(default_factory=dict)
    aborts: list[AbortRequested] = field(default_factory=list)


def story(events: Iterable[Event], step_id: str) -> Story:
    """The story of a step of a run so far. Raises KeyError where its plan has none of this id."""
    record, at = _recorded(events)
    links = tuple(_link(record, one, asked=place == 0) for place, one in enumerate(chain(record.state, step_id)))
    return Story(record.state.run_id, at, links, tuple(record.aborts))


def _recorded(events: Iterable[Event]) -> tuple[_Record, float]:
    rest = iter(events)
    first = next(rest, None)
    assert isinstance(first, RunStarted)  # noqa: S101 - the journal of a run has it
    record, at = _Record(begin(first)), first.at
    for event in rest:
        at = event.at
        match event:
            case StepBegan() | StepFinished():
                record.decided.setdefault(event.step_id, (event.at, record.state))
                if isinstance(event, StepFinished):
                    record.ended[event.step_id] = event.at
            case AbortRequested():
                record.aborts.append(event)
            case RunReplanned():
                new = (step.id for step in event.plan.steps if step.id not in record.state.index)
                record.planned |= dict.fromkeys((*new, *event.changed), event.at)
            case RetryPlanned() | RepeatPlanned() | LegFinished():
                _after_try(record, event)
            case AttemptScheduled() | AttemptStarted() | AttemptProgressed() | AttemptStopping() | AttemptFinished():
                _note(record, event)
        record.state = evolve(record.state, event)
    return record, at


def _note(record: _Record, event: AttemptEvent) -> None:
    tries = record.tries.setdefault((event.step_id, event.leg), [])
    if not tries or tries[-1].number != event.attempt:
        tries.append(Try(event.attempt, event.at))
    match event:
        case AttemptProgressed():
            tries[-1] = replace(tries[-1], phase=plain(event.detail) or event.phase.value)
        case AttemptStopping():
            how = "killed" if event.force else "asked to stop"
            tries[-1] = replace(tries[-1], stopping=f"{how} ({event.cause})")
        case AttemptFinished():
            tries[-1] = replace(tries[-1], ended_at=event.at, came=_came(event))
        case _:
            pass


def _came(event: AttemptFinished) -> str:
    match event.outcome:
        case Succeeded():
            return "succeeded"
        case Failed(error, message):
            return because(error, told(plain(message)))
        case Cancelled(message):
            return because("cancelled", told(plain(message)))
        case Unknown(message):
            return because("unknown", told(plain(message)))


def _after_try(record: _Record, event: RetryPlanned | RepeatPlanned | LegFinished) -> None:
    tries = record.tries.get((event.step_id, event.leg))
    if not tries or tries[-1].then:
        return
    step = record.state.place(record.state.index[event.step_id])
    leg = record.state.step(event.step_id).legs[event.leg]
    match event:
        case RetryPlanned():
            used = leg.tries[event.rule] + 1
            words = f"tried again after {event.due - event.at:g} s, {_rule(step, event.rule)}, {used} of "
            tries[-1] = replace(tries[-1], then=f"{words}{step.retry[event.rule].most}")
        case RepeatPlanned():
            tries[-1] = replace(tries[-1], then=f"repeated after {event.due - event.at:g} s: `until` does not hold yet")
        case LegFinished() if event.result is LegStatus.FAILED and step.retry:
            tries[-1] = replace(tries[-1], then=_no_more(step, leg, event))


def _rule(step: Step, at: int) -> str:
    rule = step.retry[at]
    errors = "any error" if "*" in rule.errors else ", ".join(rule.errors)
    return f"rule {at + 1} ({errors}{f' that match {rule.match!r}' if rule.match else ''})"


def _no_more(step: Step, leg: LegState, event: LegFinished) -> str:
    """Why there was no further try, as far as the rules tell."""
    for at, rule in enumerate(step.retry):
        if _about(rule, event.cause) and leg.tries[at] >= rule.most:
            return f"{_rule(step, at)} grants {rule.most} and no more"
    return "no retry rule grants another try"


def _about(rule: RetryRule, error: str) -> bool:
    return "*" in rule.errors or error in rule.errors


def _link(record: _Record, found: Why, *, asked: bool) -> Link:
    step = record.state.place(record.state.index[found.step])
    decided = record.decided.get(found.step)
    condition, referred = "", tuple[tuple[str, str], ...]()
    if step.condition is not None:
        condition = step.condition.expression
        referred = tuple(_referred(decided[1], condition)) if decided else ()
    legs = list(_legs(record, step))
    most = MOST_LEGS if asked else 1
    return Link(
        found,
        decided_at=decided[0] if decided else None,
        ended_at=record.ended.get(found.step),
        planned_at=record.planned.get(found.step),
        condition=condition,
        referred=referred,
        legs=tuple(legs[:most]),
        hidden=max(0, len(legs) - most),
    )


def _legs(record: _Record, step: Step) -> Iterator[LegStory]:
    """Those that tell something: what failed first, then what is not over, then what was cancelled, then the rest."""
    done = record.state.step(step.id)
    rank = {LegStatus.FAILED: 0, LegStatus.CANCELLED: 2, LegStatus.SUCCEEDED: 3}
    places = sorted(range(len(done.legs)), key=lambda at: rank.get(done.legs[at].status, 1))
    for at in places:
        leg = done.legs[at]
        if step.fan_out is not None and leg.status is LegStatus.SUCCEEDED and done.status.final:
            continue
        yield LegStory(
            plain(leg_name(step.id, leg.leg.key)),
            leg.status.value,
            because(leg.cause, told(plain(leg.message))),
            tuple(record.tries.get((step.id, at), ())),
            _waits(record.state, step, leg),
        )


def _waits(state: RunState, step: Step, leg: LegState) -> str:
    """For what a leg waits that is not over."""
    match leg.status:
        case LegStatus.READY if leg.due:
            return "for the time of its next try"
        case LegStatus.READY:
            return _slot(state, step)
        case LegStatus.SCHEDULED | LegStatus.STOPPING:
            return "for the answer to its start" if leg.stop is None else "for its end, which was asked for"
        case LegStatus.RUNNING:
            return _end(state, step, leg)
        case _:
            return ""


def _end(state: RunState, step: Step, leg: LegState) -> str:
    if step.kind == "approval":
        return f"for an answer: flowrun runs approve {state.run_id} {step.id}"
    return "for a robot" if leg.phase is Phase.PENDING else f"for its end; it is {leg.phase}"


def _slot(state: RunState, step: Step) -> str:
    """Which limit holds it back."""
    held, fan = state.step(step.id).held, step.fan_out
    full = [name for name, count in step.pools.items() if state.pooled.get(name, 0) + count > state.plan.pools[name]]
    if full:
        return f"for slots of the pool {', '.join(f'{plain(name)} (it has {state.plan.pools[name]})' for name in full)}"
    if fan is not None and fan.max_parallel is not None and held >= fan.max_parallel:
        return f"for a slot of its fan-out (max_parallel {fan.max_parallel})"
    if state.plan.max_parallel is not None and state.held >= state.plan.max_parallel:
        return f"for a slot of the run (max_parallel {state.plan.max_parallel})"
    if step.pools:
        return f"for slots of the pool {', '.join(map(plain, step.pools))}, which other runs may hold"
    return "for its turn"


def _referred(state: RunState, condition: str) -> Iterator[tuple[str, str]]:
    """What the names in an `if` stood for, in the order of its text."""
    for path in dict.fromkeys(reference.path for reference in references_of(condition)):
        value, shown = _value(state, path), ".".join(path)
        yield shown, _HIDDEN if _is_sensitive(state, path) else value


def _is_sensitive(state: RunState, path: tuple[str, ...]) -> bool:
    """Whether a value may be one that nobody is shown: better too often than not."""
    match path:
        case ("secrets", *_):
            return True
        case ("steps", step_id, "outputs", name, *_) if step_id in state.index:
            return name in state.place(state.index[step_id]).sensitive
        case ("steps", step_id, "outputs" | "legs", *_) | ("steps", step_id) if step_id in state.index:
            return bool(state.place(state.index[step_id]).sensitive)
        case _:
            return False


def _value(state: RunState, path: tuple[str, ...]) -> str:
    head, *rest = path
    roots: Mapping[str, Json] = {
        "inputs": state.inputs,
        "env": state.plan.env,
        "run": {"id": state.run_id, "key": state.plan.key, "started_at": state.started_at},
        "workflow": {"name": state.plan.workflow},
    }
    if head == "steps" and rest and rest[0] in state.index and state.step(rest[0]).status.final:
        value: Json = step_view(state, state.index[rest[0]])
        rest = rest[1:]
    else:
        value = roots.get(head)
    for name in rest:
        if not isinstance(value, Mapping) or name not in value:
            return "absent"
        value = value[name]
    text = plain(json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
