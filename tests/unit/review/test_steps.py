from dataclasses import replace
from typing import Any

from flowrun.core.plan import Backoff, FanOut, Need, Plan, Repeat, RetryRule, Step, Tolerance
from flowrun.review.history import History
from flowrun.review.lock import Entry, Lock
from flowrun.review.moved import moves
from flowrun.review.steps import CHANGED, NEW, SAME, Marked, marks, removed, rows

POST = Step("post", "job", {"release": "Post", "input_arguments": {"in_Day": "1", "in_Old": True}}, timeout=60.0)
NOTE = Step("note", "job", {"release": "Note"}, (Need("post"),))
BEFORE = Plan("p", (POST, NOTE, Step("gone", "job")))
FACTS: dict[str, dict[str, Any]] = {"post": {"release": "Post", "folder": "Finance", "version": "2.0"}}
HISTORY = History("run", {"": BEFORE}, {"post": "2.0"}, {"post": 12.0}, 3)


def marked(*steps: Step, history: History = HISTORY, moved: Any = ()) -> dict[str, Marked]:
    return marks("", Plan("p", steps), FACTS, history, moved)


def test_what_is_as_in_the_last_run_is_the_same() -> None:
    assert marked(POST, NOTE) == {"post": Marked(SAME), "note": Marked(SAME)}
    assert removed("", Plan("p", (POST, NOTE)), HISTORY) == ("gone",)


def test_arguments_and_limits_that_differ_are_told_by_name() -> None:
    given = {"release": "Post", "input_arguments": {"in_Day": "2", "in_New": 1}, "folder": "Finance"}
    found = marked(replace(POST, arguments=given, timeout=90.0), NOTE, replace(NOTE, id="more"))
    assert found["post"].mark == CHANGED
    assert found["post"].changes == (
        'in_Day "1" → "2"',
        "in_Old no more",
        "in_New new: 1",
        'folder new: "Finance"',
        'timeout "1m" → "1m30s"',
    )
    assert found["more"] == Marked(NEW)


def test_of_a_rule_that_differs_only_the_key_that_differs_is_told() -> None:
    rules = (RetryRule(("faulted",), 1), RetryRule(most=2))
    before = replace(HISTORY, plans={"": Plan("p", (replace(POST, retry=rules),))})

    def changes(**more: Any) -> tuple[str, ...]:
        return marked(replace(POST, **{"retry": rules, **more}), history=before)["post"].changes

    assert changes(retry=(RetryRule(("faulted",), 2), rules[1])) == ("retry[0].max 1 → 2",)
    slower = RetryRule(most=2, match="busy", backoff=Backoff(20.0))
    assert changes(retry=(rules[0], slower)) == (
        'retry[1].match new: "busy"',
        'retry[1].backoff new: {"initial": "20s"}',
    )
    assert changes(retry=rules[:1]) == ("retry[1] no more",)
    assert changes(retry=(*rules, RetryRule(most=5))) == ('retry[2] new: {"max": 5}',)
    assert changes(retry=()) == ("retry no more",)
    assert changes(needs=(Need("note", optional=True),)) == ('needs new: [{"step": "note", "optional": true}]',)
    assert changes(outputs=("Sum",), defaults={"Sum": 1}) == ('outputs new: {"Sum": {"default": 1}}',)
    assert changes(repeat=Repeat("outputs.Done", 3, 60.0)) == (
        'repeat new: {"until": "outputs.Done", "every": "1m", "max": 3}',
    )


def test_of_a_fan_out_and_of_arguments_within_arguments_only_what_differs_is_told() -> None:
    fan_out = FanOut({"day": ["1", "2"]}, max_parallel=2)
    given = {"release": "Post", "input_arguments": {"in_Order": {"Lines": [{"Sum": 1}], "To": "A"}}}
    first = replace(POST, fan_out=fan_out, arguments=given)
    before = replace(HISTORY, plans={"": Plan("p", (first,))})
    other = replace(fan_out, max_parallel=4, fail_fast=True, tolerate=Tolerance(percent=5.0))
    more = {"release": "Post", "input_arguments": {"in_Order": {"Lines": [{"Sum": 2}], "To": "A"}}}
    assert marked(replace(first, fan_out=other, arguments=more), history=before)["post"].changes == (
        "in_Order.Lines[0].Sum 1 → 2",
        "fan_out.max_parallel 2 → 4",
        "fan_out.fail_fast new: true",
        'fan_out.tolerate new: "5%"',
    )


def test_a_version_since_lock_and_last_run_is_told_once() -> None:
    entry = Entry("prod", "Finance", "Post", "k", "Post", "1.0", workflows=("p.yaml",))
    moved = moves(Lock((entry,)), "prod", "p.yaml", [replace(entry, version="2.0")])
    assert marked(POST, moved=moved)["post"].changes == ("version 1.0 → 2.0 (since the lock)",)
    both = marked(POST, moved=moved, history=replace(HISTORY, versions={"post": "1.0"}))
    assert both["post"].changes == ("version 1.0 → 2.0 (since lock and last run)",)
    ran = marked(POST, history=replace(HISTORY, versions={"post": "1.9"}))
    assert ran["post"].changes == ("version 1.9 → 2.0 (since the last run)",)


def test_without_a_past_everything_is_new() -> None:
    assert {one.mark for one in marked(POST, NOTE, history=History()).values()} == {NEW}


def test_a_row_has_what_is_started_and_where() -> None:
    plan = Plan("p", (POST, NOTE))
    first, second = rows("", plan, FACTS, marked(POST, NOTE), {"post": 12.0})
    assert (first["release"], first["folder"], first["usual"]) == ("Post", "Finance", 12.0)
    assert first["given"] == {"in_Day": "1", "in_Old": True}
    assert (second["needs"], second["release"], second["written"]) == (["post"], None, {"release": "Note"})
