"""WaitStep: a pause, or until an instant."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, model_validator

from flowrun.core.plan import Json
from flowrun.steps.fields import DurationOrTemplate, Part, refuse
from flowrun.steps.model import Expression, StepModel, without_none
from flowrun.templating.syntax import CLOSE, OPEN


class WaitSpec(Part):
    """How long: `{for: 10m}` or `{until: <expression giving a time>}`."""

    for_: DurationOrTemplate | None = Field(default=None, alias="for", description="How long.")
    until: Expression | None = Field(default=None, description="An expression that gives a time.")

    @model_validator(mode="after")
    def _one(self) -> WaitSpec:
        if (self.for_ is None) == (self.until is None):
            found = "there is neither" if self.for_ is None else "there are both"
            raise refuse("FR218", found=found)
        return self

    def arguments(self) -> dict[str, Json]:
        """`for` in seconds, or as a template; `until` as a template, so that it is evaluated with the others."""
        until = self.until if self.until is None or OPEN in self.until else f"{OPEN} {self.until} {CLOSE}"
        return without_none({"for": self.for_, "until": until})


class WaitStep(StepModel):
    """Waits, without a robot."""

    kind: ClassVar[str] = "wait"
    keys: ClassVar[tuple[str, ...]] = ("wait",)
    templated: ClassVar[frozenset[str]] = frozenset({"wait"})

    wait: WaitSpec = Field(description="For how long, or until when.")

    def arguments(self) -> dict[str, Json]:
        """`{wait: {for: seconds} | {until: template}}`, and the contract."""
        return {"wait": self.wait.arguments(), **self.contract()}
