"""The witness: what the emulator's ledger says of the Jobs of runs. It shares a file with flowrun, and no code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FINAL = {"Successful", "Faulted", "Stopped"}
_KEY = re.compile(r"fr1:(?P<run>[^:]+):(?P<place>.+):(?P<attempt>\d+)")


@dataclass
class Seen:
    """A Job. `place` is `step` or `step[leg]`, behind the child run that it is in; `made` and `ended` are records."""

    id: int
    key: str
    run: str
    place: str
    attempt: int
    arguments: str
    made: int
    ended: int | None = None
    states: list[str] = field(default_factory=list)

    @property
    def step(self) -> str:
        """The step of the run that somebody began: a run that is one counts as that, an undoing as none."""
        return re.split(r"\.\d|\[", self.place)[0]


class Witness:
    """Reads on in the ledgers of a state folder, as far as they have come."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._read: dict[Path, int] = {}
        self._jobs: dict[int, Seen] = {}

    def jobs(self, run_id: str) -> list[Seen]:
        """Those of a run and of the runs that are steps of it, in the order in which they were made."""
        for record in self._news():
            if record["type"] == "job_created":
                self._make(record)
            elif record["type"] == "job_state":
                job = self._jobs[record["id"]]
                job.states.append(record["state"])
                if record["state"] in FINAL:
                    job.ended = record["seq"]
        return [job for job in self._jobs.values() if job.run == run_id]

    def _news(self) -> Iterator[dict[str, Any]]:
        for path in sorted(self._state.rglob("ledger.jsonl")):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    self._read[path] = self._read.get(path, 0) + len(line)
                    yield json.loads(line)

    def _make(self, record: dict[str, Any]) -> None:
        job = record["job"]
        found = _KEY.fullmatch(job["reference"] or "")
        assert found is not None, f"a Job that is not ours: {job}"
        root, *within = found["run"].split(".")
        place = "/".join([".".join(within), found["place"]] if within else [found["place"]])
        arguments = (job["input_arguments"] or "{}").replace(root, "RUN")
        key, attempt = job["reference"], int(found["attempt"])
        self._jobs[job["id"]] = Seen(job["id"], key, root, place, attempt, arguments, record["seq"], states=["Pending"])
