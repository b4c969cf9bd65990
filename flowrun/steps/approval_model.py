"""ApprovalStep: a question to a person, as the author writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from flowrun.core.plan import Condition, Json, Stage, Step
from flowrun.steps.answer import OUTPUTS
from flowrun.steps.fields import IDENTIFIER, Fault, Part, Text, Timeout, one_of, refuse, shown
from flowrun.steps.inputs import InputModel
from flowrun.steps.model import OutputModel, StepModel, without_none
from flowrun.templating.syntax import templates

ON_TIMEOUT = ("reject", "approve")
_TYPES: Mapping[str, str] = {"choice": "string", "date": "string", "list": "array"}


class ApprovalSpec(Part):
    """What is asked, what an answer brings, and what no answer means."""

    instructions: Text = Field(description="What is to be decided, as the person reads it. A template.")
    inputs: Annotated[dict[str, InputModel], Field(strict=False)] = Field(
        default={}, description="What whoever approves gives, by name; the step's outputs have it."
    )
    timeout: Timeout | None = Field(default=None, description="How long it waits for an answer.")
    on_timeout: Annotated[str, PlainValidator(one_of(*ON_TIMEOUT)), WithJsonSchema({"enum": list(ON_TIMEOUT)})] = Field(
        default="reject", description="What it means when nobody answers in time."
    )

    def arguments(self) -> dict[str, Json]:
        """The fields under their names in the file; the timeout in seconds, inputs as plain declarations."""
        inputs = {name: declared.declaration() for name, declared in self.inputs.items()}
        timed = None if self.timeout is None else self.on_timeout
        return without_none(
            {
                "instructions": self.instructions,
                "inputs": inputs or None,
                "timeout": self.timeout,
                "on_timeout": timed,
            }
        )


class ApprovalStep(StepModel):
    """Asks a person, and waits for the answer without a robot."""

    kind: ClassVar[str] = "approval"
    keys: ClassVar[tuple[str, ...]] = ("approval",)
    templated: ClassVar[frozenset[str]] = frozenset({"approval"})
    refused: ClassVar[Mapping[str, str]] = {
        "timeout": "approval.timeout",
        "pending_timeout": "approval.timeout",
        "outputs": "approval.inputs",
    }

    approval: ApprovalSpec = Field(description="What a person is asked.")

    @model_validator(mode="after")
    def _promises(self) -> ApprovalStep:
        """Its contract follows from its inputs: nobody writes it a second time."""
        if "outputs" in self.model_fields_set:
            raise refuse("FR260", "outputs", name="outputs", instead=self.refused["outputs"])
        return self.model_copy(update={"outputs": _outputs(self.approval.inputs)})

    def arguments(self) -> dict[str, Json]:
        """`{approval: {instructions: template, inputs, timeout: seconds, on_timeout}}`."""
        return {"approval": self.approval.arguments()}

    def step(self, step_id: str, stage: Stage = Stage.STEPS, condition: Condition | None = None) -> Step:
        """The step of a plan. The times of `defaults` are those of Jobs, and this has none."""
        return replace(super().step(step_id, stage, condition), timeout=None, pending_timeout=None)

    def faults(self) -> Iterator[Fault]:
        """Times and names that do not go with an approval, and what is wrong with its inputs."""
        for name, instead in self.refused.items():
            if name in self.model_fields_set and name != "outputs":
                yield Fault("FR260", (name,), {"name": name, "instead": instead})
        spec = self.approval
        if "on_timeout" in spec.model_fields_set and spec.timeout is None:
            yield Fault("FR261", ("approval", "on_timeout"))
        for name, declared in spec.inputs.items():
            yield from self._of_input(name, declared)

    def _of_input(self, name: str, declared: InputModel) -> Iterator[Fault]:
        path = ("approval", "inputs", name)
        if not IDENTIFIER.fullmatch(name):
            yield Fault("FR108", path, {"name": shown(name), "what": "the name of an input"})
        elif name in OUTPUTS:
            yield Fault("FR262", path, {"name": name})
        written = [way for way, _ in templates(declared.declaration())]
        yield from (Fault("FR318", (*path, *way), {"name": way[0]}) for way in written)
        yield from (replace(fault, path=(*path, *fault.path)) for fault in declared.faults() if not written)
        if self.approval.on_timeout == "approve" and declared.must_be_given:
            yield Fault("FR263", path, {"name": name})


def _outputs(inputs: Mapping[str, InputModel]) -> dict[str, OutputModel]:
    """What an answer gives. A value that may be null has no other type."""
    given = {name: _type(declared) for name, declared in inputs.items()}
    return {name: OutputModel(type=kind) for name, kind in {**OUTPUTS, **given}.items()}


def _type(declared: InputModel) -> str:
    if declared.default is None and not declared.must_be_given:
        return "any"
    return _TYPES.get(declared.type, declared.type)
