"""What a step is beside what it starts, as an author would write it: the keys of the language, defaults left out."""

from __future__ import annotations

from collections.abc import Mapping

from flowrun.core.plan import Backoff, FanOut, Json, RetryRule, Step, Tolerance
from flowrun.steps.fields import lasting


def written(step: Step) -> dict[str, Json]:
    """By the names of keys; what is as it would be without its key is left out.

    `kill_timeout` is none of them: it follows from a nested file, whose own steps tell what changed.
    """
    found: dict[str, Json] = {
        "needs": [{"step": need.step, "optional": True} if need.optional else need.step for need in step.needs],
        "if": step.condition.expression if step.condition is not None else None,
        "fan_out": _fan_out(step.fan_out) if step.fan_out is not None else None,
        "pools": dict(step.pools),
        "retry": [_rule(rule) for rule in step.retry],
        "continue_on_error": list(step.continue_on_error),
        "timeout": _lasting(step.timeout),
        "pending_timeout": _lasting(step.pending_timeout),
        "stop_timeout": _lasting(step.stop_timeout),
        "outputs": {name: _output(step, name) for name in step.outputs},
        "kind": step.kind,
        "stage": step.stage.value,
        "undoes": step.undoes,
    }
    if step.repeat is not None:
        found["repeat"] = {"until": step.repeat.until, "every": _lasting(step.repeat.every), "max": step.repeat.most}
    return {name: value for name, value in found.items() if value not in (None, [], {}, "")}


def _rule(rule: RetryRule) -> dict[str, Json]:
    whole, usual = {"match": rule.match, "backoff": _backoff(rule.backoff)}, RetryRule()
    errors = {} if rule.errors == usual.errors else {"errors": list(rule.errors)}
    return {**errors, "max": rule.most, **{name: value for name, value in whole.items() if value}}


def _backoff(wait: Backoff) -> dict[str, Json]:
    usual = Backoff()
    found: dict[str, Json] = {}
    if wait.initial != usual.initial:
        found["initial"] = _lasting(wait.initial)
    if wait.factor != usual.factor:
        found["factor"] = wait.factor
    if wait.most != usual.most:
        found["max"] = _lasting(wait.most)
    if wait.jitter is not usual.jitter:
        found["jitter"] = wait.jitter.value
    return found


def _fan_out(fan_out: FanOut) -> dict[str, Json]:
    usual = FanOut({})
    found: dict[str, Json] = {"matrix": fan_out.matrix}
    for name in ("include", "exclude", "key", "max_parallel", "fail_fast"):
        if (value := getattr(fan_out, name)) != getattr(usual, name):
            found[name] = value
    if fan_out.tolerate != usual.tolerate:
        found["tolerate"] = _tolerated(fan_out.tolerate)
    if fan_out.on_empty is not usual.on_empty:
        found["on_empty"] = fan_out.on_empty.value
    return found


def _tolerated(tolerate: Tolerance) -> Json:
    return tolerate.count if tolerate.percent is None else f"{tolerate.percent:g}%"


def _output(step: Step, name: str) -> Mapping[str, Json]:
    default = {"default": step.defaults[name]} if name in step.defaults else {}
    return {**default, **({"sensitive": True} if name in step.sensitive else {})}


def _lasting(seconds: float | None) -> str | None:
    return None if seconds is None else lasting(seconds)
