"""Pictures of a workflow or of a run, in every language that there is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from flowrun.api.files import load
from flowrun.errors import UsageError
from flowrun.spec.environment import Environments

if TYPE_CHECKING:
    from flowrun.spec.environment import Environment

_F = TypeVar("_F")


def graph(file: Path, form: str = "text", environment: Environment | None = None, *, whole: bool = False) -> str:
    """The graph of a workflow. `whole`: each step on its own, however many. Raises SpecError, UsageError."""
    from flowrun.pictures.alike import folded  # noqa: PLC0415 - checking a file draws nothing
    from flowrun.pictures.graph import CROWDED, FORMS  # noqa: PLC0415 - the same
    from flowrun.planner.build import build, family  # noqa: PLC0415 - the same
    from flowrun.planner.picture import drawing  # noqa: PLC0415 - the same

    draw = _chosen(FORMS, form)
    _, loaded = load(file, Environments(environment))
    assert loaded.workflow is not None  # noqa: S101 - `load` raises otherwise
    workflows = family(loaded)
    made = drawing(build(loaded.workflow, workflows=workflows), workflows)
    return draw(made if whole or form not in CROWDED else folded(made))


def _chosen(forms: Mapping[str, _F], form: str) -> _F:
    if form not in forms:
        raise UsageError(f"there is no form {form!r}", hint=", ".join(forms))
    return forms[form]
