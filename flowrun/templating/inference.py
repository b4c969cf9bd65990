"""What an expression comes to, as far as that can be said without evaluating it, and what in it cannot work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from flowrun.templating.analysis import tree_of
from flowrun.templating.kinds import ANY, Type, may_equal, of_items, of_json, of_kinds
from flowrun.templating.syntax import plain_path

if TYPE_CHECKING:
    from jinja2 import nodes

Names: TypeAlias = Callable[[tuple[str, ...]], Type | None]
"""The type of a path such as `("inputs", "period")`; None where only the path before its last name is known."""

_ORDERED = (("number", "boolean"), ("text",), ("list",))
_ITERABLE = ("text", "list", "object")
_SCALAR = ("text", "number", "boolean")

_TAKES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("length", "join", "list", "map", "select", "reject", "selectattr", "rejectattr"), _ITERABLE),
    **dict.fromkeys(("sort", "unique", "reverse", "first", "last", "min", "max", "sum"), _ITERABLE),
    **dict.fromkeys(("lower", "upper", "trim", "replace", "string"), _SCALAR),
    **dict.fromkeys(("abs", "round"), ("number", "boolean")),
    **dict.fromkeys(("int", "float"), _SCALAR),
    **dict.fromkeys(("items", "dictsort"), ("object",)),
}
"""What each filter can be asked of; one that is not named takes anything."""

_GIVES: dict[str, Type] = {
    **dict.fromkeys(("length", "abs", "round", "int", "float"), of_kinds("number")),
    **dict.fromkeys(("lower", "upper", "trim", "replace", "string", "join", "tojson"), of_kinds("text")),
    **dict.fromkeys(("list", "map", "sort", "unique", "items", "dictsort"), of_kinds("list")),
    **dict.fromkeys(("select", "reject", "selectattr", "rejectattr"), of_kinds("list")),
    "reverse": of_kinds("list", "text"),
}
_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in", "notin": "not in"}
_OPERATORS = {"Sub": "-", "Mul": "*", "Div": "/", "FloorDiv": "//", "Mod": "%"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in an expression. `impossible` fails whenever it is evaluated; else it always says the same.

    `word` is a part of the expression that the place can be found by.
    """

    message: str
    hint: str
    word: str
    impossible: bool = True


def infer(expression: str, names: Names, status: Mapping[str, bool] | None = None) -> tuple[Type, tuple[Finding, ...]]:
    """The type of an expression without faults, and what was found in it. `status`: what the functions answer."""
    reader = _Reader(names, status)
    path = plain_path(expression)
    found = reader.type(tree_of(expression)) if path is None else reader.path(path)
    return found, tuple(dict.fromkeys(reader.findings))


class _Reader:
    """Walks one tree. What it does not know is ANY."""

    def __init__(self, names: Names, status: Mapping[str, bool] | None) -> None:
        self.findings: list[Finding] = []
        self._names = names
        self._status = status
        self._lenient = 0

    def path(self, path: tuple[str, ...]) -> Type:
        """The type of a dotted path."""
        known = self._names(path)
        if known is not None:
            return known
        return self._field(self.path(path[:-1]), path[-1]) if len(path) > 1 else ANY

    def type(self, node: nodes.Node) -> Type:
        """The type of a node; a kind of node that has no method here is ANY, its children are read all the same."""
        method = getattr(self, f"_of_{type(node).__name__.lower()}", None)
        if method is not None:
            result: Type = method(node)
            return result
        for child in node.iter_child_nodes():
            self.type(child)
        return ANY

    def _of_const(self, node: nodes.Const) -> Type:
        return of_json(node.value)

    def _of_name(self, node: nodes.Name) -> Type:
        return self.path((node.name,))

    def _of_getattr(self, node: nodes.Getattr) -> Type:
        path = _path(node)
        return self.path(path) if path else self._field(self.type(node.node), node.attr)

    def _of_getitem(self, node: nodes.Getitem) -> Type:
        path = _path(node)
        if path:
            return self.path(path)
        base = self.type(node.node)
        kind = type(node.arg).__name__
        if kind == "Slice":
            return Type(base.kinds & {"text", "list"}, None, base.items) if base.can_be("text", "list") else ANY
        value = getattr(node.arg, "value", None)
        if isinstance(value, str):
            return self._field(base, value)
        if kind not in ("Const", "Neg"):
            self.type(node.arg)
            return ANY
        if base.kinds == {"list"}:
            return base.items or ANY
        return of_kinds("text") if base.kinds == {"text"} else ANY

    def _of_list(self, node: nodes.List) -> Type:
        return of_items([self.type(item) for item in node.items])

    _of_tuple = _of_list

    def _of_dict(self, node: nodes.Dict) -> Type:
        for pair in node.items:
            self.type(pair.value)
        return of_kinds("object")

    def _of_call(self, node: nodes.Call) -> Type:
        name = str(getattr(node.node, "name", ""))
        if self._status is None:
            return of_json(value=True) if name == "always" else of_kinds("boolean")
        return of_json(self._status[name])

    def _of_not(self, node: nodes.Not) -> Type:
        truth = self.type(node.node).truth
        return of_kinds("boolean") if truth is None else of_json(not truth)

    def _of_and(self, node: nodes.And) -> Type:
        return self._either(node, decides=False)

    def _of_or(self, node: nodes.Or) -> Type:
        return self._either(node, decides=True)

    def _either(self, node: nodes.And | nodes.Or, *, decides: bool) -> Type:
        left, right = self.type(node.left), self.type(node.right)
        if left.truth is decides:
            return left
        return right if left.truth is not None else left.without(truth=not decides) | right

    def _of_condexpr(self, node: nodes.CondExpr) -> Type:
        truth = self.type(node.test).truth
        first = self.type(node.expr1)
        second = self.type(node.expr2) if node.expr2 is not None else ANY
        return first | second if truth is None else first if truth else second

    def _of_add(self, node: nodes.Add) -> Type:
        left, right = self.type(node.left), self.type(node.right)
        kinds = {kinds[0] for kinds in _ORDERED if left.can_be(*kinds) and right.can_be(*kinds)}
        if not kinds:
            hint = "`~` joins both as text." if left.can_be("text") or right.can_be("text") else ""
            self._impossible(f"{left} and {right} cannot be added", hint, node.left)
        return of_kinds(*kinds) if kinds else ANY

    def _numbers(self, node: nodes.BinExpr) -> Type:
        sign = _OPERATORS[type(node).__name__]
        for side in (node.left, node.right):
            found = self.type(side)
            if not found.can_be("number", "boolean"):
                self._impossible(f"`{sign}` takes two numbers, and one is {found}", _as_number(found), side)
        return of_kinds("number")

    _of_sub = _of_mul = _of_div = _of_floordiv = _of_mod = _numbers

    def _signed(self, node: nodes.Neg | nodes.Pos) -> Type:
        found = self.type(node.node)
        if not found.can_be("number", "boolean"):
            self._impossible(f"a sign stands before a number, and this is {found}", _as_number(found), node.node)
        return of_kinds("number")

    _of_pos = _signed

    def _of_neg(self, node: nodes.Neg) -> Type:
        found = self._signed(node)
        value = getattr(node.node, "value", None)
        return of_json(-value) if isinstance(value, int | float) else found

    def _of_concat(self, node: nodes.Concat) -> Type:
        for part in node.nodes:
            found = self.type(part)
            if not found.can_be(*_SCALAR):
                self._impossible(f"{found} cannot stand inside text", "`| tojson` makes text of it.", part)
        return of_kinds("text")

    def _of_compare(self, node: nodes.Compare) -> Type:
        sides = [(node.expr, self.type(node.expr)), *((one.expr, self.type(one.expr)) for one in node.ops)]
        results = [
            self._compared(one.op, left, right) for one, (left, right) in zip(node.ops, pairwise(sides), strict=True)
        ]
        if False in results:
            return of_json(value=False)
        return of_json(value=True) if all(results) else of_kinds("boolean")

    def _compared(self, op: str, left: tuple[nodes.Node, Type], right: tuple[nodes.Node, Type]) -> bool | None:
        """What a comparison always says; None where it depends."""
        (node, first), (other, second) = left, right
        if op in ("eq", "ne"):
            return self._equal(op, first, second, _word(node) or _word(other))
        if op in ("in", "notin"):
            return self._contained(op, first, second, _word(node) or _word(other))
        if not any(first.can_be(*kinds) and second.can_be(*kinds) for kinds in _ORDERED):
            message = f"`{_SIGNS[op]}` cannot tell which of {first} and {second} is greater"
            self._impossible(message, _as_number(first) or _as_number(second), node)
        return None

    def _equal(self, op: str, first: Type, second: Type, word: str) -> bool | None:
        if may_equal(first, second):
            same = first.values is not None and first.values == second.values and len(first.values) == 1
            return (op == "eq") if same else None
        self._constant(op, first, second, word)
        return op == "ne"

    def _contained(self, op: str, first: Type, second: Type, word: str) -> bool | None:
        if not second.can_be(*_ITERABLE):
            self._impossible(f"`in` looks into text, a list or an object, and this is {second}", "", word)
        elif second.kinds == {"text"} and not first.can_be("text"):
            self._impossible(f"`in` looks for text in text, and not for {first}", "`| string` makes text of it.", word)
        elif second.kinds == {"list"} and second.items is not None and not may_equal(first, second.items):
            self._constant(op, first, second.items, word)
            return op == "notin"
        return None

    def _constant(self, op: str, first: Type, second: Type, word: str) -> None:
        never = "never true" if op in ("eq", "in") else "always true"
        if first.kinds.isdisjoint(second.kinds):
            message = f"`{_SIGNS[op]}` is {never} here: it compares {first} with {second}"
            hint = _as_number(second if first.kinds == {"number"} else first) if _numeric(first, second) else ""
        elif first.values and second.values and len(first.values) > 1:
            message, hint = f"`{_SIGNS[op]}` is {never} here", f"It can be {_listed(first)}."
        elif first.values and second.values and len(second.values) > 1:
            message, hint = f"`{_SIGNS[op]}` is {never} here", f"It can be {_listed(second)}."
        else:
            return  # two constants, or what is known only in this world: nothing that a reader could learn from
        self.findings.append(Finding(message, hint, word, impossible=False))

    def _of_test(self, node: nodes.Test) -> Type:
        lenient = node.name in ("defined", "undefined")
        self._lenient += lenient
        for child in node.iter_child_nodes():
            self.type(child)
        self._lenient -= lenient
        return of_kinds("boolean")

    def _of_filter(self, node: nodes.Filter) -> Type:
        if node.name == "default":
            return self._default(node)
        given = self.type(node.node) if node.node is not None else ANY
        others = [self.type(argument) for argument in node.args]
        takes = _TAKES.get(node.name)
        forgiving = node.name in ("int", "float") and (others or node.kwargs)
        if takes and not given.can_be(*takes) and not forgiving:
            wanted = " or ".join(str(of_kinds(kind)) for kind in takes)
            self._impossible(f"`{node.name}` takes {wanted}, and this is {given}", "", node.node or node)
        if node.name in ("first", "last", "min", "max") and given.items is not None and not node.kwargs:
            return given.items
        gives = _GIVES.get(node.name, ANY)
        return gives | others[0] if forgiving and others else ANY if forgiving else gives

    def _default(self, node: nodes.Filter) -> Type:
        self._lenient += 1
        given = self.type(node.node) if node.node is not None else ANY
        self._lenient -= 1
        others = [self.type(argument) for argument in node.args]
        return given | others[0] if others and not node.kwargs else ANY

    def _field(self, base: Type, name: str) -> Type:
        if base.can_be("object"):
            return ANY
        if not self._lenient:
            hint = f'`| map(attribute="{name}")` asks each item for it.' if base.can_be("list") else ""
            self._impossible(f'{base} has no "{name}"', hint, f".{name}")
        return ANY

    def _impossible(self, message: str, hint: str, where: nodes.Node | str) -> None:
        self.findings.append(Finding(message, hint, where if isinstance(where, str) else _word(where)))


def _path(node: nodes.Node) -> tuple[str, ...] | None:
    """The names of a dotted path; None for anything else."""
    name = getattr(node, "name", None)
    kind = type(node).__name__
    if kind == "Name":
        return (str(name),)
    inner = getattr(node, "attr", None) if kind == "Getattr" else getattr(getattr(node, "arg", None), "value", None)
    if kind not in ("Getattr", "Getitem") or not isinstance(inner, str):
        return None
    before = _path(node.node)  # type: ignore[attr-defined]
    return (*before, inner) if before else None


def _word(node: nodes.Node) -> str:
    """Something of the node that can be found in the text of the expression; empty for a constant."""
    return next((".".join(path) for inner in _all(node) if (path := _path(inner))), "")


def _all(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _all(child)


def _numeric(first: Type, second: Type) -> bool:
    return {"text", "number"} == first.kinds | second.kinds


def _as_number(found: Type) -> str:
    return "`| int` or `| float` makes a number of it." if found.kinds == {"text"} else ""


def _listed(found: Type) -> str:
    shown = [f"'{value}'" if isinstance(value, str) else str(value) for value in found.values or ()]
    return f"{', '.join(shown[:-1])} or {shown[-1]}"
