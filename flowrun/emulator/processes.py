"""Real processes, and subprocess's only door: each in a session of its own, ended as a whole group.

Standard input comes from an anonymous file, so a process that never reads it hurts nobody. Output and error are pipes
of ours, read up to their limits, so one that never stops printing fills neither memory nor disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flowrun.emulator.entities import Command

OUTPUT_LIMIT = 1024 * 1024
LOG_LIMIT = 8 * 1024 * 1024
TAIL_LIMIT = 4096
"""Bytes of output, of the kept log, and of the log's end that becomes a Job's Info."""
KILL_GRACE = 3.0
"""Seconds between SIGTERM and SIGKILL of a Kill, as the real robot has it (stopping a process, robot guide)."""
DRAIN = 1.0
"""Seconds that a pipe may stay open once the group is dead: another session may have inherited it."""

_CHUNK = 64 * 1024
_OURS = ("UIPATH_", "FLOWRUN_")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended. `code` is negative for a signal; `error` says why it could not be started."""

    code: int = 0
    output: bytes = b""
    overflow: bool = False
    tail: bytes = b""
    error: str | None = None


class Process:
    """One process. `stop` may be called at any time, also before `run` has started it."""

    def __init__(self, watchdog: Watchdog) -> None:
        self._watchdog = watchdog
        self._group: int | None = None
        self._signal: signal.Signals | None = None
        self._killer: asyncio.TimerHandle | None = None
        self._overflow = False

    def soft_stop(self) -> None:
        """Send SIGTERM to the group."""
        self._send(signal.SIGTERM)

    def kill(self, grace: float = KILL_GRACE) -> None:
        """Send SIGTERM to the group, and SIGKILL after `grace` seconds."""
        if grace <= 0:
            self._send(signal.SIGKILL)
            return
        self._send(signal.SIGTERM)
        if self._killer is None:
            self._killer = asyncio.get_running_loop().call_later(grace, self._send, signal.SIGKILL)

    async def run(self, command: Command, environment: dict[str, str], given: bytes, log: Path) -> Ended:
        """Start it, wait for its end, and take its whole group down with it."""
        with tempfile.TemporaryFile() as stdin:
            stdin.write(given)
            stdin.seek(0)
            output, error = _Pipe(), _Pipe()
            try:
                process = await asyncio.create_subprocess_exec(
                    *command.argv,
                    stdin=stdin.fileno(),
                    stdout=output.write_end,
                    stderr=error.write_end,
                    cwd=command.working_folder,
                    env=_inherited() | dict(command.environment) | environment,
                    start_new_session=True,
                )
            except (OSError, ValueError) as problem:
                output.abandon()
                error.abandon()
                return Ended(error=_cannot_start(command, problem))
        self._begin(process.pid)
        await output.open()
        await error.open()
        readers = (
            asyncio.create_task(self._take_output(output)),
            asyncio.create_task(_take_log(error, log)),
        )
        try:
            code = await process.wait()
        finally:
            self._end()
        _, unfinished = await asyncio.wait(readers, timeout=DRAIN)
        for reader in (output, error):
            reader.close()
        for task in unfinished:
            await asyncio.wait([task])
        return Ended(code, readers[0].result(), self._overflow, readers[1].result())

    def _begin(self, group: int) -> None:
        self._group = group
        self._watchdog.begin(group)
        if self._signal is not None:
            self._send(self._signal)

    def _end(self) -> None:
        self._send(signal.SIGKILL)
        if self._killer is not None:
            self._killer.cancel()
        if self._group is not None:
            self._watchdog.end(self._group)
            self._group = None

    def _send(self, number: signal.Signals) -> None:
        self._signal = number
        if self._group is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, number)

    async def _take_output(self, pipe: _Pipe) -> bytes:
        kept = bytearray()
        async for chunk in pipe.chunks():
            kept += chunk
            if len(kept) > OUTPUT_LIMIT:
                self._overflow = True
                self._send(signal.SIGKILL)
                break
        return bytes(kept[:OUTPUT_LIMIT])


async def _take_log(pipe: _Pipe, log: Path) -> bytes:
    """Copy what comes to the log file, up to its limit, and keep the end of it."""
    tail = b""
    room = LOG_LIMIT
    file = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        async for chunk in pipe.chunks():
            os.write(file, chunk[:room])
            room -= len(chunk[:room])
            tail = (tail + chunk)[-TAIL_LIMIT:]
    finally:
        os.close(file)
    return tail


class _Pipe:
    """A pipe: a process writes, the event loop reads."""

    def __init__(self) -> None:
        self._read_end, self.write_end = os.pipe()
        self._transport: asyncio.ReadTransport | None = None
        self._reader = asyncio.StreamReader(limit=_CHUNK)

    async def open(self) -> None:
        """Start to read. Our copy of the write end is closed, so that the last writer's end is the end."""
        os.close(self.write_end)
        source = os.fdopen(self._read_end, "rb", buffering=0)
        self._transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(self._reader), source
        )

    async def chunks(self) -> AsyncIterator[bytes]:
        """What comes, until the end or until it is closed."""
        while chunk := await self._reader.read(_CHUNK):
            yield chunk

    def close(self) -> None:
        """Stop reading."""
        if self._transport is not None:
            self._transport.close()

    def abandon(self) -> None:
        """Close both ends: there is no process."""
        os.close(self._read_end)
        os.close(self.write_end)


class Watchdog:
    """The process that ends the groups if we cannot. Started with the first group."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, group: int) -> None:
        """A group has begun."""
        if self._process is None:
            program = str(Path(__file__).with_name("watchdog.py"))
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-I", "-S", program],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._tell(f"+{group}\n")

    def end(self, group: int) -> None:
        """A group is gone."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """Let it go. Groups that were not ended are killed by it."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def _tell(self, line: str) -> None:
        pipe = self._process.stdin if self._process else None
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(pipe.fileno(), line.encode())


def spawn_detached(argv: Sequence[str], log: Path, patience: float) -> bytes:
    """Start a program that detaches itself; gives the first line that it prints, b"" where it ended without one.

    The program forks, so what is waited for here ends at once and nothing of ours is left to reap. Its standard error
    goes to `log`.
    """
    with log.open("ab") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
    pipe = process.stdout
    if pipe is None:
        return b""
    try:
        ready, _, _ = select.select([pipe], [], [], patience)
        line = pipe.readline() if ready else b""
    finally:
        pipe.close()
        if not line:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return line


def _inherited() -> dict[str, str]:
    """Our environment without what is ours or names a secret of the caller's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}


def _cannot_start(command: Command, problem: Exception) -> str:
    if isinstance(problem, FileNotFoundError | NotADirectoryError) and not command.working_folder.is_dir():
        return f"The working folder {command.working_folder} does not exist."
    if isinstance(problem, FileNotFoundError):
        return f"The program {command.argv[0]} was not found."
    reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return f"The program {command.argv[0]} could not be started: {reason}."
