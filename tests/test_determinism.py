"""What another process must be able to do over goes over no set: each process has another order of the texts in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "flowrun"
ROOMS = ("core", "admission", "engines", "journal/*.py", "steps/*.py", "templating/evaluator.py", "templating/work.py")
"""The loop, and all that it asks in its own process."""
IN_A_WORKFLOW = "from temporalio import workflow"
"""Of the engine on Temporal, which is as much outside as inside, what says so is done over."""

ORDERLESS = {"all", "any", "frozenset", "len", "max", "min", "set", "sorted", "sum"}
"""What comes to the same in whatever order it is told."""
IN_ORDER = {"chain", "deque", "dict", "enumerate", "extend", "filter", "fromkeys", "iter", "join", "list", "map"}
IN_ORDER |= {"next", "pop", "tuple", "zip"}
VIEWS = {"items", "keys"}
SETS = ("set", "frozenset", "AbstractSet")


def files() -> list[Path]:
    found: set[Path] = set()
    for room in ROOMS:
        at = PACKAGE / room
        found |= set(at.rglob("*.py") if at.is_dir() else PACKAGE.glob(room))
    scaled = PACKAGE / "engines" / "temporal"
    return sorted(path for path in found if path.parent != scaled or IN_A_WORKFLOW in path.read_text())


def test_the_workflow_is_among_them() -> None:
    names = {path.name for path in files() if path.parent.name == "temporal"}
    assert {"workflow.py", "ledger.py", "remote.py", "watches.py"} <= names
    assert "activities.py" not in names


class Sets:
    """Which expressions of a module are sets, as far as it says so itself: by a hint, or by how they are made."""

    def __init__(self, tree: ast.Module) -> None:
        self._names: set[str] = set()
        self._makers = {"frozenset", "set", "difference", "intersection", "symmetric_difference", "union"}
        nodes = list(ast.walk(tree))
        for node in nodes:
            if isinstance(node, ast.AnnAssign) and _is_hint(node.annotation):
                self._names.add(ast.unparse(node.target))
            elif isinstance(node, ast.arg) and node.annotation is not None and _is_hint(node.annotation):
                self._names.add(node.arg)
            elif isinstance(node, ast.FunctionDef) and node.returns is not None and _is_hint(node.returns):
                self._makers.add(node.name)
        for _ in range(2):  # a name for what has a name
            for node in nodes:
                if isinstance(node, ast.Assign) and self.has(node.value):
                    self._names |= {ast.unparse(target) for target in node.targets}

    def has(self, node: ast.expr) -> bool:
        """Whether it is one."""
        match node:
            case ast.Set() | ast.SetComp():
                return True
            case ast.Name() | ast.Attribute():
                return ast.unparse(node) in self._names
            case ast.Call():
                return _called(node) in self._makers
            case ast.IfExp(body=body, orelse=other):
                return self.has(body) or self.has(other)
            case ast.BinOp(left, ast.Sub() | ast.BitOr() | ast.BitAnd() | ast.BitXor(), right):
                return any(self.has(side) or _is_view(side) for side in (left, right))
            case _:
                return False


def _is_hint(hint: ast.expr) -> bool:
    return ast.unparse(hint).partition("[")[0] in SETS


def _is_view(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VIEWS


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)


def in_order_of_a_set(tree: ast.Module) -> Iterator[ast.AST]:
    """Where a module goes over a set, and the order matters."""
    sets = Sets(tree)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}

    def matters(node: ast.AST) -> bool:
        above = parents.get(node)
        return not (isinstance(above, ast.Call) and _called(above) in ORDERLESS)

    for node in ast.walk(tree):
        match node:
            case ast.For(iter=over) | ast.AsyncFor(iter=over):
                wrong = sets.has(over)
            case ast.ListComp() | ast.GeneratorExp() | ast.DictComp():
                wrong = matters(node) and any(sets.has(each.iter) for each in node.generators)
            case ast.Starred(value=value):
                wrong = sets.has(value) and not isinstance(parents[node], ast.Set)
            case ast.Call(func=ast.Attribute(value=of, attr="pop"), args=[]):
                wrong = sets.has(of)
            case ast.Call(args=given):
                wrong = _called(node) == "as_completed" or (_called(node) in IN_ORDER and any(map(sets.has, given)))
            case _:
                wrong = False
        if wrong:
            yield node


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_that_is_done_over_goes_by_the_order_of_a_set(path: Path) -> None:
    found = [f"{path}:{node.lineno}: {ast.unparse(node)}" for node in in_order_of_a_set(ast.parse(path.read_text()))]  # type: ignore[attr-defined]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "for key in tasks.keys() - keys: pass",
        "for key in {1, 2}: pass",
        "seen: set[str] = set()\nlist(seen)",
        "def f(names: frozenset[str]):\n    return [name for name in names]",
        "def __init__(self):\n    self.all: set[int] = set()\ndef f(self):\n    return (*self.all,)",
        "def lacks() -> set[str]: ...\n', '.join(lacks() | other)",
        "a = set(b)\nc = a\nc.pop()",
        "{key: 1 for key in set(a)}",
        "asyncio.as_completed(tasks)",
    ],
)
def test_each_way_of_going_over_a_set_is_seen(code: str) -> None:
    assert len(list(in_order_of_a_set(ast.parse(code)))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "for key in sorted(tasks.keys() - keys): pass",
        "for key in tasks.keys(): pass",
        "a = set(b)\nany(x for x in a)\nsorted(x.y for x in a)\n{x for x in a}\n{*a, 1}\nmax(a)",
        "tasks: dict[str, int] = {}\ntasks.pop('a')\nlist(tasks)",
    ],
)
def test_what_has_an_order_or_needs_none_is_let_through(code: str) -> None:
    assert list(in_order_of_a_set(ast.parse(code))) == []
