"""Attachments and exports: what lies behind the blob addresses. Each is a record of the ledger and a blob."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from flowrun.emulator.arguments import ArgumentError
from flowrun.emulator.blobs import Blobs
from flowrun.emulator.entities import Job, Json
from flowrun.emulator.ledger import Clock, Ledger

KEPT_S = 168 * 3600
"""How long an export is kept (user guide, exporting grids in the background)."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside Jobs. Its bytes are the blob of the same id, once they are written."""

    id: str
    name: str
    created: float


@dataclass(frozen=True, slots=True)
class Export:
    """A copy of a list, made at `requested`; `ready` is when its client may have it. It is the blob `export-ID`."""

    id: int
    name: str
    requested: float
    ready: float
    size: int
    failed: bool = False

    @property
    def blob(self) -> str:
        """The name of its blob."""
        return f"export-{self.id}"


class TooManyExports(Exception):
    """The tenant has had its exports of this day."""


class Files:
    """All of them, by id."""

    def __init__(self, blobs: Blobs, ledger: Ledger, clock: Clock) -> None:
        self.blobs = blobs
        self.attachments: dict[str, Attachment] = {}
        self._exports: dict[int, Export] = {}
        self._ledger = ledger
        self._clock = clock

    def attach(self, name: str, data: bytes | None = None) -> Attachment:
        """Add an attachment, with its bytes where they are here already."""
        attachment = Attachment(str(uuid.uuid4()), name, self._clock())
        if data is not None:
            self.blobs.write(attachment.id, data)
        self._ledger.write("attachment", id=attachment.id, name=name, created=attachment.created)
        self.attachments[attachment.id] = attachment
        return attachment

    def input_of(self, job: Job) -> str | None:
        """A Job's InputArguments, or the text of the attachment that stands for them. Raises ArgumentError."""
        name = job.echoed.get("InputFile")
        if name is None:
            return job.input_arguments
        data = self.blobs.read(name)
        if data is None:
            raise ArgumentError(f"The InputFile {name} was never written.")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ArgumentError(f"The InputFile {name} is not UTF-8.") from None

    def detach(self, attachment: Attachment) -> None:
        """Delete one, and its bytes."""
        self._ledger.write("attachment_deleted", id=attachment.id)
        del self.attachments[attachment.id]
        self.blobs.delete(attachment.id)

    def export(self, data: bytes, seconds: float, limit: int, *, failed: bool) -> Export:
        """Add an export that is ready after `seconds`. At most `limit` on one day of UTC. Raises TooManyExports."""
        now = self._clock()
        if limit and sum(_day(item.requested) == _day(now) for item in self._exports.values()) >= limit:
            raise TooManyExports
        number = next(reversed(self._exports), 0) + 1
        export = Export(number, f"jobs-{uuid.uuid4()}", now, now + seconds, len(data), failed)
        self.blobs.write(export.blob, data)
        self._ledger.write(
            "export", id=number, name=export.name, requested=now, ready=export.ready, size=export.size, failed=failed
        )
        self._exports[number] = export
        return export

    def find_export(self, number: int) -> Export | None:
        """By id, while it is kept."""
        export = self._exports.get(number)
        return None if export is None or export.requested + KEPT_S <= self._clock() else export

    def restore(self, records: Iterable[Json]) -> None:
        """Know again what an earlier emulator's ledger tells."""
        for record in records:
            if record["type"] == "attachment":
                self.attachments[record["id"]] = Attachment(record["id"], record["name"], record["created"])
            elif record["type"] == "attachment_deleted":
                self.attachments.pop(record["id"], None)
            elif record["type"] == "export":
                known = {name: record[name] for name in ("id", "name", "requested", "ready", "size", "failed")}
                self._exports[record["id"]] = Export(**known)


def _day(moment: float) -> object:
    return datetime.fromtimestamp(moment, UTC).date()
