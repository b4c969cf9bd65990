"""Formatter: keys in order, lines and quotes in one style. What a file means stays as it is, and so does every comment.

Pieces of the text are moved, nothing is written anew: first inside the lines (quotes, maps in braces), then whole
lines.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from flowrun.errors import Problem
from flowrun.spec.arrangement import Inside, Shape, inside_of, shape_of
from flowrun.spec.document import parse
from flowrun.spec.layout import Node, comments, layout
from flowrun.spec.lines import Left, Lines
from flowrun.spec.moves import frozen, order
from flowrun.spec.quotes import requoted

_ODD_BREAK = re.compile("\r(?!\n)|[\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Formatted:
    """What came of it: the new text; or the old one, with the problems that it has as YAML, or why it was left.

    `foreign`: it was left because it is no file of ours.
    """

    text: str
    problems: tuple[Problem, ...] = ()
    left: str = ""
    foreign: bool = False


def formatted(text: str, *, environment: bool = False) -> Formatted:
    """The text of a workflow, a test file or an environment, formatted. Never raises for what is written."""
    document = parse(text)
    if any(one.severity == "error" for one in document.problems):
        return Formatted(text, document.problems)
    shape = shape_of(document.data, environment=environment)
    if shape is None:
        return Formatted(text, left="it is no workflow, no test file and no environment", foreign=True)
    if _ODD_BREAK.search(text):
        return Formatted(text, left="a line of it ends with something else than a line feed")
    mark = text[: text.startswith("\ufeff")]
    crlf = text.count("\r\n") * 2 > text.count("\n")
    plain = text.removeprefix(mark).replace("\r\n", "\n")
    try:
        made = _formatted(plain, shape)
    except Left as reason:
        return Formatted(text, left=str(reason))
    if not _same(plain, made, shape):
        return Formatted(text, left="it would mean something else when formatted; please report it")
    made = made.replace("\n", "\r\n") if crlf else made
    return Formatted(mark + made)


def _formatted(text: str, shape: Shape) -> str:
    whole = layout(text)
    text = text[: whole.start] + _Inline(text).written(whole, (shape, False)) + text[whole.end :]
    whole = layout(text)
    return Lines(text, whole).formatted((shape, False)) if whole.block else f"{text.rstrip()}\n"


class _Inline:
    """What changes inside the lines: quotes, and the order of a map in braces."""

    def __init__(self, text: str) -> None:
        self._text = text

    def written(self, node: Node, inside: Inside, *, key: bool = False) -> str:
        """A piece of the text as it is to be written."""
        if node.kind == "map":
            return self._map(node, inside)
        if node.kind == "list":
            item = inside and (inside[0], False)
            return self._joined(node, [(one.start, one.end, self.written(one, item)) for one in node.items])
        written = self._text[node.start : node.end]
        left = node.kind == "alias" or node.tagged or node.anchor is not None or node.style in ("|", ">")
        return written if left or "\n" in written else requoted(written, key=key)

    def _map(self, node: Node, inside: Inside) -> str:
        shape = inside[0] if inside and not inside[1] else None
        spans = [(key.start, max(key.end, value.end)) for key, value in node.entries]
        pieces = [self._entry(key, value, inside_of(inside, key.value)) for key, value in node.entries]
        if node.flow and shape is not None and self._movable(node):
            pieces = [pieces[at] for at in order(node, shape)]
        return self._joined(node, [(*span, piece) for span, piece in zip(spans, pieces, strict=True)])

    def _entry(self, key: Node, value: Node, inside: Inside) -> str:
        between = self._text[key.end : value.start]
        return f"{self.written(key, None, key=True)}{between}{self.written(value, inside)}"

    def _movable(self, node: Node) -> bool:
        """Whether nothing stands between the entries that belongs to one of them."""
        at, between = node.start, ""
        for key, value in node.entries:
            between += self._text[at : key.start] + self._text[key.end : value.start]
            at = max(key.end, value.end)
        return not any(sign in between + self._text[at : node.end] for sign in "#?")

    def _joined(self, node: Node, pieces: list[tuple[int, int, str]]) -> str:
        parts: list[str] = []
        at = node.start
        for start, end, written in pieces:
            parts += (self._text[at:start], written)
            at = end
        return "".join((*parts, self._text[at : node.end]))


def _same(before: str, after: str, shape: Shape) -> bool:
    """Whether two texts mean the same, and have the same comments."""
    one, other = parse(before), parse(after)
    if frozen(one.data, (shape, False)) != frozen(other.data, (shape, False)) or other.problems != ():
        return False
    return Counter(comments(before, layout(before))) == Counter(comments(after, layout(after)))
