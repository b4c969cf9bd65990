from __future__ import annotations

import pytest

from flowrun.core.events import AbortRequested, Kept, RunStarted
from flowrun.core.plan import Concurrency, FanOut, Need, OnEmpty, Plan, Stage, Step, Tolerance
from flowrun.core.state import RunState
from flowrun.core.status import AbortLevel, Succeeded
from flowrun.rehearsal.drive import rehearse
from flowrun.report.why import chain, run_reason, why
from flowrun.templating.evaluator import Templates
from tests.golden.events.plans import INPUTS, PLANS, job
from tests.simulation.told import START, Told, told


def of(*steps: Step, abort: tuple[float, AbortLevel] | None = None) -> RunState:
    happens = [AbortRequested(START + abort[0], abort[1], "anna")] if abort else []
    return told(Plan("p", steps), happens).state


def optional(step: Step, *needs: str) -> Step:
    return Step(step.id, step.kind, step.arguments, tuple(Need(need, optional=True) for need in needs))


FAILS = job("a", fails="faulted")
SKIPPED = job("fx", condition="inputs.period == 'never'")
EMPTY = FanOut({"n": []}, on_empty=OnEmpty.SKIP)


@pytest.mark.parametrize(
    ("state", "step", "line", "sentence"),
    [
        (of(job("a")), "a", "succeeded", "it needs no other step (R1)"),
        (of(job("a"), job("b", "a")), "b", "succeeded", "a succeeded (R4)"),
        (of(job("a", condition="always()")), "a", "succeeded", "its `if` holds (R4)"),
        (of(FAILS), "a", "failed: faulted", "as the script says"),
        (of(FAILS, job("b", "a")), "b", "skipped: upstream_failed", "its need a failed (R5)"),
        (of(SKIPPED), "fx", "skipped: condition", "its needs are satisfied, and its `if` is not (R5)"),
        (
            of(SKIPPED, job("b", "fx")),
            "b",
            "skipped: upstream_skipped",
            "its need fx was skipped (condition), and the need is not optional (R5)",
        ),
        (
            of(SKIPPED, optional(job("b"), "fx")),
            "b",
            "succeeded",
            "fx had nothing to do (condition) and is optional (R4)",
        ),
        (
            of(job("a", fails="faulted", continue_on_error=("*",))),
            "a",
            "failed, let through: faulted",
            "as the script says; `continue_on_error` lets it through",
        ),
        (of(job("a", fan_out=EMPTY)), "a", "skipped: empty_matrix", "its matrix has no legs (R8)"),
        (
            of(job("a", fan_out=FanOut({"n": [1, 2]}), fails="faulted")),
            "a",
            "failed: faulted",
            "2 of 2 legs failed; the first, 1: as the script says (R8)",
        ),
        (
            of(job("a", fan_out=FanOut({"n": [1, 2]}, tolerate=Tolerance(2)), fails="faulted")),
            "a",
            "succeeded",
            "it needs no other step, and 2 of 2 legs failed, which is tolerated (R1)",
        ),
        (
            told(PLANS["fail_fast"]).state,
            "post",
            "failed: faulted",
            "1 of 4 legs failed; the first, bad: as the script says (R8)",
        ),
        (
            of(job("a", takes=9), abort=(1, AbortLevel.STOP)),
            "a",
            "cancelled: abort",
            "the run was ended by anna (stop) while it ran (R6)",
        ),
        (
            of(job("a", takes=9), job("b", "a"), job("c", "b"), abort=(1, AbortLevel.KILL)),
            "c",
            "cancelled: abort",
            "the run was ended by anna (kill) before it began (R6)",
        ),
        (of(FAILS, job("z", stage=Stage.FINALLY)), "z", "succeeded", "all of `steps` have ended (R1)"),
        (of(job("a"), job("u", stage=Stage.COMPENSATE, undoes="a")), "u", "skipped: condition", "nothing to undo"),
        (of(FAILS, job("u", stage=Stage.COMPENSATE, undoes="a")), "u", "skipped: empty_matrix", "nothing of a succ"),
        (
            of(job("a"), job("b", "a", fails="faulted"), job("u", stage=Stage.COMPENSATE, undoes="a")),
            "u",
            "succeeded",
            "it undoes what succeeded of a, for the run failed",
        ),
        (of(job("a", takes="inf")), "a", "running", "its attempt 1 is running"),
        (of(job("a", takes="inf"), job("b", "a")), "b", "waiting", "it waits for a (R1)"),
        (
            of(job("a", takes="inf"), job("z", stage=Stage.FINALLY)),
            "z",
            "waiting",
            "`finally` begins when a has ended (R1)",
        ),
        (
            told(Plan("p", (job("a"),), concurrency=Concurrency("closing"))).state,
            "a",
            "waiting",
            "the run waits for its turn in the group closing",
        ),
    ],
)
def test_every_state_has_its_reason(state: RunState, step: str, line: str, sentence: str) -> None:
    found = why(state, step)
    assert found.line == line
    assert sentence in found.sentence


def test_what_an_earlier_run_has_done_is_not_done_again() -> None:
    kept = (Kept("a", "", Succeeded({"n": 1})),)
    started = RunStarted(START, "run-2", Plan("p", (job("a"), job("b", "a"))), INPUTS, again="run-1", kept=kept)
    state = rehearse(started, Templates(), Told()).state
    assert why(state, "a").sentence == "the run that this one tries again had done it already"
    assert why(state, "b").sentence == "a succeeded (R4)"


def test_the_chain_leads_to_the_root() -> None:
    state = of(FAILS, job("b", "a"), job("c", "b"), job("ok"), job("d", "ok", "c"))
    assert [link.step for link in chain(state, "d")] == ["d", "c", "b", "a"]
    assert [link.step for link in chain(state, "ok")] == ["ok"]


def test_the_worst_need_is_blamed_first() -> None:
    state = of(FAILS, SKIPPED, job("b", "fx", "a"))
    assert why(state, "b").by == ("a", "fx")
    assert why(state, "b").text == (
        "its need fx was skipped (condition), and the need is not optional; its need a failed"
    )


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (of(job("a")), "no step failed"),
        (of(FAILS), "a failed"),
        (of(job("a", takes=9), abort=(1, AbortLevel.STOP)), "it was being ended by anna"),
        (told(Plan("p", (job("a"),), outputs={"x": "${{ steps.a.outputs.nothing }}"})).state, "outputs: "),
    ],
)
def test_the_run_has_its_reason(state: RunState, reason: str) -> None:
    assert run_reason(state)[0].startswith(reason)
