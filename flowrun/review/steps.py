"""The steps of a plan as rows: what each starts, where and with what, and how that differs from run and lock before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowrun.core.plan import Json, Plan, Step
from flowrun.review.history import History
from flowrun.review.moved import Move
from flowrun.review.written import written

NEW, CHANGED, SAME, REMOVED = "+", "~", "=", "-"

_LONGEST = 80
_GIVEN = ("input_arguments", "inputs")
_FACTS = (
    *("release", "release_key", "package", "version", "entry_point", "arguments"),
    *("folder", "folder_id", "folder_key"),
)
_WRITTEN = (
    "release",
    "release_key",
    "workflow",
    "folder",
    "strategy",
    "robots",
    "robot_ids",
    "jobs_count",
    "runtime_type",
)


@dataclass(frozen=True, slots=True)
class Marked:
    """A step against the last run and the lock. `changes` are words, such as `in_Day "1" → "2"`."""

    mark: str
    changes: tuple[str, ...] = ()


def marks(
    file: str, plan: Plan, facts: Mapping[str, Mapping[str, Json]], history: History, moves: Sequence[Move]
) -> dict[str, Marked]:
    """Each step of one file. `plan` is made concrete as far as it is known."""
    last = history.plans.get(file)
    before = {step.id: step for step in last.steps} if last is not None else {}
    moved = {(move.entry.folder, move.entry.release): move for move in moves}
    found: dict[str, Marked] = {}
    for step in plan.steps:
        fact = facts.get(step.id, {})
        move = moved.get((str(fact.get("folder")), str(fact.get("release"))))
        changes = [f"{move.what} (since the lock)"] if move is not None else []
        if step.id not in before:
            found[step.id] = Marked(NEW, tuple(changes))
            continue
        ran = history.versions.get(step.id, "") if file == "" else ""
        version = f"version {ran} → {fact.get('version')}"
        if ran and fact.get("version") and ran != fact["version"]:
            told = any(version in change for change in changes)
            changes = [changes[0].replace("(since the lock)", "(since lock and last run)")] if told else changes
            changes += [] if told else [f"{version} (since the last run)"]
        changes += _changes(before[step.id], step)
        found[step.id] = Marked(CHANGED if changes else SAME, tuple(changes))
    return found


def removed(file: str, plan: Plan, history: History) -> tuple[str, ...]:
    """The steps of the last run that are no more."""
    last, now = history.plans.get(file), {step.id for step in plan.steps}
    return tuple(step.id for step in last.steps if step.id not in now) if last is not None else ()


def rows(
    file: str,
    plan: Plan,
    facts: Mapping[str, Mapping[str, Json]],
    marked: Mapping[str, Marked],
    usual: Mapping[str, float],
) -> Iterator[dict[str, Json]]:
    """The steps of one file as JSON: `file` is empty for that of the workflow itself."""
    for step in plan.steps:
        fact, one = facts.get(step.id, {}), marked[step.id]
        given: Json = next((step.arguments[name] for name in _GIVEN if step.arguments.get(name)), {})
        yield {
            "id": step.id,
            "file": file,
            "kind": step.kind,
            "stage": step.stage.value,
            "mark": one.mark,
            "changes": list(one.changes),
            **{name: fact.get(name) for name in _FACTS},
            "written": {
                name: step.arguments[name] for name in _WRITTEN if step.arguments.get(name) not in (None, [], ())
            },
            "needs": [need.step for need in step.needs],
            "optional": [need.step for need in step.needs if need.optional],
            "fan_out": None if step.fan_out is None else sorted(step.fan_out.matrix),
            "if": None if step.condition is None else step.condition.expression,
            "given": given,
            "usual": usual.get(step.id) if file == "" else None,
        }


def _changes(before: Step, now: Step) -> Iterator[str]:
    for name in _GIVEN:
        was, is_ = before.arguments.get(name) or {}, now.arguments.get(name) or {}
        if isinstance(was, Mapping) and isinstance(is_, Mapping):
            yield from _map(was, is_)
        elif was != is_:
            yield f"{name} {_shown(was)} → {_shown(is_)}"
    rest_before = {name: value for name, value in before.arguments.items() if name not in _GIVEN}
    rest_now = {name: value for name, value in now.arguments.items() if name not in _GIVEN}
    yield from _map(rest_before, rest_now)
    yield from _map(written(before), written(now))


def _map(before: Mapping[str, Json], now: Mapping[str, Json], within: str = "") -> Iterator[str]:
    """What differs, by its path, such as `retry[0].max 1 → 2`: what is alike around it is not told again."""
    for name in dict.fromkeys((*before, *now)):
        if name not in before:
            yield f"{within}{name} new: {_shown(now[name])}"
        elif name not in now:
            yield f"{within}{name} no more"
        else:
            yield from _value(f"{within}{name}", before[name], now[name])


def _value(path: str, before: Json, now: Json) -> Iterator[str]:
    if _plain(before) == _plain(now):
        return
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        yield from _map(before, now, f"{path}.")
    elif _opened(before) and _opened(now):
        for at in range(max(len(before), len(now))):
            was, is_ = before[at : at + 1], now[at : at + 1]
            item = f"{path}[{at}]"
            if was and is_:
                yield from _value(item, was[0], is_[0])
            else:
                yield f"{item} new: {_shown(is_[0])}" if is_ else f"{item} no more"
    else:
        yield f"{path} {_shown(before)} → {_shown(now)}"


def _opened(value: Json) -> bool:
    """A list of maps, such as the rules of `retry`. One of names is told whole."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _plain(value: Json) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
