"""An Orchestrator that answers StartJobs from a list, and is otherwise the simulated one in fair weather."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from flowrun.core.status import Cancelled, Failed, Unknown
from flowrun.errors import OrchestratorError
from flowrun.orchestrator.wire import Folder, Job, StartInfo
from flowrun.simulation.orchestrator import World
from flowrun.simulation.virtual import VirtualClock
from flowrun.simulation.weather import Weather
from flowrun.steps.job.kind import JobKind
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Attempt, Started

Said: TypeAlias = OrchestratorError | str
"""An error, or `made`, `lost` (made, and the reply lost), `late` (lost, made 40 s later), `none` (201 and no Job)."""


@dataclass
class Scripted(World):
    """What StartJobs answers, one after the other; `made` from then on."""

    says: list[Said] = field(default_factory=list)
    infos: list[StartInfo] = field(default_factory=list)
    posted_at: list[float] = field(default_factory=list)

    async def start_jobs(self, folder: Folder, info: StartInfo) -> list[Job]:
        self._note("start", key=info.reference)
        self.infos.append(info)
        self.posted_at.append(self._now())
        said = self.says.pop(0) if self.says else "made"
        if isinstance(said, OrchestratorError):
            raise said
        if said == "none":
            return []
        if said == "late":
            asyncio.get_running_loop().call_later(40.0, self._make, folder, info)
            raise self._unavailable()
        made = [self._shown(job, whole=True) for job in self._make(folder, info)]
        if said == "lost":
            raise self._unavailable()
        return made


def scripted(*says: Said, weather: Weather | None = None, make: type[Scripted] = Scripted) -> Scripted:
    """A world that begins with these answers."""
    return make(random.Random(7), weather or Weather(running=100.0), says=list(says))


def kind_of(world: World, policy: Policy | None = None) -> JobKind:
    """A process in that world."""
    return JobKind(world, VirtualClock(), policy or Policy(lists_per_minute=None))


def attempt_at(**arguments: Any) -> Attempt:
    """An attempt at a step that starts `Post`."""
    return Attempt("run", "post", "", 1, {"release": "Post", **arguments})


async def start(world: World, attempt: Attempt | None = None) -> Started | Failed | Cancelled | Unknown:
    """What a start comes to that nobody ends."""
    return await kind_of(world).start(attempt or attempt_at(), lambda: True)


def ids(answer: object, which: str = "jobs") -> Sequence[int]:
    """Those of the handle."""
    assert isinstance(answer, Started), answer
    return [job["id"] for job in answer.handle.get(which, ())]
