"""The store: what is too large for Temporal, each value in a file named by the sha256 of its content.

Codecs come first: what lies here is compressed, and encrypted where a key is set. A file is on the disk before any
history refers to it, and never changes afterwards. Whoever uses the namespace shares the folder.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ExternalStorage,
    StorageDriver,
    StorageDriverClaim,
    StorageDriverRetrieveContext,
    StorageDriverStoreContext,
)

from flowrun.errors import JournalError
from flowrun.journal import durable

LIMIT = 256 * 1024
"""Bytes, after compression, from which a value is kept here: eight of them would be more than a payload may have."""

_NAME = re.compile("[0-9a-f]{64}")
_SHARED = (
    "All who use this namespace share one folder: set temporal_store (FLOWRUN_TEMPORAL_STORE) to that of the others"
)


class Files(StorageDriver):
    """A folder of values. What is wrong with a file is a JournalError: a worker tries again until it is put right."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def name(self) -> str:
        """As histories have it. Where the folder is, is everybody's own."""
        return "flowrun"

    def type(self) -> str:
        """The same for whoever writes another driver of this kind."""
        return "flowrun.files"

    async def store(
        self,
        context: StorageDriverStoreContext,  # noqa: ARG002 - whose value it is does not matter
        payloads: Sequence[Payload],
    ) -> list[StorageDriverClaim]:
        """On the disk when this returns. Raises JournalError where that refuses."""
        return [await asyncio.to_thread(self._put, payload) for payload in payloads]

    async def retrieve(
        self,
        context: StorageDriverRetrieveContext,  # noqa: ARG002 - nor does it here
        claims: Sequence[StorageDriverClaim],
    ) -> list[Payload]:
        """What was stored. Raises JournalError for a file that is missing or is not what was written."""
        return [await asyncio.to_thread(self._get, claim.claim_data) for claim in claims]

    def check(self) -> None:
        """That something can be written and read here. Raises JournalError."""
        kept = self._put(Payload(metadata={"encoding": b"binary/plain"}, data=b"flowrun doctor was here"))
        self._get(kept.claim_data)

    def path(self, name: str) -> Path:
        """Where the value of this sha256 lies."""
        return self._folder / name[:2] / name

    def _put(self, payload: Payload) -> StorageDriverClaim:
        content = payload.SerializeToString(deterministic=True)
        name = sha256(content).hexdigest()
        path = self.path(name)
        try:
            if not path.is_file() or path.read_bytes() != content:
                durable.make_folder(path.parent)
                durable.write_file(path, content)
        except OSError as error:
            raise JournalError(
                f"cannot write {path}: {error.strerror or error}",
                hint=f"Free some space, or check who may write in {self._folder}; what waits for it goes on by itself.",
            ) from error
        return StorageDriverClaim({"sha256": name})

    def _get(self, claim: object) -> Payload:
        name = claim.get("sha256", "") if isinstance(claim, dict) else ""
        if not _NAME.fullmatch(name):
            raise JournalError(f"a value of the run is kept in a store of another kind: {str(claim)[:200]!a}")
        path = self.path(name)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise JournalError(
                f"cannot read {path}, which holds a large value of the run: {error.strerror or error}",
                hint=f"{_SHARED}, or put the file back; what waits for it goes on by itself.",
            ) from error
        if sha256(content).hexdigest() != name:
            raise JournalError(
                f"{path} was changed after it was written, or is damaged",
                hint="Put the file back from a backup: its content must have the sha256 that is its name.",
            )
        return Payload.FromString(content)


def storage(folder: Path) -> ExternalStorage:
    """For a data converter."""
    return ExternalStorage(drivers=[Files(folder)], payload_size_threshold=LIMIT)
