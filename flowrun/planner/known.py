"""Known: a plan with those arguments made concrete that are known before it runs: of inputs, `env` and its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flowrun.core.plan import Json, Plan, Step
from flowrun.core.protocol import Scope
from flowrun.errors import TemplateError
from flowrun.steps.secrets import PLACES
from flowrun.templating.analysis import references
from flowrun.templating.evaluator import Templates
from flowrun.templating.syntax import is_template

_AS_WRITTEN = ("outputs", PLACES)
"""What of a step's arguments is no template: its contract, and where secrets stand."""


def known(plan: Plan, inputs: Mapping[str, Json]) -> Plan:
    """The plan to look at. What an expression of it cannot be made of is left as it is written, and so is `if`."""
    scope = Scope({"inputs": inputs, "env": plan.env, "workflow": {"name": plan.workflow}}, {})
    return replace(plan, steps=tuple(_step(step, scope) for step in plan.steps))


def _step(step: Step, scope: Scope) -> Step:
    made = {name: value if name in _AS_WRITTEN else _value(value, scope) for name, value in step.arguments.items()}
    return replace(step, arguments=made)


def _value(value: Json, scope: Scope) -> Json:
    if is_template(value):
        return _text(value, scope)
    if isinstance(value, Mapping):
        return {key: _value(item, scope) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_value(item, scope) for item in value]
    return value


def _text(template: str, scope: Scope) -> Json:
    if not all(_has(scope.names, reference.path) for reference in references(template)):
        return template
    try:
        made = Templates().render(template, scope)
    except TemplateError:
        return template  # the attempt will say why
    return template if _mistakable(made) else made


def _has(names: Mapping[str, Json], path: tuple[str, ...]) -> bool:
    """Whether the name is one of those; a whole map such as `inputs` may have more when the run begins."""
    return len(path) > 1 and path[0] in names and path[1] in names[path[0]]


def _mistakable(value: Json) -> bool:
    """Whether data would be taken for a template from now on."""
    if isinstance(value, Mapping):
        return any(_mistakable(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_mistakable(item) for item in value)
    return is_template(value)
