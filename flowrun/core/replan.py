"""How a run that has begun goes on with a new plan of its workflow. Pure: from one state and one plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace

from flowrun.core.plan import FanOut, Plan, Stage, Step
from flowrun.core.state import RunState
from flowrun.core.status import StepStatus


@dataclass(frozen=True, slots=True)
class Revised:
    """A step that is not as it was, or is not as the new plan has it, and what becomes of it, in words."""

    step_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Revision:
    """What the rest of the run follows. `changed`: the steps not begun that are written differently.

    `others`: what of the plan is another beside its steps, by the names of its fields.
    """

    plan: Plan
    changed: tuple[str, ...]
    steps: tuple[Revised, ...]
    others: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether the run would go on just as it would have."""
        return not self.steps and not self.others


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the run cannot go on with that plan, and the way out."""

    why: str
    hint: str


def revise(before: RunState, plan: Plan) -> Revision | Refused:
    """The plan of the rest of a run, made of `plan`.

    Steps that have begun or ended stay as they are recorded, whatever `plan` says of them, or if it has them no more;
    so does the compensation of such a step. All others are as `plan` has them, or gone.
    """
    look = _Look(before, plan)
    refused = next(look.refusals(), None)
    if refused is not None:
        return refused
    made = look.merged()
    others = tuple(one.name for one in fields(Plan) if one.name != "steps" and _differ(before.plan, made, one.name))
    return Revision(made, look.changed(), tuple(look.revised(made)), others)


class _Look:
    """Looks at both plans. `held`: the steps that stay as they are recorded."""

    def __init__(self, before: RunState, plan: Plan) -> None:
        self._before = before
        self._plan = plan
        self._now: Mapping[str, Step] = {step.id: step for step in plan.steps}
        self._was: Mapping[str, Step] = {step.id: step for step in before.plan.steps}
        self._begun = frozenset(step_id for step_id in self._was if self._status(step_id) is not StepStatus.WAITING)
        self._held = {step.id: step for step in before.plan.steps if self._stays(step)}

    def _status(self, step_id: str) -> StepStatus:
        return self._before.step(step_id).status

    def _stays(self, step: Step) -> bool:
        return step.id in self._begun or (step.undoes in self._begun and step.undoes not in self._now)

    def refusals(self) -> Iterator[Refused]:
        """Why not, the gravest first."""
        before, plan, run_id = self._before, self._plan, self._before.run_id
        later = f"let it end as it is, then: flowrun runs retry {run_id} --spec current"
        if before.status.final:
            yield Refused(f"the run {run_id} has ended", f"flowrun runs retry {run_id} --spec current")
        if before.abort is not None:
            yield Refused(f"the run {run_id} is being ended", later)
        if plan.workflow != before.plan.workflow:
            words = (
                f"the run {run_id} is one of the workflow {before.plan.workflow!r}, and the file is {plan.workflow!r}"
            )
            yield Refused(words, "give the file its name back, or begin a run of the new one: flowrun run FILE")
        if plan.key != before.plan.key:
            words = f"the run {run_id} has the key {before.plan.key!r}, and would have {plan.key!r} by the file"
            yield Refused(words, "leave `run_key` as it was, or begin a new run: flowrun run FILE")
        if _group(plan) != _group(before.plan):
            words = f"the run {run_id} is in the concurrency group {_group(before.plan)!r}, not in {_group(plan)!r}"
            yield Refused(words, "leave `concurrency.group` as it was, or begin a new run: flowrun run FILE")
        for step in self._held.values():
            why = self._unlike(step)
            if why:
                yield Refused(why, f"give what is new a name of its own, or {later}")
        for step in self._fresh():
            over = self._over(step)
            if over is not None:
                yield Refused(f"`{over}` of the run {run_id} has begun, so that {step.id} would come too late", later)

    def _unlike(self, step: Step) -> str:
        """How a step that has begun can no longer be what the plan says; empty where it can be left as it is."""
        new, done = self._now.get(step.id), self._before.step(step.id)
        if new is None or (not done.legs and done.status in (StepStatus.SKIPPED, StepStatus.CANCELLED)):
            return ""
        if (new.kind, new.stage) != (step.kind, step.stage):
            was = f"a {step.kind} step of `{step.stage}`"
            return f"{step.id} has begun as {was}, and is a {new.kind} step of `{new.stage}` now"
        if _values(new.fan_out) != _values(step.fan_out):
            return f"the legs of {step.id} have begun, from values that the file has other ones for now"
        return ""

    def _over(self, step: Step) -> Stage | None:
        """The stage after the step's own that has begun already."""
        stages = tuple(Stage)
        begun = {self._was[step_id].stage for step_id in self._begun}
        return next((stage for stage in stages[stages.index(step.stage) + 1 :] if stage in begun), None)

    def _fresh(self) -> list[Step]:
        return [step for step in self._plan.steps if step.id not in self._held]

    def merged(self) -> Plan:
        """The plan with what stays."""
        before, plan, held = self._before.plan, self._plan, self._held
        left = [step for step in held.values() if step.id not in self._now]
        steps = [*left, *(held.get(step.id, step) for step in plan.steps)]
        if not _ordered(steps):
            steps = [*held.values(), *self._fresh()]
        stages = tuple(Stage)
        steps.sort(key=lambda step: stages.index(step.stage))
        pools = {pool: before.pools[pool] for step in held.values() for pool in step.pools if pool in before.pools}
        alive = any(not self._status(step_id).final for step_id in held)
        return replace(
            plan,
            steps=tuple(steps),
            env={**before.env, **plan.env},
            pools={**pools, **plan.pools},
            secrets=tuple(dict.fromkeys((*(before.secrets if alive else ()), *plan.secrets))),
        )

    def changed(self) -> tuple[str, ...]:
        """The steps not begun that are written differently."""
        return tuple(step.id for step in self._fresh() if self._was.get(step.id, step) != step)

    def revised(self, made: Plan) -> Iterator[Revised]:
        """A word about each step that is not as it was, or not as the file says; at last of those that are gone."""
        for step in made.steps:
            words = self._words(step)
            if words:
                yield Revised(step.id, words)
        for step_id in self._was:
            if step_id not in self._now and step_id not in self._held:
                yield Revised(step_id, "no longer in the file, and gone")

    def _words(self, step: Step) -> str:
        if step.id not in self._held:
            return "new" if step.id not in self._was else "" if self._was[step.id] == step else "written differently"
        if self._now.get(step.id) == step:
            return ""
        what = "written differently" if step.id in self._now else "no longer in the file"
        if step.id not in self._begun:
            return f"{what}; it stays, since {step.undoes} does"
        return f"{what}; it has {'ended' if self._status(step.id).final else 'begun'}, and stays as it was"


def _differ(one: Plan, other: Plan, name: str) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def _group(plan: Plan) -> str:
    return "" if plan.concurrency is None else plan.concurrency.group


def _values(fan: FanOut | None) -> object:
    """That of a fan-out which its legs are made of."""
    return None if fan is None else (fan.matrix, list(fan.include), list(fan.exclude), fan.key)


def _ordered(steps: list[Step]) -> bool:
    """Whether each comes behind those that it needs."""
    seen: set[str] = set()
    for step in steps:
        if not all(need.step in seen for need in step.needs):
            return False
        seen.add(step.id)
    return True
