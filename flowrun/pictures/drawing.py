"""Drawing: a graph to draw, whatever it is of. `planner.picture` makes one of a plan, `report.picture` one of a run.

All text is as it was written; each language escapes what it must. Nodes stand in a topological order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from string import digits

from flowrun.pictures.state import State
from flowrun.span import Span


@dataclass(frozen=True, slots=True)
class Node:
    """A step. `id` is its name in its part; `what` what it does, in a word, and `notes` more lines of the kind.

    `took` is how long it took, or usually takes where it is foreseen. `several`: it has legs. `longest`: it stands on
    the longest path. `undoes`: the step that it undoes; `runs`: the name of the part that it runs. `told` is for who
    wants to know more. `stands_for`: the names of all that are drawn as it, `called` what these are called together.
    """

    id: str
    what: str = ""
    notes: tuple[str, ...] = ()
    state: State = State.FORESEEN
    took: Span | None = None
    several: bool = False
    longest: bool = False
    undoes: str = ""
    runs: str = ""
    told: str = ""
    stands_for: tuple[str, ...] = ()
    called: str = ""

    @property
    def stand(self) -> str:
        """How it stands, in words with its mark: `✓ succeeded 4m02s`, `~ changed, usually 4m02s`, or nothing."""
        if self.state.ahead:
            head = "" if self.state is State.FORESEEN else f"{self.state.mark} {self.state}"
            return ", ".join(filter(None, (head, "" if self.took is None else f"usually {self.took}")))
        return " ".join(
            part for part in (self.state.mark, self.state, "" if self.took is None else f"{self.took}") if part
        )

    @property
    def name(self) -> str:
        """What it is called: `post`, or `post_01 … 12` where it stands for several."""
        if self.called or not self.stands_for:
            return self.called or self.id
        first, last = self.stands_for[0], self.stands_for[-1]
        stem = first.rstrip(digits)
        return f"{first} … {last[len(stem) if stem == last.rstrip(digits) else 0 :]}"


@dataclass(frozen=True, slots=True)
class Edge:
    """`after` needs `before`; an optional one also lets it begin where `before` had nothing to do."""

    before: str
    after: str
    optional: bool = False
    longest: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Nodes that are drawn together. `file` is empty for the workflow itself, else that of a file which is a step.

    `stage` is a word above it, such as `finally`; empty for the steps themselves. `title` is for a file's first part.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    file: str = ""
    stage: str = ""
    title: str = ""

    @property
    def heading(self) -> str:
        """What is written above it: `finally`, `post.yaml: post`, `post.yaml: post, finally`, or nothing."""
        return ", ".join(part for part in (self.title, self.stage) if part)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole. `title` names it, `words` say in a sentence what there is to see."""

    title: str
    parts: tuple[Part, ...]
    words: str = ""
    state: State = State.FORESEEN

    @property
    def files(self) -> tuple[str, ...]:
        """The files that have parts, but for the workflow itself."""
        return tuple(dict.fromkeys(part.file for part in self.parts if part.file))


def layers(part: Part) -> list[list[Node]]:
    """The nodes that may run side by side, layer after layer, each in the order of the part."""
    needs: dict[str, list[str]] = {}
    for edge in part.edges:
        needs.setdefault(edge.after, []).append(edge.before)
    depths: dict[str, int] = {}
    found: list[list[Node]] = []
    for node in part.nodes:
        depth = 1 + max((depths[before] for before in needs.get(node.id, ())), default=-1)
        depths[node.id] = depth
        if depth == len(found):
            found.append([])
        found[depth].append(node)
    return found


def legend(nodes: Iterable[Node]) -> str:
    """How many stand how: `3 succeeded, 1 failed`; nothing where all are foreseen."""
    counts: dict[State, int] = {}
    for node in nodes:
        counts[node.state] = counts.get(node.state, 0) + (len(node.stands_for) or 1)
    return ", ".join(f"{counts[state]} {state}" for state in State if state in counts and state is not State.FORESEEN)
