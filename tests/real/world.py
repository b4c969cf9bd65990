"""A world of real programs: the emulator, UiPath's own SDK and robot as they were published, and flowrun."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.harness import Desk, wait_until

UV = {"UV_PYTHON": sys.executable, "UV_PYTHON_DOWNLOADS": "never"}
_LONGEST_S = 60.0
_PRELUDE = """
import json
from uipath.platform import UiPath

sdk = UiPath()
told = {}
"""
_CODA = """
print(json.dumps(told, default=str))
"""


@dataclass(frozen=True)
class Made:
    """A Job that the emulator's ledger has: its states in order, and what it came to."""

    id: int
    key: str
    release: str
    states: list[str]
    info: str
    output: str | None


class World:
    """An emulator of one catalog, and whoever talks to it. All files are in the folder of the desk."""

    def __init__(self, folder: Path, catalog: str) -> None:
        self.desk = Desk(folder)
        self.folder = folder
        self._robots: list[subprocess.Popen[bytes]] = []
        if "\n" in catalog:
            (folder / "emulator.yaml").write_text(catalog, encoding="utf-8")
            catalog = "emulator.yaml"
        self.env_file = folder / "emulator.env"
        state = str(self.desk.state / "emulator")
        self._served = self.desk.start(
            "emulator", "--catalog", catalog, "--env-file", str(self.env_file), "--state", state
        )
        wait_until(self.env_file.exists, "the emulator to listen")
        lines = self.env_file.read_text(encoding="utf-8").splitlines()
        self.environment = dict(line.split("=", 1) for line in lines)

    def sdk(self, script: str, **more: str) -> dict[str, Any]:
        """Run a script of the SDK, which has `sdk` and fills `told`; gives what it told."""
        ended = subprocess.run(
            [sys.executable, "-c", _PRELUDE + script + _CODA],
            env=self._surroundings(more),
            cwd=self.folder,
            capture_output=True,
            timeout=_LONGEST_S,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr.decode()
        told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
        return told

    def connect(self) -> Path:
        """Start the robot in a folder of its own; gives the file of what it says."""
        place = self.folder / f"robot{len(self._robots)}"
        place.mkdir()
        log = place / "robot.log"
        with log.open("wb") as out:
            robot = subprocess.Popen(
                [Path(sys.executable).with_name("uipath-robot")],
                env=self._surroundings(UV | {"UV_OFFLINE": "1"}),
                cwd=place,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_hear_interrupts,  # noqa: PLW1509 - no thread of ours holds a lock at this point
            )
        self._robots.append(robot)
        wait_until(lambda: self.count("HeartbeatV2") > 0, f"the robot to connect; see {log}")
        return log

    def disconnect(self) -> int:
        """End the robot as Ctrl-C does; gives its exit code."""
        self._robots[-1].send_signal(signal.SIGINT)
        return self._robots[-1].wait(_LONGEST_S)

    def fault(self, **words: Any) -> None:
        """Ask the emulator for a fault."""
        root = self.environment["UIPATH_URL"].removesuffix("/local/default")
        request = urllib.request.Request(
            f"{root}/emulator/faults",
            json.dumps(words).encode(),
            {"Authorization": f"Bearer {self.environment['UIPATH_ACCESS_TOKEN']}"},
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 201

    def requests(self, *operations: str) -> list[dict[str, Any]]:
        """The requests of these operations, as the ledger has them; all where none is named."""
        found = [record for record in self.desk.ledger() if record["type"] == "request"]
        return [record for record in found if not operations or record["operation"] in operations]

    def count(self, *operations: str) -> int:
        """How many requests of these operations there were."""
        return len(self.requests(*operations))

    def jobs(self) -> list[Made]:
        """All Jobs, in order."""
        created: dict[int, dict[str, Any]] = {}
        moves: dict[int, list[dict[str, Any]]] = {}
        for record in self.desk.ledger():
            if record["type"] == "job_created":
                created[record["job"]["id"]] = record["job"]
                moves[record["job"]["id"]] = []
            elif record["type"] == "job_state":
                moves[record["id"]].append(record)
        return [
            Made(
                job_id,
                job["key"],
                job["release"]["name"],
                ["Pending", *(move["state"] for move in moves[job_id])],
                next((move["info"] for move in reversed(moves[job_id]) if move.get("info")), ""),
                next((move["output_arguments"] for move in moves[job_id] if move.get("output_arguments")), None),
            )
            for job_id, job in created.items()
        ]

    def close(self) -> None:
        """End everything that was started here, by its id."""
        for robot in self._robots:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(robot.pid, signal.SIGKILL)
            robot.wait()
        if self._served.alive():
            self._served.send(signal.SIGTERM)
            self._served.ended()
        self.desk.close()

    def _surroundings(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = os.environ
        tools = str(Path(sys.executable).parent)
        return {**kept, **self.environment, "PATH": f"{tools}{os.pathsep}{kept.get('PATH', '')}", **more}


def _hear_interrupts() -> None:
    """A shell lets what runs in its background ignore Ctrl-C, and children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
