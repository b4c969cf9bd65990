"""A run as a Drawing: its steps with how they stand, their legs counted, and the path that took the longest."""

from __future__ import annotations

from collections.abc import Iterator

from flowrun.core.plan import Stage
from flowrun.pictures.drawing import Drawing, Edge, Node, Part
from flowrun.report.model import Report, StepReport
from flowrun.report.reason import brief
from flowrun.report.standing import longest, notes, of_run, of_step, sentence
from flowrun.spec.order import reduced


def drawing(report: Report) -> Drawing:
    """The picture of a run, so far or to its end."""
    path = longest(report)
    title = f"{report.workflow}, run {report.run_id}"
    return Drawing(title, tuple(_parts(report, frozenset(path))), sentence(report, path), of_run(report))


def _parts(report: Report, path: frozenset[str]) -> Iterator[Part]:
    for stage in Stage:
        members = [step for step in report.steps if step.stage is stage and not step.moot]
        if not members:
            continue
        optional = {(need, step.id) for step in members for need in step.optional}
        edges = tuple(
            Edge(before, after, (before, after) in optional, longest=before in path and after in path)
            for before, after in reduced({step.id: step.needs for step in members})
        )
        nodes = tuple(_node(report, step, path) for step in members)
        yield Part(nodes, edges, stage="" if stage is Stage.STEPS else stage.value)


def _node(report: Report, step: StepReport, path: frozenset[str]) -> Node:
    told = (
        [f"{step.name(leg)} {leg.status} {leg.brief}".rstrip() for leg in step.legs if leg.cause]
        if step.fan_out
        else []
    )
    runs = [f"run {step.leg.run}"] if step.leg.run else []
    return Node(
        step.id,
        step.what,
        tuple(brief(note) for note in notes(report, step)),
        of_step(step),
        step.duration(report.at),
        several=step.fan_out,
        longest=step.id in path,
        undoes=step.id.removesuffix(f".{Stage.COMPENSATE}") if step.stage is Stage.COMPENSATE else "",
        told="\n".join([*runs, *told[:_TOLD]]),
    )


_TOLD = 40
"""So many legs that did not succeed are told of."""
