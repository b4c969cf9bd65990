"""Layout: where each piece of a text begins and ends, its comments included. What formatting moves pieces by.

A `Document` says where values begin, which is enough to point at them. To move them one has to know where they end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from flowrun.spec.document import reader

_COMMENT = re.compile(r"(?<![^\s])#[^\n]*")


@dataclass(slots=True)
class Node:
    """A piece of a text: a value, or a key. `start` and `end` are offsets; an anchor or a tag stands inside.

    `end` of a map or a list in block style is that of the last piece in it. `style` is that of a scalar: a quote, `|`,
    `>`, or nothing. `entries` are those of a map, `items` those of a list.
    """

    kind: Literal["scalar", "alias", "map", "list"]
    start: int
    end: int
    flow: bool = True
    style: str = ""
    value: str = ""
    anchor: str | None = None
    tagged: bool = False
    entries: list[tuple[Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    @property
    def block(self) -> bool:
        """Whether it is a map or a list that is written by indentation."""
        return not self.flow

    @property
    def first(self) -> int:
        """Where the first key of a map or the first dash of a list stands, behind an anchor of the whole."""
        return self.entries[0][0].start if self.entries else self.start

    def parts(self) -> Iterator[Node]:
        """The pieces right inside it, in order."""
        for key, value in self.entries:
            yield key
            yield value
        yield from self.items

    def every(self) -> Iterator[Node]:
        """It and all pieces inside it, in order."""
        yield self
        for part in self.parts():
            yield from part.every()


def layout(text: str) -> Node:
    """The pieces of a text that `document.parse` could read, whose lines end with a line feed."""
    next_event = reader(text)
    while not isinstance(event := next_event(), MappingStartEvent | SequenceStartEvent | ScalarEvent):
        pass
    return _node(event, next_event)


def comments(text: str, whole: Node) -> list[str]:
    """Every comment of the text, in order."""
    found: list[str] = []
    at = 0
    for node in whole.every():
        if node.kind in ("scalar", "alias") and node.end > at:
            found += _COMMENT.findall(f"{text[at - 1 : at]}{text[at : node.start]}") if node.start > at else []
            at = node.end
    return [*found, *_COMMENT.findall(f"{text[at - 1 : at]}{text[at:]}")]


def _node(event: Any, next_event: Any) -> Node:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, AliasEvent):
        return Node("alias", start, end, value=event.anchor)
    tagged = event.ctag is not None
    if isinstance(event, ScalarEvent):
        return Node("scalar", start, end, True, event.style or "", event.value, event.anchor, tagged)  # noqa: FBT003
    flow = bool(event.flow_style)
    made = Node("list", start, end, flow=flow, anchor=event.anchor, tagged=tagged)
    closing: Any = SequenceEndEvent
    if isinstance(event, MappingStartEvent):
        made.kind, closing = "map", MappingEndEvent
    while type(inner := next_event()) is not closing:
        part = _node(inner, next_event)
        if made.kind == "map":
            made.entries.append((part, _node(next_event(), next_event)))
        else:
            made.items.append(part)
    made.end = inner.end_mark.index if flow else max(start, *(part.end for part in made.parts()))
    return made
