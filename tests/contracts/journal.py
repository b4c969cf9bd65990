"""What every store of runs must do. A store's tests are a subclass with a fixture `journal`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from flowrun.admission.run_key import OnDuplicate
from flowrun.core.commands import Wish
from flowrun.core.events import (
    AbortRequested,
    AttemptFinished,
    AttemptProgressed,
    AttemptScheduled,
    Event,
    LegFinished,
    RunFinished,
    RunStarted,
)
from flowrun.core.plan import Concurrency, OnConflict, Plan, Step
from flowrun.core.status import AbortLevel, LegStatus, Phase, RunStatus, Succeeded
from flowrun.errors import Conflict, JournalError
from flowrun.journal.protocol import Journal, Ownership, Record, Request, RunRow, Slot
from tests.golden.journals.examples import EXAMPLES

PLAN = Plan("invoices", (Step("extract", "job"),))


def started(run_id: str = "r1", at: float = 100.0) -> RunStarted:
    return RunStarted(at, run_id, PLAN, {"folder": "inbox"})


ABORT = AbortRequested(5.0, AbortLevel.DRAIN, "anna")
ANSWER = AttemptFinished(6.0, "extract", 0, 1, Succeeded({"approved": True}, {"by": "bob"}))


def progressed(number: int) -> Event:
    return AttemptProgressed(100.0 + number, "extract", 0, 1, Phase.RUNNING, f"Running {number}")


def wish(leg: int, **slots: int) -> Wish:
    return Wish("extract", leg, f"k{leg}", slots or {"sap": 1})


SAP = {"sap": 2, "fx": 1}


class JournalContract:
    """The tests. Each gets an empty journal."""

    def test_a_new_run_begins_with_record_1_of_epoch_1(self, journal: Journal) -> None:
        journal.create(started())
        assert list(journal.read("r1")) == [Record(1, 1, started())]
        assert journal.run("r1") == RunRow("r1", "invoices", "running", 100.0)

    def test_a_taken_id_is_a_conflict_and_changes_nothing(self, journal: Journal) -> None:
        journal.create(started())
        with pytest.raises(Conflict, match="there is a run r1 already"):
            journal.create(started(at=200.0))
        assert list(journal.read("r1")) == [Record(1, 1, started())]

    @pytest.mark.parametrize("run_id", ["", "../r", "a/b", "a b", ".r", "é", "\ud800", "r\n", "x" * 101])
    def test_an_id_that_could_be_no_file_is_refused(self, journal: Journal, run_id: str) -> None:
        with pytest.raises(JournalError, match="cannot be the id of a run"):
            journal.create(started(run_id))
        with pytest.raises(JournalError, match="cannot be the id of a run"):
            journal.run(run_id)
        assert journal.runs() == []

    @pytest.mark.parametrize(
        "ask",
        [
            lambda journal: journal.run("r2"),
            lambda journal: journal.read("r2"),
            lambda journal: journal.own("r2", "me").__enter__(),
            lambda journal: journal.owned("r2"),
            lambda journal: journal.append(Ownership("r2", 1), [progressed(1)], 1),
            lambda journal: journal.request("r2", ABORT),
            lambda journal: journal.requests("r2"),
            lambda journal: journal.take(Ownership("r2", 1), {}, [wish(0)], 1),
            lambda journal: journal.hold(Ownership("r2", 1), []),
        ],
        ids=["run", "read", "own", "owned", "append", "request", "requests", "take", "hold"],
    )
    def test_an_unknown_run_is_an_error(self, journal: Journal, ask: Callable[[Journal], object]) -> None:
        journal.create(started())
        with pytest.raises(JournalError, match="there is no run 'r2'") as caught:
            ask(journal)
        assert "runs list" in (caught.value.hint or "")

    def test_appended_events_are_read_back_in_order(self, journal: Journal) -> None:
        journal.create(started())
        with journal.own("r1", "me") as ownership:
            assert journal.append(ownership, [progressed(2), progressed(3)], 1) == 3
            assert journal.append(ownership, [progressed(4)], 3) == 4
        assert [record.seq for record in journal.read("r1")] == [1, 2, 3, 4]
        assert [record.event for record in journal.read("r1", after=2)] == [progressed(3), progressed(4)]
        assert {record.epoch for record in journal.read("r1", after=1)} == {ownership.epoch}
        assert list(journal.read("r1", after=4)) == []

    def test_every_kind_of_event_is_read_back(self, journal: Journal) -> None:
        first, *others = EXAMPLES
        assert isinstance(first, RunStarted)
        journal.create(first)
        with journal.own(first.run_id, "me") as ownership:
            journal.append(ownership, others, 1)
        assert [record.event for record in journal.read(first.run_id)] == [*EXAMPLES]

    def test_a_large_event_is_read_back(self, journal: Journal) -> None:
        event = AttemptScheduled(1.0, "extract", 0, 1, {"text": "\u00e9" * 300_000})
        journal.create(started())
        with journal.own("r1", "me") as ownership:
            journal.append(ownership, [event, progressed(3), event], 1)
        assert [record.event for record in journal.read("r1", after=1)] == [event, progressed(3), event]

    def test_a_run_can_be_read_while_it_grows(self, journal: Journal) -> None:
        journal.create(started())
        with journal.own("r1", "me") as ownership:
            records = journal.read("r1")
            assert next(records).seq == 1
            journal.append(ownership, [progressed(2)], 1)
        assert journal.run("r1").status == "running"

    @pytest.mark.parametrize("expected", [0, 1, 3])
    def test_a_wrong_last_record_is_a_conflict_and_writes_nothing(self, journal: Journal, expected: int) -> None:
        journal.create(started())
        with journal.own("r1", "me") as ownership:
            journal.append(ownership, [progressed(2)], 1)
            with pytest.raises(Conflict, match=f"record {expected} was expected"):
                journal.append(ownership, [progressed(9)], expected)
        assert [record.event for record in journal.read("r1", after=1)] == [progressed(2)]

    def test_appending_nothing_writes_nothing(self, journal: Journal) -> None:
        journal.create(started())
        with journal.own("r1", "me") as ownership:
            assert journal.append(ownership, [], 1) == 1
        assert len(list(journal.read("r1"))) == 1

    def test_a_second_owner_is_a_conflict_until_the_first_lets_go(self, journal: Journal) -> None:
        journal.create(started())
        with (
            journal.own("r1", "me"),
            pytest.raises(Conflict, match="run r1 is being driven by"),
            journal.own("r1", "you"),
        ):
            pytest.fail("two own one run")
        with journal.own("r1", "you"):
            assert journal.run("r1").owner == "you"

    def test_each_owner_has_a_greater_epoch(self, journal: Journal) -> None:
        journal.create(started())
        epochs = [1]
        for owner in ("me", "you", "me"):
            with journal.own("r1", owner) as ownership:
                epochs.append(ownership.epoch)
        assert epochs == sorted(set(epochs))

    def test_who_let_go_can_write_no_more(self, journal: Journal) -> None:
        journal.create(started())
        with journal.own("r1", "me") as ownership:
            journal.confirm(ownership)
        with pytest.raises(Conflict, match="let go of"):
            journal.append(ownership, [progressed(2)], 1)
        with pytest.raises(Conflict, match="let go of"):
            journal.confirm(ownership)
        with journal.own("r1", "you"), pytest.raises(Conflict, match="taken over"):
            journal.append(ownership, [progressed(2)], 1)
        with journal.own("r1", "you"), pytest.raises(Conflict, match="taken over"):
            journal.confirm(ownership)
        assert len(list(journal.read("r1"))) == 1

    def test_an_error_of_the_owner_lets_go_of_the_run(self, journal: Journal) -> None:
        journal.create(started())
        with pytest.raises(ZeroDivisionError), journal.own("r1", "me"):
            raise ZeroDivisionError
        with journal.own("r1", "you"):
            pass
        assert journal.run("r1").owner == ""

    def test_the_line_of_a_run_follows_its_events(self, journal: Journal) -> None:
        journal.create(started())
        with journal.own("r1", "me") as ownership:
            assert journal.run("r1") == RunRow("r1", "invoices", "running", 100.0, owner="me")
            journal.append(ownership, [AbortRequested(150.0, AbortLevel.STOP, "anna")], 1)
            assert journal.run("r1").status == "aborting"
            journal.append(ownership, [RunFinished(160.0, RunStatus.CANCELLED)], 2)
        assert journal.run("r1") == RunRow("r1", "invoices", "cancelled", 100.0, 160.0)

    def test_runs_are_listed_latest_first(self, journal: Journal) -> None:
        for run_id, at in (("b", 2.0), ("a", 3.0), ("c", 1.0), ("d", 3.0)):
            journal.create(started(run_id, at))
        assert [row.run_id for row in journal.runs()] == ["d", "a", "b", "c"]
        assert [row.run_id for row in journal.runs(limit=2)] == ["d", "a"]

    def test_the_runs_of_a_workflow_that_succeeded_are_found_by_its_name(self, journal: Journal) -> None:
        for at, (run_id, status) in enumerate(
            (("a", "succeeded"), ("b", "failed"), ("c", "succeeded"), ("d", "succeeded"), ("e", ""))
        ):
            journal.create(started(run_id, float(at)))
            with journal.own(run_id, "me") as ownership:
                journal.append(ownership, [RunFinished(at + 5.0, RunStatus(status))] if status else [], 1)
        assert [row.run_id for row in journal.succeeded("invoices")] == ["d", "c", "a"]
        assert [row.run_id for row in journal.succeeded("invoices", limit=2)] == ["d", "c"]
        assert journal.succeeded("invoices")[0] == RunRow("d", "invoices", "succeeded", 3.0, 8.0)
        assert journal.succeeded("invoice") == []

    def test_a_run_is_owned_while_its_owner_lives(self, journal: Journal) -> None:
        journal.create(started("r1"))
        journal.create(started("r2"))
        assert not journal.owned("r1")
        with journal.own("r1", "me") as ownership:
            assert journal.owned("r1")
            assert not journal.owned("r2")
            journal.append(ownership, [progressed(2)], 1)
        assert not journal.owned("r1")

    def test_runs_do_not_mix(self, journal: Journal) -> None:
        journal.create(started("r1"))
        journal.create(started("r2"))
        with journal.own("r1", "me") as first, journal.own("r2", "me") as second:
            journal.append(first, [progressed(2)], 1)
            journal.append(second, [progressed(3), progressed(4)], 1)
        assert [record.event for record in journal.read("r1", after=1)] == [progressed(2)]
        assert [record.event for record in journal.read("r2", after=1)] == [progressed(3), progressed(4)]

    def test_requests_are_numbered_and_kept_apart(self, journal: Journal) -> None:
        journal.create(started("r1"))
        journal.create(started("r2"))
        assert journal.requests("r1") == []
        first = journal.request("r1", ABORT)
        assert first == Request(1, ABORT)
        assert journal.requests("r1") == [first]
        second = journal.request("r1", ANSWER)
        assert second == Request(2, ANSWER)
        assert journal.requests("r1") == [first, second]
        assert journal.requests("r1", after=1) == [second]
        assert journal.requests("r1", after=2) == []
        assert journal.requests("r2") == []

    def test_names_that_no_encoding_carries_are_written_as_escapes(self, journal: Journal) -> None:
        journal.create(RunStarted(1.0, "r1", Plan("w\ud800", ())))
        with journal.own("r1", "o\ud800"):
            assert journal.run("r1") == RunRow("r1", "w\\ud800", "running", 1.0, owner="o\\ud800")
        word = AbortRequested(1.0, AbortLevel.STOP, "b\ud800")
        assert journal.request("r1", word).event == word
        assert journal.requests("r1") == [Request(1, word)]

    def test_a_large_word_is_read_back(self, journal: Journal) -> None:
        journal.create(started())
        word = AttemptFinished(1.0, "extract", 0, 1, Succeeded({"text": "x" * 300_000}))
        journal.request("r1", word)
        assert journal.requests("r1") == [Request(1, word)]

    def test_runs_that_are_steps_of_others_are_listed_only_when_asked_for(self, journal: Journal) -> None:
        journal.create(started("r1", 1.0))
        journal.create(replace(started("r2", 2.0), parent="r1"))
        assert [row.run_id for row in journal.runs()] == ["r1"]
        assert [row.run_id for row in journal.runs(1, children=True)] == ["r2"]
        assert [(row.run_id, row.parent) for row in journal.runs(children=True)] == [("r2", "r1"), ("r1", "")]

    def test_the_last_run_with_a_key_is_found(self, journal: Journal) -> None:
        for run_id, key in (("r1", "close-10"), ("r2", ""), ("r3", "close-10"), ("r4", "close-11")):
            journal.create(RunStarted(100.0, run_id, replace(PLAN, key=key)))
        assert journal.keyed("close-10") == RunRow("r3", "invoices", "running", 100.0, key="close-10")
        assert journal.keyed("close") is None
        assert journal.keyed("") is None

    def test_the_runs_of_a_group_stand_in_the_order_of_their_creation_until_they_end(self, journal: Journal) -> None:
        for run_id, at, group in (
            ("b", 9.0, "g"),
            ("a", 1.0, "g"),
            ("x", 1.0, "other"),
            ("n", 1.0, ""),
            ("c", 5.0, "g"),
        ):
            concurrency = Concurrency(group) if group else None
            journal.create(RunStarted(at, run_id, replace(PLAN, concurrency=concurrency)))
        assert [row.run_id for row in journal.grouped("g")] == ["b", "a", "c"]
        assert {(row.status, row.group) for row in journal.grouped("g")} == {("queued", "g")}
        with journal.own("b", "me") as ownership:
            journal.append(ownership, [RunFinished(10.0, RunStatus.CANCELLED)], 1)
        assert [row.run_id for row in journal.grouped("g")] == ["a", "c"]
        assert journal.grouped("") == []

    def test_slots_are_granted_up_to_the_capacity_over_all_runs(self, journal: Journal) -> None:
        journal.create(started("r1"))
        journal.create(started("r2"))
        with journal.own("r1", "me") as first, journal.own("r2", "you") as second:
            assert journal.take(first, SAP, [wish(0), wish(1, fx=1)], 9) == (wish(0), wish(1, fx=1))
            assert journal.take(second, SAP, [wish(0, sap=1, fx=1), wish(1), wish(2)], 9) == (wish(1),)
            assert journal.take(second, SAP, [wish(0, sap=1, fx=1), wish(2)], 9) == ()
            assert journal.slots() == [
                Slot("r1", "extract", 0, "sap", 1, "k0"),
                Slot("r1", "extract", 1, "fx", 1, "k1"),
                Slot("r2", "extract", 1, "sap", 1, "k1"),
            ]

    def test_no_more_slots_are_granted_than_the_run_has_room_for(self, journal: Journal) -> None:
        journal.create(started())
        with journal.own("r1", "me") as ownership:
            assert journal.take(ownership, SAP, [wish(0), wish(1)], 1) == (wish(0),)
            assert len(journal.slots()) == 1

    @pytest.mark.parametrize(
        "end",
        [
            AttemptFinished(6.0, "extract", 0, 1, Succeeded()),
            LegFinished(6.0, "extract", 0, LegStatus.CANCELLED),
            RunFinished(6.0, RunStatus.FAILED),
        ],
        ids=lambda event: type(event).__name__,
    )
    def test_slots_are_given_back_in_the_commit_in_which_it_ends(self, journal: Journal, end: Event) -> None:
        journal.create(started("r1"))
        journal.create(started("r2"))
        with journal.own("r1", "me") as first, journal.own("r2", "you") as second:
            journal.take(first, SAP, [wish(0, sap=1, fx=1), wish(1)], 9)
            journal.append(first, [progressed(1)], 1)
            assert journal.take(second, SAP, [wish(0)], 9) == ()
            with pytest.raises(Conflict):
                journal.append(first, [end], 1)
            assert len(journal.slots()) == 3
            journal.append(first, [end], 2)
            left = [(slot.run_id, slot.leg) for slot in journal.slots()]
            assert left == ([] if isinstance(end, RunFinished) else [("r1", 1)])
            assert journal.take(second, SAP, [wish(0)], 9) == (wish(0),)

    def test_who_takes_a_run_over_holds_what_it_says_and_no_more(self, journal: Journal) -> None:
        journal.create(started())
        with journal.own("r1", "me") as ownership:
            journal.take(ownership, SAP, [wish(0), wish(1), wish(2, fx=1)], 9)
        assert [slot.leg for slot in journal.slots()] == [0, 1, 2]
        with journal.own("r1", "you") as ownership:
            journal.hold(ownership, [wish(1), wish(3, sap=2)])
            assert [(slot.leg, slot.count) for slot in journal.slots()] == [(1, 1), (3, 2)]
            journal.append(ownership, [RunFinished(9.0, RunStatus.FAILED)], 1)
            assert journal.slots() == []

    def test_who_asked_first_comes_first_while_its_process_lives(self, journal: Journal) -> None:
        for run_id in ("r1", "r2", "r3"):
            journal.create(started(run_id))
        with journal.own("r1", "me") as first:
            assert journal.take(first, {"sap": 1}, [wish(0), wish(1)], 9) == (wish(0),)
            with journal.own("r2", "you") as second:
                assert journal.take(second, {"sap": 1}, [wish(0)], 9) == ()
                journal.append(first, [AttemptFinished(6.0, "extract", 0, 1, Succeeded())], 1)
                assert journal.take(second, {"sap": 1}, [wish(0)], 9) == (), "the first run asked before"
                assert journal.take(first, {"sap": 1}, [wish(1)], 9) == (wish(1),)
                journal.append(first, [AttemptFinished(6.0, "extract", 1, 1, Succeeded())], 2)
                assert journal.take(first, {"sap": 1}, [wish(2)], 9) == (), "it got its turn"
            with journal.own("r3", "them") as third:
                assert journal.take(third, {"sap": 1}, [wish(0)], 9) == (), "the first run asked before"
                assert journal.take(first, {"sap": 1}, [], 9) == ()
                assert journal.take(third, {"sap": 1}, [wish(0)], 9) == (wish(0),), "it wants it no more"

    def test_who_is_no_owner_takes_no_slots(self, journal: Journal) -> None:
        journal.create(started())
        with journal.own("r1", "me") as ownership:
            pass
        for ask in (lambda: journal.take(ownership, SAP, [wish(0)], 1), lambda: journal.hold(ownership, [wish(0)])):
            with pytest.raises(Conflict):
                ask()
        assert journal.slots() == []

    def test_the_same_key_with_the_same_inputs_is_the_same_run(self, journal: Journal) -> None:
        first = RunStarted(100.0, "r1", replace(PLAN, key="k"), {"a": 1, "text": "x" * 300_000})
        assert journal.create(first, OnDuplicate.RETURN) == "r1"
        assert journal.create(replace(first, run_id="r2"), OnDuplicate.RETURN) == "r1"
        assert [row.run_id for row in journal.runs()] == ["r1"]
        with journal.own("r1", "me") as ownership:
            journal.append(ownership, [RunFinished(9.0, RunStatus.FAILED)], 1)
        assert journal.create(replace(first, run_id="r3"), OnDuplicate.RETURN) == "r1"
        assert journal.create(replace(first, run_id="r4"), OnDuplicate.RUN) == "r4"
        assert journal.create(replace(first, run_id="r5"), OnDuplicate.RETURN) == "r4"
        assert journal.create(replace(first, run_id="r6", plan=PLAN), OnDuplicate.FAIL) == "r6"

    def test_a_key_refuses_other_inputs_and_says_which(self, journal: Journal) -> None:
        first = RunStarted(100.0, "r1", replace(PLAN, key="k"), {"a": 1, "b": 2})
        journal.create(first)
        for on_duplicate in (OnDuplicate.RETURN, OnDuplicate.FAIL):
            with pytest.raises(Conflict, match=r"'k' belongs to run r1, which has other inputs: b was 2 and is 3$"):
                journal.create(replace(first, run_id="r2", inputs={"a": 1, "b": 3}), on_duplicate)
        with pytest.raises(Conflict, match=r"'k' belongs to run r1$"):
            journal.create(replace(first, run_id="r2"), OnDuplicate.FAIL)
        assert [row.run_id for row in journal.runs()] == ["r1"]

    def test_a_group_that_rejects_lets_nobody_begin_before_it_is_over(self, journal: Journal) -> None:
        plan = replace(PLAN, concurrency=Concurrency("g", OnConflict.REJECT))
        journal.create(RunStarted(1.0, "r1", plan))
        with pytest.raises(Conflict, match="r1 of the concurrency group 'g' is not over"):
            journal.create(RunStarted(2.0, "r2", plan))
        assert journal.create(RunStarted(2.0, "child", plan, parent="r1")) == "child"
        assert journal.create(RunStarted(2.0, "r3", replace(plan, concurrency=Concurrency("g")))) == "r3"
        for run_id in ("r1", "child", "r3"):
            with journal.own(run_id, "me") as ownership:
                journal.append(ownership, [RunFinished(9.0, RunStatus.FAILED)], 1)
        assert journal.create(RunStarted(2.0, "r2", plan)) == "r2"
