"""Document: plain data, and where in the text each key and value of it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from flowrun.core.plan import Json
from flowrun.errors import Position, Problem
from flowrun.spec.problems import lines_of, problem

Path: TypeAlias = tuple[str | int, ...]
"""Keys and indices that lead from the top to a node."""

Tree: TypeAlias = Any
"""Positions beside the data. A scalar is its place, packed into a number; a list is `[place, *items]`, a mapping
`[place, place of key, value, place of key, value, …]` in the order of the dict."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LINE_END = re.compile(r"\s*\n")
_MOST_FOLDED = 20
_LONGEST_NEEDLE = 24
_SHIFT = 24
_MASK = (1 << _SHIFT) - 1


@dataclass(frozen=True, slots=True)
class Document:
    """What stands in a file. `data` is None where nothing could be read."""

    text: str
    data: Json
    problems: tuple[Problem, ...] = ()
    """What is wrong with it as YAML."""
    leading_zeros: Mapping[Position, str] = field(default_factory=dict)
    """The integers written like `0065`, as text, by their place. In `data` they are decimal numbers."""
    _tree: Tree = 0
    _indices: dict[int, dict[str, int]] = field(default_factory=dict, repr=False, compare=False)

    def position(self, path: Path, *, key: bool = False) -> Position:
        """Where the value at `path` begins, or its key. The nearest parent's, where the path does not exist."""
        data, tree = self.data, self._tree
        place = _start(tree)
        for step in path:
            at = self._index(data, step)
            if at is None:
                return unpack(place)
            if isinstance(data, dict):
                place = tree[1 + 2 * at] if key and step == path[-1] else _start(tree[2 + 2 * at])
                data, tree = data[step], tree[2 + 2 * at]
            else:
                data, tree = data[at], tree[1 + at]
                place = _start(tree)
        return unpack(place)

    def inside(self, path: Path, *parts: str) -> Position:
        """Where the first of `parts` that can be found in the text at `path` stands; else where the text begins."""
        value = self.at(path)
        offsets = (value.find(part) for part in parts if part) if isinstance(value, str) else ()
        offset = next((found for found in offsets if found >= 0), None)
        return self.position(path) if offset is None else self.offset(path, offset)

    def offset(self, path: Path, offset: int) -> Position:
        """Where the character at `offset` of the text at `path` stands; where the text begins, if it cannot be told.

        The source may fold, escape and indent what the value has not, so what stands there is looked for.
        """
        start = self.position(path)
        value = self.at(path)
        if not isinstance(value, str):
            return start
        needle = _LINE_END.split(value[offset : offset + _LONGEST_NEEDLE], maxsplit=1)[0]
        before = value[: offset + len(needle)].count(needle) if needle else 0
        lines = lines_of(self.text)
        for number in range(start.line, min(len(lines), start.line + value.count("\n") + _MOST_FOLDED) + 1):
            found = start.column - 2 if number == start.line else -1
            while before and (found := lines[number - 1].find(needle, found + 1)) >= 0:
                before -= 1
                if before == 0:
                    return Position(number, found + 1)
        return start

    def nearest(self, path: Path) -> Path:
        """As much of `path` as exists."""
        data = self.data
        for length, step in enumerate(path):
            if self._index(data, step) is None:
                return path[:length]
            data = data[step]
        return path

    def problem(self, code: str, path: Path, *, key: bool = False, **fields: Any) -> Problem:
        """A problem of the catalogue with the value at `path`, or with its key. `fields` are those of `problem`."""
        place = fields.pop("position", None) or self.position(path, key=key)
        return problem(code, place, where=dotted(self.nearest(path)), **fields)

    def at(self, path: Path) -> Json:
        """The value at `path`; None where there is none."""
        data = self.data
        for step in path:
            at = self._index(data, step)
            if at is None:
                return None
            data = data[step]
        return data

    def paths_of(self, positions: Collection[Position]) -> Mapping[Position, Path]:
        """The paths to the values that begin at these positions; of an anchor's value the first."""
        paths: dict[Position, Path] = {}
        places = {pack(one.line - 1, one.column - 1): one for one in positions}
        for path, start in _places(self.data, self._tree, ()) if places else ():
            if start in places:
                paths.setdefault(places[start], path)
        return paths

    def _index(self, data: Json, step: str | int) -> int | None:
        if isinstance(data, dict):
            known = self._indices.get(id(data))
            if known is None:
                known = self._indices[id(data)] = {name: at for at, name in enumerate(data)}
            return known.get(step) if isinstance(step, str) else None
        if isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
            return step
        return None


def dotted(path: Path) -> str:
    """A path as people write it: `steps.post.needs[1]`."""
    parts = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _WORD.fullmatch(step):
            parts.append(f".{step}" if parts else step)
        else:
            parts.append(f"[{json.dumps(step, ensure_ascii=False)}]")
    return "".join(parts)


def pack(line: int, column: int) -> int:
    """A place as one number; both count from 0."""
    return line << _SHIFT | column


def unpack(place: int) -> Position:
    """The position that a packed place stands for."""
    return Position((place >> _SHIFT) + 1, (place & _MASK) + 1)


def _start(tree: Tree) -> int:
    return int(tree if isinstance(tree, int) else tree[0])


def _places(data: Json, tree: Tree, path: Path) -> Iterator[tuple[Path, int]]:
    yield path, _start(tree)
    if isinstance(data, dict):
        for at, (name, value) in enumerate(data.items()):
            yield from _places(value, tree[2 + 2 * at], (*path, name))
    elif isinstance(data, list):
        for at, value in enumerate(data):
            yield from _places(value, tree[1 + at], (*path, at))
