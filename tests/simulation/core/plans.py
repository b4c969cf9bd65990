"""Random plans, of every feature that the core knows, small enough that thousands are run."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from flowrun.core.plan import (
    Backoff,
    Concurrency,
    FanOut,
    Jitter,
    Need,
    OnEmpty,
    Plan,
    Repeat,
    RetryRule,
    Stage,
    Step,
    Tolerance,
)
from tests.simulation.core.words import condition

INPUTS = {"rows": ["r", "s", "t"], "none": []}

CONDITIONS = (
    "success()",
    "failure()",
    "always()",
    "cancelled()",
    "not cancelled()",
    "not success()",
    "true",
    "false",
    "broken",
)


def plan(dice: Random) -> Plan:
    """A plan of one to seven steps, and up to two in `finally`; two of five are mostly fans with limits and retries.

    Some steps are repeated, some are undone, and one plan of ten waits for its turn.
    """
    fans = dice.random() < 0.4
    shape = dice.choice(("chain", "diamond", "layers", "any", "apart"))
    count = dice.choice((1, 2) if fans else (1, 2, 3, 4, 4, 5, 7))
    steps = [_step(dice, f"s{at}", _needs(dice, shape, at, "s"), fans=fans) for at in range(count)]
    last = [
        _step(dice, f"f{at}", _needs(dice, "any", at, "f"), Stage.FINALLY) for at in range(dice.choice((0, 0, 1, 2)))
    ]
    undoing = [_undo(dice, step) for step in steps if dice.random() < 0.25]
    made = Plan(
        workflow="simulated",
        steps=(*steps, *undoing, *last),
        max_parallel=dice.choice((None, None, 1, 2, 3)),
        timeout=dice.choice((None, None, None, None, 30.0, 300.0)),
        outputs=dice.choice(({}, {}, {}, {"all": "${{ steps.s0.outputs.v }}"})),
        finally_timeout=dice.choice((None, None, 20.0)),
        concurrency=Concurrency("group") if dice.random() < 0.1 else None,
    )
    return _pooled(dice, made) if dice.random() < 0.3 else made


def rewritten(dice: Random, plan: Plan, serial: int) -> Plan:
    """The plan as somebody has edited it since: steps are gone, new, written differently, or need others."""
    work = [step for step in plan.steps if step.stage is Stage.STEPS]
    last = [step for step in plan.steps if step.stage is Stage.FINALLY]
    undone = {step.undoes: step for step in plan.steps if step.undoes}
    work = [_edited(dice, step) for step in work if dice.random() < 0.85]
    last = [_edited(dice, step) for step in last if dice.random() < 0.85]
    if dice.random() < 0.5:
        first = _step(dice, f"n{serial}", ())
        work = [first, *(_needing(dice, step, first.id) for step in work)]
    if dice.random() < 0.5:
        needs = tuple(Need(step.id, optional=dice.random() < 0.3) for step in work if dice.random() < 0.3)
        work.append(_step(dice, f"m{serial}", needs))
    if dice.random() < 0.2:
        last.append(_step(dice, f"l{serial}", (), Stage.FINALLY))
    if dice.random() < 0.1:
        work = [replace(step, fan_out=_fan(dice)) if dice.random() < 0.3 else step for step in work]
    work, last = _pruned(work), _pruned(last)
    undoing = [
        replace(undone[step.id], fan_out=FanOut({}) if step.fan_out else None)
        if step.id in undone
        else _undo(dice, step)
        for step in work
        if dice.random() < (0.85 if step.id in undone else 0.1)
    ]
    return replace(plan, steps=(*work, *undoing, *last))


def _edited(dice: Random, step: Step) -> Step:
    match dice.randrange(8):
        case 0:
            return replace(step, arguments={"a": "${{ inputs.none }}"})
        case 1:
            return replace(step, condition=condition(dice.choice(CONDITIONS)))
        case 2:
            return replace(step, retry=(*step.retry, _rule(dice)))
        case _:
            return step


def _needing(dice: Random, step: Step, other: str) -> Step:
    return replace(step, needs=(*step.needs, Need(other))) if dice.random() < 0.3 else step


def _pruned(steps: list[Step]) -> list[Step]:
    """Without needs of steps that are gone, and without conditions about them."""
    names = {step.id for step in steps}
    return [
        replace(
            step,
            needs=tuple(need for need in step.needs if need.step in names),
            condition=None
            if step.condition and step.condition.expression.removeprefix("ok ") not in {*CONDITIONS, *names}
            else step.condition,
        )
        for step in steps
    ]


def _pooled(dice: Random, plan: Plan) -> Plan:
    """The same, where most steps want slots of two pools."""
    pools = {"p": dice.choice((1, 2, 3)), "q": dice.choice((1, 2))}
    wants = [{}, {"p": 1}, {"p": 1}, {"p": pools["p"]}, {"q": 1}, {"p": 1, "q": 1}, {"p": pools["p"], "q": pools["q"]}]
    return replace(plan, pools=pools, steps=tuple(replace(step, pools=dice.choice(wants)) for step in plan.steps))


def _undo(dice: Random, step: Step) -> Step:
    return Step(
        id=f"{step.id}.compensate",
        kind="job",
        arguments={"a": "${{ outputs.v }}"},
        stage=Stage.COMPENSATE,
        fan_out=FanOut({}, max_parallel=step.fan_out.max_parallel) if step.fan_out else None,
        retry=tuple(_rule(dice) for _ in range(dice.choice((0, 1)))),
        timeout=dice.choice((None, 30.0)),
        pending_timeout=dice.choice((None, 10.0)),
        stop_timeout=dice.choice((0.0, 5.0)),
        undoes=step.id,
    )


def _repeat(dice: Random) -> Repeat:
    until = dice.choice(("true", "false", "tried 2", "tried 2", "tried 3", "broken"))
    return Repeat(until, dice.choice((1, 2, 3)), dice.choice((0.0, 5.0, 50.0)))


def _needs(dice: Random, shape: str, at: int, letter: str) -> tuple[Need, ...]:
    before = {
        "chain": [at - 1] if at else [],
        "diamond": [] if at == 0 else [0] if at < 3 else [1, 2] if at == 3 else [3],
        "layers": [other for other in range(at) if other // 2 == at // 2 - 1],
        "any": [other for other in range(at) if dice.random() < 0.4],
        "apart": [],
    }[shape]
    return tuple(Need(f"{letter}{other}", optional=dice.random() < 0.3) for other in before)


def _step(
    dice: Random, step_id: str, needs: tuple[Need, ...], stage: Stage = Stage.STEPS, *, fans: bool = False
) -> Step:
    words = dice.choice(CONDITIONS) if dice.random() < (0.1 if fans else 0.3) else None
    if needs and dice.random() < 0.1:
        words = f"ok {needs[0].step}"
    return Step(
        id=step_id,
        kind="job",
        arguments=_arguments(dice, needs),
        needs=needs,
        stage=stage,
        condition=condition(words),
        fan_out=_fan(dice) if dice.random() < (0.9 if fans else 0.3) else None,
        retry=tuple(_rule(dice) for _ in range(dice.choice((1, 1, 2) if fans else (0, 0, 1, 2)))),
        continue_on_error=dice.choice(((), ("*",), ("*",), ("faulted", "timeout"))),
        timeout=dice.choice((None, 30.0, 60.0)),
        pending_timeout=dice.choice((None, 10.0)),
        stop_timeout=dice.choice((0.0, 5.0, 60.0)),
        defaults=dice.choice(({}, {"v": "default"})),
        repeat=_repeat(dice) if dice.random() < 0.15 else None,
    )


def _arguments(dice: Random, needs: tuple[Need, ...]) -> dict[str, Any]:
    chance = dice.random()
    if chance < 0.02:
        return {"a": "${{ broken }}"}
    if needs and chance < 0.25:
        return {"a": f"${{{{ steps.{needs[-1].step}.outputs.v }}}}"}
    return {"a": "${{ inputs.rows }}"}


def _fan(dice: Random) -> FanOut:
    matrix: dict[str, Any] = {"n": list(range(dice.choice((1, 2, 3, 4, 6))))}
    more: dict[str, Any] = {}
    match dice.randrange(6):
        case 0:
            matrix["m"] = ["x", "y"]
            more = {"exclude": [{"n": 0, "m": "x"}], "include": [{"n": 0, "extra": 1}, {"n": 77, "m": "z"}]}
        case 1:
            matrix = {"n": "${{ inputs.rows }}"}
        case 2 if dice.random() < 0.5:
            matrix = {"n": "${{ inputs.none }}"}
        case 3 if dice.random() < 0.3:
            more = {"key": "same"}
    return FanOut(
        matrix=matrix,
        max_parallel=dice.choice((None, 1, 1, 2)),
        fail_fast=dice.random() < 0.4,
        tolerate=dice.choice((Tolerance(), Tolerance(1), Tolerance(2), Tolerance(percent=50.0))),
        on_empty=dice.choice(tuple(OnEmpty)),
        **more,
    )


def _rule(dice: Random) -> RetryRule:
    return RetryRule(
        errors=dice.choice((("*",), ("*",), ("faulted", "start_rejected"), ("timeout",), ("expression",))),
        most=dice.choice((1, 1, 2)),
        match=dice.choice((None, None, None, "busy")),
        backoff=Backoff(
            initial=dice.choice((0.0, 0.0, 5.0, 50.0)),
            factor=dice.choice((1.0, 3.0)),
            most=100.0,
            jitter=dice.choice(tuple(Jitter)),
        ),
    )
