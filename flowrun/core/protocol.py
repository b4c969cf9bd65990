"""The one thing that the core asks of the outside, and it is pure: what an expression comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from flowrun.core.plan import Json


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may see.

    `names` maps the names of the language (`inputs`, `steps`, `matrix`, `run`, `workflow`) to plain data; below
    `steps` the mapping is lazy, so that a fan of ten thousand legs costs nothing until somebody looks at it.
    `status` holds the answers of the status functions: success, failure, cancelled, always.
    """

    names: Mapping[str, Any] = field(default_factory=dict)
    status: Mapping[str, bool] = field(default_factory=dict)


class Evaluator(Protocol):
    """The expression language, as the core sees it. Both raise `errors.TemplateError`."""

    def condition(self, expression: str, scope: Scope) -> bool:
        """What an `if` says. A value that is not a boolean is an error that shows it."""
        ...

    def render(self, template: Json, scope: Scope) -> Json:
        """The template with every `${{ }}` in it replaced; a value that is one expression keeps its type."""
        ...
