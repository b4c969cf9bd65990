"""What to write instead, for words of other expression languages and for slips of the keyboard."""

from __future__ import annotations

from collections.abc import Collection

from flowrun.nearest import nearest

_CALLS = {
    "contains": "Write `item in list`.",
    "count": "Write `list | length`.",
    "endswith": "Write `text[-3:] == 'end'`.",
    "format": "Put several `${{ }}` into one text.",
    "fromjson": "Outputs already have their types: use the value as it is.",
    "get": "Write `value.name | default(…)`.",
    "hashfiles": "There is no such function here; compute it in the automation.",
    "items": "Write `value | items`.",
    "join": "Write `list | join(', ')`.",
    "keys": "Write `value | list`.",
    "len": "Write `value | length`.",
    "lower": "Write `text | lower`.",
    "range": "Give a list of values instead, from `inputs` or from a step.",
    "replace": "Write `text | replace('old', 'new')`.",
    "split": "Let the automation give a list.",
    "startswith": "Write `text[:5] == 'start'`.",
    "str": "Write `value | string`.",
    "strip": "Write `text | trim`.",
    "succeeded": "Write `success()`.",
    "failed": "Write `failure()`.",
    "canceled": "Write `cancelled()`.",
    "succeededorfailed": "Write `not cancelled()`.",
    "tojson": "Write `value | tojson`.",
    "upper": "Write `text | upper`.",
    "values": "Write `value | items | map(attribute=1)`.",
}

_NAMES = {
    "count": "length",
    "d": "default",
    "e": "tojson",
    "equalto": "eq",
    "greaterthan": "gt",
    "lessthan": "lt",
    "null": "none",
    "str": "string",
    "strip": "trim",
    "to_json": "tojson",
}

_SIGNS = (
    ("&&", "Write `and` instead of `&&`."),
    ("||", "Write `or` instead of `||`."),
    ("===", "Write `==` instead of `===`."),
    ("?.", "Write `a.b | default(…)` instead of `a?.b`."),
    ("?", "Write `a if condition else b` instead of `condition ? a : b`."),
    ("=>", "There are no functions here; filters such as `map` and `selectattr` work on lists."),
    ("!", "Write `not` instead of `!`."),
)


def instead_of_call(name: str) -> str:
    """For something that was called like a function."""
    known = _CALLS.get(name.lower())
    return (
        known or "Only success(), failure(), cancelled() and always() can be called; values are worked on by filters."
    )


def instead_of_name(name: str, known: Collection[str]) -> str:
    """For a filter or a test that does not exist."""
    better = _NAMES.get(name.lower())
    if better in known:
        return f"Write `{better}`."
    return near(name, known) or f"There are: {', '.join(sorted(known))}."


def instead_of_sign(expression: str) -> str:
    """For an expression that cannot be read."""
    for sign, hint in _SIGNS:
        if sign in expression and not (sign == "!" and "!=" in expression):
            return hint
    return "It is a Jinja2 expression, such as `steps.list.outputs.Total > 0`."


def near(name: str, known: Collection[str]) -> str:
    """`Did you mean "…"?`, or nothing."""
    best = nearest(name, known)
    return f'Did you mean "{best}"?' if best else ""


def listed(known: Collection[str], most: int = 12) -> str:
    """The names, sorted, at most so many."""
    names = sorted(known)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
