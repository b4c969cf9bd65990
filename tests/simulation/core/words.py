"""Words: an expression language of a dozen words, so that the core is judged by itself and quickly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flowrun.core.plan import Condition
from flowrun.core.protocol import Scope
from flowrun.errors import TemplateError

STATUS = ("success", "failure", "cancelled", "always")


def condition(words: str | None) -> Condition | None:
    """An `if`, as the planner would make it."""
    return None if words is None else Condition(words, asks_status="(" in words)


class Words:
    """Implements `core.protocol.Evaluator`.

    A condition is `success()` and its like, with or without `not `; `true`; `false`; `ok X`, whether step X has
    succeeded; `tried N`, whether the attempt that gave `outputs.v` is at least the Nth; anything else is an error. A
    template that is one `${{ a.b }}` gives what stands there.
    """

    def condition(self, expression: str, scope: Scope) -> bool:
        if expression.startswith("not "):
            return not self.condition(expression.removeprefix("not "), scope)
        if expression.startswith("ok "):
            return bool(self._value(f"steps.{expression.removeprefix('ok ')}.result", scope) == "succeeded")
        if expression.startswith("tried "):
            return bool(self._value("outputs.v", scope)[1] >= int(expression.removeprefix("tried ")))
        if expression.endswith("()"):
            return scope.status[expression.removesuffix("()")]
        if expression in ("true", "false"):
            return expression == "true"
        raise TemplateError(f"`{expression}` is not a condition")

    def render(self, template: Any, scope: Scope) -> Any:
        if isinstance(template, Mapping):
            return {name: self.render(value, scope) for name, value in template.items()}
        if isinstance(template, list | tuple):
            return [self.render(item, scope) for item in template]
        whole = re.fullmatch(r"\$\{\{ (.+) \}\}", template) if isinstance(template, str) else None
        return self._value(whole[1], scope) if whole else template

    def _value(self, path: str, scope: Scope) -> Any:
        value: Any = scope.names
        for name in path.split("."):
            try:
                value = value[int(name)] if isinstance(value, list) else value[name]
            except (KeyError, IndexError, TypeError, ValueError) as error:
                raise TemplateError(f"`{path}` is absent") from error
        return value
