"""Runs to write reports of. `python -m tests.golden.reports.examples` writes the golden files anew; read the diff."""

from __future__ import annotations

from pathlib import Path

from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptProgressed,
    AttemptScheduled,
    AttemptStarted,
    AttemptStopping,
    Event,
    Leg,
    LegFinished,
    RetryPlanned,
    RunFinished,
    RunResumed,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.plan import FanOut, Need, Plan, Stage, Step
from flowrun.core.status import (
    AbortLevel,
    Cancelled,
    Cause,
    Failed,
    LegStatus,
    Outcome,
    Phase,
    RunStatus,
    StepStatus,
    Succeeded,
    Unknown,
)
from flowrun.report.fold import fold
from flowrun.report.formats import FORMATS

HERE = Path(__file__).parent
T = 1_790_000_000.0

PLAN = Plan(
    "month_close",
    (
        Step("list", "job"),
        Step("fx", "job", needs=(Need("list"),)),
        Step("post", "job", needs=(Need("list"), Need("fx", optional=True)), fan_out=FanOut({"ledger": []})),
        Step("notes", "job", needs=(Need("list"),), continue_on_error=("*",)),
        Step("report", "job", needs=(Need("post"),)),
        Step("unlock", "job", stage=Stage.FINALLY),
    ),
)


def job(number: int, state: str, info: str = "", robot: str = "RPA-07") -> dict[str, object]:
    """A Job as the facts of an outcome have it."""
    return {"id": number, "key": f"00000000-0000-0000-0000-{number:012}", "state": state, "info": info, "robot": robot}


def attempt(step: str, leg: int, at: float, number: int, job_id: int) -> list[Event]:
    """An attempt, up to the moment in which its Job runs."""
    handle = {"jobs": [{"id": job_id, "key": f"00000000-0000-0000-0000-{job_id:012}"}]}
    return [
        AttemptScheduled(at, step, leg, number, {}),
        AttemptStarted(at + 0.5, step, leg, number, handle),
        AttemptProgressed(at + 1, step, leg, number, Phase.PENDING, "Pending"),
        AttemptProgressed(at + 2, step, leg, number, Phase.RUNNING, "Running"),
    ]


def ended(step: str, leg: int, at: float, outcome: Outcome, number: int = 1) -> list[Event]:
    """The end of an attempt, with the verdict on its leg."""
    match outcome:
        case Succeeded():
            verdict = LegFinished(at, step, leg, LegStatus.SUCCEEDED)
        case Failed():
            verdict = LegFinished(at, step, leg, LegStatus.FAILED, outcome.error, outcome.message)
        case Cancelled():
            verdict = LegFinished(at, step, leg, LegStatus.CANCELLED, "abort", outcome.message)
        case Unknown():
            verdict = LegFinished(at, step, leg, LegStatus.FAILED, "lost", outcome.message)
    return [AttemptFinished(at, step, leg, number, outcome), verdict]


def finished(step: str, at: float, result: StepStatus, cause: str = "", message: str = "") -> StepFinished:
    """The verdict on a step, with the same outcome."""
    return StepFinished(at, step, result, result, cause, message)


def one_leg(step: str, at: float, outcome: Outcome, job_id: int, took: float = 60.0) -> list[Event]:
    """A plain step with one attempt, from its beginning to its end."""
    result = {Succeeded: StepStatus.SUCCEEDED, Failed: StepStatus.FAILED, Cancelled: StepStatus.CANCELLED}
    cause, message = (outcome.error, outcome.message) if isinstance(outcome, Failed) else ("", "")
    return [
        StepBegan(at, step, (Leg(),)),
        *attempt(step, 0, at, 1, job_id),
        *ended(step, 0, at + took, outcome),
        finished(step, at + took, result.get(type(outcome), StepStatus.FAILED), cause, message),
    ]


SUCCEEDED: list[Event] = [
    RunStarted(T, "20260921-101320-k7", PLAN, {"period": "2026-08"}, {"file": "month_close.yaml"}),
    *one_leg("list", T + 1, Succeeded({"Ledgers": ["EU", "US"]}, {"jobs": [job(101, "Successful")]}), 101),
    finished("fx", T + 61, StepStatus.SKIPPED, "condition"),
    StepBegan(T + 62, "post", (Leg("EU", {"ledger": "EU"}), Leg("US", {"ledger": "US"}))),
    *attempt("post", 0, T + 62, 1, 102),
    *attempt("post", 1, T + 62, 1, 103),
    *ended("post", 0, T + 100, Succeeded({"DocumentNo": "4711"}, {"jobs": [job(102, "Successful")]})),
    *ended("post", 1, T + 342, Succeeded({"DocumentNo": "4712"}, {"jobs": [job(103, "Successful")]})),
    finished("post", T + 342, StepStatus.SUCCEEDED),
    *one_leg("notes", T + 61, Succeeded({}, {"jobs": [job(104, "Successful")]}), 104, 5),
    *one_leg("report", T + 343, Succeeded({"Path": "c:\\close.xlsx"}, {"jobs": [job(105, "Successful")]}), 105, 8),
    *one_leg("unlock", T + 352, Succeeded({}, {"jobs": [job(106, "Successful")]}), 106, 1),
    RunFinished(T + 353, RunStatus.SUCCEEDED, outputs={"documents": ["4711", "4712"], "path": "c:\\close.xlsx"}),
]

WRONG = 'no ledger "<US|EU>" \x1b[31mred\x1b[0m & `more`\nsecond line'

FAILED: list[Event] = [
    RunStarted(T, "20260921-101320-k8", PLAN),
    *one_leg("list", T + 1, Succeeded({"Ledgers": []}, {"jobs": [job(101, "Successful")]}), 101),
    finished("fx", T + 61, StepStatus.SKIPPED, "condition"),
    StepBegan(T + 62, "post", (Leg("EU"), Leg("US"), Leg("a]b|<c>"))),
    *attempt("post", 0, T + 62, 1, 102),
    *ended("post", 0, T + 100, Succeeded({}, {"jobs": [job(102, "Successful")]})),
    *attempt("post", 1, T + 62, 1, 103),
    AttemptFinished(T + 110, "post", 1, 1, Failed("faulted", WRONG, {}, {"jobs": [job(103, "Faulted", WRONG)]})),
    RetryPlanned(T + 110, "post", 1, 1, 0, T + 130),
    *attempt("post", 1, T + 130, 2, 107),
    *ended("post", 1, T + 200, Failed("faulted", WRONG, {}, {"jobs": [job(107, "Faulted", WRONG)]}), 2),
    AttemptFinished(T + 63, "post", 2, 1, Failed("expression", "post needs `region`, which is absent")),
    LegFinished(T + 63, "post", 2, LegStatus.FAILED, "expression", "post needs `region`, which is absent"),
    finished("post", T + 200, StepStatus.FAILED, "faulted", "2 of 3 legs failed"),
    StepBegan(T + 61, "notes", (Leg(),)),
    *attempt("notes", 0, T + 61, 1, 104),
    *ended("notes", 0, T + 71, Failed("timeout", "after 10s", {}, {"jobs": [job(104, "Stopped")]})),
    StepFinished(T + 71, "notes", StepStatus.SUCCEEDED, StepStatus.FAILED, "timeout", "after 10s"),
    finished("report", T + 200, StepStatus.SKIPPED, "upstream_failed"),
    *one_leg("unlock", T + 201, Succeeded({}, {"jobs": [job(106, "Successful")]}), 106, 1),
    RunFinished(T + 202, RunStatus.FAILED, warnings=("notes",)),
]

DOUBT: list[Event] = [
    RunStarted(T, "20260921-101320-k9", PLAN),
    StepBegan(T + 1, "list", (Leg(),)),
    *attempt("list", 0, T + 1, 1, 101),
    RunResumed(T + 30, 2),
    AbortRequested(T + 40, AbortLevel.STOP, "SIGINT"),
    AttemptStopping(T + 40, "list", 0, 1, force=False, cause="abort"),
    AbortRequested(T + 45, AbortLevel.KILL, "SIGINT"),
    AttemptStopping(T + 45, "list", 0, 1, force=True, cause="abort"),
    *ended("list", 0, T + 105, Unknown("Orchestrator does not answer", {"jobs": [job(101, "Terminating")]})),
    finished("list", T + 105, StepStatus.FAILED, "lost", "Orchestrator does not answer"),
    *(finished(step, T + 105, StepStatus.CANCELLED, "abort") for step in ("fx", "post", "notes", "report", "unlock")),
    RunFinished(T + 106, RunStatus.CANCELLED, cause=str(Cause.ABORT), doubts=("list",)),
]

RUNNING: list[Event] = [
    RunStarted(T, "20260921-101320-ka", PLAN),
    *one_leg("list", T + 1, Succeeded({}, {"jobs": [job(101, "Successful")]}), 101),
    StepBegan(T + 62, "post", (Leg("EU"), Leg("US"), Leg("JP"))),
    *attempt("post", 0, T + 62, 1, 102),
    AttemptScheduled(T + 62, "post", 1, 1, {}),
]

ASKING_PLAN = Plan(
    "pay_day",
    (
        Step("sign_off", "approval"),
        Step("regions", "approval", fan_out=FanOut({"region": []}), continue_on_error=("rejected",)),
        Step("again", "approval", needs=(Need("sign_off"),)),
        Step("pay", "job", needs=(Need("again"),)),
    ),
)


def asked(step: str, leg: int, at: float, question: str, until: float | None = None) -> list[Event]:
    """An approval, up to the moment in which it waits."""
    handle: dict[str, object] = {"asked": at, "until": until, "instructions": question, "inputs": {}}
    return [
        AttemptScheduled(at, step, leg, 1, {}),
        AttemptStarted(at, step, leg, 1, handle),
        AttemptProgressed(at, step, leg, 1, Phase.RUNNING, "waits for an answer"),
    ]


def decided(decision: str, by: str, at: float, comment: str = "") -> Outcome:
    """What an answer makes of the attempt."""
    outputs = {"decision": decision, "by": by, "comment": comment}
    facts = {"approval": {"decision": decision, "by": by, "at": at, "comment": comment}}
    if decision == "approved":
        return Succeeded(outputs, facts)
    return Failed("rejected", f"rejected by {by}: {comment}", outputs, facts)


ASKING: list[Event] = [
    RunStarted(T, "20260921-101320-kb", ASKING_PLAN),
    StepBegan(T + 1, "sign_off", (Leg(),)),
    StepBegan(T + 1, "regions", (Leg("EU"), Leg("US"))),
    *asked("sign_off", 0, T + 1, "Pay <b>3</b> euros?\nSee `list`.", T + 86_401),
    *asked("regions", 0, T + 1, "OK for EU?"),
    *asked("regions", 1, T + 1, "OK for US?"),
    *ended("regions", 1, T + 50, decided("approved", "bob", T + 50)),
]

ANSWERED: list[Event] = [
    *ASKING,
    *ended("regions", 0, T + 60, decided("rejected", "anna", T + 60, "not *this* month")),
    StepFinished(T + 60, "regions", StepStatus.SUCCEEDED, StepStatus.FAILED, "rejected", "1 of 2 legs failed"),
    *ended("sign_off", 0, T + 90, decided("approved", "anna", T + 90, "paid before")),
    finished("sign_off", T + 90, StepStatus.SUCCEEDED),
    StepBegan(T + 91, "again", (Leg(),)),
    *asked("again", 0, T + 91, "Really?"),
    *ended("again", 0, T + 95, decided("rejected", "carl", T + 95, "no")),
    finished("again", T + 95, StepStatus.FAILED, "rejected", "rejected by carl: no"),
    finished("pay", T + 95, StepStatus.SKIPPED, "upstream_failed"),
    RunFinished(T + 95, RunStatus.FAILED, warnings=("regions",)),
]

NESTED_RUN = "20260921-101320-mc"
NESTED_PLAN = Plan(
    "month_end",
    (
        Step("bank", "workflow", {"workflow": "bank.yaml"}, fan_out=FanOut({"day": []})),
        Step("valuation", "workflow", {"workflow": "valuation.yaml"}),
        Step("closing", "workflow", {"workflow": "closing.yaml"}),
    ),
)


def nested(step: str, leg: int, at: float, way: str, number: int = 1) -> list[Event]:
    """An attempt that is a run, up to the moment in which some of it is done."""
    return [
        AttemptScheduled(at, step, leg, number, {}),
        AttemptStarted(at, step, leg, number, {"run": f"{NESTED_RUN}.{way}"}),
        AttemptProgressed(at + 3, step, leg, number, Phase.RUNNING, "2 of 4 steps"),
    ]


NESTED: list[Event] = [
    RunStarted(T, NESTED_RUN, NESTED_PLAN, parent="20260921-090000-yr"),
    StepBegan(T, "bank", (Leg("29", {"day": 29}), Leg("30", {"day": 30}))),
    *nested("bank", 0, T, "bank.29.1"),
    *nested("bank", 1, T, "bank.30.1"),
    *ended("bank", 0, T + 60, Succeeded({"to_check": 1}, {"run": f"{NESTED_RUN}.bank.29.1"})),
    StepBegan(T, "valuation", (Leg(),)),
    *nested("valuation", 0, T, "valuation.1"),
    AttemptFinished(
        T + 50, "valuation", 0, 1, Failed("faulted", "read: busy", facts={"run": f"{NESTED_RUN}.valuation.1"})
    ),
    RetryPlanned(T + 50, "valuation", 0, 1, 0, T + 60),
    *nested("valuation", 0, T + 60, "valuation.2", 2),
    *ended(
        "valuation",
        0,
        T + 70,
        Failed(
            "timeout",
            f"run {NESTED_RUN}.valuation.2 failed: rates: timeout",
            facts={"run": f"{NESTED_RUN}.valuation.2"},
        ),
        2,
    ),
    finished("valuation", T + 70, StepStatus.FAILED, "timeout", f"run {NESTED_RUN}.valuation.2 failed: rates: timeout"),
    StepBegan(T, "closing", (Leg(),)),
    *nested("closing", 0, T, "closing.1"),
    *ended(
        "closing",
        0,
        T + 80,
        Unknown(
            f"of run {NESTED_RUN}.closing.1 something may still be running: post",
            {"run": f"{NESTED_RUN}.closing.1", "jobs": [job(303, "Running"), job(304, "Faulted", "no")]},
        ),
    ),
    finished("closing", T + 80, StepStatus.FAILED, "lost", "something may still be running"),
]

EXAMPLES = {
    "succeeded": SUCCEEDED,
    "failed": FAILED,
    "doubt": DOUBT,
    "running": RUNNING,
    "asking": ASKING,
    "answered": ANSWERED,
    "nested": NESTED,
}


def golden(name: str, form: str) -> Path:
    """Where the report of an example lies in one of the forms."""
    return HERE / f"{name}.{form}"


if __name__ == "__main__":
    for example, events in EXAMPLES.items():
        for form, render in FORMATS.items():
            golden(example, form).write_text(render(fold(events)))
