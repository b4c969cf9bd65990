"""The core's questions to the expression language, and what an expression may see when it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowrun.core.events import Leg
from flowrun.core.fan import combinations, default_key, key_text
from flowrun.core.plan import FanOut, Json
from flowrun.core.protocol import Evaluator, Scope
from flowrun.core.state import LegState, RunState
from flowrun.core.status import Failed, LegStatus, StepStatus, Succeeded
from flowrun.errors import TemplateError

SECRET = "$secret"  # noqa: S105 - the word, and none itself
"""The one key of a reference to a secret: its name is journalled, its value put in right before it is sent."""


class Questions:
    """Asks for conditions, legs, arguments and outputs. Remembers the views of finished steps: those never change."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._views: dict[int, Json] = {}

    def condition(self, state: RunState, expression: str, status: Mapping[str, bool]) -> bool:
        """What an `if` says. Raises TemplateError."""
        return self._evaluator.condition(expression, self._scope(state, {}, status))

    def legs(self, state: RunState, fan: FanOut) -> tuple[Leg, ...]:
        """The legs of a fan-out, now that its values can be known. Raises TemplateError."""
        scope = self._scope(state, {})
        render = self._evaluator.render
        values = {name: render(value, scope) for name, value in fan.matrix.items()}
        rows = combinations(values, render(fan.include, scope), render(fan.exclude, scope))
        legs = tuple(Leg(self._key(state, fan, row, at), row) for at, row in enumerate(rows))
        seen: set[str] = set()
        for leg in legs:
            if leg.key in seen:
                raise TemplateError(
                    f"two legs have the key {leg.key!r}", hint="give `fan_out.key` an expression that tells them apart"
                )
            seen.add(leg.key)
        return legs

    def arguments(self, state: RunState, at: int, leg: LegState) -> Mapping[str, Json]:
        """The rendered arguments of a step's attempt. What undoes a leg sees its `outputs`. Raises TemplateError."""
        step = state.place(at)
        names: dict[str, Json] = {"matrix": leg.leg.matrix}
        if leg.leg.origin is not None:
            undone = state.index[step.undoes]
            names["outputs"] = _outputs(state.leg(undone, leg.leg.origin), state.place(undone).defaults)
        rendered: Mapping[str, Json] = self._evaluator.render(step.arguments, self._scope(state, names))
        return rendered

    def until(self, state: RunState, at: int, leg: LegState, until: str) -> bool:
        """What a `repeat.until` says of the outputs of the attempt that just ended. Raises TemplateError."""
        names = {"matrix": leg.leg.matrix, "outputs": _outputs(leg, state.place(at).defaults)}
        return self._evaluator.condition(until, self._scope(state, names))

    def outputs(self, state: RunState) -> Mapping[str, Json]:
        """The outputs of the whole workflow. Raises TemplateError."""
        rendered: Mapping[str, Json] = self._evaluator.render(state.plan.outputs, self._scope(state, {}))
        return rendered

    def _key(self, state: RunState, fan: FanOut, row: Mapping[str, Json], at: int) -> str:
        if fan.key is None:
            return default_key(row, at)
        return key_text(self._evaluator.render(fan.key, self._scope(state, {"matrix": row})))

    def _scope(self, state: RunState, more: Mapping[str, Json], status: Mapping[str, bool] | None = None) -> Scope:
        names = {
            "inputs": state.inputs,
            "steps": _Steps(state, self._views),
            "run": {"id": state.run_id, "key": state.plan.key, "started_at": state.started_at},
            "workflow": {"name": state.plan.workflow},
            "env": state.plan.env,
            "secrets": {name: {SECRET: name} for name in state.plan.secrets},
            **more,
        }
        return Scope(names, status or {})


class _Steps(Mapping[str, Json]):
    """`steps`: each step that is final, made into plain data when somebody looks."""

    def __init__(self, state: RunState, views: dict[int, Json]) -> None:
        self._state = state
        self._views = views

    def __getitem__(self, step_id: str) -> Json:
        at = self._state.index[step_id]
        if not self._state.steps[at].status.final:
            raise KeyError(step_id)
        if at not in self._views:
            self._views[at] = step_view(self._state, at)
        return self._views[at]

    def __iter__(self) -> Iterator[str]:
        return (step_id for step_id, at in self._state.index.items() if self._state.steps[at].status.final)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def step_view(state: RunState, at: int) -> dict[str, Json]:
    """What `steps.X` is, once the step is final: result, outcome, cause, outputs, jobs, attempt, error, legs."""
    step, place = state.steps[at], state.place(at)
    view: dict[str, Json] = {
        "result": str(step.status),
        "outcome": str(step.outcome),
        "cause": step.cause,
        "error": _error(step.outcome, step.cause, step.message),
        "jobs": [],
        "attempt": 0,
        "outputs": dict(place.defaults),
    }
    if place.fan_out is None:
        if step.legs:
            view = {**view, **_leg_facts(step.legs[0], place.defaults)}
        return view
    legs = [_leg_view(leg, place.defaults) for leg in step.legs]
    declared = place.outputs if legs or step.status is StepStatus.SUCCEEDED else ()
    names = dict.fromkeys((*declared, *place.defaults, *(name for leg in legs for name in leg["outputs"])))
    view["legs"] = legs
    view["jobs"] = [job for leg in legs for job in leg["jobs"]]
    view["outputs"] = {name: [leg["outputs"].get(name) for leg in legs] for name in names}
    return view


def _leg_view(leg: LegState, defaults: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "key": leg.leg.key,
        "matrix": dict(leg.leg.matrix),
        "result": str(leg.status),
        "cause": leg.cause,
        "error": _error(leg.status, leg.cause, leg.message),
        **_leg_facts(leg, defaults),
    }


def _leg_facts(leg: LegState, defaults: Mapping[str, Json]) -> dict[str, Json]:
    outcome = leg.outcome
    facts = outcome.facts if outcome is not None and isinstance(outcome.facts, Mapping) else {}
    return {"attempt": leg.attempt, "outputs": _outputs(leg, defaults), "jobs": facts.get("jobs", [])}


def _outputs(leg: LegState, defaults: Mapping[str, Json]) -> dict[str, Json]:
    outcome = leg.outcome
    return {**defaults, **(outcome.outputs if isinstance(outcome, Succeeded | Failed) else {})}


def _error(outcome: StepStatus | LegStatus | None, cause: str, message: str) -> Json:
    if outcome in (StepStatus.FAILED, LegStatus.FAILED):
        return {"class": cause, "message": message}
    return None
