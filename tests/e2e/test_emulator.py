"""An Orchestrator served by hand, and flowrun pointed at it as at any other."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx
import pytest

from tests.e2e.harness import Desk, Running, wait_until


def serve(desk: Desk, tmp_path: Path, *options: str) -> tuple[Running, dict[str, str]]:
    """The emulator with the catalog of the examples, and the environment that it wrote for its clients."""
    file = tmp_path / "client.env"
    state = str(desk.state / "served")
    fixed = ("--catalog", "specs/emulator.yaml", "--env-file", str(file), "--state", state)
    running = desk.start("emulator", *fixed, *options)
    wait_until(lambda: file.is_file() or not running.alive(), "the emulator to listen")
    assert running.alive(), running.said()
    return running, dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())


@pytest.fixture
def served(desk: Desk, tmp_path: Path) -> tuple[Running, dict[str, str]]:
    return serve(desk, tmp_path)


@pytest.mark.parametrize("profile", ["cloud", "suite", "standalone"])
def test_a_workflow_runs_on_every_kind_of_orchestrator(desk: Desk, tmp_path: Path, profile: str) -> None:
    running, environment = serve(desk, tmp_path, "--profile", profile)
    ended = desk.flowrun("run", "specs/01-chain.yaml", environment=environment)
    assert ended.code == 0, ended.err
    assert desk.starts() == {"rates": 1, "revalue": 1, "voucher": 1}
    running.send(signal.SIGTERM)
    assert running.ended().code == 0


def test_a_workflow_runs_on_an_orchestrator_that_the_environment_names(
    desk: Desk, served: tuple[Running, dict[str, str]]
) -> None:
    running, environment = served
    assert set(environment) >= {"UIPATH_URL", "UIPATH_ACCESS_TOKEN", "UIPATH_FOLDER_PATH"}
    ended = desk.flowrun("run", "specs/01-chain.yaml", environment=environment)
    assert ended.code == 0, ended.err
    assert desk.starts() == {"rates": 1, "revalue": 1, "voucher": 1}
    running.send(signal.SIGTERM)
    assert running.ended().code == 0


TAGS = {
    "as newer ones": "{profile: cloud}",
    "Reference alone": "{profile: standalone, tags: reference}",
    "from before WebApi 15": "{profile: standalone, tags: reference, unfilterable: [BatchExecutionKey]}",
    "no filter by either": "{profile: standalone, tags: reference, unfilterable: [BatchExecutionKey, Reference]}",
}


@pytest.mark.parametrize("orchestrator", TAGS.values(), ids=TAGS)
@pytest.mark.parametrize("skip", [0, 1])
def test_a_lost_reply_is_found_whatever_the_server_keeps_of_a_start(
    desk: Desk, tmp_path: Path, orchestrator: str, skip: int
) -> None:
    """The first reply of a process, which knows nothing of the server yet, and one that it has learnt before."""
    catalog = desk.specs / "emulator.yaml"
    catalog.write_text(catalog.read_text(encoding="utf-8") + f"\norchestrator: {orchestrator}\n", encoding="utf-8")
    _, environment = serve(desk, tmp_path)
    root = environment["UIPATH_URL"].removesuffix("/local/default")
    fault = {"on": "StartJobs", "fault": "503_after_commit", "times": 1, "skip": skip}
    token = {"Authorization": f"Bearer {environment['UIPATH_ACCESS_TOKEN']}"}
    httpx.post(f"{root}/emulator/faults", json=fault, headers=token, trust_env=False).raise_for_status()
    ended = desk.flowrun("run", "specs/01-chain.yaml", environment=environment)
    assert ended.code == 0, ended.err
    assert desk.starts() == {"rates": 1, "revalue": 1, "voucher": 1}
    posts = [record for record in desk.ledger() if record["type"] == "request" and record["operation"] == "StartJobs"]
    assert [record["status"] for record in posts].count(503) == 1
    assert len(posts) == 3


def test_a_wrong_token_is_refused_before_a_run_exists(desk: Desk, served: tuple[Running, dict[str, str]]) -> None:
    _, environment = served
    ended = desk.flowrun("run", "specs/01-chain.yaml", environment={**environment, "UIPATH_ACCESS_TOKEN": "guessed"})
    assert ended.code == 5, ended.err
    assert "guessed" not in ended.out + ended.err
    assert desk.run_count() == 0
