"""A plan as text, Mermaid or DOT. Every form comes from the same nodes and edges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from flowrun.core.plan import Plan, Stage, Step
from flowrun.planner.graph import edges, layers

Workflows: TypeAlias = Mapping[str, Plan]
"""The plans of the files that are steps, by their names."""


def draw(plan: Plan, form: str, workflows: Workflows = MappingProxyType({})) -> str:
    """The picture in one of FORMS, each of `workflows` once. Raises KeyError for another form."""
    return FORMS[form](plan, workflows)


def label(step: Step) -> str:
    """What a step does, in a word: the Release it starts, the file it runs, or its kind."""
    named = (step.arguments.get(key) for key in ("release", "release_key", "workflow"))
    return str(next(filter(None, named), step.kind))


def _text(plan: Plan, workflows: Workflows) -> str:
    parts = [_text_of(plan.workflow, plan)]
    parts += [_text_of(f"{name}: {inner.workflow}", inner) for name, inner in reversed(list(workflows.items()))]
    return "\n".join(parts)


def _text_of(title: str, plan: Plan) -> str:
    width = max((len(step.id) for step in plan.steps), default=0)
    steps = {step.id: step for step in plan.steps}
    lines = [title]
    for stage in Stage:
        for number, layer in enumerate(layers(plan, stage), 1):
            head = f"{number:>3}" if stage is Stage.STEPS else stage.value[:3]
            for step_id in layer:
                lines.append(f"{head}  {step_id:<{width}}  {_words(steps[step_id])}".rstrip())
                head = "   "
    return "\n".join(lines) + "\n"


def _words(step: Step) -> str:
    words = [label(step)]
    if step.fan_out is not None:
        words.append(f"for each {', '.join(step.fan_out.matrix) or 'leg'}")
    if step.condition is not None:
        words.append(f"if {step.condition.expression}")
    if step.needs:
        words.append("after " + ", ".join(f"{need.step}{'?' if need.optional else ''}" for need in step.needs))
    return " · ".join(words)


def _mermaid(plan: Plan, workflows: Workflows) -> str:
    lines = ["flowchart LR", *_mermaid_of(plan, "s", workflows)]
    for name, inner in reversed(list(workflows.items())):
        file = _file(name, workflows)
        lines.append(f'  subgraph {file}["{_quoted(name)}"]')
        lines += [f"  {line}" for line in _mermaid_of(inner, file, workflows)]
        lines.append("  end")
    return "\n".join(lines) + "\n"


def _file(name: str, workflows: Workflows) -> str:
    """A file's name for Mermaid and DOT: its number, for a path may hold anything."""
    return f"f{list(workflows).index(name) + 1}"


def _runs(step: Step, workflows: Workflows) -> str | None:
    """The file that a step runs."""
    name = step.arguments.get("workflow")
    return name if isinstance(name, str) and name in workflows else None


def _mermaid_of(plan: Plan, at: str, workflows: Workflows) -> Iterator[str]:
    lines: list[str] = []
    for stage in Stage:
        members = [step for step in plan.steps if step.stage is stage]
        if not members:
            continue
        if stage is not Stage.STEPS:
            lines.append(f"  subgraph {stage}" if at == "s" else f"  subgraph {at}_{stage}[{stage}]")
        for step in members:
            left, right = ("[[", "]]") if step.fan_out else ("[", "]")
            lines.append(f'  {_node(at, step.id)}{left}"{_quoted(step.id)}<br/>{_quoted(label(step))}"{right}')
        optional = {(need.step, step.id) for step in members for need in step.needs if need.optional}
        lines += [
            f"  {_node(at, before)} {'-.->' if (before, after) in optional else '-->'} {_node(at, after)}"
            for before, after in edges(plan, stage)
        ]
        if stage is not Stage.STEPS:
            lines.append("  end")
        lines += [f"  {_node(at, step.undoes)} -.-o {_node(at, step.id)}" for step in members if step.undoes]
    yield from lines
    for step in plan.steps:
        if (name := _runs(step, workflows)) is not None:
            yield f"  {_node(at, step.id)} -.- {_file(name, workflows)}"


def _node(at: str, step_id: str) -> str:
    """A node's name for Mermaid, which keeps `end` and some other words to itself."""
    return f"{at}_{step_id.replace('.', '_')}"


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def _dot(plan: Plan, workflows: Workflows) -> str:
    lines = ["digraph workflow {", "  rankdir=LR;", "  compound=true;", "  node [shape=box];", *_dot_of(plan, "")]
    for name, inner in reversed(list(workflows.items())):
        file = _file(name, workflows)
        lines.append(f'  subgraph cluster_{file} {{ label="{_escaped(name)}";')
        lines += [f"  {line}" for line in _dot_of(inner, f"{file}.")]
        lines.append("  }")
    files = {name: f"{_file(name, workflows)}." for name in workflows}
    for way, one in (("", plan), *((files[name], inner) for name, inner in workflows.items())):
        for step in one.steps:
            if (run := _runs(step, workflows)) is not None:
                first = workflows[run].steps[0].id
                inside = f"lhead=cluster_{_file(run, workflows)}"
                lines.append(f'  "{way}{step.id}" -> "{files[run]}{first}" [style=dashed, {inside}];')
    return "\n".join([*lines, "}"]) + "\n"


def _dot_of(plan: Plan, way: str) -> Iterator[str]:
    lines: list[str] = []
    for step in plan.steps:
        shape = ", peripheries=2" if step.fan_out else ""
        style = "" if step.stage is Stage.STEPS else ", style=dashed"
        words = _escaped(step.id) + "\\n" + _escaped(label(step))
        lines.append(f'  "{way}{step.id}" [label="{words}"{shape}{style}];')
    for stage in Stage:
        lines += [f'  "{way}{before}" -> "{way}{after}";' for before, after in edges(plan, stage)]
    lines += [f'  "{way}{step.undoes}" -> "{way}{step.id}" [style=dotted];' for step in plan.steps if step.undoes]
    yield from lines


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


FORMS: Mapping[str, Callable[[Plan, Workflows], str]] = MappingProxyType(
    {"text": _text, "mermaid": _mermaid, "dot": _dot}
)
