"""A program of its own: ends the process groups of an emulator that was killed before it could do so itself.

It reads lines from its standard input, `+1234` for a group that began and `-1234` for one that is gone. The emulator
holds the other end: when that closes, however the emulator ended, every group still named is killed. It uses only the
standard library and is started as a file, without the package.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys


def watch() -> None:
    """Read until the end of the input, then kill what is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line.startswith("+") else groups.discard)(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    watch()
