"""One event of every type and outcome, with every field set, as the journal has them now, and as it had them before."""

from __future__ import annotations

from dataclasses import replace

from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptProgressed,
    AttemptScheduled,
    AttemptStarted,
    AttemptStopping,
    Event,
    Kept,
    Leg,
    LegFinished,
    LegKept,
    RepeatPlanned,
    RetryPlanned,
    RunAdmitted,
    RunFinished,
    RunReplanned,
    RunResumed,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.plan import (
    Backoff,
    Concurrency,
    Condition,
    FanOut,
    Jitter,
    Need,
    OnConflict,
    OnEmpty,
    Plan,
    Repeat,
    RetryRule,
    Stage,
    Step,
    Tolerance,
)
from flowrun.core.status import (
    AbortLevel,
    Cancelled,
    Cause,
    Failed,
    LegStatus,
    Phase,
    RunStatus,
    StepStatus,
    Succeeded,
    Unknown,
)

EXTRACT = Step(
    id="extract",
    kind="job",
    arguments={"release": "Extract", "input_arguments": {"file": "${{ matrix.file }}", "limit": 1.5}},
    needs=(Need("collect", optional=True),),
    stage=Stage.FINALLY,
    condition=Condition("success()", asks_status=True),
    fan_out=FanOut(
        matrix={"file": ["a.xml", "b.xml"]},
        include=[{"file": "c.xml"}],
        exclude=[{"file": "b.xml"}],
        key="${{ matrix.file }}",
        max_parallel=3,
        fail_fast=True,
        tolerate=Tolerance(count=2, percent=12.5),
        on_empty=OnEmpty.FAIL,
    ),
    retry=(RetryRule(("faulted", "lost"), 4, "time.?out", Backoff(2.0, 3.0, 60.0, Jitter.FULL)),),
    continue_on_error=("timeout",),
    timeout=600.0,
    pending_timeout=120.0,
    stop_timeout=30.0,
    defaults={"count": 0},
)
PLAN = Plan(
    workflow="invoices",
    steps=(Step("collect", "job"), EXTRACT),
    max_parallel=8,
    timeout=3600.0,
    outputs={"total": "${{ steps.extract.outputs.total }}"},
)
POISON = {
    "lone": "\ud800",
    "joint": "\ud83d\ude00",
    "smile": "\U0001f600",
    "nul": "\x00",
    "numbers": [float("inf"), float("-inf"), 2**3000, -0.0, 1e300, 7],
    "$mark": {"$float": "nan"},
}
AT = 1760000000.25

EXAMPLES_1: tuple[Event, ...] = (
    RunStarted(AT, "20251009-abcdef", PLAN, {"folder": "inbox", "dry": False}, {"file": "invoices.yaml", "text": "é"}),
    StepBegan(AT + 1, "extract", (Leg("a.xml", {"file": "a.xml"}), Leg())),
    AttemptScheduled(AT + 2, "extract", 0, 1, {"release": "Extract", "input_arguments": {"file": "a.xml"}}),
    AttemptStarted(AT + 3, "extract", 0, 1, {"jobs": [4711], "key": "fr1:r:extract:1"}),
    AttemptProgressed(AT + 4, "extract", 0, 1, Phase.SUSPENDED, "Suspended"),
    RunResumed(AT + 5, 3),
    AttemptStopping(AT + 6, "extract", 0, 1, force=True, cause="timeout"),
    AttemptFinished(AT + 7, "extract", 0, 1, Failed("faulted", "it broke", {"part": 1}, {"jobs": []}), 0.75),
    RetryPlanned(AT + 8, "extract", 0, 1, 2, AT + 90),
    AttemptFinished(AT + 9, "extract", 0, 2, Succeeded(POISON, {"jobs": [{"id": 4712}]}), 0.5),
    LegFinished(AT + 10, "extract", 0, LegStatus.CANCELLED, "fail_fast", "another leg failed"),
    AttemptFinished(AT + 11, "extract", 1, 1, Cancelled("the run was ended", {"asked": True})),
    AttemptFinished(AT + 12, "extract", 1, 2, Unknown("nobody can tell", {"key": "fr1:r:extract:2"})),
    StepFinished(AT + 13, "extract", StepStatus.SUCCEEDED, StepStatus.FAILED, "faulted", "it broke"),
    AbortRequested(AT + 14, AbortLevel.KILL, "anna", Cause.RUN_TIMEOUT),
    RunFinished(
        AT + 15, RunStatus.CANCELLED, "run_timeout", {"total": 12}, ("collect",), ("extract",), "it took too long"
    ),
)
"""Version 1. Their order is that of the golden files, not one that a run could have."""

UNDO = Step("extract.compensate", "job", {"release": "Undo"}, stage=Stage.COMPENSATE, undoes="extract")
FULL = replace(
    PLAN,
    steps=(
        PLAN.steps[0],
        replace(
            EXTRACT,
            kill_timeout=45.0,
            outputs=("count", "token"),
            sensitive=("token",),
            pools={"sap": 2},
            repeat=Repeat("outputs.count > 3", 12, 300.0),
        ),
        UNDO,
    ),
    finally_timeout=900.0,
    pools={"sap": 4},
    key="invoices-2026-10",
    concurrency=Concurrency("close-EU", OnConflict.CANCEL),
    env={"region": "EU"},
    secrets=("SAP_TOKEN",),
    inputs={"folder": {"type": "string"}},
    sensitive=("Token",),
)
_started, _began, *_middle, _abort, _finished = EXAMPLES_1
EXAMPLES: tuple[Event, ...] = (
    RunStarted(
        AT,
        "20251009-abcdef",
        FULL,
        {"folder": "inbox", "dry": False},
        {"file": "invoices.yaml", "text": "é"},
        {"post.yaml": Plan("post", (Step("post", "job"),))},
        "20251008-uvwxyz",
        "20251007-xyzabc",
        (Kept("collect", "", Succeeded({"total": 3}, {"jobs": []})),),
        ("collect", "extract"),
    ),
    RunAdmitted(AT + 0.5),
    RunReplanned(
        AT + 0.7,
        FULL,
        {"folder": "inbox", "dry": False, "late": 1},
        {"file": "invoices.yaml", "text": "è"},
        {"post.yaml": Plan("post", (Step("post", "job"),))},
        ("extract",),
    ),
    StepBegan(AT + 1, "extract", (Leg("a.xml", {"file": "a.xml"}), Leg(), Leg("b.xml", {}, 1))),
    *_middle,
    RepeatPlanned(AT + 13.5, "extract", 0, 2, AT + 300),
    LegKept(AT + 13.7, "collect", 0, Succeeded({"total": 3})),
    AbortRequested(AT + 14, AbortLevel.STOP, "run 20251009-fedcba", Cause.SUPERSEDED),
    _finished,
)
"""Version 2: what is written now."""

BY_VERSION = {"v1": EXAMPLES_1, "v2": EXAMPLES}
