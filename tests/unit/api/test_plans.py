from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from flowrun.api.plans import Inputs, make, preflight
from flowrun.bootstrap import Connected
from flowrun.core.plan import Step
from flowrun.errors import Problem, SpecError
from flowrun.settings import Settings
from flowrun.steps.protocol import Finding, Preflight

TEXT = """flowrun: 1
name: close
defaults: {folder: Nowhere}
steps:
  a: {release: A}
  b: {release: B, folder: Elsewhere}
  c: {release: C}
"""


class Kind:
    """Says of every step that its folder is not there."""

    async def check(self, steps: Sequence[Step]) -> Preflight:
        return Preflight(
            tuple(Finding("FR501", step.id, ("folder",), f"no {step.arguments['folder']}") for step in steps)
        )


async def found(tmp_path: Path) -> tuple[Problem, ...]:
    file = tmp_path / "w.yaml"
    file.write_text(TEXT)
    with pytest.raises(SpecError) as caught:
        await preflight(
            make(file, Inputs()),
            Connected(cast("Any", None), cast("Any", {"job": Kind()}), {}, cast("Any", None)),
            Settings(tmp_path, tmp_path / "state"),
        )
    return caught.value.problems


async def test_what_defaults_say_is_shown_there_and_once(tmp_path: Path) -> None:
    problems = await found(tmp_path)
    assert [(one.where, one.message) for one in problems] == [
        ("defaults.folder", "no Nowhere"),
        ("steps.b.folder", "no Elsewhere"),
    ]
    assert problems[0].position is not None
    assert problems[0].position.line == 3
