"""Lines: a text taken apart by its indentation, and put together again with its entries in order and in one style.

What stands above an entry belongs to it, and so does what is indented further below it. What stands at the top of a
map with an empty line below stays there, and what stands at its end stays at its end.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from flowrun.spec.arrangement import Inside, inside_of
from flowrun.spec.layout import Node
from flowrun.spec.moves import order

STEP = 2
"""By how many columns a value is indented further than its key."""

_DASH_OR_COMMENT = re.compile(r"(?<!\S)(?:#[^\n]*|-(?=\s|$))")
_INDICATOR = re.compile(r"[|>][-+]?[1-9]")


class Left(Exception):
    """The text is written in a way that is not formatted. The message says in which."""


@dataclass(slots=True)
class _Unit:
    """An entry of a map or an item of a list. Lines count from 0; `end` is the first one behind its content.

    `column` is that of its key or its dash; `above` are the lines that belong to it, from `above` to `line`.
    """

    line: int
    column: int
    value: Node
    inside: Inside
    end: int
    above: int = 0
    tail: int = 0


class Lines:
    """A text, in lines, whose top is a map in block style."""

    def __init__(self, text: str, whole: Node) -> None:
        self._text = text
        self._whole = whole
        self._lines = text.removesuffix("\n").split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def formatted(self, inside: Inside) -> str:
        """The whole text. Raises Left."""
        whole, lines = self._whole, self._lines
        first, last = self._line(whole.first), self._end(whole)
        marks = [at for at in range(first) if lines[at].startswith(("---", "%"))]
        begin = marks[-1] + 1 if marks else 0
        end = next((at for at in range(last, len(lines)) if lines[at].startswith("...")), len(lines))
        top = begin + self._top(begin, first)
        made = [line.rstrip() for line in lines[:begin]] + self._trivia(begin, top, 0)
        above, body = self._collection(whole, inside, 0, (top, end), glued=False)
        made += [*above, *body, *(line.rstrip() for line in lines[end:])]
        while not made[0]:
            del made[0]
        if not self._keeps_breaks(whole):
            while not made[-1]:
                del made[-1]
        text = "\n".join(made)
        ends = self._text.endswith("\n") or self._last(whole).style not in ("|", ">")
        return f"{text}\n" if ends else text

    def _top(self, begin: int, first: int) -> int:
        """How many lines stay at the top of the file: all above the last empty one, or all where there is none."""
        blank = [at for at in range(begin, first) if not self._lines[at].strip()]
        return (blank[-1] + 1 if blank else first) - begin

    def _collection(
        self, node: Node, inside: Inside, column: int, span: tuple[int, int], *, glued: bool
    ) -> tuple[list[str], list[str]]:
        """What stands above a map or a list, and itself, indented to a column; `span` are the lines that are its own.

        `glued`: its first line is that of the dash of a list. Then only spaces stand before its column in that line.
        """
        shape = inside[0] if inside and not inside[1] and node.kind == "map" else None
        units = self._units(node, inside, span, glued=glued)
        places = order(node, shape) if node.kind == "map" else list(range(len(units)))
        start = span[0]
        if not glued and places[0] != 0:
            start = self._header(start, units[0].line)
        units[0].above = start
        above = self._trivia(span[0], start, column)
        leads = [self._trivia(unit.above, unit.line, column) for unit in units]
        if places[0] != 0:
            _swap_blank(leads, places[0])
        made: list[str] = []
        for place in places:
            body = self._unit(units[place], column)
            if glued and place == places[0]:
                above += leads[place]
            else:
                made += leads[place]
            made += body
        return above, made + self._trivia(units[-1].tail, span[1], column)

    def _header(self, start: int, first: int) -> int:
        """Where the lines begin that belong to the first entry of a map."""
        blank = [at for at in range(start, first) if not self._lines[at].strip()]
        return blank[-1] + 1 if blank else start

    def _units(self, node: Node, inside: Inside, span: tuple[int, int], *, glued: bool) -> list[_Unit]:
        units: list[_Unit] = []
        at = node.start
        for key, value in node.entries:
            line = self._line(key.start)
            column = key.start - self._starts[line]
            before = self._lines[line][:column].rstrip()
            if before.endswith("?") or (before and (units or not glued)):
                raise Left("a key of it is written with a question mark")
            units.append(_Unit(line, column, value, inside_of(inside, key.value), self._end(value, key)))
        for item in node.items:
            dash = self._dash(at, item.start)
            line = self._line(dash)
            at = item.end
            ending = max(self._end(item), line + 1)
            units.append(_Unit(line, dash - self._starts[line], item, inside and (inside[0], False), ending))
        for place, unit in enumerate(units):
            following = units[place + 1].line if place + 1 < len(units) else span[1]
            unit.tail = self._tail(unit.end, following, unit.column)
            if place + 1 < len(units):
                units[place + 1].above = unit.tail
        return units

    def _dash(self, start: int, end: int) -> int:
        found = (one.start() for one in _DASH_OR_COMMENT.finditer(self._text, start, end) if one.group() == "-")
        return next(found)

    def _tail(self, start: int, end: int, column: int) -> int:
        """Where the comments end that are indented further than an entry above them, and so belong to it."""
        tail = start
        for at in range(start, end):
            line = self._lines[at]
            if line.strip():
                if _indent(line) <= column:
                    break
                tail = at + 1
        return tail

    def _unit(self, unit: _Unit, column: int) -> list[str]:
        """An entry or an item with what belongs to it, its key or its dash at a column."""
        value = unit.value
        head = " " * column + self._lines[unit.line][unit.column :]
        if value.block:
            first = self._line(self._first(value))
            span = (first if first == unit.line else unit.line + 1, unit.tail)
            if first == unit.line:
                inner = column + self._first(value) - self._starts[first] - unit.column
                above, made = self._collection(value, unit.inside, inner, span, glued=True)
                made[0] = head[:inner] + made[0][inner:]
                return [*(" " * column + line.strip() if line else "" for line in above), *made]
            above, made = self._collection(value, unit.inside, column + STEP, span, glued=False)
            return [head.rstrip(), *above, *made]
        if value.style in ("|", ">"):
            made = [head.rstrip(), *self._block_scalar(unit, column)]
            return made + self._trivia(unit.end, unit.tail, column)
        several = self._line(value.start) < self._line(max(value.start, value.end - 1))
        made = [head if several else head.rstrip(), *self._continued(unit, column)]
        return made + self._trivia(unit.end, unit.tail, column + STEP)

    def _continued(self, unit: _Unit, column: int) -> list[str]:
        """The further lines of a value that is no block."""
        made: list[str] = []
        start = self._line(unit.value.start)
        for at in range(unit.line + 1, unit.end):
            line = self._lines[at]
            if at <= start:
                made += self._trivia(at, at + 1, column + STEP)
                continue
            indent = _indent(line)
            wanted = max(indent + column - unit.column, column + 1 if indent > unit.column else 0)
            made.append(" " * wanted + line[indent:] if line.strip() else "")
        return made

    def _block_scalar(self, unit: _Unit, column: int) -> list[str]:
        lines = self._lines[unit.line + 1 : unit.end]
        header = self._text[unit.value.start : self._starts[self._line(unit.value.start) + 1]]
        indents = [_indent(line) for line in lines if line.strip()]
        if not indents:
            return lines
        shift = column - unit.column if _INDICATOR.search(header) else column + STEP - indents[0]
        least = min(indents)
        return [" " * shift + line if shift > 0 else line[-shift:] for line in (_cut(line, least) for line in lines)]

    def _trivia(self, start: int, end: int, column: int) -> list[str]:
        """Comments at a column, and no two empty lines one after the other."""
        made: list[str] = []
        for line in self._lines[start:end]:
            text = line.strip()
            if text or not made or made[-1]:
                made.append(" " * column + text if text else "")
        return made

    def _first(self, node: Node) -> int:
        """Where the first key or the first dash of a map or a list stands."""
        return node.first if node.kind == "map" else self._dash(node.start, node.items[0].start)

    def _end(self, value: Node, key: Node | None = None) -> int:
        """The first line behind the content of an entry."""
        last = self._last(value)
        end = last.end if key is None else max(key.end, last.end)
        line = self._line(end)
        if last.style not in ("|", ">"):
            return line + 1
        if line < len(self._lines) and end > self._starts[line]:
            line += 1
        line = min(line, len(self._lines))
        while not self._keeps_breaks(last) and not self._lines[line - 1].strip():
            line -= 1
        return line

    def _last(self, node: Node) -> Node:
        """The last piece in a value that is written by indentation; the value itself else."""
        while node.block:
            node = node.entries[-1][1] if node.entries else node.items[-1]
        return node

    def _keeps_breaks(self, node: Node) -> bool:
        """Whether the empty lines behind a value are part of it."""
        last = self._last(node)
        return last.style in ("|", ">") and "+" in self._text[last.start : last.end].split("\n", 1)[0]

    def _line(self, offset: int) -> int:
        return bisect_right(self._starts, offset) - 1


def _swap_blank(leads: list[list[str]], first: int) -> None:
    """Give the empty line above an entry that comes first now to the one that was first."""
    if leads[first][:1] == [""]:
        del leads[first][0]
        if leads[0][:1] != [""]:
            leads[0].insert(0, "")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _cut(line: str, least: int) -> str:
    """A line of a block of text; one of spaces alone that are none of the text is empty."""
    return line if line.strip() or len(line) > least else ""
