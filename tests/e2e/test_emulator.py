"""An Orchestrator served by hand, and flowrun pointed at it as at any other."""

from __future__ import annotations

import signal
from pathlib import Path

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


def test_a_wrong_token_is_refused_before_a_run_exists(desk: Desk, served: tuple[Running, dict[str, str]]) -> None:
    _, environment = served
    ended = desk.flowrun("run", "specs/01-chain.yaml", environment={**environment, "UIPATH_ACCESS_TOKEN": "guessed"})
    assert ended.code == 5, ended.err
    assert "guessed" not in ended.out + ended.err
    assert desk.run_count() == 0
