from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from flowrun.emulator.locks import FileLock


def test_alone_or_with_others(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "x"), FileLock(tmp_path / "x")
    assert first.acquire(shared=True)
    assert second.acquire(shared=True)
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()
    second.release()


def test_it_ends_with_its_process(tmp_path: Path) -> None:
    text = f"""
import os
from pathlib import Path
from flowrun.emulator.locks import FileLock
assert FileLock(Path({str(tmp_path / "x")!r})).acquire()
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", text], check=False).returncode == -9
    lock = FileLock(tmp_path / "x")
    assert lock.acquire()
    lock.release()
