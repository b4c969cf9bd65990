from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings

from flowrun.core.events import Kept, RunReplanned, RunStarted
from flowrun.core.plan import FanOut, Plan
from flowrun.core.run import Run
from flowrun.core.state import LegState, RunState
from flowrun.core.status import LegStatus, Succeeded
from flowrun.core.table import Table
from flowrun.errors import JournalError
from flowrun.journal import snapshot
from flowrun.journal.shapes import fields_of
from flowrun.journal.snapshot import VERSION, dump, load
from tests.golden.snapshots.examples import BY_VERSION, EXAMPLE
from tests.golden.snapshots.write import text
from tests.simulation.core.taped import again
from tests.simulation.core.words import Words
from tests.unit.core.making import NOW, finished, job
from tests.unit.journal.test_codec import values

GOLDEN = Path(__file__).parents[2] / "golden" / "snapshots"
DERIVED = {"index", "dependents"}


def inside(value: Any) -> Iterator[Any]:
    """The value, and all that stands in it."""
    yield value
    if is_dataclass(value):
        for field in fields(value):
            yield from inside(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in (*value.keys(), *value.values()):
            yield from inside(item)
    elif isinstance(value, tuple | Table):
        for item in value:
            yield from inside(item)


def classes(hint: Any) -> set[type]:
    """The dataclasses that a type hint names, and those of their fields."""
    found = {kind for inner in get_args(hint) for kind in classes(inner)}
    if is_dataclass(hint) and isinstance(hint, type):
        found |= {hint, *(kind for field in fields_of(hint) for kind in classes(field.hint))}
    return found


def test_the_example_has_every_class_with_every_field() -> None:
    """So that what is left out of a snapshot is seen to be lost."""
    seen: dict[type, set[str]] = {}
    for value in inside(EXAMPLE):
        if is_dataclass(value) and not isinstance(value, type):
            set_here = {field.name for field in fields_of(type(value)) if getattr(value, field.name) != field.default}
            seen[type(value)] = seen.get(type(value), set()) | set_here
    for kind in classes(RunState):
        assert seen[kind] == {field.name for field in fields(kind)}, kind


def test_every_field_comes_back() -> None:
    assert again(EXAMPLE) == EXAMPLE
    assert repr(again(EXAMPLE).steps) == repr(EXAMPLE.steps)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(leg=values(LegState))
def test_every_leg_comes_back(leg: LegState) -> None:
    state = replace(EXAMPLE, steps=EXAMPLE.steps.put(2, replace(EXAMPLE.steps[2], legs=Table((leg,)))))
    assert repr(again(state).steps) == repr(state.steps)


def test_what_follows_from_the_plan_is_not_written() -> None:
    written = dump(EXAMPLE)["state"].keys()
    assert written == {field.name for field in fields(RunState)} - DERIVED


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda file: file.stem)
def test_golden_snapshots_stay_readable(file: Path) -> None:
    assert load(json.loads(file.read_text(encoding="ascii"))) == BY_VERSION[file.stem]


def test_the_newest_golden_snapshot_is_what_is_written_now() -> None:
    """Where this fails, the state has changed: add an upcaster and another golden file, and leave the old ones."""
    assert (GOLDEN / f"v{VERSION}.json").read_text(encoding="ascii") == text()


def test_a_leg_that_has_not_begun_costs_next_to_nothing() -> None:
    run = Run(RunStarted(NOW, "run", Plan("made", (job("a"), job("b", "a")))), Words())
    assert dump(run.state)["state"]["steps"] == [{}, {"unmet": 1}]


def test_of_a_leg_that_is_over_only_what_others_may_ask_is_written() -> None:
    plan = Plan("made", (job("a", arguments={"x": 1}, fan_out=FanOut({"n": [7]})), job("b", "a")))
    run = Run(RunStarted(NOW, "run", plan), Words())
    run.settle(NOW)
    run.record(finished("a", outcome=Succeeded({"y": 2})))
    run.settle(NOW)
    leg = {"key": "7", "matrix": {"n": 7}}
    outcome = {"type": "Succeeded", "outputs": {"y": 2}}
    assert dump(run.state)["state"]["steps"][0]["legs"] == [
        {"leg": leg, "status": "succeeded", "attempt": 1, "outcome": outcome}
    ]


def kept_run() -> Run:
    """One leg was kept and has been taken over, one was kept and its step has not begun, one is done again."""
    plan = Plan("made", (job("a", fan_out=FanOut({"n": [0, 1]})), job("b", "a")))
    given = {"total": "x" * 100}
    kept = (Kept("a", "0", Succeeded(given)), Kept("b", "", Succeeded(given)))
    run = Run(RunStarted(NOW, "run", plan, kept=kept, only=("a", "b")), Words())
    run.settle(NOW)
    return run


def test_what_a_leg_has_taken_over_is_written_once() -> None:
    run = kept_run()
    assert run.state.leg(0, 0).status is LegStatus.SUCCEEDED
    assert json.dumps(dump(run.state)).count("x" * 100) == 2
    assert dump(run.state)["taken"] == [["a", "0"]]
    assert again(run.state) == run.state
    other = Run.restore(again(run.state), Words())
    for one in (run, other):
        one.record(finished("a", leg=1))
    assert other.settle(NOW) == run.settle(NOW)
    assert other.finished


def test_a_run_goes_on_by_another_plan_from_a_snapshot() -> None:
    run = kept_run()
    plan = replace(run.state.plan, steps=(*run.state.plan.steps, job("c", "b", arguments={"x": 1})))
    run.record(RunReplanned(NOW, plan, changed=()))
    other = Run.restore(again(run.state), Words())
    assert other.state == run.state
    for one in (run, other):
        one.record(finished("a", leg=1))
    assert other.settle(NOW) == run.settle(NOW)


def test_a_newer_snapshot_is_refused_with_the_way_out() -> None:
    newer = {**dump(EXAMPLE), "v": VERSION + 1}
    with pytest.raises(JournalError, match=f"older than the run: .* version {VERSION + 1}, known up to") as caught:
        load(newer)
    assert "pip install --upgrade" in (caught.value.hint or "")


def test_an_older_snapshot_is_raised_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "UPCASTERS", {1: lambda state: {**state, "run_id": state["run_id"] + "!"}})
    monkeypatch.setattr(snapshot, "VERSION", 2)
    assert load({**dump(EXAMPLE), "v": 1}).run_id == f"{EXAMPLE.run_id}!"
    assert load(dump(EXAMPLE)) == EXAMPLE


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"v": "1"}, "no snapshot"),
        ({"state": []}, "no snapshot"),
        ({"v": 0}, "does not have the shape of one: 0"),
        ({"state": {}}, "does not have the shape of one"),
        ({"state": {**dump(EXAMPLE)["state"], "more": 1}}, "no field 'more'"),
        ({"taken": [["a", "b"]]}, "does not have the shape of one"),
        ({"taken": 1}, "does not have the shape of one"),
    ],
)
def test_what_cannot_be_read_is_said(change: dict[str, Any], message: str) -> None:
    with pytest.raises(JournalError, match=message):
        load({**dump(EXAMPLE), **change})


def test_what_is_not_json_is_refused_with_its_type() -> None:
    with pytest.raises(JournalError, match="type bytes"):
        dump(replace(EXAMPLE, origin=b"x"))
