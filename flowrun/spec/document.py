"""ruamel.yaml's door: a text becomes a Document, plain data with the position of every key and value.

It reads the events of the C parser (the pure Python one where that is not installed) and builds from them, so that
limits are checked before anything is composed, and nothing but plain JSON values can come out.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, cast

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from flowrun.core.plan import Json
from flowrun.errors import Position, Problem
from flowrun.spec.places import Document, Path, Tree, dotted, pack, unpack
from flowrun.spec.problems import lines_of, problem
from flowrun.spec.scalars import NotJson, has_leading_zero, resolve
from flowrun.spec.syntax import explain

__all__ = ["Document", "Path", "dotted", "parse", "reader"]

MOST_BYTES = 8 * 1024 * 1024
MOST_NODES = 1_000_000
MOST_DEPTH = 64
_MOST_DUPLICATES = 1000

_BAD_CHARACTER = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_MARKS_OF_UTF32 = ("\udcff\udcfe\0\0", "\0\0\udcfe\udcff")
_FIRST_ESCAPED, _LAST_ESCAPED = 0xDC80, 0xDCFF


def parse(text: str) -> Document:
    """The document in a text, with everything that is wrong with it as YAML. Never raises for what is written.

    Bytes that were no UTF-8 may stand in the text as lone surrogates (`surrogateescape`); they are reported.
    """
    text = text.removeprefix("\ufeff")
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        return Document(text, None, (problem("FR002", Position(1, 1), size=size, most=MOST_BYTES),))
    if bad := _BAD_CHARACTER.search(text):
        return Document(text, None, (_bad_character(text, bad),))
    builder = _Builder(reader(text))
    try:
        data, tree = builder.document()
    except _Stop as stop:
        return Document(text, None, (*builder.problems, stop.problem))
    except YAMLError as error:
        return Document(text, None, (*builder.problems, _unreadable(text, error)))
    zeros = {unpack(place): raw for place, raw in builder.leading_zeros}
    return Document(text, data, tuple(builder.problems), zeros, tree)


def _bad_character(text: str, bad: re.Match[str]) -> Problem:
    place = Position(1, 1) if bad.start() == 0 else _place_of(text, bad.start())
    if text.startswith(("\udcff\udcfe", "\udcfe\udcff", *_MARKS_OF_UTF32)):
        encoding = "UTF-32" if text.startswith(_MARKS_OF_UTF32) else "UTF-16"
        return problem("FR001", place, reason=f"it begins with the byte order mark of {encoding}")
    number = ord(bad.group())
    if _FIRST_ESCAPED <= number <= _LAST_ESCAPED:
        return problem("FR001", place, reason=f"the byte 0x{number & 0xFF:02x} does not belong there")
    return problem("FR017", place, number=number)


def _unreadable(text: str, error: YAMLError) -> Problem:
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return explain(text, Position(1, 1), str(error), None)
    mark, start = error.problem_mark, error.context_mark
    begun = Position(start.line + 1, start.column + 1) if start else None
    return explain(text, Position(mark.line + 1, mark.column + 1), error.problem or str(error), begun)


def reader(text: str) -> Callable[[], Any]:
    """A function that gives the next event of ruamel.yaml."""
    try:
        from _ruamel_yaml import CParser  # noqa: PLC0415 - an optional part of ruamel.yaml
    except ImportError:
        from ruamel.yaml import YAML  # noqa: PLC0415 - slow, and only needed without the C parser

        return cast("Callable[[], Any]", iter(YAML(typ="safe", pure=True).parse(text)).__next__)
    return cast("Callable[[], Any]", CParser(text).get_event)


class _Stop(Exception):
    """Nothing further can be read."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.code)
        self.problem = found


class _Builder:
    """Builds data and positions side by side from the events of one document."""

    def __init__(self, next_event: Callable[[], Any]) -> None:
        self.problems: list[Problem] = []
        self.leading_zeros: list[tuple[int, str]] = []
        self._next = next_event
        self._nodes = 0
        self._anchors: dict[str, tuple[Json, Tree, int] | None] = {}

    def document(self) -> tuple[Json, Tree]:
        """The first document. Raises _Stop where there is none, or a second one."""
        built: tuple[Json, Tree] | None = None
        while type(event := self._next()) is not StreamEndEvent:
            if type(event) is DocumentStartEvent:
                self._open(event, second=built is not None)
                built = self._node(self._next(), 1)
        if built is None or (built[0] is None and isinstance(built[1], int)):
            raise _Stop(problem("FR003", Position(1, 1)))
        return built

    def _open(self, event: Any, *, second: bool) -> None:
        if second:
            raise _Stop(problem("FR011", _mark(event)))
        if event.version and tuple(event.version) != (1, 2):
            self.problems.append(problem("FR016", _mark(event), version=".".join(map(str, event.version))))

    def _node(self, event: Any, depth: int) -> tuple[Json, Tree]:
        kind = type(event)
        if kind is AliasEvent:
            return self._alias(event)
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _Stop(problem("FR009", _mark(event), most=MOST_NODES))
        if kind is not ScalarEvent and depth > MOST_DEPTH:
            raise _Stop(problem("FR010", _mark(event), most=MOST_DEPTH))
        anchor = event.anchor
        before = self._nodes
        if anchor is not None:
            self._anchors[anchor] = None
        if kind is ScalarEvent:
            mark = event.start_mark
            place = pack(mark.line, mark.column)
            built: tuple[Json, Tree] = (self._scalar(event, place), place)
        elif kind is MappingStartEvent:
            built = self._mapping(event, depth)
        else:
            built = self._sequence(event, depth)
        if anchor is not None:
            self._anchors[anchor] = (*built, self._nodes - before + 1)
        return built

    def _alias(self, event: Any) -> tuple[Json, Tree]:
        """The anchored node itself, counted as if it had been written again."""
        name = event.anchor
        if name not in self._anchors:
            raise _Stop(problem("FR008", _mark(event), name=name, reason="nothing above it has that anchor"))
        known = self._anchors[name]
        if known is None:
            raise _Stop(problem("FR008", _mark(event), name=name, reason="it stands inside the value it refers to"))
        data, tree, size = known
        self._nodes += size
        if self._nodes > MOST_NODES:
            raise _Stop(problem("FR009", _mark(event), most=MOST_NODES))
        return data, tree

    def _scalar(self, event: Any, place: int) -> Json:
        text: str = event.value
        tag = event.ctag
        if tag is not None:
            if str(tag) in ("!", "tag:yaml.org,2002:str"):
                return text
            self._refuse_tag(event)
            return text
        if not event.implicit[0]:
            return text
        try:
            value = resolve(text)
        except NotJson as error:
            self.problems.append(problem("FR015", _mark(event), text=text[:60], reason=str(error)))
            return text
        if type(value) is int and has_leading_zero(text):
            self.leading_zeros.append((place, text))
        return value

    def _sequence(self, event: Any, depth: int) -> tuple[Json, Tree]:
        self._refuse_tag(event, "tag:yaml.org,2002:seq")
        items: list[Json] = []
        mark = event.start_mark
        tree: list[Tree] = [pack(mark.line, mark.column)]
        while type(event := self._next()) is not SequenceEndEvent:
            item, place = self._node(event, depth + 1)
            items.append(item)
            tree.append(place)
        return items, tree

    def _mapping(self, event: Any, depth: int) -> tuple[Json, Tree]:
        self._refuse_tag(event, "tag:yaml.org,2002:map")
        data: dict[str, Json] = {}
        mark = event.start_mark
        tree: list[Tree] = [pack(mark.line, mark.column)]
        merged: list[tuple[Json, Tree, Position]] = []
        while type(event := self._next()) is not MappingEndEvent:
            name = self._key(event, depth)
            value, place = self._node(self._next(), depth + 1)
            if name is None:
                continue
            if name == "<<" and not event.style:
                merged.append((value, place, _mark(event)))
            elif name in data:
                if len(self.problems) < _MOST_DUPLICATES:
                    self._duplicate(event, name, tree[1 + 2 * list(data).index(name)])
            else:
                mark = event.start_mark
                data[name] = value
                tree += (pack(mark.line, mark.column), place)
        for value, place, at in merged:
            self._merge(data, tree, value, place, at)
        return data, tree

    def _key(self, event: Any, depth: int) -> str | None:
        """The text of a key. A key that is not a scalar is a problem, and its entry is left out."""
        if type(event) is ScalarEvent and event.ctag is None:
            self._nodes += 1
            if event.anchor is not None:
                self._anchors[event.anchor] = (event.value, pack(event.start_mark.line, event.start_mark.column), 1)
            return sys.intern(event.value)
        braces = type(event) is MappingStartEvent and event.flow_style
        self._node(event, depth + 1)
        hint = "An expression is written ${{ ... }}, and inside quotes." if braces else None
        self.problems.append(problem("FR013", _mark(event), hint=hint))
        return None

    def _merge(self, data: dict[str, Json], tree: list[Tree], value: Json, place: Tree, at: Position) -> None:
        """`<<: *anchor`: the entries of that mapping, or of each of a list, which are not there yet."""
        sources = list(zip(value, place[1:], strict=True)) if isinstance(value, list) else [(value, place)]
        for source, places in sources:
            if not isinstance(source, dict):
                self.problems.append(problem("FR014", at))
                continue
            self._nodes += 2 * len(source)
            if self._nodes > MOST_NODES:
                raise _Stop(problem("FR009", at, most=MOST_NODES))
            for index, (name, item) in enumerate(source.items()):
                if name not in data:
                    data[name] = item
                    tree += places[1 + 2 * index : 3 + 2 * index]

    def _duplicate(self, event: Any, name: str, first: int) -> None:
        label = "first written here"
        self.problems.append(problem("FR006", _mark(event), name=name, other=unpack(first), other_label=label))

    def _refuse_tag(self, event: Any, allowed: str = "") -> None:
        if event.ctag is not None and str(event.ctag) != allowed:
            tag = str(event.ctag).replace("tag:yaml.org,2002:", "!!")
            self.problems.append(problem("FR007", _mark(event), tag=tag))


def _mark(event: Any) -> Position:
    return Position(event.start_mark.line + 1, event.start_mark.column + 1)


def _place_of(text: str, offset: int) -> Position:
    lines = lines_of(text[:offset])
    return Position(len(lines), len(lines[-1]) + 1)
