"""A dozen plans that every engine drives, and the log of events that it must leave, but for times and ids.

`python -m tests.golden.events.plans` writes the logs anew with the embedded engine; read the diff.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flowrun.core.events import Event
from flowrun.core.plan import Backoff, Condition, FanOut, Need, Plan, Repeat, RetryRule, Stage, Step, Tolerance
from flowrun.core.status import AbortLevel
from flowrun.steps.answer import Answer, Decision


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


@dataclasses.dataclass(frozen=True)
class Said:
    """What somebody answers, so many seconds after the question stood in the journal."""

    step: str
    decision: str
    by: str
    leg: int = 0
    attempt: int = 1
    after: float = 100.0
    inputs: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def answer(self, now: float) -> Answer:
        return Answer(Decision(self.decision), self.by, now, f"says {self.by}", self.inputs)


def approval(step_id: str, *needs: str, timeout: float | None = None, **more: Any) -> Step:
    """A step that asks somebody."""
    given = {"instructions": f"{step_id}?", "timeout": timeout, "on_timeout": more.pop("on_timeout", "reject")}
    asked = {name: value for name, value in given.items() if value is not None}
    return Step(step_id, "approval", {"approval": asked}, tuple(Need(need) for need in needs), **more)


ASKED: dict[str, tuple[Plan, tuple[Said, ...]]] = {
    "approval": (
        Plan(
            "approval",
            (
                job("sum"),
                approval("sign_off", "sum", timeout=86_400.0),
                job("pay", "sign_off", by="${{ steps.sign_off.outputs.by }}", n="${{ steps.sign_off.outputs.Amount }}"),
            ),
        ),
        (Said("sign_off", "approved", "anna", inputs={"Amount": 12.5}),),
    ),
    "asked_again": (
        Plan("asked_again", (approval("sign_off", retry=retry(1, "rejected", wait=30.0)), job("pay", "sign_off"))),
        (Said("sign_off", "rejected", "bob"), Said("sign_off", "approved", "anna", attempt=2)),
    ),
    "nobody_answers": (
        Plan(
            "nobody_answers",
            (
                approval("sign_off", timeout=60.0, continue_on_error=("rejected",)),
                approval("silent", timeout=60.0, on_timeout="approve"),
                job("told", "sign_off", "silent", text="${{ steps.sign_off.outputs.decision }}"),
                job("last", stage=Stage.FINALLY, by="${{ steps.silent.outputs.by }}"),
            ),
        ),
        (),
    ),
    "each_region": (
        Plan(
            "each_region",
            (
                Step(
                    "regions",
                    "approval",
                    {"approval": {"instructions": "OK for ${{ matrix.region }}?"}},
                    fan_out=FanOut({"region": ["EU", "US", "JP"]}, tolerate=Tolerance(count=1)),
                ),
                job("report", "regions", by="${{ steps.regions.outputs.by }}"),
            ),
        ),
        (
            Said("regions", "approved", "anna", leg=0, after=10.0),
            Said("regions", "rejected", "bob", leg=2, after=20.0),
            Said("regions", "approved", "carl", leg=1, after=30.0),
        ),
    ),
}
"""Plans that ask, and what people say."""

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


_TIMES = ("at", "asked", "until")


def _timeless(value: Any) -> Any:
    """Without the times that stand in the parcels of approvals."""
    if isinstance(value, Mapping):
        return {name: _timeless(item) for name, item in value.items() if name not in _TIMES}
    return value


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__, **_timeless(dataclasses.asdict(value))}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else _timeless(value)


def golden(name: str) -> Path:
    """The file with the log of a plan."""
    return Path(__file__).parent / f"{name}.jsonl"


if __name__ == "__main__":
    from tests.contracts.answers import tell_answers
    from tests.contracts.embedded import embedded
    from tests.contracts.engine import tell_all

    for plan_name, events in (*tell_all(), *tell_answers(embedded)):
        golden(plan_name).write_text(log(events))
