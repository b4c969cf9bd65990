"""What somebody or something did to the files, found before it does harm."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from flowrun.core.commands import Wish
from flowrun.errors import JournalError
from flowrun.journal.sqlite import SqliteJournal
from tests.unit.journal.filling import STARTED, everything, fill, progressed


def test_flipped_bytes_are_found_wherever_they_are(filled: Path) -> None:
    good = everything(filled.parent)
    content = filled.read_bytes()
    places = {*range(0, 100, 9), *random.Random(8).sample(range(len(content)), 250)}
    for page in range(0, len(content), 4096):
        places |= {page, page + 3, page + 8, page + 12}
    hints: list[str | None] = []
    for place in sorted(places):
        filled.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        try:
            assert everything(filled.parent) == good, f"byte {place} was changed, and nobody noticed"
        except JournalError as error:
            hints.append(error.hint)
    assert len(hints) > 50
    assert all(hints)


@pytest.mark.parametrize("change", [b"Running", b"AttemptProgressed"])
def test_a_changed_record_names_the_last_good_one(filled: Path, change: bytes) -> None:
    content = filled.read_bytes()
    with sqlite3.connect(filled) as database:
        (row,) = database.execute("SELECT hash FROM events WHERE seq = 17").fetchone()
    place = content.rindex(change, 0, content.index(row))
    filled.write_bytes(content[:place] + b"r" + content[place + 1 :])
    with closing(SqliteJournal(filled.parent)) as journal:
        records = journal.read("r1")
        assert [next(records).seq for _ in range(16)] == list(range(1, 17))
        with pytest.raises(JournalError, match="record 17 is missing or changed; the last good record is 16"):
            next(records)


@pytest.mark.parametrize(
    ("statement", "last"),
    [
        ("DELETE FROM events WHERE seq = 40", 39),
        ("DELETE FROM events WHERE seq = 20", 19),
        ("DELETE FROM events WHERE seq = 1", 0),
        ("UPDATE events SET at = at + 1 WHERE seq = 30", 29),
        ("UPDATE events SET epoch = 1 WHERE seq = 30", 29),
        ("UPDATE events SET type = 'RunResumed' WHERE seq = 30", 29),
        ("UPDATE events SET data = x'ff00' WHERE seq = 30", 29),
        ("UPDATE events SET hash = zeroblob(32) WHERE seq = 30", 29),
        ("UPDATE events SET hash = 'text' WHERE seq = 40", 39),
        ("UPDATE events SET seq = 41 WHERE seq = 40", 39),
    ],
)
def test_an_edited_journal_is_refused(filled: Path, statement: str, last: int) -> None:
    with closing(sqlite3.connect(filled)) as database, database:
        database.execute(statement)
    with closing(SqliteJournal(filled.parent)) as journal:
        good = f"last good record is {last}" if last else "no record before it is good"
        with pytest.raises(JournalError, match=f"record {last + 1} is missing or changed; .*{good}"):
            list(journal.read("r1"))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE runs SET status = 'succeeded'", "UPDATE runs SET epoch = 1", "UPDATE runs SET last_seq = 39"],
)
def test_an_edited_line_of_a_run_is_refused(filled: Path, statement: str) -> None:
    with closing(sqlite3.connect(filled)) as database, database:
        database.execute(statement)
    with closing(SqliteJournal(filled.parent)) as journal:
        for ask in (journal.runs, lambda: journal.run("r1"), lambda: list(journal.read("r1"))):
            with pytest.raises(JournalError, match="damaged row for the run 'r1'"):
                ask()


@pytest.mark.parametrize("statement", ["DELETE FROM requests WHERE number = 2", "UPDATE requests SET at = 9.0"])
def test_edited_requests_are_refused(filled: Path, statement: str) -> None:
    with closing(sqlite3.connect(filled)) as database, database:
        database.execute(statement)
    with (
        closing(SqliteJournal(filled.parent)) as journal,
        pytest.raises(JournalError, match="damaged requests to run r1"),
    ):
        journal.requests("r1")


@pytest.mark.parametrize("table", ["slots", "waits"])
def test_edited_slots_are_refused(filled: Path, table: str) -> None:
    column = {"slots": "count", "waits": "number"}[table]
    with closing(sqlite3.connect(filled)) as database, database:
        database.execute(f"UPDATE {table} SET {column} = 9")
    with (
        closing(SqliteJournal(filled.parent)) as journal,
        journal.own("r1", "me") as ownership,
        pytest.raises(JournalError, match=f"damaged row of {table} for run 'r1'"),
    ):
        journal.take(ownership, {"sap": 1}, [Wish("extract", 1, "", {"sap": 1})], 1)


@pytest.mark.parametrize("part", [0.0, 0.001, 0.01, 0.1, 0.5, 0.9])
def test_a_journal_that_was_cut_off_is_refused(filled: Path, part: float) -> None:
    content = filled.read_bytes()
    filled.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(JournalError) as caught:
        everything(filled.parent)
    assert caught.value.hint
    assert filled.stat().st_size == int(len(content) * part)


def test_an_older_copy_put_in_its_place_is_refused(filled: Path) -> None:
    older = filled.read_bytes()
    with closing(SqliteJournal(filled.parent)) as journal:
        fill(journal, 2)
    filled.write_bytes(older)
    with closing(SqliteJournal(filled.parent)) as journal:
        with pytest.raises(JournalError, match=r"42 records were committed once, and the journal .* now has 40"):
            fill(journal, 1)
        assert len(list(journal.read("r1"))) == 40


def test_another_past_put_in_its_place_is_refused(filled: Path, tmp_path: Path) -> None:
    with closing(SqliteJournal(tmp_path / "elsewhere")) as journal:
        journal.create(STARTED)
        with journal.own("r1", "me") as ownership:
            journal.append(ownership, [progressed(number, "else") for number in range(50)], 1)
    shutil.copy(tmp_path / "elsewhere" / "journal.db", filled)
    with (
        closing(SqliteJournal(filled.parent)) as journal,
        pytest.raises(JournalError, match="the journal that is there now has others"),
        journal.own("r1", "me"),
    ):
        pytest.fail("owned, though the record is another")


def test_a_run_whose_journal_was_deleted_is_not_merely_unknown(filled: Path) -> None:
    filled.unlink()
    with closing(SqliteJournal(filled.parent)) as journal:
        assert journal.runs() == []
        with pytest.raises(JournalError, match="does not hold run r1, which was once driven here"):
            journal.run("r1")


def make_foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE recipes (name)")


def make_newer(path: Path) -> None:
    SqliteJournal(path.parent).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 3")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.touch(), "is empty, which no journal is"),
        (lambda path: path.write_bytes(b"once upon a time " * 1000), "it is not a journal"),
        (lambda path: path.mkdir(), "cannot be opened"),
        (make_foreign, "a database of another program"),
        (make_newer, "this flowrun is older than the journal: it has layout 3, known up to 2"),
    ],
    ids=["empty", "text", "folder", "foreign", "newer"],
)
def test_a_file_that_is_no_journal_is_refused_and_left_alone(
    folder: Path, make: Callable[[Path], None], message: str
) -> None:
    folder.mkdir()
    path = folder / "journal.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(JournalError, match=message) as caught:
        SqliteJournal(folder)
    assert caught.value.hint
    assert before is None or path.read_bytes() == before
