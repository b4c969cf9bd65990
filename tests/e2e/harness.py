"""flowrun as people meet it: its command line, its exit codes, its files. The judge is the emulator's own ledger."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from flowrun.emulator import daemon
from flowrun.emulator import ledger as emulator_ledger
from flowrun.journal.sqlite import SqliteJournal
from flowrun.private import make_folder
from tests import warm
from tests.surroundings import plain

SPECS = Path(__file__).parents[2] / "specs"
FINAL = {"Successful", "Faulted", "Stopped"}
PATIENCE = 90.0
_INTERRUPTED = ("stopping:", "killing:", "leaving at once")
"""What a run says to the first Ctrl-C, to the second and to the third."""
_REFERENCE = re.compile(r"fr1:(?P<run>[^:]+):(?P<step>[^\[:]+)(?:\[(?P<leg>.*)\])?:(?P<attempt>\d+)")


@dataclass(frozen=True)
class Ended:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The `data` of the JSON envelope on standard output."""
        return json.loads(self.out)["data"]


@dataclass
class Job:
    """A Job as the emulator recorded it: `states` are all that it went through, in order."""

    id: int
    release: str
    step: str
    leg: str
    attempt: int
    arguments: Any
    states: list[str] = field(default_factory=list)
    info: str = ""
    outputs: Any = None
    strategies: list[str] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether it may still be running."""
        return self.states[-1] not in FINAL


class Running:
    """A command that has not ended yet. What it says goes to files, so that it never waits for a reader."""

    def __init__(self, process: ForkServerProcess, order: warm.Order) -> None:
        self._process = process
        self._order = order

    def send(self, number: signal.Signals) -> None:
        """Send a signal to this process alone."""
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def alive(self) -> bool:
        """Whether it is still there."""
        return self._process.is_alive()

    def ended(self, timeout: float = PATIENCE) -> Ended:
        """Wait for its end."""
        self._process.join(timeout)
        code = self._process.exitcode
        assert code is not None, f"{self._order.arguments} has not ended in {timeout:.0f} s: {self.said()}"
        out, err = (path.read_text(encoding="utf-8") for path in (self._order.out, self._order.err))
        return Ended(code, out, err)

    def interrupt(self, times: int = 1) -> None:
        """Ctrl-C so many times, each once the one before it was answered: two signals at once would be one."""
        for answer in _INTERRUPTED[:times]:
            self.send(signal.SIGINT)
            wait_until(lambda answer=answer: answer in self.said() or not self.alive(), answer)  # type: ignore[misc]

    def said(self) -> str:
        """What it has said so far, on both streams."""
        return "".join(path.read_text(encoding="utf-8") for path in (self._order.out, self._order.err))

    def end(self) -> None:
        """Make sure that it is gone."""
        if self.alive():
            self._process.kill()
        self._process.join()
        self._process.close()


class Desk:
    """A folder with a copy of workflows, those of the examples if no others, and a state folder of its own."""

    def __init__(self, folder: Path, specs: Path = SPECS) -> None:
        self.specs = folder / "specs"
        self.state = folder / "state"
        self.out = self.specs / "out"
        self.environment: Mapping[str, str] = {}
        """What each command finds in its environment, but for what it is given itself."""
        self._started: list[Running] = []
        self._commands = 0
        self._folder = folder
        ignored = shutil.ignore_patterns("__pycache__", "out")
        shutil.copytree(specs, self.specs, ignore=ignored)

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Running:
        """Start flowrun, and do not wait. Its process is a warm one: see `cold`."""
        around = {**self._surroundings(), **(environment or {})}
        if arguments[:1] == ("run",) and "UIPATH_URL" not in around:
            for word in arguments[1:]:
                if word.endswith(".yaml"):
                    self._emulate((self._folder / word).with_name("emulator.yaml"), around)
        running = self._start(str(self._commands), arguments, around)
        self._commands += 1
        return running

    def start_cold(self, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start flowrun as a shell does, from nothing, and do not wait."""
        return subprocess.Popen(
            [sys.executable, "-m", "flowrun", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self._folder,
            env={**self._surroundings(), **(environment or {})},
        )

    def cold(self, *arguments: str) -> Ended:
        """Run flowrun to its end as a shell does."""
        with self.start_cold(*arguments) as process:
            out, err = process.communicate(timeout=PATIENCE)
        return Ended(process.returncode, out, err)

    def flowrun(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Ended:
        """Run flowrun to its end."""
        return self.start(*arguments, environment=environment).ended()

    def run(self, name: str, **inputs: Any) -> Ended:
        """`flowrun run` a workflow of the folder; its report is the `data`."""
        return self.flowrun("run", "-o", "json", *self.named(name, inputs))

    def begin(self, name: str, **inputs: Any) -> Running:
        """The same without waiting for its end."""
        return self.start("run", *self.named(name, inputs))

    def named(self, name: str, inputs: Mapping[str, Any]) -> list[str]:
        """The arguments for a workflow of the folder and its inputs."""
        pairs = (("--input", f"{key}={value}") for key, value in inputs.items())
        return [f"specs/{name}.yaml", *(word for pair in pairs for word in pair)]

    def run_count(self) -> int:
        """How many runs the journal knows."""
        return len(self.flowrun("runs", "list", "-o", "json").data)

    def ledger(self) -> list[dict[str, Any]]:
        """All records of the emulator's ledger; none where no emulator has ever been started."""
        return [record for path in sorted(self.state.rglob("ledger.jsonl")) for record in emulator_ledger.read(path)]

    def jobs(self) -> list[Job]:
        """All Jobs that the emulator has ever made, in order."""
        jobs: dict[int, Job] = {}
        for record in self.ledger():
            if record["type"] == "job_created":
                made = _job(record["job"])
                jobs[made.id] = made
            elif record["type"] == "job_state":
                _move(jobs[record["id"]], record)
        return list(jobs.values())

    def starts(self) -> dict[str, int]:
        """How many Jobs were made for each step, all legs and attempts together."""
        return dict(Counter(job.step for job in self.jobs()))

    def has_started(self, *steps: str) -> bool:
        """Whether a Job of each of these steps runs now."""
        running = {job.step for job in self.jobs() if job.states[-1] == "Running"}
        return running.issuperset(steps)

    def hears_stop(self, *modules: str) -> bool:
        """Whether the Job of each of these modules has said what SIGTERM is to be for it: see proc(5)."""
        heard = set()
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if not (place / "cwd").readlink().is_relative_to(self._folder):
                    continue
                words = (place / "cmdline").read_text(encoding="utf-8").split("\0")
                status = dict(line.split(":\t", 1) for line in (place / "status").read_text().splitlines())
            except (OSError, ValueError):
                continue  # of another user, or gone meanwhile
            masks = int(status["SigCgt"], 16) | int(status["SigIgn"], 16)
            if masks >> (signal.SIGTERM - 1) & 1:
                heard.update(words)
        return heard.issuperset(modules)

    def freeze(self, running: Running) -> None:
        """Stop a process in its tracks, but not while it keeps the journal locked: nobody else could do anything."""
        while True:
            running.send(signal.SIGSTOP)
            with suppress(sqlite3.OperationalError), closing(sqlite3.connect(self.state / "journal.db")) as journal:
                journal.execute("BEGIN IMMEDIATE")
                return
            running.send(signal.SIGCONT)

    def requests(self) -> int:
        """How many words were left for the latest run."""
        with closing(SqliteJournal(self.state)) as journal:
            return len(journal.requests(journal.runs(1)[0].run_id))

    def close(self) -> None:
        """End everything that was started here."""
        for running in self._started:
            running.end()
        for process_id in self._emulators():
            self._kill(process_id)

    def _start(
        self, name: str, words: tuple[str, ...], around: Mapping[str, str], program: Callable[[], None] | None = None
    ) -> Running:
        out, err = self._folder / f"{name}.out", self._folder / f"{name}.err"
        for file in (out, err):
            file.touch()  # one that dies at once writes none
        order = warm.Order(words, self._folder, out, err, around, program=program)
        running = Running(warm.begin(order), order)
        self._started.append(running)
        return running

    def _emulate(self, catalog: Path, around: Mapping[str, str]) -> None:
        """Start the emulator that a run is going to look for; its own start, which is cold, would be half of a test."""
        home = daemon.home(catalog, self._folder / around["FLOWRUN_STATE_DIR"])
        if home.exists() or not catalog.is_file():
            return
        make_folder(home)
        words = ("--catalog", str(catalog), "--home", str(home))
        started = self._start(f"emulator-{home.name}", words, around, daemon.main)
        wait_until(lambda: started.said() != "", "the emulator to begin")

    def _surroundings(self) -> dict[str, str]:
        kept = plain(os.environ)
        return {**kept, "FLOWRUN_STATE_DIR": str(self.state), "NO_COLOR": "1", **self._of_user(), **self.environment}

    def _of_user(self) -> dict[str, str]:
        """What whoever runs the tests has set for themselves is none of their business."""
        return {name: str(self._folder / name) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME")}

    def _kill(self, process_id: int) -> None:
        """One that was started here; a number that somebody else has by now is left alone."""
        with suppress(OSError):
            if (Path("/proc") / str(process_id) / "cwd").readlink().is_relative_to(self._folder):
                os.kill(process_id, signal.SIGKILL)

    def _emulators(self) -> Iterator[int]:
        for path in self.state.rglob("endpoint.json"):
            yield json.loads(path.read_text(encoding="utf-8"))["pid"]


def wait_until(condition: Callable[[], bool], what: str, timeout: float = PATIENCE) -> None:
    """Look again and again until it holds."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, f"waited {timeout:.0f} s for: {what}"
        pause(0.05)


def pause(seconds: float) -> None:
    """Let other processes get on."""
    time.sleep(seconds)  # noqa: TID251 - real processes, real time


def _job(data: Mapping[str, Any]) -> Job:
    place = _REFERENCE.fullmatch(data["reference"] or "")
    assert place, f"a Job that is not ours: {data}"
    arguments = json.loads(data["input_arguments"] or "{}")
    release, attempt = data["release"]["name"], int(place["attempt"])
    return Job(data["id"], release, place["step"], place["leg"] or "", attempt, arguments, ["Pending"])


def _move(job: Job, record: Mapping[str, Any]) -> None:
    job.states.append(record["state"])
    job.info = record.get("info") or job.info
    if record.get("stop_strategy"):
        job.strategies.append(record["stop_strategy"])
    if record.get("output_arguments"):
        job.outputs = json.loads(record["output_arguments"])
