from pathlib import Path

import pytest

from flowrun import api
from flowrun.api.records import _listed, resolve, usual
from flowrun.core.events import RunFinished, RunStarted
from flowrun.core.plan import Plan, Step
from flowrun.core.status import RunStatus
from flowrun.errors import UsageError
from flowrun.journal.memory import MemoryJournal
from flowrun.journal.protocol import RunRow
from flowrun.journal.sqlite import SqliteJournal
from flowrun.settings import Settings

PLAN = Plan("close", (Step("a", "job"),))


def journal_of(*names: str) -> MemoryJournal:
    journal = MemoryJournal()
    for at, name in enumerate(names):
        journal.create(RunStarted(float(at), name, PLAN))
    return journal


def test_without_an_id_the_latest_run_is_meant() -> None:
    assert resolve(journal_of("20261101-aaa", "20261102-bbb"), None) == "20261102-bbb"


@pytest.mark.parametrize("part", ["20261101-aaa", "20261101", "aaa"])
def test_the_beginning_or_the_end_of_an_id_is_enough(part: str) -> None:
    assert resolve(journal_of("20261101-aaa", "20261102-bbb"), part) == "20261101-aaa"


def test_a_part_that_fits_two_runs_is_answered_with_both() -> None:
    with pytest.raises(UsageError) as caught:
        resolve(journal_of("20261101-aaa", "20261102-bbb"), "202611")
    assert caught.value.hint is not None
    assert "20261101-aaa" in caught.value.hint


def test_an_empty_id_does_not_mean_the_latest() -> None:
    with pytest.raises(UsageError, match="empty"):
        resolve(journal_of("20261101-aaa"), "")


def test_where_there_are_no_runs_the_hint_says_how_to_make_one() -> None:
    with pytest.raises(UsageError, match="no runs") as caught:
        resolve(MemoryJournal(), None)
    assert caught.value.hint == "flowrun run SPEC"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(project=tmp_path, state_dir=tmp_path / "state")


@pytest.fixture
def ended(settings: Settings) -> str:
    journal = SqliteJournal(settings.state_dir)
    journal.create(RunStarted(100.0, "20261101-aaa", Plan("close", ())))
    with journal.own("20261101-aaa", "a test") as ownership:
        journal.append(ownership, [RunFinished(103.0, RunStatus.SUCCEEDED, outputs={"n": 1})], 1)
    journal.close()
    return "20261101-aaa"


def test_a_run_is_reported_listed_and_its_outputs_shown(settings: Settings, ended: str) -> None:
    assert api.runs(settings) == [api.Listed(RunRow(ended, "close", "succeeded", 100.0, 103.0))]
    report = api.report(None, settings)
    assert (report.status, report.duration(0.0)) == (RunStatus.SUCCEEDED, 3.0)
    assert api.outputs(ended, settings) == {"outputs": {"n": 1}, "steps": {}}


def test_a_run_that_ends_between_two_questions_was_never_interrupted() -> None:
    journal = journal_of("r1")
    before = journal.run("r1")
    with journal.own("r1", "me") as ownership:
        journal.append(ownership, [RunFinished(9.0, RunStatus.SUCCEEDED)], 1)
    assert _listed(journal, before) == api.Listed(RunRow("r1", "close", "succeeded", 0.0, 9.0))


def test_what_is_usual_is_the_median_of_the_other_runs_that_succeeded() -> None:
    journal = journal_of("a", "b", "c", "d", "e")
    for run_id, took, status in (("a", 5.0, "succeeded"), ("b", 90.0, "succeeded"), ("c", 1.0, "failed")):
        with journal.own(run_id, "me") as ownership:
            finished = RunFinished(journal.run(run_id).started_at + took, RunStatus(status))
            journal.append(ownership, [finished], 1)
    assert usual(journal, "e") == 47.5
    assert usual(journal, "a") == 90.0


def test_without_history_nothing_is_usual() -> None:
    assert usual(journal_of("a"), "a") is None


def test_events_are_rows_from_the_one_asked_for(settings: Settings, ended: str) -> None:
    assert [row["type"] for row in api.events(ended, settings)] == ["RunStarted", "RunFinished"]
    assert [row["seq"] for row in api.events(ended, settings, after=1)] == [2]


def test_a_format_that_there_is_not_is_answered_with_those_there_are(settings: Settings, ended: str) -> None:
    with pytest.raises(UsageError) as caught:
        api.write(api.report(ended, settings), "pdf")
    assert caught.value.hint == ", ".join(api.formats())
