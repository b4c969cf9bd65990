"""The grounds of a soak: an emulator at one address, a process that stays, and others that come and go."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

from flowrun.core.status import RunStatus
from flowrun.journal.protocol import RunRow
from flowrun.journal.sqlite import SqliteJournal
from tests.e2e.harness import pause
from tests.kills.ground import UNHARMED, Ground

LONGEST = 240.0
"""Seconds that a process has to end by itself, whatever befalls it."""

_STARTS = 30

_EMULATOR = """
import sys
from pathlib import Path
from flowrun.emulator.server import serve
catalog, port, state, token = sys.argv[1:]
serve(Path(catalog), port=int(port), state=Path(state), token=token)
"""


@dataclass(frozen=True)
class Usage:
    """What there is: memory in MiB, the rest counted. The journal is what the state folder of flowrun comes to."""

    resident_mib: float
    resident_fds: int
    emulator_mib: float
    emulator_fds: int
    journal_mib: float
    files: int
    ledger_mib: float

    NAMES: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return (
            f"resident {self.resident_mib:.1f} MiB, {self.resident_fds} fds; "
            f"emulator {self.emulator_mib:.1f} MiB, {self.emulator_fds} fds; "
            f"journal {self.journal_mib:.2f} MiB, {self.files} files; ledger {self.ledger_mib:.2f} MiB"
        )


Usage.NAMES = tuple(one.name for one in fields(Usage))


@dataclass(frozen=True)
class Verdict:
    """What the ledger says: starts that made two Jobs, Jobs that still run, runs that have not ended."""

    jobs: int
    runs: int
    twice: tuple[str, ...]
    orphans: tuple[int, ...]
    open_runs: tuple[str, ...]
    ends: Mapping[str, int]

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.twice or self.orphans or self.open_runs)

    def __str__(self) -> str:
        ends = ", ".join(f"{count} {name}" for name, count in sorted(self.ends.items()))
        return (
            f"{self.runs} runs ({ends}), {self.jobs} Jobs: {len(self.twice)} starts made twice {list(self.twice)}, "
            f"{len(self.orphans)} Jobs orphaned {list(self.orphans)}, "
            f"{len(self.open_runs)} runs left {list(self.open_runs)}"
        )


class Grounds(Ground):
    """A Ground whose emulator is one of its own, so that it can be ended and started again at the same address."""

    def __init__(self, folder: Path, wait: float) -> None:
        super().__init__(folder)
        self._catalog = folder / "catalog.yaml"
        (self.specs / "emulator.yaml").rename(self._catalog)
        self._served = folder / "orchestrator"
        self._token = secrets.token_urlsafe(16)
        self._port = _port()
        self._emulator = self._serve()
        self._theirs = folder / "resident"
        self._heard = (folder / "resident.out").open("wb")
        self._resident = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.resident", str(folder), str(wait)],
            stdin=subprocess.DEVNULL,
            stdout=self._heard,
            stderr=subprocess.STDOUT,
            env={
                **self._surroundings(),
                "FLOWRUN_STATE_DIR": str(self._theirs),
                "PYTHONPATH": os.pathsep.join(filter(None, [str(Path.cwd()), *sys.path])),
            },
        )

    def _surroundings(self) -> dict[str, str]:
        return {
            **super()._surroundings(),
            "UIPATH_URL": f"http://127.0.0.1:{self._port}/local/default",
            "UIPATH_ACCESS_TOKEN": self._token,
            "UIPATH_FOLDER_PATH": "Shared",
            "FLOWRUN_QUIESCENCE": "1",
        }

    def _serve(self) -> subprocess.Popen[bytes]:
        """Start it, again where it ends at once: what it was may not be wholly gone."""
        command = [sys.executable, "-c", _EMULATOR, str(self._catalog), str(self._port), str(self._served), self._token]
        path = self._served.parent / "orchestrator.log"
        for _ in range(_STARTS):
            with path.open("ab") as log:
                process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            while process.poll() is None:
                if self._asked("GET", "faults") is not None:
                    return process
                pause(0.1)
            pause(1.0)
        raise AssertionError(f"the emulator does not start: {path.read_text(encoding='utf-8')[-2000:]}")

    def _asked(self, method: str, what: str, body: object = None) -> Any:
        """What the emulator answers; None where it does not."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/emulator/{what}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
            method=method,
        )
        with suppress(OSError, urllib.error.URLError), urllib.request.urlopen(request, timeout=10) as reply:
            return reply.read()
        return None

    def strike(self, fault: Mapping[str, object]) -> bool:
        """Let a fault wait for its request."""
        return self._asked("POST", "faults", fault) is not None

    def restart(self, how: signal.Signals) -> None:
        """End the emulator and start it again; its faults are forgotten, its Jobs are not."""
        self._emulator.send_signal(how)
        self._emulator.wait(30)
        pause(1.0)
        self._emulator = self._serve()

    def killed(self, plan: str, moments: Iterator[float]) -> Iterator[int]:
        """A run whose processes are killed after these seconds, each but the last. How each of them ended."""
        before = self.latest()
        arguments = ["run", "-o", "json", f"specs/{plan}.yaml"]
        for after in [*moments, None]:
            process = self.warm(*arguments, faults=UNHARMED)
            if after is not None:
                process.killed_after(after)
            code = process.ended(LONGEST).code
            process.end()
            self._warm.clear()
            yield code
            run_id = self.latest()
            if run_id != before:
                arguments = ["runs", "resume", "-o", "json", run_id]

    def runs(self) -> int:
        """How many runs there were."""
        return len(self._rows(self.state)) + len(self._rows(self._theirs))

    def _rows(self, state: Path) -> list[RunRow]:
        if not (state / "journal.db").exists():
            return []
        with closing(SqliteJournal(state)) as journal:
            return journal.runs(1_000_000)

    def usage(self) -> Usage:
        """Now."""
        state = [size for folder in (self.state, self._theirs) for size in _sizes(folder)]
        return Usage(
            *_process(self._resident.pid),
            *_process(self._emulator.pid),
            sum(state) / 2**20,
            len(state),
            (self._served / "ledger.jsonl").stat().st_size / 2**20,
        )

    def calm(self) -> None:
        """No more faults; the process that stays ends; every run that is left is seen to its end."""
        self._asked("DELETE", "faults")
        self._resident.terminate()
        self._resident.wait(30)
        for state in (self.state, self._theirs):
            for row in self._rows(state):
                if not RunStatus(row.status).final:
                    self.start("runs", "resume", row.run_id, environment={"FLOWRUN_STATE_DIR": str(state)}).ended(
                        LONGEST
                    )

    def verdict(self) -> Verdict:
        """By the ledger, once nothing is driven any more."""
        keys: Counter[str] = Counter()
        running: set[int] = set()
        with (self._served / "ledger.jsonl").open(encoding="utf-8") as ledger:
            for record in map(json.loads, ledger):
                if record["type"] == "job_created":
                    keys[record["job"]["reference"]] += 1
                    running.add(record["job"]["id"])
                elif record["type"] == "job_state" and record["state"] in ("Successful", "Faulted", "Stopped"):
                    running.discard(record["id"])
        rows = [*self._rows(self.state), *self._rows(self._theirs)]
        return Verdict(
            jobs=sum(keys.values()),
            runs=len(rows),
            twice=tuple(key for key, count in keys.items() if count > 1),
            orphans=tuple(sorted(running)),
            open_runs=tuple(row.run_id for row in rows if not RunStatus(row.status).final),
            ends=Counter(row.status for row in rows),
        )

    def close(self) -> None:
        """End everything that was started here."""
        for process in (self._resident, self._emulator):
            if process.poll() is None:
                process.terminate()
                process.wait(30)
        self._heard.close()
        super().close()


def _sizes(folder: Path) -> Iterator[int]:
    """Of the files in it; what is gone by the time that it is looked at is left out, such as what a commit needs."""
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file():
                yield path.stat().st_size


def _port() -> int:
    """One that is free, and that no connection gets by chance while the emulator is away."""
    for _ in range(1000):
        number = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", number))
            return number
    raise AssertionError("no port is free")


def _process(pid: int) -> tuple[float, int]:
    """Memory in MiB that a process has for itself, and its open files."""
    status = (Path("/proc") / str(pid) / "status").read_text(encoding="ascii")
    kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return kib / 1024, len(list((Path("/proc") / str(pid) / "fd").iterdir()))
