"""Runs that are under way are done over before a new flowrun takes them: which of them could not go on with it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from flowrun.cli.main import main
from flowrun.core.events import AttemptProgressed, AttemptStarted
from flowrun.core.plan import Plan
from flowrun.engines.temporal.connect import connect
from flowrun.settings import Temporal
from flowrun.version import VERSION
from tests.golden.events.plans import fan, job
from tests.simulation.outside import Outside
from tests.temporal.server import Server
from tests.temporal.told import QUICK, Ground

PLAN = Plan(
    "under_way",
    (job("a"), job("b", "a", takes=600), job("c", "a", takes=600, fan_out=fan(3), pools={"sap": 1})),
    pools={"sap": 2},
)
"""It asks the arbiter of its queue, which is under way as well."""


async def under_way(address: str, queue: str, store: Path) -> str:
    """A run of which three attempts run, and whose worker has gone since; its workflow id."""
    ground = Ground(await connect(Temporal(address, "default", queue, store)), queue=queue)
    async with ground.worker():
        handle = await ground.begin(PLAN, Outside(), QUICK)
        await ground.happened(handle, AttemptStarted, 4)
        await ground.happened(handle, AttemptProgressed, 4)
    return handle.id


def test_what_could_not_go_on_is_told_before_it_is_taken(
    temporal: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = f"queue-{uuid4().hex}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLOWRUN_TEMPORAL", temporal.address)
    monkeypatch.setenv("FLOWRUN_TEMPORAL_TASK_QUEUE", queue)
    assert main(["worker", "--check"]) == 0
    assert capsys.readouterr() == ("", f"0 under way; all go on with flowrun {VERSION}\n")
    name = asyncio.run(under_way(temporal.address, queue, tmp_path))
    assert main(["worker", "--check"]) == 0
    assert capsys.readouterr() == ("", f"2 under way; all go on with flowrun {VERSION}\n")
    with monkeypatch.context() as patch:
        patch.setattr("flowrun.core.run.heappop", list.pop)  # a core that serves the last that comes first
        assert main(["worker", "--check"]) == 2
    out, said = capsys.readouterr()
    assert out.startswith(f"{name}: Nondeterminism error: Activity id of scheduled event 'start-")
    assert said == f"2 under way; 1 would stand still with flowrun {VERSION}: keep a worker that is older\n"
