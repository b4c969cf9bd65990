"""The failpoints of a worker: the moments at which it may die, by name. Each is a line of a log before it happens.

For what a worker is given, `begin KIND` is the moment in which it has it, `signed` the one in which the server has
acknowledged a sign of life, `done KIND` the one in which it is about to tell what came of it, and `told KIND` the one
in which the server has heard it. KIND is the name of an activity, or `task` with what the task of the workflow leads
to. `call` and `answered` are those of `tests.kills.boundaries`, around each POST. A number counts those of a name.

No file of the package knows of them: a process that is to have them calls `install` before it serves.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from temporalio.bridge.worker import Worker as Bridge

from flowrun.engines.temporal.lease import Lease
from flowrun.orchestrator import client
from flowrun.orchestrator.client import OrchestratorClient
from flowrun.orchestrator.wire import Folder, Job, StartInfo, StopStrategy

Faults: TypeAlias = Mapping[str, signal.Signals]
"""The signals that a worker gets, by the failpoint at which it does: `call StartJobs 2`."""

_COMMANDS = {
    "continue_as_new_workflow_execution": "continue",
    "complete_workflow_execution": "end",
    "request_cancel_activity": "cancel",
}


class Failpoints:
    """Those of this process. `log` gets the name of each before anything happens there."""

    def __init__(self, faults: Faults, log: Path) -> None:
        self._faults = faults
        self._log = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self._count: Counter[str] = Counter()
        self._kinds: dict[bytes, str] = {}

    def reach(self, name: str) -> None:
        """Come to the next one."""
        self._count[name] += 1
        numbered = f"{name} {self._count[name]}"
        os.write(self._log, f"{numbered}\n".encode())
        fault = self._faults.get(numbered)
        if fault is not None:
            os.kill(os.getpid(), fault)

    def given(self, task: Any) -> None:
        """An activity, or the end of one."""
        if task.HasField("start"):
            kind = self._kinds[task.task_token] = task.start.activity_type.rpartition(".")[2]
            self.reach(f"begin {kind}")

    def kind(self, token: bytes) -> str:
        """The name of an activity that is done."""
        return self._kinds.pop(token, "nothing")


def install(faults: Faults, log: Path) -> None:
    """From now on, the worker and the client of Orchestrator in this process have failpoints."""
    points = Failpoints(faults, log)
    _install_requests(points)
    _install_tasks(points)
    sign = Lease._sign

    async def signed(lease: Lease) -> None:
        await sign(lease)
        points.reach("signed")

    setattr(Lease, "_sign", signed)  # noqa: B010 - a method is no variable to mypy


def _install_requests(points: Failpoints) -> None:
    class Client(OrchestratorClient):
        async def start_jobs(self, folder: Folder, info: StartInfo) -> list[Job]:
            points.reach("call StartJobs")
            jobs = await super().start_jobs(folder, info)
            points.reach("answered StartJobs")
            return jobs

        async def stop_jobs(self, folder: Folder, ids: Sequence[int], strategy: StopStrategy) -> None:
            points.reach("call StopJobs")
            await super().stop_jobs(folder, ids, strategy)
            points.reach("answered StopJobs")

    setattr(client, "OrchestratorClient", Client)  # noqa: B010 - bootstrap imports it when it makes one


def _install_tasks(points: Failpoints) -> None:
    """Around all that goes between the library and its native half, which speaks to the server."""
    poll, complete, activated = (
        Bridge.poll_activity_task,
        Bridge.complete_activity_task,
        Bridge.complete_workflow_activation,
    )

    async def polled(bridge: Bridge) -> Any:
        task = await poll(bridge)
        points.given(task)
        return task

    async def completed(bridge: Bridge, done: Any) -> None:
        kind = points.kind(done.task_token)
        points.reach(f"done {kind}")
        await complete(bridge, done)
        points.reach(f"told {kind}")

    async def went(bridge: Bridge, done: Any) -> None:
        kind = f"task {_leads_to(done)}"
        points.reach(f"done {kind}")
        await activated(bridge, done)
        points.reach(f"told {kind}")

    for name, instead in (
        ("poll_activity_task", polled),
        ("complete_activity_task", completed),
        ("complete_workflow_activation", went),
    ):
        setattr(Bridge, name, instead)


def _leads_to(done: Any) -> str:
    """What the task of a workflow asks the server for: `start+watch`, `end`, `nothing`."""
    found = []
    for command in done.successful.commands:
        kind = command.WhichOneof("variant")
        if kind == "schedule_activity":
            found.append(command.schedule_activity.activity_type.rpartition(".")[2])
        elif kind in _COMMANDS:
            found.append(_COMMANDS[kind])
    return "+".join(dict.fromkeys(found)) or "nothing"
