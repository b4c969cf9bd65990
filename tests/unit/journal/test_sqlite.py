"""What is particular to the store on the disk; the rest is in tests/contracts/journal.py."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from flowrun.core.commands import Wish
from flowrun.core.events import AbortRequested, AttemptScheduled, RunFinished, RunStarted
from flowrun.core.plan import Plan
from flowrun.core.status import AbortLevel, RunStatus
from flowrun.errors import Conflict, JournalError
from flowrun.journal.large import LIMIT
from flowrun.journal.protocol import Ownership, Record, Request, Slot
from flowrun.journal.sqlite import SqliteJournal, build, layout, store
from flowrun.journal.sqlite.layout import wal_is_safe
from tests.golden.journals.examples import EXAMPLES
from tests.unit.journal.filling import STARTED, everything, fill, progressed

ABORT = AbortRequested(5.0, AbortLevel.STOP, "anna")
WISH = Wish("extract", 1, "US", {"sap": 2})
GOLDEN = Path(__file__).parents[2] / "golden" / "journals"


def test_requests_ask_for_no_rows_while_nobody_writes(journal: SqliteJournal, folder: Path) -> None:
    journal.create(STARTED)
    assert journal.requests("r1") == []
    asked: list[str] = []
    journal._database.set_trace_callback(asked.append)
    for _ in range(3):
        journal.requests("r1")
    assert set(asked) == {"PRAGMA data_version"}
    with closing(SqliteJournal(folder)) as another:
        another.request("r1", ABORT)
    assert [request.event for request in journal.requests("r1")] == [ABORT]


def test_an_owner_that_was_taken_over_by_force_can_write_no_more(journal: SqliteJournal, folder: Path) -> None:
    journal.create(STARTED)
    with journal.own("r1", "me") as ownership:
        (folder / "runs" / "r1.lock").unlink()
        with closing(SqliteJournal(folder)) as another, another.own("r1", "you") as newer:
            assert newer.epoch == ownership.epoch + 1
            with pytest.raises(Conflict, match="taken over: it is in epoch 3, and this process owned it in epoch 2"):
                journal.append(ownership, [progressed(1)], 1)
            assert another.append(newer, [progressed(2)], 1) == 2
    assert [record.event for record in journal.read("r1", after=1)] == [progressed(2)]


def test_a_made_up_ownership_writes_nothing(journal: SqliteJournal) -> None:
    journal.create(STARTED)
    with pytest.raises(Conflict):
        journal.append(Ownership("r1", 1), [progressed(1)], 1)
    assert len(list(journal.read("r1"))) == 1


def test_files_are_for_their_owner_only(journal: SqliteJournal, folder: Path) -> None:
    old = os.umask(0)
    try:
        journal.create(RunStarted(1.0, "r1", Plan("w", ()), {"text": "x" * LIMIT}))
        fill(journal, 1)
    finally:
        os.umask(old)
    modes = {path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert {"journal.db", "runs", "runs/r1.lock", "large"} <= set(modes)
    assert {mode for name, mode in modes.items() if name not in ("runs", "large")} == {0o600}
    assert modes["runs"] == modes["large"] == stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_large_events_lie_beside_the_row(journal: SqliteJournal, folder: Path) -> None:
    event = AttemptScheduled(1.0, "a", 0, 1, {"text": "x" * LIMIT})
    journal.create(STARTED)
    with journal.own("r1", "me") as ownership:
        journal.append(ownership, [event, event], 1)
    assert [len(path.read_bytes()) > LIMIT for path in (folder / "large").iterdir()] == [True]
    assert (folder / "journal.db").stat().st_size < LIMIT / 4
    next((folder / "large").iterdir()).write_text("another")
    with pytest.raises(JournalError, match=r"run r1, record 2: .* was changed after it was written"):
        list(journal.read("r1"))


def test_a_run_is_read_a_page_at_a_time(journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_PAGE", 1000)
    journal.create(STARTED)
    with journal.own("r1", "me") as ownership:
        journal.append(ownership, [progressed(number, "x" * 100) for number in range(100)], 1)
        asked: list[str] = []
        records = journal.read("r1")
        next(records)
        journal._database.set_trace_callback(asked.append)
        journal.append(ownership, [progressed(200)], 101)
        assert [record.seq for record in records] == list(range(2, 103))
    assert sum("FROM events" in statement for statement in asked) > 10


def test_a_disk_that_is_full_writes_nothing_and_the_run_goes_on_once_it_is_not(journal: SqliteJournal) -> None:
    journal.create(STARTED)
    with journal.own("r1", "me") as ownership:
        journal._database.execute("PRAGMA max_page_count = 1")
        with pytest.raises(JournalError, match="the disk is full") as caught:
            journal.append(ownership, [progressed(number, "x" * 1000) for number in range(50)], 1)
        assert "Free some space" in (caught.value.hint or "")
        assert len(list(journal.read("r1"))) == 1
        journal._database.execute("PRAGMA max_page_count = 100000")
        assert journal.append(ownership, [progressed(2)], 1) == 2


def test_a_folder_that_may_not_be_written_is_refused(without_rights: Path) -> None:
    without_rights.chmod(0o500)
    with pytest.raises(JournalError, match="cannot be opened") as caught:
        SqliteJournal(without_rights / "state")
    assert "FLOWRUN_STATE_DIR" in (caught.value.hint or "")


def test_a_journal_that_may_not_be_written_can_be_read(without_rights: Path) -> None:
    folder = without_rights / "state"
    with closing(SqliteJournal(folder)) as journal:
        journal.create(STARTED)
        fill(journal, 1)
    (folder / "journal.db").chmod(0o400)
    folder.chmod(0o500)
    with closing(SqliteJournal(folder)) as journal:
        assert len(list(journal.read("r1"))) == 2
        with pytest.raises(JournalError, match="may not be written"):
            journal.request("r1", ABORT)
        with pytest.raises(JournalError, match="may not be written"), journal.own("r1", "me"):
            pytest.fail("owned, though nothing can be written")


def test_a_state_folder_that_is_a_file_is_refused(folder: Path) -> None:
    folder.touch()
    with pytest.raises(JournalError, match="cannot be opened"):
        SqliteJournal(folder)


def test_a_writer_that_waits_too_long_says_so(journal: SqliteJournal, folder: Path) -> None:
    journal.create(STARTED)
    journal._database.execute("PRAGMA busy_timeout = 20")
    with closing(sqlite3.connect(folder / "journal.db")) as another:
        another.execute("BEGIN EXCLUSIVE")
        with pytest.raises(JournalError, match="another process keeps it locked"):
            journal.request("r1", ABORT)
    assert journal.requests("r1") == []


def test_many_processes_may_make_the_journal_at_once(folder: Path) -> None:
    journals: list[SqliteJournal] = []
    threads = [threading.Thread(target=lambda: journals.append(SqliteJournal(folder))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, each in enumerate(journals):
        each.create(RunStarted(1.0, f"r{number}", Plan("w", ())))
    assert [len(each.runs()) for each in journals] == [8] * 8
    assert [path.name for path in folder.iterdir()] == ["journal.db"]
    for each in journals:
        each.close()


def test_threads_may_share_a_journal(journal: SqliteJournal) -> None:
    for number in range(4):
        journal.create(RunStarted(1.0, f"r{number}", Plan("w", ())))
    threads = [threading.Thread(target=fill, args=(journal, 10, f"r{number}")) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(list(journal.read(f"r{number}"))) for number in range(4)] == [11] * 4


def test_a_journal_is_not_used_across_a_fork(journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.create(STARTED)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    with pytest.raises(JournalError, match="open one in each process"):
        journal.run("r1")


def test_a_closed_journal_says_so(folder: Path) -> None:
    journal = SqliteJournal(folder)
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.runs()


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "delete"),
        ((3, 44, 5), "delete"),
        ((3, 44, 6), "wal"),
        ((3, 45, 0), "delete"),
        ((3, 50, 6), "delete"),
        ((3, 50, 7), "wal"),
        ((3, 51, 2), "delete"),
        ((3, 51, 3), "wal"),
        ((3, 52, 0), "wal"),
        ((4, 0, 0), "wal"),
    ],
)
def test_wal_is_used_only_where_it_keeps_every_commit(
    folder: Path, version: tuple[int, ...], mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    safe = wal_is_safe(version)
    monkeypatch.setattr(layout, "wal_is_safe", lambda: safe)
    with closing(SqliteJournal(folder)) as journal:
        assert journal._database.execute("PRAGMA journal_mode").fetchone() == (mode,)
        assert journal._database.execute("PRAGMA synchronous").fetchone() == ({"wal": 2, "delete": 3}[mode],)
        assert f"journal_mode={mode.upper()}" in build()


def test_a_journal_in_wal_mode_is_brought_back_by_an_older_sqlite(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = everything(filled.parent)
    monkeypatch.setattr(layout, "wal_is_safe", lambda: True)
    assert everything(filled.parent) == good
    monkeypatch.setattr(layout, "wal_is_safe", lambda: False)
    assert everything(filled.parent) == good


def test_an_older_sqlite_refuses_a_journal_that_is_in_use_in_wal_mode(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "_BUSY", 0.05)
    monkeypatch.setattr(layout, "wal_is_safe", lambda: True)
    with closing(SqliteJournal(filled.parent)) as newer:
        newer.runs()
        monkeypatch.setattr(layout, "wal_is_safe", lambda: False)
        with pytest.raises(JournalError, match="open in WAL mode") as caught:
            SqliteJournal(filled.parent)
        assert "newer SQLite" in (caught.value.hint or "")


def test_the_present_layout_stays_readable(tmp_path: Path) -> None:
    """Where only an event has changed, in a version not released yet: `python -m tests.golden.journals.write`."""
    shutil.copytree(GOLDEN / "layout-2", tmp_path / "state")
    with closing(SqliteJournal(tmp_path / "state")) as journal:
        assert [repr(record.event) for record in journal.read(EXAMPLES[0].run_id)] == [repr(e) for e in EXAMPLES]  # type: ignore[union-attr]
        assert journal.slots() == [Slot("r1", "extract", 0, "sap", 2, "EU")]
        with journal.own("r1", "me") as ownership:
            assert journal.take(ownership, {"sap": 3}, [WISH], 1) == ()
            journal.append(ownership, [RunFinished(9.0, RunStatus.FAILED)], 2)
        assert [record.seq for record in journal.read("r1")] == [1, 2, 3]
        assert journal.slots() == []
        assert journal.requests("r1") == [Request(1, ABORT)]


def test_the_same_events_make_the_same_rows(tmp_path: Path) -> None:
    rows = []
    for name in ("one", "two"):
        with closing(SqliteJournal(tmp_path / name)) as journal:
            journal.create(STARTED)
            fill(journal, 3)
            rows.append(journal._database.execute("SELECT * FROM events").fetchall())
    assert rows[0] == rows[1]


def test_a_record_is_one_line_of_json_in_its_row(journal: SqliteJournal) -> None:
    journal.create(STARTED)
    fill(journal, 1)
    (data,) = journal._database.execute("SELECT data FROM events WHERE seq = 2").fetchone()
    assert json.loads(data) == {"step_id": "extract", "leg": 0, "attempt": 1, "phase": "running", "detail": "Running"}
    assert list(journal.read("r1", after=1)) == [Record(2, 2, progressed(0))]
