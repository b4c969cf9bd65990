"""UiPath's own robot, as published, takes coded automations from the emulator, runs them and ends them."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.harness import SPECS, wait_until
from tests.real.conftest import Serve
from tests.real.world import UV, World

MORE_RELEASES = """
  Linger: {package: probe, entry_point: linger}
  Stumble: {package: probe, entry_point: stumble}
  Echo: {package: probe, entry_point: echo}
  Ask: {package: probe, entry_point: ask}
"""
PROBE = {
    "main.py": """
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Input:
    seconds: int = 60


@dataclass
class Output:
    text: str


def linger(input: Input) -> Output:
    time.sleep(input.seconds)
    return Output("waited")


@dataclass
class Text:
    text: str = ""


def echo(input: Text) -> Output:
    return Output(input.text)


def ask(input: Text) -> Output:
    # As an agent does that waits: its runtime leaves a state and what it waits for, and ends.
    with open(os.environ["UIPATH_CONFIG_PATH"], encoding="utf-8") as file:
        place = Path(json.load(file)["runtime"]["dir"])
    state = place / "state.db"
    if state.exists():
        return Output(state.read_text(encoding="utf-8"))
    state.write_text(f"asked for {input.text}", encoding="utf-8")
    trigger = {"triggerType": "Inbox", "itemKey": "b4d1c2f0-52a3-4f6e-9d0b-1c2d3e4f5a6b", "triggerMessage": "may I?"}
    waiting = {"status": "suspended", "output": {}, "resumeTriggers": [trigger]}
    (place / "output.json").write_text(json.dumps(waiting), encoding="utf-8")
    os._exit(0)


def stumble(input: Input) -> Output:
    raise ValueError("the vendor's file is gone")
""",
    "uipath.json": json.dumps(
        {"functions": {name: f"main.py:{name}" for name in ("linger", "stumble", "echo", "ask")}}
    ),
    "pyproject.toml": (SPECS / "coded" / "check_payees" / "pyproject.toml")
    .read_text(encoding="utf-8")
    .replace("check-payees", "probe"),
}
WORKFLOW = """
flowrun: 1
name: probe
steps:
  - id: probe
    release: {}
"""


@pytest.fixture
def robot(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where the robot cannot run, and fill uv's cache where it can: then environments need no network."""
    if importlib.util.find_spec("uipath.robot") is None:
        pytest.skip("the package uipath-robot is not installed: pip install -e '.[dev]'")
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if uv is None:
        pytest.skip("the program uv is not on the PATH: pip install -e '.[dev]'")
    place = tmp_path_factory.mktemp("cache")
    shutil.copy(SPECS / "coded" / "check_payees" / "pyproject.toml", place)
    ended = subprocess.run([uv, "sync"], cwd=place, env=os.environ | UV, capture_output=True, check=False, timeout=240)
    if ended.returncode != 0:
        said = ended.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        pytest.skip(f"uv cannot make an environment with the package uipath: {said[-1]}")


@pytest.fixture
def world(world_of: Serve, tmp_path: Path) -> World:
    """The catalog of specs/coded, and a package that lingers or stumbles."""
    (tmp_path / "probe").mkdir()
    for name, text in PROBE.items():
        (tmp_path / "probe" / name).write_text(text, encoding="utf-8")
    for release in ("Linger", "Stumble"):
        (tmp_path / f"{release}.yaml").write_text(WORKFLOW.format(release), encoding="utf-8")
    catalog = (SPECS / "coded" / "emulator.yaml").read_text(encoding="utf-8")
    return world_of(catalog.replace("package: ", "package: specs/coded/") + MORE_RELEASES)


@pytest.mark.timeout(360)
@pytest.mark.usefixtures("robot")
def test_a_robot_runs_the_chain_and_ends_what_is_stopped(world: World) -> None:
    chain = world.desk.start("run", "-o", "json", "specs/coded/payments.yaml", environment=world.environment)
    wait_until(lambda: len(world.jobs()) == 1, "the first Job")
    assert world.jobs()[0].states == ["Pending"], "a package waits for a robot"
    log = world.connect()
    ended = chain.ended()
    assert ended.code == 0, ended.err + log.read_text(encoding="utf-8")
    outputs = ended.data["outputs"]
    assert (outputs["transactions"], outputs["control_sum"]) == (3, "1749.31")
    assert outputs["refused"] == [{"name": "Pellwick Mills", "reason": "the check digits of the IBAN are wrong"}]
    assert "<Ustrd>QK000326</Ustrd>" in json.loads(world.jobs()[1].output or "")["document"]


@pytest.mark.night
@pytest.mark.timeout(360)
@pytest.mark.usefixtures("robot")
def test_a_robot_tells_of_a_failure_ends_what_is_stopped_and_says_goodbye(world: World) -> None:
    log = world.connect()
    ended = world.desk.flowrun("run", "Stumble.yaml", environment=world.environment)
    assert ended.code == 1, ended.err + log.read_text(encoding="utf-8")
    assert world.jobs()[0].states == ["Pending", "Running", "Faulted"]
    assert "the vendor's file is gone" in world.jobs()[0].info
    assert "the vendor's file is gone" in ended.err

    lingering = world.desk.start("run", "Linger.yaml", environment=world.environment)
    wait_until(lambda: world.jobs()[-1].states[-1] == "Running", "the long Job to run")
    lingering.send(signal.SIGINT)
    assert lingering.ended().code == 130
    assert world.jobs()[-1].states == ["Pending", "Running", "Stopping", "Stopped"]

    assert world.disconnect() == 0, log.read_text(encoding="utf-8")
    assert (world.count("EndSession"), world.count("StopService")) == (1, 1)
    assert {request["status"] for request in world.requests()} <= {200, 201}


@pytest.mark.night
@pytest.mark.timeout(360)
@pytest.mark.usefixtures("robot")
def test_large_arguments_reach_a_robot_and_large_outputs_come_back(world: World) -> None:
    """The SDK starts a Job whose arguments and outputs are both attachments, and the robot runs it."""
    log = world.connect()
    told = world.sdk(
        """
import time

key = sdk.processes.invoke("Echo", {"text": "ü" * 20_000}, folder_path="Shared").key
while (job := sdk.jobs.retrieve(key, folder_path="Shared")).state in ("Pending", "Running"):
    time.sleep(0.2)
told["state"] = job.state
told["by_file"] = [job.input_file is not None, job.output_file is not None, job.output_arguments]
told["output"] = json.loads(sdk.jobs.extract_output(job))
"""
    )
    assert told["state"] == "Successful", log.read_text(encoding="utf-8")
    assert told["by_file"] == [True, True, None]
    assert told["output"] == {"text": "ü" * 20_000}
    assert {request["status"] for request in world.requests()} <= {200, 201}


@pytest.mark.night
@pytest.mark.timeout(360)
@pytest.mark.usefixtures("robot")
def test_a_robot_suspends_a_job_and_goes_on_with_its_state(world: World) -> None:
    """While the Job waits, the robot runs another; the SDK delivers what it waits for."""
    log = world.connect()
    told = world.sdk(
        """
import time


def until(key, *states):
    while (job := sdk.jobs.retrieve(key, folder_path="Shared")).state not in (*states, "Faulted"):
        time.sleep(0.2)
    return job


asked = sdk.processes.invoke("Ask", {"text": "leave"}, folder_path="Shared")
waiting = until(asked.key, "Suspended")
told["waits"] = [waiting.state, waiting.info]
other = sdk.processes.invoke("Echo", {"text": "meanwhile"}, folder_path="Shared")
told["meanwhile"] = until(other.key, "Successful").state
sdk.jobs.resume(job_id=str(asked.id), payload={"answer": "yes"}, folder_path="Shared")
ended = until(asked.key, "Successful")
told["output"] = json.loads(sdk.jobs.extract_output(ended))
"""
    )
    assert told["waits"] == ["Suspended", "may I?"], log.read_text(encoding="utf-8")
    assert told["meanwhile"] == "Successful"
    assert told["output"] == {"text": "asked for leave"}, log.read_text(encoding="utf-8")
    states = ["Pending", "Running", "Suspended", "Resumed", "Running", "Successful"]
    assert next(job for job in world.jobs() if job.release == "Ask").states == states
    assert {request["status"] for request in world.requests()} <= {200, 201, 202}
