"""A process from outside: wall, CPU and peak memory, as the operating system accounts for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN = 30.0


@dataclass(frozen=True)
class Figures:
    """Seconds, seconds, MiB."""

    wall: float
    cpu: float
    memory: float


def run(arguments: Sequence[str], environment: Mapping[str, str], text: bytes = b"") -> Figures:
    """Run a Python command to its end. Raises RuntimeError, with what it said, where it fails."""
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(text)
        process.stdin.close()
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}: {said.decode()[-2000:]}")
    wall = time.perf_counter() - began
    return Figures(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@contextmanager
def emulator(catalog: Path, state: Path) -> Iterator[Mapping[str, str]]:
    """An embedded Orchestrator of its own, and the environment that points a client at it; `PID` is its process."""
    env_file = state / "emulator.env"
    state.mkdir(parents=True, exist_ok=True)
    options = ["--catalog", str(catalog), "--state", str(state / "emulator"), "--env-file", str(env_file)]
    with subprocess.Popen(
        [sys.executable, "-m", "flowrun", "emulator", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            deadline = time.perf_counter() + READY_WITHIN
            while not env_file.exists() or not env_file.read_text().endswith("\n"):
                if time.perf_counter() > deadline or process.poll() is not None:
                    raise RuntimeError("the emulator did not start")
                time.sleep(0.05)  # noqa: TID251 - a benchmark lives in real time
            lines = (line.partition("=") for line in env_file.read_text().splitlines() if line)
            yield {**{name: value.strip("\"'") for name, _, value in lines}, "PID": str(process.pid)}
        finally:
            process.terminate()
            process.wait()


def peak(process_id: int) -> float:
    """MiB that a process of this machine has had at most so far (Linux)."""
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
