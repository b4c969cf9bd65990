"""The expressions themselves: parsed with jinja2, checked against what is allowed, and only then compiled.

Three things keep them harmless. The tree may hold only the nodes listed here. Filters, tests and operators are those
of `vocabulary`. And a dot or a bracket looks up an item of plain data, never an attribute of an object, so that there
is no way from a value to the interpreter; this is also why a step may be called `items` or `keys`.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from flowrun.templating.absent import Absent
from flowrun.templating.vocabulary import COMPARED, FILTERS_ALLOWED, HIDDEN, OPERATORS, SLICE, TESTS_ALLOWED
from flowrun.templating.work import CALL, MADE, metered, spend

MOST_LENGTH = 4_000
"""Characters of one expression."""

MOST_NESTING = 64
"""How deep the tree of one expression may be."""

STATUS_FUNCTIONS = ("always", "cancelled", "failure", "success")

_NODES: tuple[type[nodes.Node], ...] = (
    nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair, nodes.Keyword, nodes.Getattr,
    nodes.Getitem, nodes.Slice, nodes.Filter, nodes.Test, nodes.Call, nodes.Compare, nodes.Operand, nodes.And,
    nodes.Or, nodes.Not, nodes.Neg, nodes.Pos, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv,
    nodes.Mod, nodes.Concat, nodes.CondExpr,
)  # fmt: skip

_SELF = "self"
"""A name that jinja2 would answer by itself."""

_TAKES_NAME: dict[str, tuple[int, str, Mapping[str, Any]]] = {
    "map": (0, "filter", FILTERS_ALLOWED),
    "select": (0, "test", TESTS_ALLOWED),
    "reject": (0, "test", TESTS_ALLOWED),
    "selectattr": (1, "test", TESTS_ALLOWED),
    "rejectattr": (1, "test", TESTS_ALLOWED),
}
"""Filters that take the name of another filter or test: at which place, and of what."""


class Status:
    """A status function at work: it takes nothing and gives its answer."""

    __slots__ = ("_answer",)

    def __init__(self, answer: bool) -> None:  # noqa: FBT001 - the one thing that it holds
        self._answer = answer

    def __call__(self) -> bool:
        """The answer."""
        return self._answer


class Environment(ImmutableSandboxedEnvironment):
    """jinja2, with nothing in it but what is listed."""

    intercepted_binops = frozenset((*OPERATORS, "**"))

    def __init__(self) -> None:
        super().__init__(undefined=Absent, autoescape=False, optimized=False, cache_size=0)
        self.globals.clear()
        self.filters = {**FILTERS_ALLOWED, **HIDDEN}
        self.tests = dict(TESTS_ALLOWED)
        self.binop_table = dict(OPERATORS)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The item of that name."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """An object's item by its key, a list's or a text's by its index; absent where there is none."""
        spend(CALL)
        if isinstance(obj, Absent):
            return obj
        indexed = isinstance(obj, list | tuple | str) and isinstance(argument, int) and not isinstance(argument, bool)
        if indexed or (isinstance(obj, Mapping) and isinstance(argument, str)):
            try:
                return obj[argument]
            except LookupError:
                pass
        spend(MADE)
        return Absent(obj=obj, name=argument)

    def is_safe_callable(self, obj: Any) -> bool:
        """Only a status function is."""
        return isinstance(obj, Status)


class _Plain(NodeTransformer):
    """Puts filters where Python's own operators would stand.

    `a ~ b` becomes `[a, b] | join`, so that both make the same text. Parts and comparisons become what is counted.
    """

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - the visitor's naming
        parts = [self.visit(part) for part in node.nodes]
        items = nodes.List(parts, lineno=node.lineno)
        return _filter(items, "join")

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802 - the visitor's naming
        self.generic_visit(node)
        if not isinstance(node.arg, nodes.Slice):
            return node
        ends = (node.arg.start, node.arg.stop, node.arg.step)
        return _filter(node.node, SLICE, *(nodes.Const(None) if end is None else end for end in ends))

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802 - the visitor's naming
        self.generic_visit(node)
        node.expr = _filter(node.expr, COMPARED)
        for operand in node.ops:
            operand.expr = _filter(operand.expr, COMPARED)
        return node


def _filter(value: nodes.Expr, name: str, *arguments: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(value, name, list(arguments), [], None, None, lineno=1)


@functools.cache
def environment() -> Environment:
    """The one environment of the process. It holds no state of any run."""
    return Environment()


def parse(expression: str) -> nodes.Expr:
    """The tree. Raises TemplateSyntaxError, and RecursionError for thousands of brackets."""
    parser = Parser(environment(), expression, state="variable")
    tree = parser.parse_expression()
    if not parser.stream.eos:
        rest = parser.stream.current
        raise TemplateSyntaxError(f"it should have ended before '{rest.value}'", rest.lineno)
    return tree


def depth(tree: nodes.Node) -> int:
    """How deep the tree is, counted without recursion."""
    level = [tree]
    count = 0
    while level:
        count += 1
        level = [child for node in level for child in node.iter_child_nodes()]
    return count


def refusals(tree: nodes.Node) -> Iterator[tuple[str, str, str]]:
    """What the tree holds that is not allowed: message, hint, and the word in the expression that it is about."""
    called = {id(node.node) for node in _all(tree) if isinstance(node, nodes.Call)}
    for node in _all(tree):
        if isinstance(node, nodes.Call):
            yield from _refused_call(node)
        elif isinstance(node, nodes.Filter):
            yield from _refused_name("filter", node, FILTERS_ALLOWED)
        elif isinstance(node, nodes.Test):
            yield from _refused_name("test", node, TESTS_ALLOWED)
        elif isinstance(node, nodes.Name) and id(node) not in called:
            yield from _refused_root(node.name)
        else:
            yield from _refused_node(node)


def _refused_root(name: str) -> Iterator[tuple[str, str, str]]:
    if name in STATUS_FUNCTIONS:
        yield f"{name} is a function", f"Write `{name}()`.", name
    if name == _SELF:
        yield f'nothing is called "{_SELF}" here', "", _SELF


def _refused_node(node: nodes.Node) -> Iterator[tuple[str, str, str]]:
    if isinstance(node, nodes.CondExpr) and node.expr2 is None:
        yield "an `if` inside an expression needs an `else`", "Write `a if condition else b`.", "if"
    elif isinstance(node, nodes.Const) and isinstance(node.value, float) and not math.isfinite(node.value):
        yield "the number is too large", "", ""
    elif isinstance(node, nodes.Pow):
        yield "`**` is not allowed", "Compute powers in the automation.", "**"
    elif not isinstance(node, _NODES):
        yield f"{type(node).__name__} is not allowed in an expression", "", ""


def _all(tree: nodes.Node) -> Iterator[nodes.Node]:
    """Every node, parents before children."""
    yield tree
    for child in tree.iter_child_nodes():
        yield from _all(child)


def _refused_call(node: nodes.Call) -> Iterator[tuple[str, str, str]]:
    from flowrun.templating import advice  # noqa: PLC0415 - only somebody with a mistake needs it

    if isinstance(node.node, nodes.Name) and node.node.name in STATUS_FUNCTIONS:
        if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            yield f"{node.node.name}() takes no arguments", f"Write `{node.node.name}()`.", node.node.name
        return
    name = str(getattr(node.node, "name", None) or getattr(node.node, "attr", ""))
    yield f"{name or 'this'}(…) cannot be called", advice.instead_of_call(name), name


def _refused_name(
    what: str, node: nodes.Filter | nodes.Test, known: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    from flowrun.templating import advice  # noqa: PLC0415 - only somebody with a mistake needs it

    if node.name not in known:
        yield f"there is no {what} {node.name}", advice.instead_of_name(node.name, known), node.name
    elif node.dyn_args or node.dyn_kwargs:
        yield f"`*` and `**` cannot be used in the arguments of {node.name}", "", node.name
    elif what == "filter" and node.name in _TAKES_NAME:
        position, inner, inner_known = _TAKES_NAME[node.name]
        argument = node.args[position] if len(node.args) > position else None
        if isinstance(argument, nodes.Const) and argument.value not in inner_known:
            word = str(argument.value)
            yield f"there is no {inner} {word} for {node.name}", advice.instead_of_name(word, inner_known), word


class Lookup:
    """Names with dots between that may be evaluated: what jinja2 would do, without a template for each."""

    def __init__(self, path: tuple[str, ...]) -> None:
        self._root, *self._names = path

    def __call__(self, names: Mapping[str, Any]) -> Any:
        """What the path leads to; absent where nothing is there."""
        value = names[self._root] if self._root in names else Absent(name=self._root)
        for name in self._names:
            value = environment().getitem(value, name)
        return value


class Compiled:
    """An expression that may be evaluated."""

    def __init__(self, tree: nodes.Expr) -> None:
        target = nodes.Name("result", "store", lineno=1)
        body = nodes.Template([nodes.Assign(target, _Plain().visit(tree), lineno=1)], lineno=1)
        body.set_environment(environment())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # Python's about `(1)[0]`, which we tell in our own words
            self._template = environment().from_string(body)

    def __call__(self, names: Mapping[str, Any]) -> Any:
        """Its value with these names. Raises what jinja2 and Python's operators raise."""
        context: Context = self._template.new_context(dict(names))
        with metered():
            for _ in self._template.root_render_func(context):
                pass
        return context.vars["result"]
