"""A journal of the first layout becomes one of this, whole or not at all."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from flowrun.core.events import AbortRequested, RunFinished
from flowrun.core.status import AbortLevel, RunStatus
from flowrun.errors import JournalError
from flowrun.journal import chain
from flowrun.journal.protocol import Request, RunRow
from flowrun.journal.sqlite import SqliteJournal, layout_1
from flowrun.journal.sqlite.layout import LAYOUT
from tests import warm
from tests.golden.journals.examples import EXAMPLES_1
from tests.unit.journal.sqlite.dying import die

ROOT = Path(__file__).parents[4]
GOLDEN = ROOT / "tests" / "golden" / "journals" / "layout-1"
OLD = "20251009-abcdef"
WORD = AbortRequested(5.0, AbortLevel.STOP, "anna")


@pytest.fixture
def old(folder: Path) -> Path:
    """The database of a journal in layout 1."""
    shutil.copytree(GOLDEN, folder)
    return folder / "journal.db"


def layout(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        (number,) = database.execute("PRAGMA user_version").fetchone()
        return int(number)


def test_it_is_raised_when_it_is_opened_and_goes_on(old: Path) -> None:
    assert layout(old) == 1
    for _ in range(2):
        with closing(SqliteJournal(old.parent)) as journal:
            assert [repr(record.event) for record in journal.read(OLD)] == [repr(event) for event in EXAMPLES_1]
            assert journal.requests("r1") == [Request(1, WORD)]
            assert journal.runs(children=True)[0] == journal.run(OLD)
        assert layout(old) == LAYOUT
    with closing(SqliteJournal(old.parent)) as journal, journal.own("r1", "me") as ownership:
        journal.append(ownership, [RunFinished(9.0, RunStatus.FAILED)], 2)
        assert journal.request("r1", WORD).number == 2
        assert journal.run("r1") == RunRow("r1", "invoices", "failed", 100.0, 9.0, "me")


def test_runs_keep_their_order_and_what_was_asked_of_them(old: Path) -> None:
    """Most runs were asked nothing."""
    with closing(sqlite3.connect(old)) as database, database:
        query = "SELECT * FROM runs WHERE run_id = ?"
        _, *values = database.execute(query, (OLD,)).fetchone()
        for name in ("later-1", "later-2"):
            row = (name, *values[:2], 9e9, *values[3:-2], 0)
            database.execute(f"INSERT INTO runs VALUES ({', '.join('?' * 11)})", (*row, chain.seal(*row)))
    with closing(SqliteJournal(old.parent)) as journal:
        assert [row.run_id for row in journal.runs(children=True)] == ["later-2", "later-1", OLD, "r1"]
        assert journal.requests("r1") == [Request(1, WORD)]
        assert journal.requests("later-1") == []


def test_several_may_open_it_at_once(old: Path) -> None:
    journals: list[SqliteJournal] = []
    threads = [threading.Thread(target=lambda: journals.append(SqliteJournal(old.parent))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [journal.requests("r1") for journal in journals] == [[Request(1, WORD)]] * 4
    for journal in journals:
        journal.close()


def test_who_dies_on_the_way_leaves_what_was_there(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(layout_1, "encode", die)
    with pytest.raises(ZeroDivisionError):
        SqliteJournal(old.parent)
    monkeypatch.undo()
    assert layout(old) == 1
    with closing(SqliteJournal(old.parent)) as journal:
        assert journal.requests("r1") == [Request(1, WORD)]


def test_who_is_killed_at_any_statement_leaves_one_layout_or_the_other(folder: Path, tmp_path: Path) -> None:
    """SIGKILL right before each statement of the opening, until one opening has come to its end."""
    seen = []
    for number in range(1, 1000):
        shutil.copytree(GOLDEN, folder)
        words = (str(folder), str(number))
        process = warm.begin(
            warm.Order(words, ROOT, tmp_path / "out", tmp_path / "err", os.environ.copy(), program=die)
        )
        process.join()
        code = process.exitcode
        assert code in (0, -signal.SIGKILL)
        seen.append(layout(folder / "journal.db"))
        with closing(SqliteJournal(folder)) as journal:
            assert [repr(record.event) for record in journal.read(OLD)] == [repr(event) for event in EXAMPLES_1]
            assert journal.requests("r1") == [Request(1, WORD)]
        shutil.rmtree(folder)
        if code == 0:
            break
    assert seen[0] == 1
    assert seen[-1] == LAYOUT
    assert sorted(seen) == seen


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE runs SET status = 'succeeded' WHERE run_id = 'r1'", "damaged row for the run 'r1'"),
        ("UPDATE requests SET level = 'kill'", "damaged requests to run 'r1'"),
    ],
)
def test_damage_is_not_sealed_anew(old: Path, statement: str, message: str) -> None:
    with closing(sqlite3.connect(old)) as database, database:
        database.execute(statement)
    with pytest.raises(JournalError, match=message):
        SqliteJournal(old.parent)
    assert layout(old) == 1


def test_one_that_may_not_be_written_is_read_all_the_same(without_rights: Path) -> None:
    folder = without_rights / "state"
    folder.mkdir()
    (folder / "journal.db").write_bytes((GOLDEN / "journal.db").read_bytes())
    (folder / "journal.db").chmod(0o400)
    folder.chmod(0o500)
    with closing(SqliteJournal(folder)) as journal:
        assert [repr(record.event) for record in journal.read(OLD)] == [repr(event) for event in EXAMPLES_1]
        assert journal.requests("r1") == [Request(1, WORD)]
        with pytest.raises(JournalError, match="may not be written"):
            journal.request("r1", WORD)
    assert layout(folder / "journal.db") == 1
