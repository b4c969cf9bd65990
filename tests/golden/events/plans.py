"""A dozen plans that every engine drives, and the log of events that it must leave, but for times and ids.

`python -m tests.golden.events.plans` writes the logs anew with the embedded engine; read the diff.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flowrun.core.events import Event
from flowrun.core.plan import Backoff, Condition, FanOut, Need, Plan, Repeat, RetryRule, Stage, Step, Tolerance
from flowrun.core.status import AbortLevel


def job(step_id: str, *needs: str, **more: Any) -> Step:
    """A step of the scripted kind. What is not a field of Step goes into its script."""
    fields = {field.name for field in dataclasses.fields(Step)}
    script = {name: more.pop(name) for name in tuple(more) if name not in fields}
    if "condition" in more:
        more["condition"] = Condition(more["condition"], asks_status="(" in more["condition"])
    return Step(step_id, "job", script, tuple(Need(need) for need in needs), **more)


def retry(most: int, *errors: str, wait: float = 0.0) -> tuple[RetryRule, ...]:
    return (RetryRule(errors=errors or ("*",), most=most, backoff=Backoff(initial=wait)),)


def fan(count: int, **more: Any) -> FanOut:
    return FanOut({"n": list(range(count))}, **more)


PLANS: dict[str, Plan] = {
    "chain": Plan(
        "chain",
        (
            job("extract", gives={"total": 3}),
            job("post", "extract", total="${{ steps.extract.outputs.total }}"),
            job("report", "post", text="${{ inputs.period }}"),
        ),
        outputs={"total": "${{ steps.extract.outputs.total }}"},
    ),
    "diamond": Plan(
        "diamond",
        (
            job("a"),
            job("b", "a", takes=5),
            job("c", "a", takes=3, condition="steps.a.outputs.by != 'nobody'"),
            job("d", "b", "c"),
        ),
    ),
    "condition": Plan(
        "condition",
        (
            job("a", fails="faulted"),
            job("b", "a"),
            job("c", "a", condition="failure()"),
            job("d", "c", condition="inputs.period == 'never'"),
        ),
    ),
    "let_through": Plan("let_through", (job("a", fails="faulted", continue_on_error=("faulted",)), job("b", "a"))),
    "retry": Plan(
        "retry",
        (
            job("a", fails="faulted", times=2, retry=retry(2, "faulted", wait=30.0)),
            job("b", "a", refused="start_rejected", retry=retry(1)),
        ),
    ),
    "expression": Plan("expression", (job("a", x="${{ inputs.nothing }}"), job("b", "a", condition="always()"))),
    "timeouts": Plan(
        "timeouts",
        (
            job("long", takes=1000, timeout=60.0, stop_timeout=10.0, deaf=1),
            job("pending", pending=1000, pending_timeout=20.0),
        ),
    ),
    "stuck": Plan("stuck", (job("a", takes=100_000, timeout=60.0, stop_timeout=10.0, deaf=2), job("b", takes=3))),
    "fan": Plan(
        "fan",
        (
            job("list", gives={"rows": ["EU", "US", "JP"]}),
            Step(
                "post",
                "job",
                {"takes": 2, "gives": {"doc": "${{ matrix.row }}"}},
                (Need("list"),),
                fan_out=FanOut({"row": "${{ steps.list.outputs.rows }}"}, max_parallel=2),
            ),
            job("report", "post", docs="${{ steps.post.outputs.doc }}"),
        ),
        max_parallel=2,
    ),
    "fail_fast": Plan(
        "fail_fast",
        (
            Step(
                "post",
                "job",
                {"fails": "faulted", "times": "${{ matrix.times }}", "takes": "${{ matrix.takes }}"},
                fan_out=FanOut(
                    {},
                    include=[
                        {"name": "good", "times": 0, "takes": 1},
                        {"name": "bad", "times": 9, "takes": 5},
                        {"name": "slow", "times": 0, "takes": 60},
                        {"name": "late", "times": 0, "takes": 60},
                    ],
                    key="${{ matrix.name }}",
                    max_parallel=3,
                    fail_fast=True,
                ),
            ),
        ),
    ),
    "tolerate": Plan(
        "tolerate",
        (
            Step(
                "post",
                "job",
                {"fails": "faulted", "times": "${{ matrix.n }}"},
                fan_out=fan(3, tolerate=Tolerance(percent=67.0)),
            ),
            job("last", "post", legs="${{ steps.post.legs | map(attribute='result') | list }}"),
        ),
    ),
    "finally": Plan(
        "finally",
        (
            job("a", fails="faulted"),
            job("b", "a"),
            job("alarm", stage=Stage.FINALLY, condition="failure()"),
            job("unlock", "alarm", stage=Stage.FINALLY),
        ),
    ),
    "run_timeout": Plan(
        "run_timeout", (job("a", takes=1000), job("b", "a"), job("z", stage=Stage.FINALLY)), timeout=90.0
    ),
    "repeat": Plan(
        "repeat",
        (
            job("look", repeat=Repeat("outputs.by == 'look:3'", most=5, every=60.0)),
            job("tired", "look", repeat=Repeat("false", most=2, every=10.0), continue_on_error=("timeout",)),
            job("last", "tired"),
        ),
    ),
    "compensate": Plan(
        "compensate",
        (
            job("debit", gives={"booking": "B1"}),
            Step(
                "post",
                "job",
                {"fails": "faulted", "times": "${{ matrix.n }}", "takes": "${{ matrix.n + 1 }}"},
                (Need("debit"),),
                fan_out=fan(3),
            ),
            job("credit", "post"),
            job("debit.compensate", stage=Stage.COMPENSATE, undoes="debit", booking="${{ outputs.booking }}"),
            job("post.compensate", stage=Stage.COMPENSATE, undoes="post", fan_out=FanOut({}), n="${{ matrix.n }}"),
            job("credit.compensate", stage=Stage.COMPENSATE, undoes="credit"),
            job("told", stage=Stage.FINALLY, condition="failure()"),
        ),
    ),
    "finally_timeout": Plan(
        "finally_timeout", (job("a"), job("z", stage=Stage.FINALLY, takes=1000)), finally_timeout=30.0
    ),
    "doubt": Plan("doubt", (job("a", lost=True, takes=5), job("b", "a", condition="always()"))),
}

ABORTED: dict[str, tuple[Plan, float, AbortLevel]] = {
    f"abort_{level}": (
        Plan(
            "abort",
            (
                job("a", takes=20),
                job("b", "a"),
                job("c", takes=20, condition="always()"),
                job("fan", takes=20, fan_out=fan(3, max_parallel=1)),
                job("told", "b", condition="cancelled()"),
                job("z", stage=Stage.FINALLY),
            ),
        ),
        5.0,
        level,
    )
    for level in AbortLevel
}
"""Plans that are aborted so many seconds after they began."""

INPUTS = {"period": "2026-01"}

FORGOTTEN = {"at", "due", "run_id", "chance", "plan", "epoch"}
"""Times, ids, dice, and the plan itself, which stands above."""


def log(events: Iterable[Event]) -> str:
    """One line of JSON for each event, without what differs from run to run."""
    return "".join(json.dumps(_line(event)) + "\n" for event in events)


def _line(event: Event) -> dict[str, Any]:
    values = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
    plain = {name: _plain(value) for name, value in values.items() if name not in FORGOTTEN}
    if values.get("cause") == "expression" or getattr(values.get("outcome"), "error", "") == "expression":
        plain = _wordless(plain)
    return {"event": type(event).__name__, **plain}


def _wordless(values: dict[str, Any]) -> dict[str, Any]:
    """How the expression language puts its errors is its own affair."""
    return {
        name: _wordless(value) if isinstance(value, dict) else value
        for name, value in values.items()
        if name != "message"
    }


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__, **dataclasses.asdict(value)}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def golden(name: str) -> Path:
    """The file with the log of a plan."""
    return Path(__file__).parent / f"{name}.jsonl"


if __name__ == "__main__":
    from tests.contracts.engine import tell_all

    for plan_name, events in tell_all():
        golden(plan_name).write_text(log(events))
