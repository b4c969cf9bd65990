"""Chain: the hash of every record covers the record and the hash of the one before it."""

from __future__ import annotations

from hashlib import sha256

from flowrun.journal.codec import Encoded

GENESIS = bytes(32)
"""What stands before the first record of a run."""


def link(before: bytes, run_id: str, seq: int, epoch: int, row: Encoded) -> bytes:
    """The hash of a record: sha256 over the hash before it, and the row in one canonical text.

    No field but the last can hold a line break, so no two rows have the same text.
    """
    text = f"{run_id}\n{seq}\n{epoch}\n{row.at!r}\n{row.type}\n{row.v}\n{row.data}"
    return sha256(before + text.encode("utf-8", "surrogatepass")).digest()


def seal(*values: str | float | bytes | None) -> bytes:
    """A hash over the values of a row that stands in no chain, to be kept beside them."""
    return sha256(repr(values).encode("utf-8", "surrogatepass")).digest()
