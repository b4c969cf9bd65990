"""Recording: the events of a real run become a test that does the same. Nothing sensitive gets into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptProgressed,
    AttemptScheduled,
    AttemptStarted,
    AttemptStopping,
    Event,
    RetryPlanned,
    RunAdmitted,
    RunStarted,
    StepBegan,
)
from flowrun.core.plan import Json, Plan, Step
from flowrun.core.status import Cancelled, Cause, ErrorClass, Failed, Phase, Succeeded, Unknown
from flowrun.report.model import Report
from flowrun.steps.answer import BY_TIMEOUT, FACTS, OUTPUTS, Decision
from flowrun.trials.redaction import Redaction

_ENDS = {ErrorClass.FAULTED: "Faulted", ErrorClass.STOPPED_OUTSIDE: "Stopped"}
_DECISIONS = {Decision.APPROVED: "approve", Decision.REJECTED: "reject"}


@dataclass(slots=True)
class Attempted:
    """An attempt as the events tell of it. Times are seconds since the epoch."""

    step: Step
    leg: str
    number: int
    scheduled: float
    started: float | None = None
    handle: Json = None
    phases: list[tuple[Phase, float]] = field(default_factory=list)
    stopped: float | None = None
    killed: float | None = None
    finished: AttemptFinished | None = None
    again: bool = False


def attempts(events: Iterable[Event], plan: Plan) -> list[Attempted]:
    """Every attempt of a run that was put on paper, in the order of their starts."""
    steps = {step.id: step for step in plan.steps}
    keys: dict[str, list[str]] = {}
    found: dict[tuple[str, int, int], Attempted] = {}
    for event in events:
        match event:
            case StepBegan():
                keys[event.step_id] = [leg.key for leg in event.legs]
            case AttemptScheduled():
                key = keys[event.step_id][event.leg]
                one = Attempted(steps[event.step_id], key, event.attempt, event.at)
                found[event.step_id, event.leg, event.attempt] = one
            case AttemptStarted() | AttemptProgressed() | AttemptStopping() | AttemptFinished() | RetryPlanned():
                at = found.get((event.step_id, event.leg, event.attempt))
                if at is not None:
                    _note(at, event)
            case _:
                pass
    return list(found.values())


def _note(
    one: Attempted, event: AttemptStarted | AttemptProgressed | AttemptStopping | AttemptFinished | RetryPlanned
) -> None:
    match event:
        case AttemptStarted():
            one.started, one.handle = event.at, event.handle
        case AttemptProgressed():
            one.phases.append((event.phase, event.at))
        case AttemptStopping():
            if event.force:
                one.killed = event.at
            else:
                one.stopped = event.at
        case AttemptFinished():
            one.finished = event
        case RetryPlanned():
            one.again = True


def recording(events: tuple[Event, ...], report: Report, workflow: str | None) -> dict[str, Json]:
    """The whole test file as plain data. `workflow` is the path to its file, None where its name says it."""
    started = events[0]
    assert isinstance(started, RunStarted)  # noqa: S101 - the journal of a run begins so
    hidden = Redaction(events, started.plan)
    done = [one for one in attempts(events, started.plan) if one.finished is not None]
    jobs = {step.id: _jobs(step, done, hidden) for step in _of_kind(started.plan, "job")}
    answers = {step.id: _answers(step, done, hidden) for step in _of_kind(started.plan, "approval")}
    files = {step.id: _files(step, done, hidden) for step in _of_kind(started.plan, "workflow")}
    test: dict[str, Json] = {
        "name": f"as in run {started.run_id}",
        "run_id": started.run_id,
        "started_at": datetime.fromtimestamp(started.at, UTC).isoformat().replace("+00:00", "Z"),
        "inputs": hidden.clean({name: value for name, value in started.inputs.items() if value is not None}),
        "jobs": {step_id: _short(entries) for step_id, entries in jobs.items() if entries},
        "answers": {step_id: _short(entries) for step_id, entries in answers.items() if entries},
        "workflows": {step_id: _short(entries) for step_id, entries in files.items() if entries},
        "abort": _short([_abort(event, started.at) for event in events if _is_asked(event)]),
        **_admitted(events, started),
    }
    test = {name: value for name, value in test.items() if value not in ({}, [], None)}
    test["expect"] = _expect(report, done, hidden)
    return {"flowrun_test": 1, **({"workflow": workflow} if workflow else {}), "tests": [test]}


def _of_kind(plan: Plan, kind: str) -> Iterator[Step]:
    return (step for step in plan.steps if step.kind == kind)


def _short(entries: list[Json]) -> Json:
    return entries[0] if len(entries) == 1 else entries


def _is_asked(event: Event) -> bool:
    """Whether somebody asked for it: the run's own time ends in the rehearsal by itself."""
    return isinstance(event, AbortRequested) and event.cause is not Cause.RUN_TIMEOUT


def _abort(event: Event, start: float) -> Json:
    assert isinstance(event, AbortRequested)  # noqa: S101 - the caller has looked
    more = {} if event.cause is Cause.ABORT else {"cause": event.cause.value}
    return {"after": _seconds(event.at - start), "level": event.level.value, "by": event.by or "somebody", **more}


def _admitted(events: tuple[Event, ...], started: RunStarted) -> dict[str, Json]:
    if started.plan.concurrency is None:
        return {}
    at = next((event.at for event in events if isinstance(event, RunAdmitted)), None)
    return {"admitted": "never" if at is None else _seconds(at - started.at)}


def _jobs(step: Step, done: list[Attempted], hidden: Redaction) -> list[Json]:
    """An entry for each attempt."""
    return _named([(one, _job(one, hidden)) for one in done if one.step is step])


def _files(step: Step, done: list[Attempted], hidden: Redaction) -> list[Json]:
    """The same for a step that runs a file."""
    return _named([(one, _file(one, hidden)) for one in done if one.step is step])


def _named(entries: list[tuple[Attempted, dict[str, Json]]]) -> list[Json]:
    """Under the names that tell an attempt from the others of its step."""
    last = {one.leg: one.number for one, _ in entries}
    named: list[Json] = []
    for one, entry in entries:
        who: dict[str, Json] = {"leg": one.leg} if one.leg else {}
        if one.number != last[one.leg]:
            who["attempt"] = one.number
        named.append({**who, **entry})
    return named


def _file(one: Attempted, hidden: Redaction) -> dict[str, Json]:
    assert one.finished is not None  # noqa: S101 - the caller has looked
    times = _heeded(one, {})
    if times is None:
        times = {"duration": _seconds(one.finished.at - (one.started or one.scheduled))}
    match one.finished.outcome:
        case Succeeded(outputs):
            given = {name: hidden.output(one.step, name, value) for name, value in outputs.items()}
            return {**times, "outputs": hidden.clean(given)}
        case Failed(error, message, _, _) if one.stopped is None and one.killed is None:
            return {**times, "error": error, "message": hidden.clean(message or error)}
        case Unknown(message):
            return {**times, "error": "unknown", "message": hidden.clean(message or "unknown")}
        case _:
            return times


def _job(one: Attempted, hidden: Redaction) -> dict[str, Json]:
    assert one.finished is not None  # noqa: S101 - the caller has looked
    times = _times(one)
    match one.finished.outcome:
        case Cancelled():
            return {"start": _seconds(one.finished.at - one.scheduled)}
        case Unknown(message):
            return {**times, "error": "unknown", **({"info": hidden.clean(message)} if message else {})}
        case Succeeded(outputs, facts):
            return {**times, **_ended(one.step, outputs, facts, hidden)}
        case Failed(error, message, outputs, facts):
            spread = {"chance": one.finished.chance} if one.again and _spreads(one.step) else {}
            if one.stopped is not None or one.killed is not None:
                return {**times, **spread}
            if error in _ENDS or error == ErrorClass.OUTPUT_CONTRACT:
                return {
                    **times,
                    **_ended(one.step, outputs, facts, hidden, message, _ENDS.get(ErrorClass(error))),
                    **spread,
                }
            return {**times, "error": error, "info": hidden.clean(message or error), **spread}


def _spreads(step: Step) -> bool:
    return any(rule.backoff.jitter != "none" for rule in step.retry)


def _ended(
    step: Step,
    outputs: Mapping[str, Json],
    facts: Json,
    hidden: Redaction,
    message: str = "",
    state: str | None = None,
) -> dict[str, Json]:
    """How the Jobs of an attempt ended, as Orchestrator said it."""
    jobs = facts.get("jobs", []) if isinstance(facts, Mapping) else []
    given = {name: hidden.output(step, name, value) for name, value in outputs.items() if _told(step, name)}
    given = hidden.clean(given)
    if len(jobs) > 1:
        return {"jobs": [_one(job, given, at, hidden) for at, job in enumerate(jobs)]}
    entry: dict[str, Json] = {"outputs": given} if given else {}
    if state is not None:
        info = jobs[0].get("info") if jobs else None
        entry = {"state": state, "info": hidden.clean(info or message), **entry}
    return entry


def _told(step: Step, name: str) -> bool:
    """Whether anybody can read this output."""
    return not step.outputs or name in step.outputs


def _one(job: Mapping[str, Json], outputs: Mapping[str, Json], at: int, hidden: Redaction) -> Json:
    """One of several Jobs: of each output, which is a list then, its own item."""
    own = {name: value[at] for name, value in outputs.items() if isinstance(value, list) and at < len(value)}
    entry: dict[str, Json] = {"outputs": {name: value for name, value in own.items() if value is not None}}
    if job.get("state") != "Successful":
        entry = {"state": job.get("state") or "Faulted", "info": hidden.clean(job.get("info") or "no word"), **entry}
    return entry if entry["outputs"] or len(entry) > 1 else {}


def _times(one: Attempted) -> dict[str, Json]:
    """How long it took to start, waited, ran and was suspended; and how it heeded being asked to end."""
    assert one.finished is not None  # noqa: S101 - the caller has looked
    if one.started is None:
        return {"start": _seconds(one.finished.at - one.scheduled)}
    spent = dict.fromkeys(Phase, 0.0)
    spells = [*one.phases, (Phase.PENDING, one.finished.at)]
    for (phase, since), (_, until) in pairwise(spells):
        spent[phase] += until - since
    waited = one.phases[0][1] - one.started if one.phases else one.finished.at - one.started
    spent[Phase.PENDING] += waited if one.phases and one.phases[0][0] is Phase.PENDING else 0.0
    times: dict[str, Json] = {"start": one.started - one.scheduled, "pending": spent[Phase.PENDING]}
    ran = any(phase is not Phase.PENDING for phase, _ in one.phases)
    if not ran:
        times.pop("pending")
    heeded = _heeded(one, {name: _seconds(value) for name, value in times.items() if round(value, 3)}, ran=ran)
    if heeded is not None:
        return heeded
    times = {"start": one.started - one.scheduled, "pending": spent[Phase.PENDING]}
    times |= {"duration": spent[Phase.RUNNING], "suspended": spent[Phase.SUSPENDED]}
    return {name: _seconds(value) for name, value in times.items() if round(value, 3)}


def _heeded(one: Attempted, times: dict[str, Json], *, ran: bool = True) -> dict[str, Json] | None:
    """How it came to its end after it was asked to; None where nobody asked."""
    asked = one.stopped if one.stopped is not None else one.killed
    if asked is None or one.finished is None:
        return None
    told = {**times, "duration" if ran else "pending": "forever"}
    if one.killed is None:
        return {**told, "stops": _seconds(one.finished.at - asked)}
    lost = isinstance(one.finished.outcome, Unknown)
    return {**told, "stops": "never", "killed": "never" if lost else _seconds(one.finished.at - one.killed)}


def _answers(step: Step, done: list[Attempted], hidden: Redaction) -> list[Json]:
    return [hidden.clean(entry) for one in done if one.step is step for entry in _answer(one)]


def _answer(one: Attempted) -> Iterator[Json]:
    """Nothing where nobody answered: the time passes in the rehearsal too."""
    outcome = one.finished.outcome if one.finished else None
    facts = outcome.facts if isinstance(outcome, Succeeded | Failed) else None
    told = facts.get(FACTS) if isinstance(facts, Mapping) else None
    if not isinstance(told, Mapping) or told.get("by") == BY_TIMEOUT or not isinstance(one.handle, Mapping):
        return
    assert isinstance(outcome, Succeeded | Failed)  # noqa: S101 - it has facts
    inputs = {name: value for name, value in outcome.outputs.items() if name not in OUTPUTS and value is not None}
    entry: dict[str, Json] = {"leg": one.leg} if one.leg else {}
    if one.again:
        entry["attempt"] = one.number
    entry |= {"decision": _DECISIONS[Decision(told["decision"])], "by": told["by"]}
    entry |= {"comment": told["comment"]} if told.get("comment") else {}
    entry["after"] = _seconds(told["at"] - one.handle["asked"])
    yield {**entry, "inputs": inputs} if inputs else entry


def _expect(report: Report, done: list[Attempted], hidden: Redaction) -> dict[str, Json]:
    expect: dict[str, Json] = {"result": report.status.value}
    if report.cause:
        expect["cause"] = report.cause
    steps: dict[str, Json] = {}
    for step in report.steps:
        came: dict[str, Json] = {"result": step.status.value}
        came |= {"cause": step.cause} if step.cause else {}
        came |= {"attempts": step.attempts} if step.attempts > max(1, len(step.legs)) else {}
        if step.fan_out:
            plain = all(leg.status.value == "succeeded" for leg in step.legs)
            came["legs"] = len(step.legs) if plain else {leg.key: leg.status.value for leg in step.legs}
        elif step.kind == "job" and any(one.step.id == step.id for one in done):
            given = hidden.clean(hidden.arguments(step.id))
            came |= {"arguments": given} if given else {}
        steps[step.id] = came["result"] if len(came) == 1 else came
    expect["steps"] = steps
    if report.outputs:
        expect["outputs"] = hidden.clean(dict(report.outputs))
    for name, values in (("warnings", report.warnings), ("doubts", report.doubts)):
        if values:
            expect[name] = list(values)
    return expect


def _seconds(value: float) -> str:
    """A duration as it is written: to the millisecond."""
    text = f"{max(0.0, value):.3f}".rstrip("0").rstrip(".")
    return f"{text}s"
