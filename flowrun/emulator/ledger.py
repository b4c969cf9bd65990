"""The ledger: an append-only file of JSON lines with every request, every Job and every change of a state.

A record is `{"seq": 1, "at": "2025-01-01T00:00:00.000000Z", "type": "request", …}`; `seq` counts from 1 without gaps,
`at` never goes back. Each is one `write` on a file opened for appending, so a killed emulator loses at most the line
that it was writing, and the next one cuts that line off before it goes on. Half a line on a full disk is taken back.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from flowrun.emulator.entities import Json

Clock = Callable[[], float]
"""Seconds since the epoch."""


class Ledger:
    """The file, open for appending. `clock` gives seconds since the epoch."""

    def __init__(self, path: Path, clock: Clock = time.time) -> None:
        self.path = path
        self._clock = clock
        self._last = 0.0
        self._seq = 0
        self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        self._go_on_after(path.read_bytes())

    def write(self, type_: str, **data: Json) -> None:
        """Append one record, at once and whole. Raises OSError, and then there is nothing of it."""
        last = max(self._last, self._clock())
        record = {"seq": self._seq + 1, "at": _text(last), "type": type_, **data}
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
        self._append(line.encode("utf-8", errors="backslashreplace"))
        self._seq, self._last = self._seq + 1, last

    def close(self) -> None:
        """Close the file. It may be asked twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _append(self, line: bytes) -> None:
        end = os.lseek(self._file, 0, os.SEEK_END)
        try:
            while line:
                line = line[os.write(self._file, line) :]
        except OSError:
            # With the next line behind half of one, no emulator could read the ledger any more.
            os.ftruncate(self._file, end)
            raise

    def _go_on_after(self, text: bytes) -> None:
        """Take number and time from the last whole record, and cut off what stands behind it."""
        end = text.rfind(b"\n") + 1
        if end < len(text):
            os.ftruncate(self._file, end)
        if end:
            last = json.loads(text[text.rfind(b"\n", 0, end - 1) + 1 : end])
            self._seq, self._last = last["seq"], _seconds(last["at"])


def read(path: Path) -> Iterator[dict[str, Json]]:
    """Yield the records of a ledger, oldest first; a last line that was cut short is left out."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if not line.endswith("\n"):
                return
            yield json.loads(line)


def _text(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
