"""Pictures of a workflow's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun import api
from flowrun.errors import SpecError, UsageError

GOOD = "flowrun: 1\nname: w\nsteps:\n  a: {wait: {for: 1s}}\n  b: {needs: a, wait: {for: 1s}}\n"
FORMS = ["text", "mermaid", "dot", "svg", "json"]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "w.yaml"
    file.write_text(GOOD)
    return file


@pytest.mark.parametrize("form", FORMS)
def test_a_graph_names_the_steps(good: Path, form: str) -> None:
    assert "a" in api.graph(good, form)


def test_a_form_that_there_is_not_is_answered_with_those_there_are(good: Path) -> None:
    with pytest.raises(UsageError) as caught:
        api.graph(good, "png")
    assert caught.value.hint == ", ".join(FORMS)


def test_a_graph_of_a_bad_file_carries_its_problems(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("steps: {}\n")
    with pytest.raises(SpecError) as caught:
        api.graph(file)
    assert len(caught.value.problems) > 1


def test_many_that_are_alike_are_drawn_as_one_unless_the_whole_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "wide.yaml"
    steps = "".join(f"  s{at}: {{release: Same}}\n" for at in range(70))
    file.write_text(f"flowrun: 1\nname: wide\nsteps:\n{steps}")
    assert "70 steps" in api.graph(file, "mermaid")
    assert 's_s42["s42' not in api.graph(file, "mermaid")
    assert 's_s42["s42' in api.graph(file, "mermaid", whole=True)
