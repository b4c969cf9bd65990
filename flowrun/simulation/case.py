"""Case: what is simulated: a workflow, its inputs, how its Jobs go, and secrets that are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowrun.core.events import RunStarted
from flowrun.core.plan import Json, Plan
from flowrun.simulation.courses import Script


@dataclass(frozen=True, slots=True)
class Case:
    """What is simulated: a plan with its inputs, and how its Jobs go.

    `span`: how long it takes in fair weather, in seconds: what befalls it falls into that time. `scripts`: by the names
    of workflows. `workflows`: the plans of files that steps run.
    """

    plan: Plan
    inputs: Mapping[str, Json]
    scripts: Mapping[str, Script] = field(default_factory=dict)
    workflows: Mapping[str, Plan] = field(default_factory=dict)
    span: float = 600.0

    def begun(self, run_id: str, at: float) -> RunStarted:
        """How a run of it begins."""
        return RunStarted(at, run_id, self.plan, self.inputs, None, self.workflows)

    @property
    def shares(self) -> bool:
        """Whether two runs of it have anything to share."""
        return bool(self.plan.pools) or self.plan.concurrency is not None


class Vault:
    """Implements `steps.secrets.Secrets`: a value for every secret that a workflow names, none of them real."""

    def __init__(self, case: Case) -> None:
        plans = (case.plan, *case.workflows.values())
        self._values = {name: f"the simulated {name}" for plan in plans for name in plan.secrets}

    @property
    def values(self) -> Mapping[str, str]:
        """By name."""
        return self._values
