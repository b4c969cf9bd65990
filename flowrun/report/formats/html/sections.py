"""The sections of the page: what failed, the pictures, the steps and their legs, what went in and came out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from flowrun.core.plan import Json
from flowrun.core.status import LegStatus
from flowrun.pictures.alike import folded
from flowrun.pictures.chart import gathered
from flowrun.pictures.graph import svg as graph
from flowrun.pictures.state import State
from flowrun.pictures.timeline import svg as timeline
from flowrun.pictures.words import escaped
from flowrun.report.course import chart
from flowrun.report.model import LegReport, Report, StepReport
from flowrun.report.picture import drawing
from flowrun.report.reason import because, brief, moment, told
from flowrun.report.standing import notes, of_leg, of_step

_MOST_FAILURES = 50
_MOST_LEGS = 500
_MOST_TEXT = 4000


class Section(NamedTuple):
    """A part of the page. `body` is HTML."""

    name: str
    title: str
    body: str


def sections(report: Report, most: int, many: int) -> Iterator[Section]:
    """Those that have anything to show, what is most urgent first. `most` and `many`: see `alike.folded`."""
    if failures := list(report.failed()):
        yield Section("failures", "What failed", _failures(failures))
    if report.doubts:
        points = [f"<strong>{escaped(one.leg)}</strong>: {escaped(one.what)}" for one in report.open_jobs()]
        yield Section("doubts", "What may still be running", _list(points, len(points)))
    if asked := list(report.approvals()):
        yield Section(
            "approvals", "Approvals", _list([_asked(name, leg) for name, leg in asked[:_MOST_FAILURES]], len(asked))
        )
    made = folded(drawing(report), most, many)
    if made.parts:
        yield Section("graph", "Graph", _figure("Graph of the steps", graph.render(made, headed=False)))
        course = gathered(chart(report), made)
        yield Section("timeline", "Timeline", _figure("Timeline of the steps", timeline.render(course, headed=False)))
    yield Section("steps", "Steps", _steps(report))
    if any(step.fan_out and len(step.legs) for step in report.steps):
        yield Section("legs", "Legs", "\n".join(_legs(report)))
    if report.inputs:
        yield Section("inputs", "Inputs", _values("Inputs of the run", report.inputs))
    if report.outputs:
        yield Section("outputs", "Outputs", _values("Outputs of the run", report.outputs))


def _failures(failures: Sequence[tuple[StepReport, LegReport]]) -> str:
    return _list([_failure(step, leg) for step, leg in failures[:_MOST_FAILURES]], len(failures))


def _failure(step: StepReport, leg: LegReport) -> str:
    last = leg.last
    where = f" ({escaped(last.names)}, attempt {len(leg.attempts)})" if last is not None and last.names else ""
    head = f"<strong>{escaped(step.name(leg))}</strong>: {escaped(because(leg.cause, brief(leg.message)))}{where}"
    if brief(leg.message) == leg.message.strip() or not leg.message:
        return head
    return (
        f"{head}<details><summary>All of the message</summary><pre>{escaped(leg.message[:_MOST_TEXT])}</pre></details>"
    )


def _asked(name: str, leg: LegReport) -> str:
    fact = leg.approval
    assert fact is not None  # noqa: S101 - these legs have one
    until = "" if fact.until is None else f", until {moment(fact.until)}"
    waits = f"waits for an answer since {moment(fact.asked)}{until}" if leg.asks else "not answered"
    return (
        f"<strong>{escaped(name)}</strong>: {escaped(told(fact.instructions))} <em>{escaped(fact.answer or waits)}</em>"
    )


def _list(points: Sequence[str], count: int) -> str:
    """The points, of which there would be so many."""
    more = [f"and {count - len(points)} more"] if count > len(points) else []
    return "<ul>\n" + "\n".join(f"<li>{point}</li>" for point in [*points, *more]) + "\n</ul>"


def _figure(name: str, picture: str) -> str:
    return f'<div class="wide" role="group" tabindex="0" aria-label="{name}">\n{picture}</div>'


def _steps(report: Report) -> str:
    rows = [
        (
            f'<th scope="row">{escaped(step.id)}</th>',
            _cell(_state(of_step(step))),
            _cell(escaped(step.what)),
            _number("" if (took := step.duration(report.at)) is None else str(took)),
            _number(str(step.attempts or "")),
            _cell(escaped(step.leg.last.names if step.leg.last else "")),
            _cell(escaped("; ".join(told(note) for note in notes(report, step)))),
        )
        for step in report.told
    ]
    heads = ("Step", "Result", "What", "Time", "Attempts", "Jobs", "Reason")
    return _table("Every step, in the order of the plan", heads, rows, numbers=(3, 4))


def _legs(report: Report) -> Iterator[str]:
    """A table for each fan-out, closed at first; those that did not succeed come first."""
    heads = ("Leg", "Result", "Time", "Attempts", "Jobs", "Reason")
    for step in report.steps:
        if not step.fan_out or not len(step.legs):
            continue
        ordered = sorted(step.legs, key=lambda leg: leg.status is LegStatus.SUCCEEDED)
        rows = [_leg(report, leg) for leg in ordered[:_MOST_LEGS]]
        counts = f"{step.counts.succeeded}/{step.counts.total} ok"
        name = f"{escaped(step.id)}: {counts}"
        left = len(ordered) - len(rows)
        more = f"<p>and {left} more that succeeded or wait</p>" if left else ""
        table = _table(f"Legs of {escaped(step.id)}", heads, rows, numbers=(2, 3))
        yield f"<details><summary>{name}</summary>\n{table}{more}\n</details>"


def _leg(report: Report, leg: LegReport) -> tuple[str, ...]:
    took = leg.duration(report.at)
    return (
        f'<th scope="row">{escaped(leg.key)}</th>',
        _cell(_state(of_leg(leg))),
        _number("" if took is None else str(took)),
        _number(str(len(leg.attempts) or "")),
        _cell(escaped(leg.last.names if leg.last else "")),
        _cell(escaped(because(leg.cause, told(leg.message)))),
    )


def _values(caption: str, values: Mapping[str, Json]) -> str:
    rows = [
        (f'<th scope="row">{escaped(name)}</th>', _cell(f"<code>{escaped(_json(value))}</code>"))
        for name, value in values.items()
    ]
    return _table(caption, ("Name", "Value"), rows)


def _json(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_TEXT else f"{text[: _MOST_TEXT - 1]}…"


def _state(state: State) -> str:
    return f'<span class="state {state.name_of_class}"><span aria-hidden="true">{state.mark}</span> {state}</span>'


def _cell(content: str) -> str:
    return f"<td>{content}</td>"


def _number(content: str) -> str:
    return f'<td class="number">{content}</td>'


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    kinds = (' class="number"' if place in numbers else "" for place in range(len(heads)))
    columns = "".join(f'<th scope="col"{kind}>{head}</th>' for kind, head in zip(kinds, heads, strict=True))
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return (
        f'<div class="wide" role="group" tabindex="0" aria-label="{caption}">\n<table>\n<caption>{caption}</caption>\n'
        f"<thead><tr>{columns}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )
