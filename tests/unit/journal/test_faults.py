from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from flowrun.journal import faults


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("SQLITE_FULL", "the disk is full"),
        ("SQLITE_READONLY", "it may not be written"),
        ("SQLITE_READONLY_DIRECTORY", "it may not be written"),
        ("SQLITE_BUSY", "another process keeps it locked"),
        ("SQLITE_LOCKED", "another process keeps it locked"),
        ("SQLITE_IOERR_FSYNC", "the disk reported an error"),
        ("SQLITE_CORRUPT", "it is damaged"),
        ("SQLITE_NOTADB", "it is not a journal"),
        ("SQLITE_CANTOPEN", "it cannot be opened"),
        ("SQLITE_PERM", "it may not be opened"),
        ("SQLITE_NOMEM", "not enough memory"),
        ("SQLITE_MISUSE", "it cannot be used"),
    ],
)
def test_a_result_code_becomes_a_sentence_and_what_to_do(name: str, says: str) -> None:
    error = faults.explain(getattr(sqlite3, name), "its own words", Path("x/journal.db"))
    assert says in error.message
    assert "x/journal.db" in error.message
    assert "its own words" in error.message
    assert error.hint


def test_an_error_without_a_code_has_a_sentence_too() -> None:
    assert "it cannot be used (oh)" in faults.explain(None, "oh", Path("journal.db")).message
