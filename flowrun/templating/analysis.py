"""What can be said of an expression before it is evaluated: what it refers to, which functions it asks, its faults."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun.templating import syntax
from flowrun.templating.syntax import Json, Leaf, Path, Placeholder, Unclosed

if TYPE_CHECKING:
    from jinja2 import nodes

SYNTAX = "FR301"
NOT_ALLOWED = "FR302"
FOREIGN = "FR303"
UNCLOSED = "FR304"
TOO_LARGE = "FR305"
STATUS_OUTSIDE_IF = "FR306"

_WITHOUT = ("default", "defined", "undefined")
"""The filter and the tests that take a name which is not there."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A name that an expression uses, as far as it can be followed: `("steps", "list", "outputs", "Ledgers")`.

    `in_path` is where in the JSON value the expression stands. `optional`: the expression says what holds without it.
    """

    path: tuple[str, ...]
    in_path: Path
    expression: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong that shows without evaluating. `offset` counts characters from the start of the text."""

    code: str
    message: str
    hint: str
    in_path: Path
    offset: int
    expression: str


@dataclass(frozen=True, slots=True)
class _Finding:
    """A fault of an expression, wherever that stands; `word` is what it is about."""

    code: str
    message: str
    hint: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class _Analysis:
    """Everything that is known of one expression."""

    paths: tuple[tuple[str, ...], ...] = ()
    optional: frozenset[tuple[str, ...]] = frozenset()
    functions: frozenset[str] = frozenset()
    findings: tuple[_Finding, ...] = ()


def references(value: Json) -> Iterator[Reference]:
    """What the templates in a JSON value refer to, in the order of the text."""
    for leaf, placeholder in _placeholders(value):
        found = _analyse(placeholder.expression)
        for path in found.paths:
            yield Reference(path, leaf.path, placeholder.expression, path in found.optional)


def references_of(expression: str) -> tuple[Reference, ...]:
    """What one expression refers to; it may stand inside `${{ }}`."""
    inner = syntax.bare(expression)
    found = _analyse(inner)
    return tuple(Reference(path, (), inner, path in found.optional) for path in found.paths)


def functions(expression: str) -> frozenset[str]:
    """The status functions that the expression asks."""
    return _analyse(syntax.bare(expression)).functions


def faults(value: Json) -> Iterator[Fault]:
    """What is wrong with the templates in a JSON value. Status functions are wrong in all of them."""
    for leaf in syntax.leaves(value):
        if "{{" not in leaf.text and "{%" not in leaf.text:
            continue
        if leaf.is_key and syntax.is_template(leaf.text):
            hint = "Put the expression into the value, or choose the whole map with one expression."
            yield Fault(NOT_ALLOWED, "the key of a map is never evaluated", hint, leaf.path, 0, leaf.text)
        if not leaf.is_key:
            yield from _faults_in_text(leaf)


def faults_of(expression: str, *, status: bool = True) -> tuple[Fault, ...]:
    """What is wrong with one expression; it may stand inside `${{ }}`. `status` allows the status functions."""
    inner = syntax.bare(expression)
    start = max(expression.find(inner), 0)
    if syntax.OPEN in inner:
        whole = all(isinstance(piece, Unclosed) for piece in syntax.split(inner))
        if whole:
            return (_unclosed(inner, 0, (), quoted=_quoted(inner)),)
        hint = "Write one expression, such as `inputs.a == 1 and inputs.b == 2`; `${{ }}` may stand around the whole."
        return (Fault(SYNTAX, "an expression stands here, not a text with expressions in it", hint, (), start, inner),)
    if inner.startswith("{{"):
        return (_foreign("{{", inner, (), start),)
    return tuple(_faults_at(inner, start, (), status=status))


def _faults_in_text(leaf: Leaf) -> Iterator[Fault]:
    for foreign in syntax.foreign(leaf.text):
        yield _foreign(foreign.found, leaf.text, leaf.path, foreign.offset)
    for piece in syntax.split(leaf.text):
        if isinstance(piece, Unclosed):
            yield _unclosed(leaf.text, piece.offset, leaf.path, quoted=piece.quoted)
        elif isinstance(piece, Placeholder):
            yield from _faults_at(piece.expression, piece.offset, leaf.path, status=False)


def _faults_at(expression: str, offset: int, path: Path, *, status: bool) -> Iterator[Fault]:
    analysis = _analyse(expression)
    for finding in analysis.findings:
        at = offset + max(expression.find(finding.word), 0)
        yield Fault(finding.code, finding.message, finding.hint, path, at, expression)
    if not status:
        for name in sorted(analysis.functions):
            at = offset + max(expression.find(name), 0)
            hint = "Ask `steps.<id>.result` instead."
            yield Fault(STATUS_OUTSIDE_IF, f"{name}() can be asked in `if` only", hint, path, at, expression)


def _unclosed(text: str, offset: int, path: Path, *, quoted: bool) -> Fault:
    hint = "A quotation mark inside it is still open." if quoted else "Add `}}`."
    return Fault(UNCLOSED, "`${{` is never closed", hint, path, offset, text)


def _quoted(text: str) -> bool:
    return any(isinstance(piece, Unclosed) and piece.quoted for piece in syntax.split(text))


def _foreign(found: str, text: str, path: Path, offset: int) -> Fault:
    if found == "{{":
        hint = "Write `${{ … }}` for an expression, or `${{ '{{' }}` for the two braces themselves."
        return Fault(FOREIGN, "`{{` without `$` is not an expression", hint, path, offset, text)
    hint = "There are expressions only: a filter such as `map` or `select`, or `a if condition else b`."
    return Fault(FOREIGN, "statements such as `{% … %}` do not exist here", hint, path, offset, text)


def _placeholders(value: Json) -> Iterator[tuple[Leaf, Placeholder]]:
    for leaf in syntax.leaves(value):
        if not leaf.is_key and syntax.is_template(leaf.text):
            for piece in syntax.split(leaf.text):
                if isinstance(piece, Placeholder):
                    yield leaf, piece


@functools.lru_cache(maxsize=65_536)
def _analyse(expression: str) -> _Analysis:
    path = syntax.plain_path(expression)
    return _read(expression) if path is None else _Analysis((path,))


def _read(expression: str) -> _Analysis:
    """With jinja2."""
    from jinja2.exceptions import TemplateSyntaxError  # noqa: PLC0415 - jinja2 costs 0.2 s, for those who need it

    from flowrun.templating import advice, language  # noqa: PLC0415 - the same

    if not expression:
        return _Analysis(findings=(_Finding(SYNTAX, "the expression is empty", "Write what it should come to."),))
    if len(expression) > language.MOST_LENGTH:
        message = f"the expression has {len(expression)} characters; {language.MOST_LENGTH} are allowed"
        return _Analysis(findings=(_Finding(TOO_LARGE, message, "Compute it in the automation."),))
    try:
        tree = tree_of(expression)
    except RecursionError:
        return _Analysis(findings=(_too_deep(),))
    except TemplateSyntaxError as error:
        message = f"the expression cannot be read: {error.message}"
        return _Analysis(findings=(_Finding(SYNTAX, message, advice.instead_of_sign(expression)),))
    if language.depth(tree) > language.MOST_NESTING:
        return _Analysis(findings=(_too_deep(),))
    findings = tuple(_Finding(NOT_ALLOWED, *refusal) for refusal in language.refusals(tree))
    roots, asked, optional = _names_in(tree, frozenset(language.STATUS_FUNCTIONS))
    return _Analysis(tuple(dict.fromkeys(roots)), frozenset(optional), frozenset(asked), findings)


@functools.lru_cache(maxsize=1_024)
def tree_of(expression: str) -> nodes.Expr:
    """The tree of an expression, which is shared: nobody may change it. Raises what `language.parse` raises.

    Trees are large, so few are remembered: whoever analyses an expression wants its tree at once, or not at all.
    """
    from flowrun.templating import language  # noqa: PLC0415 - jinja2 costs 0.2 s, for those who need it

    return language.parse(expression)


def _too_deep() -> _Finding:
    return _Finding(TOO_LARGE, "the expression is nested too deeply", "Split it, or compute it in the automation.")


def _names_in(
    tree: nodes.Node, status: frozenset[str]
) -> tuple[list[tuple[str, ...]], list[str], list[tuple[str, ...]]]:
    """The paths in the order of the text, the status functions, and the paths that need not be there."""
    from jinja2 import nodes  # noqa: PLC0415 - imported already when there is a tree

    paths: list[tuple[str, ...]] = []
    asked: list[str] = []
    optional: list[tuple[str, ...]] = []

    def follow(node: nodes.Node) -> tuple[str, ...] | None:
        """The path that ends in this node; None if it does not start with a name or goes on by a computed key."""
        if isinstance(node, nodes.Name):
            return (node.name,)
        if isinstance(node, nodes.Getattr):
            before = follow(node.node)
            return (*before, node.attr) if before else None
        if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            before = follow(node.node)
            return (*before, node.arg.value) if before else None
        return None

    def walk(node: nodes.Node) -> None:
        path = follow(node)
        if isinstance(node, nodes.Filter | nodes.Test) and node.name in _WITHOUT and node.node is not None:
            guarded = follow(node.node)
            optional.extend([guarded] if guarded else [])
        if path is None:
            for child in node.iter_child_nodes():
                walk(child)
        elif path[0] in status:
            asked.append(path[0])
        else:
            paths.append(path)

    walk(tree)
    return paths, asked, optional


def first_fault(expression: str) -> Fault | None:
    """The first thing that keeps the expression from being evaluated."""
    return next(_faults_at(expression, 0, (), status=True), None)
