"""A saved plan as a Drawing and as a Chart, from its file alone: what is new or changed, and how long it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from statistics import median

from flowrun.core.plan import Condition, FanOut, Json, Need, Plan, Stage, Step
from flowrun.pictures.chart import Bar, Chart, Row
from flowrun.pictures.drawing import Drawing, Node, Part
from flowrun.pictures.state import State
from flowrun.planner import picture
from flowrun.review.steps import CHANGED, NEW
from flowrun.review.told import summary
from flowrun.span import Span

_STATES = {NEW: State.NEW, CHANGED: State.CHANGED}
_MOST_CHANGES = 2
_LONGEST = 60
_MOST_NAMED = 5
_COUNTED = 1.0
"""Seconds of each step where nobody knows how long any takes."""

Rows = Mapping[tuple[str, str], Mapping[str, Json]]
"""The rows of a plan file by file and id."""


def drawing(document: Mapping[str, Json]) -> Drawing:
    """The picture of a saved plan and of each file that is a step of it."""
    rows = {(row["file"], row["id"]): row for row in document["steps"]}
    plans = _plans(document)
    within = {name: plan for name, plan in plans.items() if name}
    made = picture.drawing(plans[""], within, _usual(document), document["longest_path"]["runs"])
    _, _, path = made.words.partition("; ")
    return replace(
        made,
        title=_title(document),
        parts=tuple(_marked(part, rows) for part in made.parts),
        words="; ".join(filter(None, (summary(document), path))),
    )


def chart(document: Mapping[str, Json]) -> Chart:
    """When each step would run, if each takes what was usual and begins as soon as all that it needs is done.

    Steps that undo others are left out: they are for what fails.
    """
    usual = _usual(document)
    other = median(usual.values()) if usual else _COUNTED
    longest = {node.id for part in drawing(document).parts if not part.file for node in part.nodes if node.longest}
    ends: dict[str, float] = {}
    begins = 0.0
    shown: list[Row] = []
    guessed: list[str] = []
    for stage in (Stage.STEPS, Stage.FINALLY):
        for row in document["steps"]:
            if row["file"] or row["stage"] != stage.value:
                continue
            step_id, state = row["id"], _STATES.get(row["mark"], State.FORESEEN)
            begin = max((ends[need] for need in row["needs"] if need in ends), default=begins)
            ends[step_id] = begin + usual.get(step_id, other)
            took = Span(usual[step_id]) if step_id in usual else None
            guessed += [] if took is not None else [step_id]
            words = f"for each {', '.join(row['fan_out']) or 'leg'}" if row["fan_out"] is not None else ""
            bars = (Bar(begin, ends[step_id], state),)
            told = "\n".join((_what(row), *row["changes"]))
            shown.append(Row(step_id, state, (bars,), words, took, longest=step_id in longest, told=told))
        begins = max(ends.values(), default=0.0)
    words = f"{summary(document)}; {_foreseen(document['longest_path']['runs'], guessed, known=bool(usual))}"
    return Chart(_title(document), tuple(shown), begins, words, counted=not usual)


def _title(document: Mapping[str, Json]) -> str:
    return f"{document['workflow']}, plan from {document['created_at']}"


def _usual(document: Mapping[str, Json]) -> dict[str, float]:
    return {row["id"]: row["usual"] for row in document["steps"] if not row["file"] and row["usual"] is not None}


def _plans(document: Mapping[str, Json]) -> dict[str, Plan]:
    """As much of the plans as can be drawn, by the file that each is of."""
    steps: dict[str, list[Step]] = {"": []}
    for row in document["steps"]:
        steps.setdefault(row["file"], []).append(_step(row))
    return {name: Plan(name or document["workflow"], tuple(some)) for name, some in steps.items()}


def _step(row: Mapping[str, Json]) -> Step:
    stage, optional = Stage(row["stage"]), row.get("optional", ())
    return Step(
        row["id"],
        row["kind"],
        row["written"],
        tuple(Need(need, need in optional) for need in row["needs"]),
        stage,
        None if row["if"] is None else Condition(row["if"]),
        None if row["fan_out"] is None else FanOut(dict.fromkeys(row["fan_out"])),
        undoes=row["id"].removesuffix(f".{stage.value}") if stage is Stage.COMPENSATE else "",
    )


def _marked(part: Part, rows: Rows) -> Part:
    title = part.file if part.title else ""
    return replace(part, title=title, nodes=tuple(_node(node, rows[part.file, node.id]) for node in part.nodes))


def _node(node: Node, row: Mapping[str, Json]) -> Node:
    changes = tuple(_changes(row["changes"]))
    state = _STATES.get(row["mark"], State.FORESEEN)
    return replace(
        node, what=_what(row) or node.what, notes=(*node.notes, *changes), state=state, told="\n".join(row["changes"])
    )


def _what(row: Mapping[str, Json]) -> str:
    """The Release with its version, where that is known."""
    return f"{row['release']} {row['version'] or ''}".rstrip() if row["release"] else ""


def _changes(changes: list[str]) -> Iterator[str]:
    for change in changes[:_MOST_CHANGES]:
        yield change if len(change) <= _LONGEST else f"{change[: _LONGEST - 1]}…"
    if len(changes) > _MOST_CHANGES:
        yield f"and {len(changes) - _MOST_CHANGES} more"


def _foreseen(runs: int, guessed: list[str], *, known: bool) -> str:
    if not known:
        return "foreseen, in steps: no run of this workflow had succeeded, and so each step counts the same"
    took = f"what was usual in the last {runs} runs" if runs > 1 else "as in the last run"
    named = f"{', '.join(guessed[:_MOST_NAMED])}{' …' if len(guessed) > _MOST_NAMED else ''}"
    never = f"; never seen to succeed, and guessed: {named}" if guessed else ""
    return f"foreseen: each step takes {took}, and begins when what it needs is done{never}"
