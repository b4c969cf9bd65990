"""Moved: how the Releases that are there differ from those of the lock."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from flowrun.core.plan import Json
from flowrun.review.lock import COMPARED, Entry, Lock


class Kind(StrEnum):
    """What is the matter with a Release."""

    MOVED = "moved"
    MISSING = "missing"
    UNUSED = "unused"
    GONE = "gone"


_WORDS = {"entry_point": "entry point", "key": "release key"}


@dataclass(frozen=True, slots=True)
class Change:
    """A field that has another value. Empty: it has none."""

    field: str
    was: str
    now: str

    @property
    def words(self) -> str:
        """`version 2.0.1 → 2.1.0`. Digests say nothing to anybody: only that they differ."""
        if self.field == "arguments":
            return "other arguments"
        return f"{_WORDS.get(self.field, self.field)} {self.was or 'none'} → {self.now or 'none'}"


@dataclass(frozen=True, slots=True)
class Move:
    """One difference between the lock and what is there. `workflow`: the file that was looked at."""

    kind: Kind
    workflow: str
    entry: Entry
    changes: tuple[Change, ...] = ()

    @property
    def what(self) -> str:
        """What happened, without to what: `version 2.0.1 → 2.1.0, other arguments`."""
        match self.kind:
            case Kind.MOVED:
                return ", ".join(change.words for change in self.changes)
            case Kind.MISSING:
                return f"not in the lock; it has version {self.entry.version}"
            case Kind.UNUSED:
                return "in the lock, and the workflow starts it no more"
            case Kind.GONE:
                return f"no longer there; the lock has version {self.entry.version}"

    @property
    def words(self) -> str:
        """`PostToSap in Finance: version 2.0.1 → 2.1.0`."""
        return f"{self.entry.release} in {self.entry.folder}: {self.what}"

    @property
    def data(self) -> Json:
        """As JSON."""
        return {
            "kind": self.kind.value,
            "context": self.entry.context,
            "folder": self.entry.folder,
            "release": self.entry.release,
            "workflow": self.workflow,
            "changes": [{"field": one.field, "was": one.was, "now": one.now} for one in self.changes],
        }


def changes(was: Entry, now: Entry) -> tuple[Change, ...]:
    """The fields by which a Release has moved, the version first."""
    order = sorted(COMPARED, key=lambda name: name != "version")
    pairs = ((name, getattr(was, name), getattr(now, name)) for name in order)
    return tuple(Change(name, before, after) for name, before, after in pairs if before != after)


def moves(
    lock: Lock, context: str, workflow: str, found: Collection[Entry], lost: Collection[str] = ()
) -> tuple[Move, ...]:
    """What one file starts, against the lock. `lost`: names of Releases that were looked for and not found."""
    return tuple(_moves(lock, context, workflow, found, lost))


def _moves(lock: Lock, context: str, workflow: str, found: Collection[Entry], lost: Collection[str]) -> Iterator[Move]:
    known = lock.by_name
    for entry in found:
        before = known.get(entry.name)
        if before is None or workflow not in before.workflows:
            yield Move(Kind.MISSING, workflow, entry)
        if before is not None and (moved := changes(before, entry)):
            yield Move(Kind.MOVED, workflow, before, moved)
    there = {entry.name for entry in found}
    for entry in lock.of(context, workflow):
        if entry.name not in there:
            gone = entry.release in lost or entry.key in lost
            yield Move(Kind.GONE if gone else Kind.UNUSED, workflow, entry)
