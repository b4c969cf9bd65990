"""WorkflowStep: a step that runs another file, as the author writes it."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from flowrun.core.plan import Json
from flowrun.steps.fields import MapOrTemplate, Text
from flowrun.steps.model import StepModel


class WorkflowStep(StepModel):
    """Runs another file: its outputs become the step's. The `defaults` are about Jobs, and that file has its own."""

    kind: ClassVar[str] = "workflow"
    keys: ClassVar[tuple[str, ...]] = ("workflow",)
    templated: ClassVar[frozenset[str]] = frozenset({"inputs"})
    apart: ClassVar[frozenset[str]] = frozenset({"retry", "timeout", "pending_timeout", "stop_timeout"})

    workflow: Text = Field(description="The path of the file, from the folder of the file that names it.")
    inputs: MapOrTemplate = Field(default={}, description="The values of its inputs, by name.")

    def arguments(self) -> dict[str, Json]:
        """`{workflow: name, inputs: {name: template} or one template for all}`, and the contract."""
        inputs = self.inputs if isinstance(self.inputs, str) else dict(self.inputs)
        return {"workflow": self.workflow, "inputs": inputs, **self.contract()}
