"""A plan as a Drawing: its steps, what needs what, how long each usually takes, and the longest path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from flowrun.core.plan import Plan, Stage, Step
from flowrun.pictures.drawing import Drawing, Edge, Node, Part
from flowrun.planner.graph import edges, longest_path
from flowrun.span import Span
from flowrun.steps.label import file_of, label

Usual = Mapping[str, float]
"""How many seconds steps usually take, by their ids, where that is known."""

NO_USUAL: Usual = MappingProxyType({})
NO_FILES: Mapping[str, Plan] = MappingProxyType({})


def drawing(plan: Plan, workflows: Mapping[str, Plan] = NO_FILES, usual: Usual = NO_USUAL, runs: int = 0) -> Drawing:
    """The picture of a plan, and of each of `workflows`, the files that are steps of it, once.

    `usual` is what `runs` earlier runs of it took, step by step. Without it, each step counts the same.
    """
    path = longest_path(plan, usual)
    parts = list(_parts(plan, frozenset(path), workflows, usual))
    for name, inner in reversed(list(workflows.items())):
        inside = frozenset(longest_path(inner))
        parts += _parts(inner, inside, workflows, NO_USUAL, name)
    return Drawing(plan.workflow, tuple(parts), _words(plan, path, usual, runs))


def _words(plan: Plan, path: list[str], usual: Usual, runs: int) -> str:
    count = len(plan.steps)
    steps = f"{count} step{'' if count == 1 else 's'}"
    if not path:
        return steps
    longest = f"longest path {_shortened(path)}"
    known = [usual[step] for step in path if step in usual]
    if not known:
        return f"{steps}; {longest}"
    took = f"{'' if len(known) == len(path) else 'at least '}{Span(sum(known))}"
    told = f"usually {took}, as the last {runs} runs tell" if runs > 1 else f"{took} in the last run"
    return f"{steps}; {longest}, {told}"


def _shortened(path: list[str]) -> str:
    """The path, without its middle where it is long."""
    most = 8
    shown = path if len(path) <= most else [*path[: most // 2], f"… {len(path) - most} more …", *path[-most // 2 :]]
    return " > ".join(shown)


def _parts(
    plan: Plan, path: frozenset[str], workflows: Mapping[str, Plan], usual: Usual, file: str = ""
) -> Iterator[Part]:
    title = f"{file}: {plan.workflow}" if file else ""
    for stage in Stage:
        members = [step for step in plan.steps if step.stage is stage]
        if not members:
            continue
        optional = {(need.step, step.id) for step in members for need in step.needs if need.optional}
        nodes = tuple(_node(step, path, workflows, usual) for step in members)
        shown = tuple(
            Edge(before, after, (before, after) in optional, longest=before in path and after in path)
            for before, after in edges(plan, stage)
        )
        yield Part(nodes, shown, file, "" if stage is Stage.STEPS else stage.value, title)
        title = ""


def _node(step: Step, path: frozenset[str], workflows: Mapping[str, Plan], usual: Usual) -> Node:
    file = file_of(step)
    took = usual.get(step.id)
    return Node(
        step.id,
        label(step),
        tuple(_notes(step)),
        took=None if took is None else Span(took),
        several=step.fan_out is not None,
        longest=step.id in path,
        undoes=step.undoes,
        runs=file if file in workflows else "",
    )


def _notes(step: Step) -> Iterator[str]:
    if step.fan_out is not None:
        yield f"for each {', '.join(step.fan_out.matrix) or 'leg'}"
    if step.condition is not None:
        yield f"if {step.condition.expression}"
