"""What a test expects, held against what came out. Each difference is a problem at the place of the expectation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flowrun.core.events import AttemptScheduled, Event, StepBegan
from flowrun.core.plan import Json
from flowrun.core.state import leg_name
from flowrun.errors import Problem
from flowrun.report.model import LegReport, Report, StepReport
from flowrun.report.reason import because, told
from flowrun.span import Span
from flowrun.spec.document import Document, Path
from flowrun.spec.trials.models import Came, SpanModel, StepCame
from flowrun.spec.trials.suite import Expected, Trial

_MOST = 160
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Sent:
    """What the attempts of a run were sent: the last arguments of each leg by its name, and who started when."""

    arguments: Mapping[str, Json]
    order: tuple[str, ...]


def sent(events: tuple[Event, ...]) -> Sent:
    """The arguments by leg (`post[EU]`), and steps and legs in the order of their first attempts."""
    keys: dict[str, list[str]] = {}
    arguments: dict[str, Json] = {}
    order: dict[str, None] = {}
    for event in events:
        if isinstance(event, StepBegan):
            keys[event.step_id] = [leg.key for leg in event.legs]
        elif isinstance(event, AttemptScheduled):
            name = leg_name(event.step_id, keys[event.step_id][event.leg])
            arguments[name] = event.arguments.get("input_arguments", event.arguments.get("inputs")) or {}
            order.update({event.step_id: None, name: None})
    return Sent(arguments, tuple(order))


def differences(trial: Trial, document: Document, report: Report, events: tuple[Event, ...]) -> Iterator[Problem]:
    """Every expectation that did not come true."""
    return _Verdict(trial, document, report, sent(events)).all()


class _Verdict:
    """One test and its run."""

    def __init__(self, trial: Trial, document: Document, report: Report, given: Sent) -> None:
        self._trial = trial
        self._document = document
        self._report = report
        self._sent = given
        self._path: Path = (*trial.path, "expect")

    def all(self) -> Iterator[Problem]:
        expect, report = self._trial.head.expect, self._report
        yield from self._word((*self._path, "result"), expect.result, report.status.value, _run_said(report))
        yield from self._word((*self._path, "cause"), expect.cause, report.cause, _run_said(report))
        yield from self._holds((*self._path, "message"), expect.message, report.message)
        steps = {step.id: step for step in report.steps}
        for step_id, expected in self._trial.steps.items():
            yield from self._step(steps[step_id], expected)
        yield from self._order()
        yield from self._named((*self._path, "outputs"), expect.outputs, report.outputs, _run_said(report))
        for key in ("warnings", "doubts"):
            wanted = getattr(expect, key)
            if wanted is not None and sorted(wanted) != sorted(getattr(report, key)):
                yield self._differs((*self._path, key), list(wanted), list(getattr(report, key)))
        yield from self._span((*self._path, "duration"), self._trial.span, report.duration(report.at))

    def _step(self, step: StepReport, expected: Expected) -> Iterator[Problem]:
        came, path, said = expected.came, expected.path, _step_said(step)
        yield from self._word((*path, "result"), came.result, step.status.value, said)
        if isinstance(came, StepCame):
            outcome = "" if step.outcome is None else step.outcome.value
            yield from self._word((*path, "outcome"), came.outcome, outcome, said)
        yield from self._came(path, came, step.cause, step.message, step.attempts)
        yield from self._span((*path, "duration"), expected.span, step.duration(self._report.at))
        if step.fan_out:
            yield from self._fan(step, expected)
        else:
            yield from self._parcels(path, came, step.id, step.leg)

    def _fan(self, step: StepReport, expected: Expected) -> Iterator[Problem]:
        path = expected.path
        legs = {leg.key: leg for leg in step.legs}
        if expected.count is not None and expected.count != len(step.legs):
            yield self._differs((*path, "legs"), expected.count, f"{len(step.legs)} legs: {_list(legs)}")
        outputs = {name: [leg.outputs.get(name) for leg in step.legs] for name in expected.came.outputs or {}}
        yield from self._named((*path, "outputs"), expected.came.outputs, outputs, _step_said(step))
        for key, one in expected.legs.items():
            if key not in legs:
                yield self._differs(one.path, f"a leg {key}", f"{len(legs)} legs: {_list(legs)}" if legs else "no legs")
                continue
            leg = legs[key]
            said = because(leg.status.value, because(leg.cause, told(leg.message)))
            yield from self._word((*one.path, "result"), one.came.result, leg.status.value, said)
            yield from self._came(one.path, one.came, leg.cause, leg.message, len(leg.attempts))
            yield from self._span((*one.path, "duration"), one.span, leg.duration(self._report.at))
            yield from self._parcels(one.path, one.came, step.name(leg), leg)

    def _came(self, path: Path, came: Came, cause: str, message: str, attempts: int) -> Iterator[Problem]:
        yield from self._word((*path, "cause"), came.cause, cause, because(cause, told(message)))
        yield from self._holds((*path, "message"), came.message, message)
        if came.attempts is not None and came.attempts != attempts:
            yield self._differs((*path, "attempts"), came.attempts, attempts)

    def _parcels(self, path: Path, came: Came, name: str, leg: LegReport) -> Iterator[Problem]:
        given = self._sent.arguments.get(name)
        if came.arguments is not None and given is None:
            yield self._differs((*path, "arguments"), came.arguments, "it was never started")
        else:
            yield from self._named((*path, "arguments"), came.arguments, given or {}, "")
        yield from self._named((*path, "outputs"), came.outputs, leg.outputs, leg.told)

    def _order(self) -> Iterator[Problem]:
        expect, order = self._trial.head.expect, self._sent.order
        places = {name: at for at, name in enumerate(order)}
        last = -1
        for at, name in enumerate(expect.order):
            path = (*self._path, "order", at)
            if name not in places:
                yield self._differs(path, f"{name} to start", f"it never did; what started: {_list(order)}")
            elif places[name] < last:
                before = expect.order[at - 1]
                yield self._differs(path, f"{name} to start after {before}", f"it started before; {_list(order)}")
            last = max(last, places.get(name, last))
        for at, name in enumerate(expect.never_started):
            if name in places:
                yield self._differs((*self._path, "never_started", at), f"{name} not to start", "it did")

    def _word(self, path: Path, wanted: str | None, found: str, said: str) -> Iterator[Problem]:
        if wanted is not None and wanted != found:
            yield self._problem(path, wanted or "none", said or found or "none")

    def _holds(self, path: Path, wanted: str | None, found: str) -> Iterator[Problem]:
        if wanted is not None and wanted not in found:
            yield self._differs(path, wanted, found)

    def _span(self, path: Path, wanted: SpanModel | None, found: Span | None) -> Iterator[Problem]:
        if wanted is None:
            return
        if found is None:
            yield self._problem(path, "some time", "it never began")
            return
        least, most = wanted.at_least, wanted.at_most
        if (least is None or found >= least - 1e-6) and (most is None or found <= most + 1e-6):
            return
        words = [f"at least {Span(least)}"] if least is not None else []
        words += [f"at most {Span(most)}"] if most is not None else []
        exact = least is not None and least == most
        yield self._problem(path, str(Span(least or 0.0)) if exact else " and ".join(words), str(found))

    def _named(
        self, path: Path, wanted: Mapping[str, Json] | None, found: Mapping[str, Json], said: str
    ) -> Iterator[Problem]:
        """Only the names that are written; each with its whole value."""
        for name, value in (wanted or {}).items():
            if name in found:
                for at, one, other in _unlike((*path, name), value, found[name]):
                    yield self._differs(at, one, other)
            else:
                there = f"there is {_list(found)}" if found else "there is nothing"
                yield self._differs((*path, name), value, f"no such name; {said or there}")

    def _differs(self, path: Path, wanted: Json, found: Json) -> Problem:
        return self._problem(path, _shown(wanted), _shown(found))

    def _problem(self, path: Path, wanted: str, found: str) -> Problem:
        return self._document.problem("FR710", path, expected=wanted, found=found)


def _unlike(path: Path, wanted: Json, found: Json) -> Iterator[tuple[Path, Json, Json]]:
    """Where two JSON values differ: the deepest places of it. True is not 1, and 1 is 1.0."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for name in dict.fromkeys((*wanted, *found)):
            yield from _unlike((*path, name), wanted.get(name, _NOTHING), found.get(name, _NOTHING))
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for at, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from _unlike((*path, at), one, other)
    elif isinstance(wanted, bool) is not isinstance(found, bool) or wanted != found:
        yield path, wanted, found


def _shown(value: Json) -> str:
    if value is _NOTHING:
        return "nothing"
    text = value if isinstance(value, str) and " " in value else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"


def _list(names: Mapping[str, Json] | tuple[str, ...]) -> str:
    words = list(names)
    more = f" and {len(words) - 8} more" if len(words) > 8 else ""  # noqa: PLR2004 - what a line holds
    return ", ".join(words[:8]) + more if words else "none"


def _run_said(report: Report) -> str:
    failed = next((step for step in report.steps if step.status.value == "failed"), None)
    why = because(report.cause, told(report.message)) or (f"{failed.id} {_step_said(failed)}" if failed else "")
    return because(report.status.value, why)


def _step_said(step: StepReport) -> str:
    return because(step.state, because(step.cause, told(step.message)))
