"""A state in which every field of every class has a value of its own, as snapshots have it now. No run comes to it."""

from __future__ import annotations

from dataclasses import replace

from flowrun.core.events import Leg, RunStarted
from flowrun.core.evolve import begin
from flowrun.core.plan import Plan, Stage, Step
from flowrun.core.state import Abort, LegState, RunState, StepState, Stop
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
from flowrun.core.table import Table
from tests.golden.journals.examples import AT, FULL, POISON

ALIVE = LegState(
    leg=Leg("c.xml", {"file": "c.xml"}, 2),
    status=LegStatus.STOPPING,
    attempt=3,
    due=AT + 1,
    epoch=2,
    seen=3,
    arguments={"release": "Extract", "input_arguments": {"file": "c.xml"}},
    handle={"jobs": [4711], "key": "fr1:r:extract:3"},
    scheduled_at=AT + 2,
    phase=Phase.SUSPENDED,
    phase_since=AT + 3,
    ran=4.5,
    stop=Stop(force=True, cause="timeout", at=AT + 5),
    outcome=Unknown("nobody can tell", {"jobs": []}),
    chance=0.25,
    tries=(1, 0),
    rounds=2,
    cause="timeout",
    message="it took too long",
)
GIVEN = Succeeded(POISON, {"jobs": [{"id": 4712}]})
OVER = (
    LegState(Leg("a.xml", {"file": "a.xml"}), LegStatus.SUCCEEDED, 1, outcome=GIVEN),
    LegState(Leg("b.xml"), LegStatus.FAILED, 2, outcome=Failed("faulted", "it broke", {"part": 1}, {"jobs": [1]})),
    LegState(Leg("d.xml"), LegStatus.CANCELLED, 1, outcome=Cancelled("the run was ended", {"asked": True})),
)
_BEGUN = begin(RunStarted(AT, "20251009-abcdef", FULL, {"folder": "inbox", "dry": False}))
EXAMPLE: RunState = replace(
    _BEGUN,
    steps=Table(
        (
            StepState(1, StepStatus.SKIPPED, place=4, outcome=StepStatus.SKIPPED, cause="condition", message="no"),
            StepState(2, StepStatus.RUNNING, Table((*OVER, ALIVE)), open=1, held=1, failed=1, cancelled=1),
            StepState(),
        )
    ),
    status=RunStatus.ABORTING,
    workflows={"post.yaml": Plan("post", (Step("post", "job"),))},
    origin={"file": "invoices.yaml", "text": "é"},
    kept={("extract", "a.xml"): GIVEN, ("extract", "z.xml"): Succeeded({"total": 3})},
    only=frozenset({"extract", "collect"}),
    epoch=3,
    admitted_at=AT + 0.5,
    stage_at=AT + 7,
    resumed_at=AT + 6,
    abort=Abort(AbortLevel.STOP, "anna", Cause.SUPERSEDED, AT + 8),
    held=1,
    pooled={"sap": 2},
    ended=1,
    open={Stage.STEPS: 1, Stage.COMPENSATE: 1, Stage.FINALLY: 0},
    failed={Stage.STEPS: 2, Stage.COMPENSATE: 0, Stage.FINALLY: 0},
    warnings=("collect",),
    doubts=("extract[b.xml]",),
    cause="run_timeout",
    message="it took too long",
    outputs={"total": 12},
)

BY_VERSION = {"v1": EXAMPLE}
