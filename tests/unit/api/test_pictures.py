"""Pictures of a workflow's file."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from flowrun import api
from flowrun.core.events import RunStarted
from flowrun.errors import SpecError, UsageError
from flowrun.journal.sqlite import SqliteJournal
from flowrun.settings import Settings
from tests.golden.reports.examples import SUCCEEDED

GOOD = "flowrun: 1\nname: w\nsteps:\n  a: {wait: {for: 1s}}\n  b: {needs: a, wait: {for: 1s}}\n"
FORMS = ["text", "mermaid", "dot", "svg", "json"]
TIMELINES = ["text", "mermaid", "svg"]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "w.yaml"
    file.write_text(GOOD)
    return file


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(project=tmp_path, state_dir=tmp_path / "state")


@pytest.fixture
def ended(settings: Settings) -> str:
    """The id of a run that has succeeded, in the journal."""
    first, *rest = SUCCEEDED
    assert isinstance(first, RunStarted)
    with closing(SqliteJournal(settings.state_dir)) as journal:
        journal.create(first)
        with journal.own(first.run_id, "me") as ownership:
            journal.append(ownership, rest, 1)
    return first.run_id


@pytest.mark.parametrize("form", FORMS)
def test_a_graph_names_the_steps(good: Path, settings: Settings, form: str) -> None:
    assert "a" in api.graph(good, settings, form)


@pytest.mark.parametrize("form", TIMELINES)
def test_a_timeline_of_what_nobody_has_run_counts_steps(good: Path, settings: Settings, form: str) -> None:
    assert "a" in api.timeline(good, settings, form)
    assert "each step counts the same" in api.timeline(good, settings)
    assert not settings.state_dir.exists()


def test_a_form_that_there_is_not_is_answered_with_those_there_are(good: Path, settings: Settings) -> None:
    with pytest.raises(UsageError) as caught:
        api.graph(good, settings, "png")
    assert caught.value.hint == ", ".join(FORMS)
    with pytest.raises(UsageError) as caught:
        api.timeline(good, settings, "dot")
    assert caught.value.hint == ", ".join(TIMELINES)


def test_a_graph_of_a_bad_file_carries_its_problems(tmp_path: Path, settings: Settings) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("steps: {}\n")
    with pytest.raises(SpecError) as caught:
        api.graph(file, settings)
    assert len(caught.value.problems) > 1


def test_many_that_are_alike_are_drawn_as_one_unless_the_whole_is_wanted(tmp_path: Path, settings: Settings) -> None:
    file = tmp_path / "wide.yaml"
    steps = "".join(f"  s{at}: {{release: Same}}\n" for at in range(70))
    file.write_text(f"flowrun: 1\nname: wide\nsteps:\n{steps}")
    assert "70 steps" in api.graph(file, settings, "mermaid")
    assert 's_s42["s42' not in api.graph(file, settings, "mermaid")
    assert 's_s42["s42' in api.graph(file, settings, "mermaid", whole=True)
    assert "70 steps" in api.timeline(file, settings, "svg")
    assert ">s42<" in api.timeline(file, settings, "svg", whole=True)


@pytest.mark.parametrize("form", FORMS)
def test_a_graph_of_a_run_says_how_each_step_stands(ended: str, settings: Settings, form: str) -> None:
    picture = api.graph_of_run(ended, settings, 0.0, form)
    assert "succeeded" in picture
    assert "skipped" in picture


def test_a_timeline_of_a_run_says_what_happened(ended: str, settings: Settings) -> None:
    text = api.timeline_of_run(None, settings, 0.0)
    assert ended in text
    assert "✓ succeeded 4m40s, 2/2 ok" in text


@pytest.mark.usefixtures("ended")
def test_what_is_usual_comes_from_the_journal(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    fan = "fan_out: {matrix: {ledger: [EU, US, UK]}}"
    file.write_text(
        "flowrun: 1\nname: month_close\nsteps:\n  list: {release: L}\n"
        f"  post: {{release: P, needs: list, {fan}}}\n  new: {{release: N, needs: list}}\n"
    )
    text = api.graph(file, settings)
    assert "usually 1m00s" in text
    assert "longest path list > post, 5m40s in the last run" in text
    text = api.timeline(file, settings)
    assert "about 1m00s" in text
    assert "about 2m39s, 3 legs" in text, "three legs side by side, each taking what is usual for a leg"
    assert "never seen to succeed, and guessed: new" in text
