"""Lock: one owner per run on this host, by a lock that the kernel lets go of when its process ends, however it ends.

The file also says who the owner is, for the message that another process gets, and how far the run's record had come
(the *mark*). A database with less in it than the mark is not the one that the run was written to.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from flowrun.errors import Conflict, JournalError
from flowrun.journal import durable

_SIZE = 512
_PATIENCE = 20
_PAUSE = 0.01
"""A process that has just taken the lock needs a moment to write its name: look so often, so many seconds apart."""

_TRIES = 3
"""How often to try for the lock, a pause apart: who only asks whether it is held has it for an instant."""

if sys.platform == "win32":
    import msvcrt

    _BEYOND = 1 << 30  # Windows lets nobody read the bytes that are locked, so it is one far behind the text

    def _take(file: int) -> None:
        os.lseek(file, _BEYOND, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    _TAKEN: type[OSError] = OSError
else:
    import fcntl

    def _take(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    _TAKEN = BlockingIOError


@dataclass(frozen=True, slots=True)
class Mark:
    """What the file says. `pid` is 0 where nobody owns the run; `hash` is that of record `seq`, in hex."""

    pid: int = 0
    host: str = ""
    epoch: int = 0
    seq: int = 0
    hash: str = ""


class RunLock:
    """Held. Lives as long as the context of `hold`."""

    def __init__(self, file: int) -> None:
        self._file = file
        self.last = _read(file)
        self.write(self.last.epoch, self.last.seq, bytes.fromhex(self.last.hash))

    def write(self, epoch: int, seq: int, digest: bytes) -> None:
        """Say that this process owns the run, and how far it came. Not synced: a mark may lag, never lead."""
        self._put(Mark(os.getpid(), socket.gethostname(), epoch, seq, digest.hex()))

    def leave(self) -> None:
        """Say that nobody owns the run."""
        self._put(Mark(0, "", self.last.epoch, self.last.seq, self.last.hash))

    def _put(self, mark: Mark) -> None:
        self.last = mark
        text = json.dumps(asdict(mark))[: _SIZE - 1].ljust(_SIZE - 1) + "\n"
        with suppress(OSError):  # the database is the record, and this only a sign beside it
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, text.encode("ascii"))


@contextmanager
def hold(path: Path, run_id: str) -> Iterator[RunLock]:
    """Hold the lock of a run. Conflict, naming process and host, where another has it; JournalError for the disk."""
    file = _open(path)
    try:
        _lock(file, path, run_id)
        lock = RunLock(file)
        try:
            yield lock
        finally:
            lock.leave()
    finally:
        os.close(file)


def held(path: Path) -> bool:
    """Whether a living process holds the lock of a run. Changes nothing on the disk, and is over at once."""
    try:
        file = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    except OSError:  # nobody ever held it; who may not open it may not take it either, and `hold` says why
        return False
    try:
        _take(file)
    except _TAKEN:
        return True
    except OSError:
        return False
    finally:
        os.close(file)
    return False


def _open(path: Path) -> int:
    try:
        durable.make_folder(path.parent)
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), durable.FILE)
    except OSError as error:
        raise JournalError(
            f"cannot open {path}, which keeps a second process away from the run: {error.strerror or error}",
            hint=f"Check who may write in {path.parent}, or name another folder in FLOWRUN_STATE_DIR.",
        ) from error


def _lock(file: int, path: Path, run_id: str) -> None:
    try:
        _try(file)
    except _TAKEN as error:
        raise _owned(file, run_id) from error
    except OSError as error:
        raise JournalError(
            f"cannot lock {path}: {error.strerror or error}",
            hint="This file system knows no locks. Name a folder on a local disk in FLOWRUN_STATE_DIR.",
        ) from error


def _try(file: int) -> None:
    for _ in range(_TRIES - 1):
        with suppress(_TAKEN):
            return _take(file)
        threading.Event().wait(_PAUSE)
    return _take(file)


def _owned(file: int, run_id: str) -> Conflict:
    mark = _read(file)
    for _ in range(_PATIENCE):
        if mark.pid:
            break
        threading.Event().wait(_PAUSE)
        mark = _read(file)
    who = f"process {mark.pid} on {mark.host}" if mark.pid else "another process"
    return Conflict(
        f"run {run_id} is being driven by {who}",
        hint=f"Watch it with `flowrun runs watch {run_id}`, or end it with `flowrun runs abort {run_id}`.",
    )


def _read(file: int) -> Mark:
    os.lseek(file, 0, os.SEEK_SET)
    try:
        mark = Mark(**json.loads(os.read(file, _SIZE)))
        bytes.fromhex(mark.hash)
    except (OSError, ValueError, TypeError):
        return Mark()
    return mark
