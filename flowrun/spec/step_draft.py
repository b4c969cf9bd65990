"""StepDraft: a step of a file on its way to a workflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowrun.core.plan import Json, Stage
from flowrun.spec.document import Path
from flowrun.steps.model import NeedModel, StepModel


@dataclass(frozen=True, slots=True)
class StepDraft:
    """A step as far as it is known. `model` is None where it is broken, `needs` where even these are.

    `raw` is what is written; `follows` is the step before it in a list, which it needs without saying so.
    """

    id: str
    path: Path
    stage: Stage
    kind: type[StepModel]
    raw: Mapping[str, Json]
    model: StepModel | None
    needs: tuple[NeedModel, ...] | None
    follows: str | None = None

    @property
    def before(self) -> list[str]:
        """The ids that it needs, the implied one first."""
        written = [need.step for need in self.needs or ()]
        return [self.follows, *written] if self.follows and self.follows not in written else written

    @property
    def plain_needs(self) -> list[str]:
        """Those of them that must have succeeded: all that are not optional."""
        optional = {need.step for need in self.needs or () if need.optional}
        return [other for other in self.before if other not in optional] if optional else self.before
