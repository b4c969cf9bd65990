from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from flowrun.api.executed import executed
from flowrun.api.plans import Planned
from flowrun.bootstrap import Connected
from flowrun.core.plan import Plan
from flowrun.core.status import RunStatus
from flowrun.core.table import Table
from flowrun.errors import Refused
from flowrun.orchestrator.wire import Folder, Job
from flowrun.report.model import AttemptReport, JobFact, LegReport, Report, StepCounts, StepReport

FACT = {"release": "Post", "release_key": "k", "version": "1.0.0", "folder": "Finance", "folder_id": 7}


@dataclass
class Tenant:
    """Jobs by id with the version that they ran, and the numbers of those versions."""

    ran: Mapping[int, int | None]
    numbers: Mapping[int, str]
    broken: bool = False

    async def jobs(self, folder: Folder, ids: Sequence[int]) -> list[Job]:
        assert folder.id == 7
        if self.broken:
            raise Refused("no")
        return [Job(id=one, key="j", state="Successful", release_version_id=self.ran[one]) for one in ids]

    async def versions(self, folder: Folder, release_key: str) -> Mapping[int, str]:
        assert (folder.id, release_key) == (7, "k")
        return self.numbers


async def told(tenant: Tenant, *ids: int) -> dict[str, str]:
    jobs = tuple(JobFact(id=one) for one in ids)
    leg = LegReport(attempts=(AttemptReport(1, 0.0, jobs=jobs),))
    step, other = (StepReport(id=name, kind="job", legs=Table([leg])) for name in ("post", "wait"))
    report = Report("r", "w", 0.0, 0.0, Table([step, other]), StepCounts(), RunStatus.SUCCEEDED)
    ready = Planned(Plan("w", ()), {}, Path("w.yaml"), "", (), {"post": FACT})
    connected = Connected(cast("Any", tenant), {}, {}, cast("Any", tenant))
    return await executed(connected, ready, report)


async def test_a_job_that_ran_another_version_is_told() -> None:
    words = {"post": "version 1.1.0 of Post, and was planned with 1.0.0"}
    assert await told(Tenant({1: 11, 2: 12}, {11: "1.0.0", 12: "1.1.0"}), 1, 2) == words


async def test_as_planned_or_not_known_is_nothing_to_tell() -> None:
    assert await told(Tenant({1: 11}, {11: "1.0.0"}), 1) == {}
    assert await told(Tenant({1: None}, {11: "1.1.0"}), 1) == {}
    assert await told(Tenant({1: 99}, {}), 1) == {}
    assert await told(Tenant({1: 11}, {11: "1.1.0"}, broken=True), 1) == {}
