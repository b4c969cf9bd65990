"""What is said to be certain of a file holds in every run of it: small files against the core that carries them out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.core.events import AbortRequested, AttemptFinished, AttemptScheduled, RunStarted
from flowrun.core.run import Run
from flowrun.core.status import AbortLevel, Failed, StepStatus, Succeeded
from flowrun.planner.build import build
from flowrun.spec.certainty import Certainty
from flowrun.spec.draft import Draft
from flowrun.spec.library import Loaded
from flowrun.spec.loader import _Reader, load
from flowrun.templating.evaluator import Templates
from tests.examples import examples

NOW = 1_000.0
CONDITIONS = [
    "success()",
    "failure()",
    "cancelled()",
    "always()",
    "success() and failure()",
    "not success()",
    "failure() or inputs.flag",
    "success() and inputs.flag",
    "inputs.flag",
    "not inputs.flag and inputs.flag",
    "inputs.region == 'Asia'",
    "inputs.region in ['EU', 'Asia']",
    "true",
    "false",
]
ABOUT_ANOTHER = [
    "steps.{0}.result == 'failed'",
    "steps.{0}.result != 'succeeded'",
    "always() and steps.{0}.result == 'skipped'",
    "always() and steps.{0}.result in ['failed', 'cancelled']",
    "steps.{0}.outcome == 'failed'",
    "failure() and steps.{0}.result == 'succeeded'",
    "steps.{0}.result == 'success'",
    "not (steps.{0}.result == 'succeeded')",
]


def loaded(text: str) -> tuple[Loaded, Certainty]:
    whole = load(text, "x.yaml")
    reader = _Reader(whole.document, None)
    reader.read()
    assert isinstance(whole.document.data, dict)
    inputs = whole.workflow.inputs if whole.workflow else {}
    certainty = Draft(whole.document, whole.document.data, inputs, reader.steps).certainty
    assert certainty is not None
    return whole, certainty


@st.composite
def files(draw: st.DrawFn) -> str:
    lines = ["flowrun: 1", "name: x", "inputs:", "  flag: {type: boolean}"]
    lines += ["  region: {type: choice, options: [EU, US]}", "steps:"]
    for at in range(4):
        lines.append(_step(draw, f"s{at}", [f"s{before}" for before in range(at)]))
    lines.append("finally:")
    lines.append(_step(draw, "z0", []))
    lines.append(_step(draw, "z1", ["z0"]))
    return "\n".join(lines) + "\n"


def _step(draw: st.DrawFn, step_id: str, others: list[str]) -> str:
    needs = draw(st.lists(st.sampled_from(others), unique=True, max_size=2)) if others else []
    written = ", ".join(f"{{step: {need}, optional: {str(draw(st.booleans())).lower()}}}" for need in needs)
    choices = [condition.format(need) for need in needs for condition in ABOUT_ANOTHER] + CONDITIONS
    condition = draw(st.none() | st.sampled_from(choices))
    if condition is None and draw(st.booleans()) and needs:
        condition = draw(st.sampled_from(ABOUT_ANOTHER)).format(needs[0])
    keys = ["release: R", f"needs: [{written}]"]
    keys += [f'if: "{condition}"'] if condition else []
    keys += ["continue_on_error: true"] if draw(st.integers(0, 4)) == 0 else []
    return f"  {step_id}: {{{', '.join(keys)}}}"


def results(whole: Loaded, inputs: dict[str, Any], fails: frozenset[str], abort_after: int) -> dict[str, StepStatus]:
    """What each step comes to where these fail, and somebody ends the run after so many attempts."""
    assert whole.workflow is not None
    run = Run(RunStarted(NOW, "run", build(whole.workflow), inputs), Templates())
    attempts = 0
    waiting = [event for event in run.settle(NOW) if isinstance(event, AttemptScheduled)]
    while not run.finished:
        if attempts == abort_after:
            run.record(AbortRequested(NOW, AbortLevel.STOP))
        if waiting:
            one = waiting.pop(0)
            outcome = Failed("faulted") if one.step_id in fails else Succeeded()
            run.take(AttemptFinished(NOW, one.step_id, one.leg, one.attempt, outcome))
        attempts += 1
        waiting += [event for event in run.settle(NOW) if isinstance(event, AttemptScheduled)]
    return {step.id: run.state.step(step.id).status for step in run.state.plan.steps}


NOT_RUN = (StepStatus.SKIPPED, StepStatus.CANCELLED)


@examples(30)
@given(st.data())
def test_what_is_certain_holds_in_every_run(data: st.DataObject) -> None:
    whole, certainty = loaded(data.draw(files()))
    if whole.workflow is None:
        return
    steps = {*whole.workflow.steps, *whole.workflow.finally_}
    reader = _Reader(whole.document, None)
    reader.read()
    for flag in (True, False):
        fails = data.draw(st.frozensets(st.sampled_from(sorted(steps))))
        abort_after = data.draw(st.sampled_from([-1, -1, 0, 1, 2]))
        ended = results(whole, {"flag": flag, "region": "EU"}, fails, abort_after)
        ran = {step for step, status in ended.items() if status not in NOT_RUN}
        assert ran.isdisjoint(certainty.never), "a step that never runs has run"
        for step in ran:
            for other in steps:
                if certainty.succeeded(reader.steps[step], other):
                    assert ended[other] is StepStatus.SUCCEEDED, f"{other} had not succeeded when {step} ran"
        if not fails and abort_after < 0:
            assert all(ended[step] is StepStatus.SUCCEEDED for step in whole.workflow.steps if certainty.sure(step))


@pytest.mark.parametrize(
    ("step", "never"),
    [
        ("if: failure()", False),
        ("if: steps.s.result == 'failed'", True),
        ("if: always() and steps.s.result == 'failed'", False),
        ("if: steps.s.outcome == 'failed'", True),
        ("if: success() or failure()", False),
        ("if: success() and failure()", True),
        ("if: cancelled() and success()", True),
        ("if: steps.s.result in ['failed', 'skipped']", True),
        ("if: \"${{ steps.s.result == 'failed' }}\"", True),
        ("if: not (steps.s.result == 'succeeded')", True),
        ("if: steps.s.outputs.X == 1", False),
    ],
)
def test_conditions_that_can_and_cannot_hold(step: str, never: bool) -> None:  # noqa: FBT001 - the expectation
    _, certainty = loaded(
        f"flowrun: 1\nname: x\nsteps:\n  s: {{release: S}}\n  t:\n    release: T\n    needs: s\n    {step}\n"
    )
    assert ("t" in certainty.never) is never


def test_a_failure_that_is_let_through_is_seen_by_the_outcome() -> None:
    _, certainty = loaded(
        "flowrun: 1\nname: x\nsteps:\n  s: {release: S, continue_on_error: true}\n"
        "  t: {release: T, needs: s, if: steps.s.outcome == 'failed'}\n"
    )
    assert certainty.never == {}


def test_a_long_chain_costs_little() -> None:
    steps = "".join(f"  s{at}: {{release: S, needs: {f's{at - 1}' if at else '[]'}}}\n" for at in range(3000))
    _, certainty = loaded(f"flowrun: 1\nname: x\nsteps:\n{steps}")
    assert certainty.sure("s2999")
