"""What would become of each step, and why: the answer of `flowrun explain SPEC --assume …`, as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flowrun.core.plan import Json, Plan, Stage, Step
from flowrun.core.protocol import Evaluator
from flowrun.core.state import RunState
from flowrun.core.status import StepStatus
from flowrun.rehearsal.assumed import ANY_LEG, Assumed, Assumptions, assume
from flowrun.report.why import Why, run_reason, why


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """A step: what becomes of it, and why. `assumed`: somebody said so, or it rests on what nobody can know."""

    step: str
    stage: Stage
    state: str
    cause: str
    why: str
    rule: str
    by: tuple[str, ...] = ()
    assumed: bool = False
    attempts: int = 0
    legs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole: `status` and `why` of the run, `warnings` the steps whose failure is let through, `notes` for all."""

    workflow: str
    status: str
    cause: str
    why: str
    rule: str
    rows: tuple[ExplainedStep, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def explanation(plan: Plan, inputs: Mapping[str, Json], evaluator: Evaluator, assumptions: Assumptions) -> Explanation:
    """How the run would go. Nothing outside is asked."""
    done = assume(plan, inputs, evaluator, assumptions)
    state = done.run.state
    text, rule = run_reason(state)
    rows = tuple(_row(step, state, assumptions, done) for step in _in_turn(plan, state))
    notes = tuple(_notes(plan, assumptions, done))
    return Explanation(plan.workflow, state.status.value, state.cause, text, rule, rows, state.warnings, notes)


def _in_turn(plan: Plan, state: RunState) -> list[Step]:
    """As in the plan, but what undoes in the order in which it would."""
    undoing = [step for step in plan.steps if step.stage is Stage.COMPENSATE]
    turns = iter(sorted(undoing, key=lambda step: state.step(step.id).place))
    return [next(turns) if step.stage is Stage.COMPENSATE else step for step in plan.steps]


def _row(step: Step, state: RunState, assumptions: Assumptions, done: Assumed) -> ExplainedStep:
    found, now = why(state, step.id), state.step(step.id)
    legs = tuple(leg.leg.key for leg in now.legs) if step.fan_out else ()
    attempts = sum(leg.attempt for leg in now.legs)
    text, assumed = _text(step, found, state, assumptions, done)
    if attempts > max(1, len(legs)):
        text = f"{text}, after {attempts} attempts"
    return ExplainedStep(
        step.id, step.stage, found.state, found.cause, text, found.rule, found.by, assumed, attempts, legs
    )


def _text(step: Step, found: Why, state: RunState, assumptions: Assumptions, done: Assumed) -> tuple[str, bool]:
    """The reason, and whether it rests on an assumption."""
    now = state.step(step.id)
    status, outcome = now.status, now.outcome
    if outcome is StepStatus.FAILED and any(name == step.id for name, _ in assumptions.failed):
        through = "; `continue_on_error` lets it through" if status is StepStatus.SUCCEEDED else ""
        legs = assumptions.legs(step.id)
        whole = (step.id, None) in assumptions.failed or not legs
        what = "it fails" if whole else f"{', '.join(legs)} {'fails' if len(legs) == 1 else 'fail'}"
        return f"assumed: {what}{through}", True
    if found.cause == "condition" and step.id in assumptions.skipped:
        return "assumed: its `if` does not hold", True
    if step.id in assumptions.empty and (status is StepStatus.SUCCEEDED or found.cause == "empty_matrix"):
        return "assumed: its matrix has no legs", True
    condition = step.condition
    if condition is not None and condition.expression in done.taken and now.legs:
        return f"assumed: its `if` holds, {condition.expression}", True
    if condition is not None and (found.rule == "R4" or found.cause == "condition"):
        return f"{found.text}: {condition.expression}", False
    return found.text, False


def _notes(plan: Plan, assumptions: Assumptions, done: Assumed) -> Iterator[str]:
    if assumptions.unknown:
        yield f"not given, and so not known: {', '.join(f'inputs.{name}' for name in sorted(assumptions.unknown))}"
    unknown = [
        step.id
        for step, now in zip(plan.steps, done.run.state.steps, strict=True)
        if step.fan_out and not step.undoes and any(leg.leg.key == ANY_LEG for leg in now.legs)
    ]
    if unknown:
        yield f"the list is known only in a real run, and one leg `{ANY_LEG}` stands for all: {', '.join(unknown)}"
    idle = [name for name, _ in assumptions.failed if not any(leg.attempt for leg in done.run.state.step(name).legs)]
    if idle:
        yield f"assumed to fail, and never started: {', '.join(dict.fromkeys(idle))}"
    if done.run.state.doubts:
        yield f"something of it may still run: {', '.join(done.run.state.doubts)}"
    if done.unmet:
        yield f"the run is not ended: {assumptions.aborted or 'no step'} never begins"
    if plan.concurrency is not None:
        yield "the run has its turn: no other of its concurrency group is under way"
