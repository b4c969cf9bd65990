"""Large: payloads that are kept beside the database, each in a file named by the sha256 of its content."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from flowrun.errors import JournalError
from flowrun.journal import durable

LIMIT = 256 * 1024
"""Characters of `data` above which a record's row holds a reference instead."""

_REFERENCE = re.compile(r"@sha256:([0-9a-f]{64})")


class LargeStore:
    """The folder `large`. A file is on the disk before any row refers to it, and never changes afterwards."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: str) -> str:
        """What to keep in the row: the data itself, or a reference. JournalError where the disk refuses."""
        if len(data) <= LIMIT:
            return data
        content = data.encode("ascii")
        name = sha256(content).hexdigest()
        path = self._folder / name
        try:
            if _content(path) != content:
                durable.make_folder(self._folder)
                durable.write_file(path, content)
        except OSError as error:
            raise JournalError(
                f"cannot write {path}: {error.strerror or error}",
                hint=f"Free some space, or check who may write in {self._folder}; then resume the run.",
            ) from error
        return f"@sha256:{name}"

    def get(self, stored: str) -> str:
        """What `put` was given. JournalError for a file that is missing or was changed."""
        if not stored.startswith("@"):
            return stored
        reference = _REFERENCE.fullmatch(stored)
        if reference is None:
            raise JournalError(f"the reference {stored[:80]!a} leads to no file")
        path = self._folder / reference[1]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise JournalError(
                f"cannot read {path}, which holds a large part of a record: {error.strerror or error}",
                hint="Put the file back from a backup: without it the run cannot be read.",
            ) from error
        if sha256(content).hexdigest() != reference[1]:
            raise JournalError(
                f"{path} was changed after it was written, or is damaged",
                hint="Put the file back from a backup: its content must have the sha256 that is its name.",
            )
        return content.decode("ascii")


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
