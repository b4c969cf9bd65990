"""Faults: what SQLite's result codes mean to a person, and what to do about each.

The codes are those of https://sqlite.org/rescode.html, without their extended part.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flowrun.errors import JournalError

PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB = 3, 5, 6, 7, 8, 10, 11, 13, 14, 26

_ELSEWHERE = "or name another folder in FLOWRUN_STATE_DIR"
_BACKUP = (
    "Put the file back from a backup. To begin anew, move it away; runs that are still going are then not known here."
)

_MEANING: Mapping[int, tuple[str, str]] = {
    PERM: ("it may not be opened", f"Check who may read and write it, {_ELSEWHERE}."),
    BUSY: ("another process keeps it locked", "End what reads or copies it for so long, and try again."),
    LOCKED: ("another process keeps it locked", "End what reads or copies it for so long, and try again."),
    NOMEM: ("there is not enough memory", "Free some memory, then resume the run."),
    READONLY: ("it may not be written", f"Check who may write the file and its folder, {_ELSEWHERE}."),
    IOERR: ("the disk reported an error", "Check the disk and its free space; then resume the run."),
    CORRUPT: ("it is damaged", _BACKUP),
    FULL: ("the disk is full", "Free some space, then resume the run."),
    CANTOPEN: ("it cannot be opened", f"Check that its folder is there and who may write in it, {_ELSEWHERE}."),
    NOTADB: ("it is not a journal, or its beginning is damaged", _BACKUP),
}


def explain(code: int | None, detail: str, path: Path) -> JournalError:
    """The error for a result code (None where the library gave none). `detail` is SQLite's own sentence."""
    what, hint = _MEANING.get((code or 0) & 0xFF, ("it cannot be used", _BACKUP))
    return JournalError(f"the journal {path}: {what} ({detail})", hint=hint)


def poisoned(path: Path) -> JournalError:
    """After an error of the disk nobody knows what is on it, so this process writes no more."""
    return JournalError(
        f"the journal {path}: the disk reported an error before, so nothing more is written by this process",
        hint="Check the disk and its free space; then resume the run, which looks first at what is there.",
    )


def foreign(path: Path, what: str) -> JournalError:
    """The file is whole, and no journal that this flowrun can use."""
    return JournalError(f"{path} {what}", hint=_BACKUP)


def anothers(path: Path) -> JournalError:
    """The journal, or the folder that it is in, is another user's: what stands in it was not written by us."""
    return JournalError(
        f"{path} belongs to another user, who could have written anything into it",
        hint="Name a folder of your own in FLOWRUN_STATE_DIR, or work as its owner.",
    )


def broken(run_id: str, last_good: int, what: str, path: Path) -> JournalError:
    """The chain of a run's records breaks."""
    good = f"the last good record is {last_good}" if last_good else "no record before it is good"
    return JournalError(
        f"run {run_id} in {path}: {what}; {good}",
        hint="The record was changed or damaged after it was written. Put the journal back from a backup.",
    )


def rolled_back(run_id: str, path: Path, known: int, found: int) -> JournalError:
    """The database holds less of a run, or something else, than its owner once committed."""
    return JournalError(
        f"run {run_id} in {path}: {known} records were committed once, and the journal that is there now has "
        + (f"{found}" if found < known else "others"),
        hint="An older copy was put in its place. Bring the newer one back: going on could start Jobs a second time.",
    )
