"""Head: a run's row in the database: its line of `runs list`, who may write, and where its records end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from flowrun.journal import chain
from flowrun.journal.protocol import RunRow

Values: TypeAlias = tuple[Any, ...]
"""In the order of the table's columns."""


@dataclass(frozen=True, slots=True)
class Head:
    """`epoch` is the owner's, `seq` and `hash` are the last record's, `number` is its place among all runs.

    `requests` is how many words were left for it, `slots` in how many rows it holds slots.
    """

    row: RunRow
    epoch: int
    seq: int
    hash: bytes
    number: int
    requests: int = 0
    slots: int = 0

    def values(self) -> Values:
        """All columns; the last is the seal over those before it."""
        row = self.row
        line = (row.run_id, row.workflow, row.status, row.started_at, row.finished_at, row.owner)
        values = (
            *line,
            row.parent,
            row.key,
            row.group,
            self.epoch,
            self.seq,
            self.hash,
            self.number,
            self.requests,
            self.slots,
        )
        return (*values, chain.seal(*values))


def from_values(values: Values) -> Head | None:
    """The row that was stored; None where its seal is not that of its values."""
    *row, epoch, seq, digest, number, requests, slots, _ = values
    head = Head(RunRow(*row), epoch, seq, digest, number, requests, slots)
    return head if head.values() == values else None
