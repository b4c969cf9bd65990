"""What is certain of a step when it runs: which others have succeeded, and whether it can run at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from flowrun.core.plan import Stage
from flowrun.spec import order
from flowrun.spec.scope import Scope
from flowrun.spec.slots import Slot
from flowrun.spec.step_draft import StepDraft
from flowrun.steps.inputs import InputModel
from flowrun.templating.inference import infer
from flowrun.templating.syntax import bare


@dataclass(frozen=True, slots=True)
class World:
    """One way in which the needs of a step may have ended: what the status functions answer."""

    success: bool
    failure: bool
    cancelled: bool

    @property
    def status(self) -> Mapping[str, bool]:
        """By the names of the functions."""
        return {"success": self.success, "failure": self.failure, "cancelled": self.cancelled, "always": True}


class Certainty:
    """Looks at every step once, after those that it needs. A set of steps is a whole number, one bit for each."""

    def __init__(
        self,
        steps: Mapping[str, StepDraft],
        inputs: Mapping[str, InputModel | None],
        edges: order.Needs,
        conditions: Mapping[str, Slot],
    ) -> None:
        """`conditions` are the slots of the `if`s. Raises graphlib.CycleError."""
        self._steps = steps
        self._inputs = inputs
        self._conditions = conditions
        self._bits = {step_id: 1 << at for at, step_id in enumerate(steps)}
        self._succeeded: dict[str, int] = {}
        self._sure: set[str] = set()
        self.never: dict[str, str | None] = {}
        """The steps that cannot run, each with the one that it needs and that cannot; None where its `if` says so."""
        for step_id in order.in_order(edges):
            self._look(steps[step_id])

    def succeeded(self, step: StepDraft, other: str) -> bool:
        """Whether the result of the other one is `succeeded` in every run in which this step runs."""
        return bool(self._succeeded[step.id] & self._bits[other])

    def sure(self, step_id: str) -> bool:
        """Whether the step runs in every run in which nothing fails and nobody leaves it out."""
        return step_id in self._sure

    def _look(self, step: StepDraft) -> None:
        plain = [other for other in step.plain_needs if other in self._bits]
        before = 0
        for other in plain:
            before |= self._bits[other] | self._succeeded.get(other, 0)
        blocked = next((other for other in plain if other in self.never), None)
        possible = self._possible(step, before, blocked=blocked is not None)
        if not possible:
            own = blocked is None or not self._possible(step, before, blocked=False)
            self.never[step.id] = None if own else blocked
        # An `if` that asks the status and fails to evaluate may be let through: then it ran without running.
        unclear = bool(step.model is None or step.model.continue_on_error) and self._asks(step)
        self._succeeded[step.id] = before if all(world.success for world in possible) and not unclear else 0
        fan_out = step.model.fan_out if step.model else None
        leaves_out = "if" in step.raw or (fan_out is not None and fan_out.on_empty == "skip")
        if step.stage is Stage.STEPS and not leaves_out and all(other in self._sure for other in plain):
            self._sure.add(step.id)

    def _possible(self, step: StepDraft, before: int, *, blocked: bool) -> list[World]:
        """The worlds in which the step may run."""
        worlds = (world for world in _worlds(step) if not (blocked and world.success))
        return [world for world in worlds if self._runs(step, world, before) is not False]

    def _runs(self, step: StepDraft, world: World, before: int) -> bool | None:
        """Rule R4: whether the step runs; None where that is not certain."""
        condition = step.raw.get("if")
        if "if" not in step.raw:
            return world.success
        if isinstance(condition, bool):
            return condition and world.success
        slot = self._conditions.get(step.id)
        if slot is None or slot.faults:
            return None
        if not world.success and not slot.functions:
            return False
        read = {path[1] for path in slot.paths if len(path) > 1 and path[0] == "steps" and path[1] in self._bits}
        known = frozenset(name for name in read if world.success and before & self._bits[name])
        scope = Scope(self._inputs, self._steps, succeeded=known)
        if not all(map(scope.knows, slot.paths)):
            return None
        return infer(bare(slot.value), scope, world.status)[0].truth

    def _asks(self, step: StepDraft) -> bool:
        slot = self._conditions.get(step.id)
        return slot is not None and bool(slot.functions)


def _worlds(step: StepDraft) -> Iterator[World]:
    """Every answer that `core.verdict.status_facts` can give."""
    last, needs = step.stage is Stage.FINALLY, bool(step.before)
    for success, failure, cancelled in product((True, False), repeat=3):
        if success and not last and (failure or cancelled):
            continue
        if not success and not needs and (last or not cancelled):
            continue
        if failure and not needs and not last:
            continue
        yield World(success, failure, cancelled)
