from __future__ import annotations

import os

from tests.unit.emulator.conftest import Served


async def test_the_state_says_which_emulator_this_is(served: Served) -> None:
    await served.start_one("Sleep")
    state = (await served.http.get(f"{served.root}/emulator/state")).json()
    assert (state["pid"], state["folder"], state["jobs"], state["open_jobs"]) == (os.getpid(), "Shared", 1, 1)
    assert state["catalog"] == served.emulator.tenant.deployment.digest


async def test_shutdown_is_asked_for_and_not_waited_for(served: Served) -> None:
    assert (await served.http.post(f"{served.root}/emulator/shutdown")).status_code == 202
    assert served.emulator.stopping.is_set()


async def test_faults_are_listed_and_cleared(served: Served) -> None:
    await served.fault(on="Jobs", fault="429", times=3)
    path = f"{served.root}/emulator/faults"
    (fault,) = (await served.http.get(path)).json()["value"]
    assert (fault["on"], fault["status"], fault["times"]) == ("Jobs", 429, 3)
    assert (await served.http.delete(path)).status_code == 204
    assert (await served.http.get(path)).json()["value"] == []
