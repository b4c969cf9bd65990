"""What a run is told about others, from a journal that several runs share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from flowrun.api.beside import Beside
from flowrun.core.commands import Wish
from flowrun.core.events import AttemptScheduled, Leg, RunStarted, StepBegan
from flowrun.core.plan import Concurrency, FanOut, Plan, Step
from flowrun.journal.sqlite import SqliteJournal
from flowrun.report.fold import fold
from flowrun.report.model import Report

POST = Step("post", "job", fan_out=FanOut({"n": [1, 2]}), pools={"sap": 1})
POOLED = Plan("close", (POST,), pools={"sap": 1})
GROUPED = Plan("close", (Step("a", "job"),), concurrency=Concurrency("g"))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with closing(SqliteJournal(tmp_path)) as journal:
        yield journal


def beside_of(journal: SqliteJournal, run_id: str) -> Beside:
    """One that has heard how the run began."""
    beside = Beside(journal, run_id)
    beside.heard(next(journal.read(run_id)).event)
    return beside


def report(journal: SqliteJournal, run_id: str) -> Report:
    return fold(record.event for record in journal.read(run_id))


def begun(journal: SqliteJournal, run_id: str, owned: ExitStack) -> None:
    """A run with two legs that want a slot; the first of them has it, where it is free."""
    journal.create(RunStarted(1.0, run_id, POOLED))
    ownership = owned.enter_context(journal.own(run_id, "me"))
    journal.append(ownership, [StepBegan(2.0, "post", (Leg("EU"), Leg("US")))], 1)
    if journal.take(ownership, POOLED.pools, [Wish("post", 0, "EU", {"sap": 1})], 1):
        journal.append(ownership, [AttemptScheduled(3.0, "post", 0, 1, {})], 2)


def test_a_plan_that_shares_nothing_has_nothing_beside_it(journal: SqliteJournal) -> None:
    journal.create(RunStarted(1.0, "r1", Plan("w", ())))
    beside = beside_of(journal, "r1")
    assert beside.idle
    assert [*beside.look(report(journal, "r1"), 5.0)] == []


def test_a_step_says_who_holds_the_slots_that_it_waits_for(journal: SqliteJournal) -> None:
    with ExitStack() as owned:
        begun(journal, "r1", owned)
        begun(journal, "r2", owned)
        ours, theirs = beside_of(journal, "r1"), beside_of(journal, "r2")
        (change,) = ours.look(report(journal, "r1"), 5.0)
        assert (change.subject, change.detail, change.quiet) == ("post", "for a slot of sap, held by post[EU]", True)
        (change,) = theirs.look(report(journal, "r2"), 5.0)
        assert (change.detail, change.quiet) == ("for a slot of sap, held by run r1 post[EU]", False)
        assert theirs.seen(report(journal, "r2")).waits == {"post": "for a slot of sap, held by run r1 post[EU]"}
        assert [*theirs.look(report(journal, "r2"), 6.0)] == []


def test_what_is_over_is_told_quietly(journal: SqliteJournal) -> None:
    with ExitStack() as owned:
        begun(journal, "r1", owned)
        begun(journal, "r2", owned)
        beside = beside_of(journal, "r2")
        assert len([*beside.look(report(journal, "r2"), 5.0)]) == 1
        owned.close()
        with journal.own("r1", "me") as ownership:
            journal.hold(ownership, [])
        (change,) = beside.look(report(journal, "r2"), 6.0)
        assert change.quiet
        assert beside.seen(report(journal, "r2")).waits == {}


def test_a_run_says_who_goes_first_and_when_nobody_drives_that_one(journal: SqliteJournal) -> None:
    for run_id in ("r1", "r2", "r3"):
        journal.create(RunStarted(1.0, run_id, GROUPED))
    beside = beside_of(journal, "r3")
    (change,) = beside.look(report(journal, "r3"), 5.0)
    assert (change.subject, change.detail) == ("run", "for its turn, behind run r1 and 1 more")
    assert [*beside.look(report(journal, "r3"), 5.3)] == [], "its process may just be beginning"
    (change,) = beside.look(report(journal, "r3"), 5.6)
    assert change.detail.endswith("nobody drives r1: flowrun runs resume r1, or flowrun runs abort r1")
    assert beside.deserted() == ("r1", "r2")
    with journal.own("r1", "me"):
        (change,) = beside.look(report(journal, "r3"), 6.0)
        assert change.detail == "for its turn, behind run r1 and 1 more"
        assert beside.deserted() == ("r2",)


def test_the_first_of_its_group_waits_for_nobody(journal: SqliteJournal) -> None:
    journal.create(RunStarted(1.0, "r1", GROUPED))
    journal.create(RunStarted(1.0, "r2", replace(GROUPED, concurrency=Concurrency("another"))))
    for run_id in ("r1", "r2"):
        assert [*beside_of(journal, run_id).look(report(journal, run_id), 5.0)] == []
