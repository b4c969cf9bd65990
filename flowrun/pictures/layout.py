"""Layout: where the boxes of a graph stand and which way its edges go, in layers from above to below.

Layers that are wider than the page go on in further rows, so that a picture grows downwards and its text stays legible.
Each step of the work is linear but for sorting; nothing is drawn by chance.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from flowrun.pictures.drawing import Edge, Node, Part, layers
from flowrun.pictures.words import BOLD, width

Point: TypeAlias = tuple[float, float]

PAGE = 1180.0
"""The greatest width of the rows, in the unit of everything here: a pixel where nobody scales the picture."""

TITLE = 13.0
LINE = 11.0
"""Sizes of the letters in a box."""

_NARROWEST, _WIDEST = 104.0, 216.0
_PADDING = 9.0
_ASIDE = 26.0
_BELOW = 42.0
_CLEAR = 11.0
_SWEEPS = 6
_LANES = 7
_LANE = 5.0
_FAR = 2
"""An edge that passes more rows than so many goes round them, along the margin."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node in its place. `x` and `y` are its left upper corner."""

    node: Node
    lines: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Where it is in the middle, from the left."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an edge from box to box: points, of which each second line between two is straight down."""

    edge: Edge
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A part in its place, from (0, 0) on."""

    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


def lines_of(node: Node) -> tuple[str, ...]:
    """What stands in its box below its name."""
    undoes = f"undoes {node.undoes}" if node.undoes else ""
    return tuple(line for line in (node.what, undoes, *node.notes, node.stand) if line)


def layout(part: Part) -> Layout:
    """Put every node in its place."""
    if not part.nodes:
        return Layout((), (), 0.0, 0.0)
    return _Layout(part).made()


class _Layout:
    """The work: order within layers, rows, places in rows, ways between."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._nodes = part.nodes
        places = {node.id: place for place, node in enumerate(part.nodes)}
        self._above: list[list[int]] = [[] for _ in part.nodes]
        self._below: list[list[int]] = [[] for _ in part.nodes]
        for edge in part.edges:
            before, after = places[edge.before], places[edge.after]
            self._above[after].append(before)
            self._below[before].append(after)
        self._places = places
        self._layers = [[places[node.id] for node in layer] for layer in layers(part)]
        self._width = min(_WIDEST, max(_NARROWEST, *map(_wanted, part.nodes)))
        self._cell = self._width + _ASIDE
        self._at = [0.0] * len(part.nodes)

    def made(self) -> Layout:
        self._order()
        rows = self._rows()
        self._straighten(rows)
        least = min(self._at)
        self._at = [at - least for at in self._at]
        boxes, bands = self._boxes(rows)
        return self._with_ways(boxes, bands)

    def _order(self) -> None:
        """Barycentre sweeps: each layer in the order of the middles of its neighbours, down and up again."""
        for layer in self._layers:
            self._spread(layer)
        for sweep in range(_SWEEPS):
            down = sweep % 2 == 0
            neighbours = self._above if down else self._below
            for layer in self._layers if down else reversed(self._layers):
                layer.sort(key=lambda node: self._mean(neighbours[node], self._at[node]))
                self._spread(layer)

    def _spread(self, layer: Sequence[int]) -> None:
        first = -(len(layer) - 1) / 2
        for place, node in enumerate(layer):
            self._at[node] = first + place

    def _mean(self, nodes: Sequence[int], otherwise: float) -> float:
        return sum(self._at[node] for node in nodes) / len(nodes) if nodes else otherwise

    def _rows(self) -> list[list[int]]:
        """The layers, those that are wider than the page cut into rows as wide as each other."""
        most = max(1, int((PAGE + _ASIDE) // self._cell))
        rows: list[list[int]] = []
        for layer in self._layers:
            count = -(-len(layer) // most)
            size = -(-len(layer) // count)
            rows += [layer[at : at + size] for at in range(0, len(layer), size)]
        for row in rows:
            self._spread(row)
            for node in row:
                self._at[node] *= self._cell
        return rows

    def _straighten(self, rows: Sequence[Sequence[int]]) -> None:
        """Each node below the middle of those that it needs, as far as its neighbours in the row let it."""
        bound = max(len(row) - 1 for row in rows) / 2 * self._cell
        both = [[*above, *below] for above, below in zip(self._above, self._below, strict=True)]
        for neighbours, downwards in ((self._above, True), (self._below, False), (both, True)):
            for row in rows if downwards else reversed(rows):
                wanted = [self._mean(neighbours[node], self._at[node]) for node in row]
                for node, at in zip(row, _apart(wanted, self._cell, bound), strict=True):
                    self._at[node] = at

    def _boxes(self, rows: Sequence[Sequence[int]]) -> tuple[dict[int, Box], list[_Band]]:
        boxes: dict[int, Box] = {}
        bands: list[_Band] = []
        top = 0.0
        for number, row in enumerate(rows):
            lines = {node: lines_of(self._nodes[node]) for node in row}
            height = 2 * _PADDING + TITLE + max(len(found) for found in lines.values()) * (LINE + 4)
            for node in row:
                boxes[node] = Box(self._nodes[node], lines[node], self._at[node], top, self._width, height)
            bands.append(_Band(number, top, top + height, [self._at[node] for node in row], self._width))
            top += height + _BELOW
        return boxes, bands

    def _with_ways(self, boxes: dict[int, Box], bands: Sequence[_Band]) -> Layout:
        """Boxes and edges, moved so that nothing is left of the page."""
        tops = {band.top: band for band in bands}
        right = max(box.x + box.width for box in boxes.values())
        ports = _Ports(boxes, self._above, self._below)
        ways = []
        for edge in self._part.edges:
            before, after = self._places[edge.before], self._places[edge.after]
            start, end = ports.out(before, after), ports.into(before, after)
            first, last = tops[boxes[before].y].number + 1, tops[boxes[after].y].number
            if last - first > _FAR:
                lane = 14.0 + (before % _LANES) * _LANE
                at = -lane if start[0] + end[0] < right else right + lane
                middle = [(at, bands[first].top), (at, bands[last - 1].bottom)]
            else:
                middle = [point for band in bands[first:last] for point in band.passed(start, end)]
            ways.append((edge, (start, *middle, end)))
        least = min([0.0, *(x - 4 for _, way in ways for x, _ in way)])
        most = max([right, *(x + 4 for _, way in ways for x, _ in way)])
        moved = (replace(boxes[place], x=boxes[place].x - least) for place in range(len(self._nodes)))
        routes = (Route(edge, tuple((x - least, y) for x, y in way)) for edge, way in ways)
        return Layout(tuple(moved), tuple(routes), most - least, bands[-1].bottom)


class _Band:
    """A row: how high it is, and the gaps before, between and after its boxes, which stand in order from the left."""

    def __init__(self, number: int, top: float, bottom: float, lefts: Sequence[float], box: float) -> None:
        self.number, self.top, self.bottom = number, top, bottom
        self._lefts = lefts
        self._lows = [-math.inf, *(left + box + _CLEAR for left in lefts)]
        self._highs = [*(left - _CLEAR for left in lefts), math.inf]

    def passed(self, start: Point, end: Point) -> tuple[Point, Point]:
        """Where an edge goes through it: as near to the straight line as there is a gap."""
        share = ((self.top + self.bottom) / 2 - start[1]) / (end[1] - start[1])
        wanted = start[0] + (end[0] - start[0]) * share
        gap = bisect(self._lefts, wanted)
        at = min(max(wanted, self._lows[gap]), self._highs[gap])
        if gap:
            before = min(wanted, self._highs[gap - 1])
            at = before if wanted - before < abs(at - wanted) else at
        return (at, self.top), (at, self.bottom)


class _Ports:
    """Where edges leave and reach boxes: side by side, in the order of where they come from and go to."""

    def __init__(self, boxes: dict[int, Box], above: Sequence[Sequence[int]], below: Sequence[Sequence[int]]) -> None:
        self._boxes = boxes
        self._above = [self._ranks(nodes) for nodes in above]
        self._below = [self._ranks(nodes) for nodes in below]

    def out(self, before: int, after: int) -> Point:
        box = self._boxes[before]
        return self._port(box, self._below[before], after), box.y + box.height

    def into(self, before: int, after: int) -> Point:
        box = self._boxes[after]
        return self._port(box, self._above[after], before), box.y

    def _ranks(self, nodes: Sequence[int]) -> dict[int, int]:
        ordered = sorted(nodes, key=lambda node: (self._boxes[node].x, node))
        return {node: rank for rank, node in enumerate(ordered)}

    def _port(self, box: Box, ranks: dict[int, int], other: int) -> float:
        count = len(ranks)
        apart = min(14.0, box.width * 0.6 / count)
        return box.middle + (ranks[other] - (count - 1) / 2) * apart


def _wanted(node: Node) -> float:
    lines = [width(line, LINE) for line in lines_of(node)]
    return max([width(node.name, TITLE) * BOLD, width(node.stand, LINE) * BOLD, *lines]) + 2 * _PADDING


def _apart(wanted: Sequence[float], least: float, bound: float) -> list[float]:
    """The places nearest to those wanted that keep their order, at least so far apart, all within the bounds.

    Neighbours that are too near are pushed apart as one, about the mean of what they want (isotonic regression).
    """
    blocks: list[tuple[float, int]] = []
    for place, at in enumerate(wanted):
        mean, count = at - place * least, 1
        while blocks and blocks[-1][0] > mean:
            other, size = blocks.pop()
            mean, count = (other * size + mean * count) / (size + count), size + count
        blocks.append((mean, count))
    low, high = -bound, bound - (len(wanted) - 1) * least
    flat = [min(max(mean, low), high) for mean, count in blocks for _ in range(count)]
    return [at + place * least for place, at in enumerate(flat)]
