"""A plan as text, Mermaid or DOT. Every form comes from the same nodes and edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flowrun.core.plan import Plan, Stage, Step
from flowrun.planner.graph import edges, layers


def draw(plan: Plan, form: str) -> str:
    """The picture in one of FORMS. Raises KeyError for another form."""
    return FORMS[form](plan)


def label(step: Step) -> str:
    """What a step does, in a word: the Release it starts, or its kind."""
    release = step.arguments.get("release") or step.arguments.get("release_key")
    return str(release) if release else step.kind


def _text(plan: Plan) -> str:
    width = max((len(step.id) for step in plan.steps), default=0)
    steps = {step.id: step for step in plan.steps}
    lines = [plan.workflow]
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


def _mermaid(plan: Plan) -> str:
    lines = ["flowchart LR"]
    for stage in Stage:
        members = [step for step in plan.steps if step.stage is stage]
        if not members:
            continue
        if stage is not Stage.STEPS:
            lines.append(f"  subgraph {stage}")
        for step in members:
            left, right = ("[[", "]]") if step.fan_out else ("[", "]")
            lines.append(f'  {_node(step.id)}{left}"{_quoted(step.id)}<br/>{_quoted(label(step))}"{right}')
        optional = {(need.step, step.id) for step in members for need in step.needs if need.optional}
        lines += [
            f"  {_node(before)} {'-.->' if (before, after) in optional else '-->'} {_node(after)}"
            for before, after in edges(plan, stage)
        ]
        if stage is not Stage.STEPS:
            lines.append("  end")
        lines += [f"  {_node(step.undoes)} -.-o {_node(step.id)}" for step in members if step.undoes]
    return "\n".join(lines) + "\n"


def _node(step_id: str) -> str:
    """A node's name for Mermaid, which keeps `end` and some other words to itself."""
    return f"s_{step_id.replace('.', '_')}"


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def _dot(plan: Plan) -> str:
    lines = ["digraph workflow {", "  rankdir=LR;", "  node [shape=box];"]
    for step in plan.steps:
        shape = ", peripheries=2" if step.fan_out else ""
        style = "" if step.stage is Stage.STEPS else ", style=dashed"
        words = _escaped(step.id) + "\\n" + _escaped(label(step))
        lines.append(f'  "{step.id}" [label="{words}"{shape}{style}];')
    for stage in Stage:
        lines += [f'  "{before}" -> "{after}";' for before, after in edges(plan, stage)]
    lines += [f'  "{step.undoes}" -> "{step.id}" [style=dotted];' for step in plan.steps if step.undoes]
    return "\n".join([*lines, "}"]) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


FORMS: Mapping[str, Callable[[Plan], str]] = MappingProxyType({"text": _text, "mermaid": _mermaid, "dot": _dot})
