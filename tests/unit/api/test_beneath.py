"""What may still run of a run is looked for in the runs below it, as far down as they go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from flowrun import api
from flowrun.cli.closing import closing
from flowrun.core.events import AttemptScheduled, AttemptStarted, Event, Leg, RunStarted, StepBegan
from flowrun.core.plan import Plan, Step
from flowrun.journal.sqlite import SqliteJournal
from flowrun.report.fold import fold
from flowrun.settings import Settings
from tests.golden.reports.examples import DOUBT, NESTED, NESTED_RUN, RUNNING, SUCCEEDED, T

CHILD = f"{NESTED_RUN}.bank.30.1"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(project=tmp_path, state_dir=tmp_path / "state")


def write(settings: Settings, run_id: str, events: Sequence[Event]) -> None:
    """Put a run of the examples on the disk, under another id."""
    started, *rest = events
    assert isinstance(started, RunStarted)
    journal = SqliteJournal(settings.state_dir)
    journal.create(replace(started, run_id=run_id))
    with journal.own(run_id, "a test") as ownership:
        journal.append(ownership, rest, 1)
    journal.close()


def found(settings: Settings, events: Sequence[Event] = NESTED) -> list[tuple[str, str, str]]:
    return [(run_id, one.leg, one.what) for run_id, one in api.open_jobs(fold(events), settings)]


def outer(run_id: str) -> list[Event]:
    """A run whose only step is a run, which has begun."""
    plan = Plan("outer", (Step("inner", "workflow", {"workflow": "inner.yaml"}),))
    return [
        RunStarted(T, run_id, plan),
        StepBegan(T, "inner", (Leg(),)),
        AttemptScheduled(T, "inner", 0, 1, {}),
        AttemptStarted(T, "inner", 0, 1, {"run": f"{run_id}.inner.1"}),
    ]


OURS = (NESTED_RUN, "closing", "Job 303")
BELOW = (NESTED_RUN, "bank[30]", f"run {CHILD}")


def test_the_jobs_of_a_run_below_are_named_with_that_run(settings: Settings) -> None:
    write(settings, CHILD, RUNNING)
    assert found(settings) == [
        (CHILD, "post[EU]", "Job 102"),
        (CHILD, "post[US]", "a start whose outcome is unknown"),
        OURS,
    ]
    report = fold(NESTED)
    told = [line.text for line in closing(report, T + 90, api.open_jobs(report, settings))]
    assert f"    post[EU]: Job 102 00000000-0000-0000-0000-000000000102, in run {CHILD}" in told
    assert f"    post[US]: a start whose outcome is not known, in run {CHILD}" in told
    assert not any(f"runs show {CHILD}" in line for line in told)


def test_a_run_three_files_down_is_looked_into(settings: Settings) -> None:
    write(settings, "top.inner.1", outer("top.inner.1"))
    write(settings, "top.inner.1.inner.1", RUNNING)
    assert found(settings, outer("top"))[0] == ("top.inner.1.inner.1", "post[EU]", "Job 102")


def test_a_run_below_that_cannot_be_read_is_named_itself(settings: Settings) -> None:
    assert found(settings) == [BELOW, OURS], "there is no journal"
    write(settings, "another", SUCCEEDED)
    assert found(settings) == [BELOW, OURS], "the journal does not have it"
    (settings.state_dir / "journal.db").write_bytes(b"no database, and longer than a header of one would be" * 20)
    assert found(settings) == [BELOW, OURS], "the journal is damaged"


def test_a_run_below_that_is_between_two_jobs_is_named_itself(settings: Settings) -> None:
    write(settings, CHILD, RUNNING[:1])
    assert found(settings) == [BELOW, OURS]


def test_of_a_run_below_that_has_ended_its_doubts_alone_are_left(settings: Settings) -> None:
    write(settings, CHILD, SUCCEEDED)
    assert found(settings) == [OURS]


def test_the_doubts_of_a_run_below_that_has_ended_are_named(settings: Settings) -> None:
    write(settings, CHILD, DOUBT)
    assert found(settings) == [(CHILD, "list", "Job 101"), OURS]
