"""Evaluating templates: what the core asks for under the name `core.protocol.Evaluator`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Protocol

from flowrun.errors import TemplateError
from flowrun.templating import analysis, syntax
from flowrun.templating.syntax import Json, Placeholder
from flowrun.templating.values import UnfitError, in_text, plain, shown

_SHOWN = 120


class Scope(Protocol):
    """What an expression may see, as `core.protocol.Scope` has it."""

    @property
    def names(self) -> Mapping[str, Any]:
        """The names of the language: plain data, or read-only mappings that make it when asked."""
        ...

    @property
    def status(self) -> Mapping[str, bool]:
        """The answers of the status functions."""
        ...


class Templates:
    """The expression language. It holds nothing of any run; what it compiled is shared by the process."""

    def condition(self, expression: str, scope: Scope) -> bool:
        """What an `if` says. TemplateError for a value that is not a boolean, which is shown."""
        inner = syntax.bare(expression)
        value = self._value(inner, scope)
        if not isinstance(value, bool):
            hint = "Compare it: `… == 'text'`, `… > 0`, `… | length > 0`, `… is defined`."
            raise TemplateError(f"`{_cut(inner)}` is {shown(value)}, and a condition is true or false", hint=hint)
        return value

    def render(self, template: Json, scope: Scope) -> Json:
        """The template with every `${{ }}` replaced. TemplateError names the expression that failed."""
        if isinstance(template, str):
            return self._text(template, scope) if syntax.is_template(template) else template
        if isinstance(template, Mapping):
            return {key: self.render(item, scope) for key, item in template.items()}
        if isinstance(template, list | tuple):
            return [self.render(item, scope) for item in template]
        return template

    def _text(self, template: str, scope: Scope) -> Json:
        pieces = syntax.split(template)
        if len(pieces) == 1 and isinstance(pieces[0], Placeholder):
            return self._value(pieces[0].expression, scope)
        return "".join(self._piece(piece, scope) for piece in pieces)

    def _piece(self, piece: syntax.Piece, scope: Scope) -> str:
        if isinstance(piece, str):
            return piece
        if not isinstance(piece, Placeholder):
            raise TemplateError("`${{` is never closed", hint="Add `}}`.")
        value = self._value(piece.expression, scope)
        try:
            return in_text(value)
        except UnfitError as error:
            hint = (
                "Alone in the value, with nothing before or after it, it keeps its type; `| tojson` makes text of it."
            )
            raise TemplateError(f"`{_cut(piece.expression)}`: {error}", hint=hint) from error

    def _value(self, expression: str, scope: Scope) -> Json:
        from flowrun.templating import failure, language  # noqa: PLC0415 - jinja2 costs 0.2 s, for those who need it

        compiled = _compiled(expression)
        names = dict(scope.names)
        for name in analysis.functions(expression):
            names[name] = language.Status(scope.status.get(name, False))
        try:
            return plain(compiled(names))
        except failure.FAILURES as error:
            raise failure.told(error, expression, names) from error


@functools.lru_cache(maxsize=4_096)
def _compiled(expression: str) -> Any:
    from flowrun.templating import language  # noqa: PLC0415 - jinja2 costs 0.2 s, for those who need it

    fault = analysis.first_fault(expression)
    if fault is not None:
        raise TemplateError(f"`{_cut(expression)}`: {fault.message}", hint=fault.hint or None)
    path = syntax.plain_path(expression)
    return language.Compiled(language.parse(expression)) if path is None else language.Lookup(path)


def _cut(expression: str) -> str:
    return expression if len(expression) <= _SHOWN else f"{expression[: _SHOWN - 1]}…"
