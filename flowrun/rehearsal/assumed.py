"""A run that is only assumed: each step does as it is said to, and what an expression cannot know is taken for true.

A template that needs an unknown value comes to `?`; a fan-out over an unknown list has one leg of that name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from flowrun.core.commands import StartStep
from flowrun.core.events import AbortRequested, RunStarted, StepBegan
from flowrun.core.plan import Condition, FanOut, Json, Plan, Step
from flowrun.core.protocol import Evaluator, Scope
from flowrun.core.status import AbortLevel, Failed, Outcome, Phase, Succeeded, Unknown
from flowrun.rehearsal.drive import Rehearsed, rehearse
from flowrun.rehearsal.fate import Fate, Spell
from flowrun.rehearsal.unknown import NotKnown, PartlyKnown

ANY_LEG = "?"
"""The key of the one leg of a fan-out over a list that is not known."""

UNKNOWN = "unknown"
"""An assumed error: nobody can tell what became of it."""

STEP_TAKES = 1.0
"""Seconds that every attempt takes: steps that need nothing of each other end together."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is assumed.

    `failed`: error classes by step, or by step and leg. `skipped`: steps whose `if` does not hold. `empty`: fan-outs
    without legs. `unknown`: inputs that are not given. `aborted`: the step during which the run is ended, empty for
    the first. `takes`: how many seconds a step takes, `leg_takes` one of its legs where these are known; else
    STEP_TAKES.
    """

    failed: Mapping[tuple[str, str | None], str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    aborted: str | None = None
    level: AbortLevel = AbortLevel.STOP
    takes: Mapping[str, float] = field(default_factory=dict)
    leg_takes: Mapping[str, float] = field(default_factory=dict)

    def legs(self, step_id: str) -> list[str]:
        """The legs of a step of which something is assumed."""
        return [leg for step, leg in self.failed if step == step_id and leg is not None]


@dataclass(frozen=True, slots=True)
class Assumed:
    """How it would go. `taken`: expressions that were taken for true, since nobody can know what they come to."""

    run: Rehearsed
    taken: frozenset[str]
    unmet: bool = False
    """Whether the step during which the run was to be ended never began."""


def assume(plan: Plan, inputs: Mapping[str, Json], evaluator: Evaluator, assumptions: Assumptions) -> Assumed:
    """Rehearse the run that these assumptions make."""
    made = replace(plan, steps=tuple(_step(step, assumptions) for step in plan.steps), concurrency=None, outputs={})
    started = RunStarted(0.0, "assumed", made, inputs)
    judge = _Judge(evaluator, assumptions)
    script = _Script(assumptions)
    done = rehearse(started, judge, script)
    if assumptions.aborted is None:
        return Assumed(done, frozenset(judge.taken))
    began = _began(done, assumptions.aborted)
    if began is None:
        return Assumed(done, frozenset(judge.taken), unmet=True)
    abort = AbortRequested(began + STEP_TAKES / 2, assumptions.level)
    judge.taken.clear()
    return Assumed(rehearse(started, judge, script, [abort]), frozenset(judge.taken))


def _began(done: Rehearsed, step_id: str) -> float | None:
    began = (event for event in done.events if isinstance(event, StepBegan))
    return next((event.at for event in began if step_id in ("", event.step_id)), None)


class _List(dict[str, Json]):
    """A template that must come to a list. `otherwise` stands for a list that nobody knows."""

    def __init__(self, template: Json, otherwise: list[Json]) -> None:
        super().__init__()
        self.template = template
        self.otherwise = otherwise


class _Leg(str):
    """A value of a matrix that is not known: its text names the leg."""

    __slots__ = ()


class _Key(str):
    """The template of a leg's key."""

    __slots__ = ()


def _step(step: Step, assumptions: Assumptions) -> Step:
    if step.id in assumptions.skipped:
        step = replace(step, condition=Condition("false"))
    if step.fan_out is None or step.undoes:
        return step
    return replace(step, fan_out=_fan_out(step.fan_out, step.id, assumptions))


def _fan_out(fan: FanOut, step_id: str, assumptions: Assumptions) -> FanOut:
    if step_id in assumptions.empty:
        return replace(fan, matrix={"nothing": ()}, include=(), exclude=())
    named = [_Leg(key) for key in (*assumptions.legs(step_id), ANY_LEG)]
    matrix = {
        name: _List(value, list(dict.fromkeys(named)) if at == 0 else [_Leg(ANY_LEG)])
        for at, (name, value) in enumerate(fan.matrix.items())
    }
    key = None if fan.key is None else _Key(fan.key)
    return replace(fan, matrix=matrix, include=_List(fan.include, []), exclude=_List(fan.exclude, []), key=key)


class _Judge:
    """Implements core.protocol.Evaluator: the real one, which sees only what is known."""

    def __init__(self, evaluator: Evaluator, assumptions: Assumptions) -> None:
        self.taken: set[str] = set()
        self._evaluator = evaluator
        self._assumptions = assumptions

    def condition(self, expression: str, scope: Scope) -> bool:
        """What an `if` says, or that it holds. Raises TemplateError."""
        try:
            return self._evaluator.condition(expression, self._seen(scope))
        except NotKnown:
            self.taken.add(expression)
            return True

    def render(self, template: Json, scope: Scope) -> Json:
        """The template, with `?` for what is not known. Raises TemplateError."""
        if isinstance(template, _List):
            try:
                return self._evaluator.render(template.template, self._seen(scope))
            except NotKnown:
                return template.otherwise
        if isinstance(template, Mapping):
            return {name: self.render(value, scope) for name, value in template.items()}
        if isinstance(template, list | tuple):
            return [self.render(value, scope) for value in template]
        try:
            return self._evaluator.render(template, self._seen(scope))
        except NotKnown:
            return _key(scope) if isinstance(template, _Key) else ANY_LEG

    def _seen(self, scope: Scope) -> Scope:
        names = dict(scope.names)
        unknown = self._assumptions.unknown
        names["inputs"] = PartlyKnown(names["inputs"], unknown.__contains__)
        names["steps"] = _Steps(names["steps"])
        names["run"] = PartlyKnown({}, lambda name: name in ("id", "key", "started_at"))
        if "outputs" in names:
            names["outputs"] = PartlyKnown({}, lambda _: True)
        if "matrix" in names:
            row = names["matrix"]
            names["matrix"] = PartlyKnown(row, lambda name: isinstance(row.get(name), _Leg))
        return Scope(names, scope.status)


def _key(scope: Scope) -> str:
    """What names a leg whose key nobody can know: the value that stands for it."""
    return next((str(value) for value in scope.names["matrix"].values() if isinstance(value, _Leg)), ANY_LEG)


class _Steps(Mapping[str, Json]):
    """`steps`, in which what Jobs give is not known where there were any."""

    def __init__(self, steps: Mapping[str, Json]) -> None:
        self._steps = steps

    def __getitem__(self, step_id: str) -> Json:
        view = self._steps[step_id]
        legs = view.get("legs")
        if not (view["attempt"] if legs is None else legs):
            return view
        hidden = {"outputs", "jobs", "attempt"}
        if legs is not None and any(leg["key"] == ANY_LEG for leg in legs):
            hidden.add("legs")
        elif legs is not None:
            view = {**view, "legs": [_one_leg(leg) for leg in legs]}
        return PartlyKnown(view, hidden.__contains__)

    def __iter__(self) -> Iterator[str]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)


def _one_leg(leg: Mapping[str, Json]) -> Json:
    return PartlyKnown(leg, ("outputs", "jobs", "attempt").__contains__) if leg["attempt"] else leg


class _Script:
    """Implements Script: everything succeeds but what is assumed to fail."""

    def __init__(self, assumptions: Assumptions) -> None:
        self._failed = assumptions.failed
        self._takes = assumptions.takes
        self._leg_takes = assumptions.leg_takes

    def fate(self, start: StartStep, now: float) -> Fate:
        """That of an attempt; each takes the same time where nothing else is said."""
        del now
        error = self._failed.get((start.step_id, start.leg_key), self._failed.get((start.step_id, None)))
        outcome: Outcome = Succeeded()
        if error is not None:
            outcome = Unknown("nobody can tell") if error == UNKNOWN else Failed(error)
        takes = self._takes if start.leg_key in ("", ANY_LEG) else self._leg_takes
        return Fate(outcome, spells=(Spell(Phase.RUNNING, takes.get(start.step_id, STEP_TAKES)),))
