"""Naming: which run ids are good, and the words for a run that is unknown, taken, or in other hands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flowrun.core.plan import Json
from flowrun.errors import Conflict, JournalError, UnknownRun
from flowrun.journal.protocol import Ownership

_GOOD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check(run_id: str) -> None:
    """JournalError for an id that could not be a file's name everywhere."""
    if not _GOOD.fullmatch(run_id):
        raise JournalError(
            f"{run_id[:60]!a} cannot be the id of a run",
            hint="Use up to 100 letters, digits, dots, hyphens and underscores, with a letter or a digit first.",
        )


def plain(text: str) -> str:
    """The text, with what no encoding can carry written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def unknown(run_id: str, where: str = "") -> UnknownRun:
    """There is no such run."""
    return UnknownRun(f"there is no run {run_id[:100]!a}{where}", hint="`flowrun runs list` shows those that are.")


def over(run_id: str) -> Conflict:
    """Nobody hears a word for a run that has ended."""
    return Conflict(f"the run {run_id} has ended", hint=f"What came of it: flowrun runs show {run_id}")


def taken(run_id: str) -> Conflict:
    """The id of a new run belongs to one that is."""
    return Conflict(
        f"there is a run {run_id} already",
        hint=f"Choose another id, or go on with it: flowrun runs resume {run_id}",
    )


def refused_by_key(key: str, holder: str, differing: Sequence[tuple[str, Json, Json]]) -> Conflict:
    """Another run has the key. `differing`: inputs by name, as they were then and as they are now."""
    shown = "; ".join(f"{name} was {then!r:.60} and is {now!r:.60}" for name, then, now in differing)
    return Conflict(
        f"the run key {key!r:.200} belongs to run {holder}" + (f", which has other inputs: {shown}" if shown else ""),
        hint=f"Nothing was started. To see it: flowrun runs show {holder}",
    )


def refused_by_group(group: str, others: Sequence[str]) -> Conflict:
    """Runs of the concurrency group are not over, and the workflow says that it is not to begin then."""
    runs = ", ".join(others[:5])
    return Conflict(
        f"{runs} of the concurrency group {group!r:.200} {'is' if len(others) == 1 else 'are'} not over",
        hint=f"Nothing was started. Watch it: flowrun runs watch {others[-1]}",
    )


def taken_over(ownership: Ownership, epoch: int) -> Conflict:
    """The owner that wants to write is no longer the owner."""
    run_id = ownership.run_id
    if epoch == ownership.epoch:
        return Conflict(f"run {run_id} was let go of by this process: it may not write to it any more")
    return Conflict(
        f"run {run_id} was taken over: it is in epoch {epoch}, and this process owned it in epoch {ownership.epoch}",
        hint=f"Nothing was written. The other process goes on: flowrun runs watch {run_id}",
    )


def written(ownership: Ownership, expected_seq: int, last_seq: int) -> Conflict:
    """Somebody else has written, or the owner has lost count."""
    return Conflict(
        f"run {ownership.run_id} ends with record {last_seq}, and record {expected_seq} was expected to be its last",
        hint="Nothing was written. Read the run again before you write to it.",
    )
