"""Identity: what a run is for, by its inputs: its key, and the group of which one run goes at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flowrun.core.fan import key_text
from flowrun.core.plan import Json, Plan
from flowrun.core.protocol import Scope
from flowrun.errors import TemplateError
from flowrun.spec.models import Workflow
from flowrun.templating.evaluator import Templates

LONGEST = 200
"""Characters of a key or of the name of a group."""


class Nameless(Exception):
    """A template that comes to no name. `key`: where it stands, `found`: what it came to."""

    def __init__(self, key: tuple[str, ...], found: str) -> None:
        super().__init__(f"{'.'.join(key)}: {found}")
        self.key = key
        self.found = found


def identified(plan: Plan, workflow: Workflow, inputs: Mapping[str, Json]) -> Plan:
    """The plan with the key and the group of a run with these inputs. Raises Nameless."""
    scope = Scope({"inputs": inputs, "env": plan.env, "workflow": {"name": plan.workflow}}, {})
    if workflow.run_key is not None:
        plan = replace(plan, key=_name(workflow.run_key, scope, ("run_key",)))
    if plan.concurrency is not None:
        group = _name(plan.concurrency.group, scope, ("concurrency", "group"))
        plan = replace(plan, concurrency=replace(plan.concurrency, group=group))
    return plan


def supposed(plan: Plan, workflow: Workflow, inputs: Mapping[str, Json]) -> Plan:
    """The same for a run that is only thought of: where these inputs make no name, it goes without."""
    try:
        return identified(plan, workflow, inputs)
    except Nameless:
        return plan


def _name(template: str, scope: Scope, key: tuple[str, ...]) -> str:
    try:
        value = Templates().render(template, scope)
        name = key_text(value)
    except TemplateError as error:
        raise Nameless(key, error.message) from error
    if len(name) > LONGEST:
        raise Nameless(key, f"a text of {len(name)} characters")
    return name
