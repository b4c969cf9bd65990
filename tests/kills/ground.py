"""The proving ground: small plans, one emulator, and processes to which something happens where they are told to."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, TypeAlias

from flowrun.core.events import RunResumed
from flowrun.journal.protocol import Journal
from flowrun.journal.sqlite import SqliteJournal
from tests import warm
from tests.e2e.harness import Desk, Ended, Running
from tests.kills.boundaries import Faults, prepare
from tests.kills.witness import Seen, Witness

PLANS = Path(__file__).parent / "plans"
WINDOW = {"FLOWRUN_QUIESCENCE": "1"}
"""Seconds over which a start that may have been made is looked up: nothing is late on this machine."""

Harm: TypeAlias = Faults | float
"""What befalls a process: signals at boundaries, or SIGKILL from outside after so many seconds, wherever it is then."""

UNHARMED: Faults = {}


class Warm(Running):
    """A process of flowrun that has boundaries."""

    def __init__(self, process: ForkServerProcess, order: warm.Order, log: Path) -> None:
        super().__init__(process, order)
        self._log = log

    @property
    def pid(self) -> int:
        """Of the process."""
        assert self._process.pid is not None
        return self._process.pid

    def boundaries(self) -> list[str]:
        """Those to which it has come so far."""
        return self._log.read_text(encoding="utf-8").splitlines()

    def frozen(self) -> bool:
        """Whether it has been stopped by SIGSTOP."""
        with suppress(FileNotFoundError):
            return (Path("/proc") / str(self.pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
        return False

    def stands_still(self) -> bool:
        """Whether it is frozen, or has ended without that."""
        return self.frozen() or not self.alive()

    def wake(self) -> None:
        """Let it go on where it was frozen."""
        if self.alive():
            self.send(signal.SIGCONT)

    def killed_after(self, seconds: float) -> None:
        """Wait so long, then send SIGKILL unless it has ended."""
        self._process.join(seconds)
        if self.alive():
            self.send(signal.SIGKILL)


@dataclass(frozen=True)
class Course:
    """What a run went through: each process that drove it, in order, and the Jobs that were made for it.

    `boundaries` are those to which each process came. `resumed_after` are seconds from a death to the moment in which
    the next process had taken the run over. `took` are the seconds of the first process.
    """

    run_id: str
    ended: tuple[Ended, ...]
    boundaries: tuple[tuple[str, ...], ...]
    jobs: tuple[Seen, ...]
    resumed_after: tuple[float, ...] = ()
    took: float = 0.0

    @property
    def last(self) -> Ended:
        """How the last process ended."""
        return self.ended[-1]

    @property
    def deaths(self) -> int:
        """How many processes were killed."""
        return sum(ended.code == -signal.SIGKILL for ended in self.ended)

    @property
    def report(self) -> dict[str, Any]:
        """The report of the last process; nothing where the run was never put on paper."""
        report = self.last.data if self.last.out else None
        return report if isinstance(report, dict) else {}


class Ground(Desk):
    """A Desk with the small plans. Its `jobs` are asked for by run."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, PLANS)
        self._ground = folder
        self._witness = Witness(self.state)
        self._warm: list[Warm] = []
        self._count = 0

    def warm(self, *arguments: str, faults: Faults = UNHARMED) -> Warm:
        """Start flowrun, warm, and do not wait."""
        self._count += 1
        out, err, log = (self._ground / f"warm-{self._count}.{kind}" for kind in ("out", "err", "log"))
        around = {**self._surroundings(), **WINDOW}
        order = warm.Order(arguments, self._ground, out, err, around, partial(prepare, faults, log))
        for file in (out, err, log):
            file.touch()  # one that dies at once writes none
        started = Warm(warm.begin(order), order, log)
        self._warm.append(started)
        return started

    def begin_warm(self, plan: str, faults: Faults = UNHARMED) -> Warm:
        """`flowrun run` of a plan."""
        return self.warm("run", "-o", "json", f"specs/{plan}.yaml", faults=faults)

    def course(self, plan: str, *harms: Harm) -> Course:
        """Run a plan under the first harm; where it is killed, go on with it under the next, at last unharmed."""
        before = self.latest()
        began = time.monotonic()
        first, *others = harms or [UNHARMED]
        driving = self._harmed(first, "run", "-o", "json", f"specs/{plan}.yaml")
        ended, boundaries = [driving.ended()], [tuple(driving.boundaries())]
        took = time.monotonic() - began
        run_id = self.latest()
        for harm in [*others, UNHARMED]:
            if ended[-1].code != -signal.SIGKILL or run_id == before:
                break
            died = time.time()
            driving = self._harmed(harm, "runs", "resume", "-o", "json", run_id)
            ended.append(driving.ended())
            boundaries.append(tuple(driving.boundaries()))
        if run_id == before:
            return Course("", tuple(ended), tuple(boundaries), ())
        waited = self._resumed(run_id)[-1:] if len(ended) > 1 else []
        after = tuple(at - died for at in waited)
        return Course(run_id, tuple(ended), tuple(boundaries), tuple(self.seen(run_id)), after, took)

    def latest(self) -> str:
        """The id of the latest run; nothing where there is none."""
        with self.journal() as journal:
            rows = journal.runs(1)
        return rows[0].run_id if rows else ""

    def seen(self, run_id: str) -> list[Seen]:
        """The Jobs of a run, as the emulator's ledger has them."""
        return self._witness.jobs(run_id)

    def _harmed(self, harm: Harm, *arguments: str) -> Warm:
        if not isinstance(harm, float):
            return self.warm(*arguments, faults=harm)
        started = self.warm(*arguments)
        started.killed_after(harm)
        return started

    def _resumed(self, run_id: str) -> list[float]:
        with self.journal() as journal:
            return [record.event.at for record in journal.read(run_id) if isinstance(record.event, RunResumed)]

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        """The journal of its runs, to look into."""
        with closing(SqliteJournal(self.state)) as journal:
            yield journal

    def close(self) -> None:
        """End everything that was started here."""
        for process in self._warm:
            process.end()
        super().close()
