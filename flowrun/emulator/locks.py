"""Kernel locks on files: they end with the process that holds them, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class FileLock:
    """A lock on a file, made if it is missing. Held from `acquire` to `release`, or to the end of the process."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    def acquire(self, *, shared: bool = False, wait: bool = False) -> bool:
        """Take the lock, alone or with others; False where another process is in the way and `wait` is not asked."""
        how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        try:
            fcntl.flock(self._file, how)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let it go. It may be asked twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
