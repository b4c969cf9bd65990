"""Processes that die, talk nonsense, talk too much or never end: a failed step with its reason, never a hang."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.harness import Desk, Ended

PROGRAMS = {
    "killed": "import os; os.kill(os.getpid(), 9)",
    "refuses": "import sys; print('half a sentence'); sys.exit('There is no paper in the printer.')",
    "crashes": "raise ValueError('row 17 has no date')",
    "chats": "print('All went well!')",
    "lists": "print('[1, 2, 3]')",
    "silent": "pass",
    "floods": "import sys\nwhile True: sys.stdout.write('x' * 65536)",
    "big": "import json; print(json.dumps({'Text': 'x' * 2_000_000}))",
    "endless": "import time\nwhile True: time.sleep(1)",
    "deaf": "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)",
    "forgets": "print('{}')",
    "mistypes": """print('{"Total": "twelve"}')""",
    "noisy": "import sys\nfor n in range(20000): print('line', n, file=sys.stderr)\nsys.exit(4)",
}
EXPECTED = {
    "killed": ("faulted", "ended by SIGKILL"),
    "refuses": ("faulted", "no paper in the printer"),
    "crashes": ("faulted", "ValueError: row 17 has no date"),
    "chats": ("faulted", "one JSON object"),
    "lists": ("faulted", "one JSON object"),
    "silent": ("faulted", "printed nothing"),
    "floods": ("faulted", "more than 1048576 bytes"),
    "big": ("faulted", "more than 1048576 bytes"),
    "endless": ("timeout", "after 1 s"),
    "deaf": ("timeout", "after 1 s"),
    "missing": ("faulted", "no-such-program"),
    "forgets": ("output_contract", "Total"),
    "mistypes": ("output_contract", "twelve"),
    "noisy": ("faulted", "line 19999"),
}
TIMED = {"endless", "deaf"}
CONTRACTS = {"forgets", "mistypes"}


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Ended, dict[str, Any]]]:
    """One run with a step for each program, side by side: the desk, what the command came to, and its report."""
    desk = Desk(tmp_path_factory.mktemp("hospital"))
    commands = {name: ["{python}", "-c", text] for name, text in PROGRAMS.items()}
    commands["missing"] = ["./no-such-program"]
    catalog = {"robots": 8, "releases": {name: {"command": argv} for name, argv in commands.items()}}
    steps: dict[str, dict[str, Any]] = {name: {"release": name} for name in commands}
    for name in TIMED:
        steps[name] |= {"timeout": "1s", "stop_timeout": "1s"}
    for name in CONTRACTS:
        steps[name] |= {"outputs": {"Total": {"type": "number"}}}
    (desk.specs / "emulator.yaml").write_text(json.dumps(catalog), encoding="utf-8")
    (desk.specs / "hospital.yaml").write_text(json.dumps({"flowrun": 1, "name": "hospital", "steps": steps}))
    ended = desk.run("hospital")
    yield desk, ended, {step["id"]: step for step in ended.data["steps"]}
    left = [job for job in desk.jobs() if job.open]
    desk.close()
    assert not left


@pytest.mark.parametrize("name", EXPECTED)
def test_a_bad_process_is_a_failed_step_with_its_reason(
    hospital: tuple[Desk, Ended, dict[str, Any]], name: str
) -> None:
    desk, _, steps = hospital
    cause, reason = EXPECTED[name]
    assert (steps[name]["status"], steps[name]["cause"]) == ("failed", cause)
    assert reason in steps[name]["message"]
    assert desk.starts()[name] == 1


def test_the_run_fails_and_says_so_in_words(hospital: tuple[Desk, Ended, dict[str, Any]]) -> None:
    _, ended, _ = hospital
    assert ended.code == 1
    assert "no paper in the printer" in ended.err


def test_what_does_not_listen_is_killed(hospital: tuple[Desk, Ended, dict[str, Any]]) -> None:
    desk, _, _ = hospital
    states = {job.step: job.states for job in desk.jobs()}
    assert states["endless"] == ["Pending", "Running", "Stopping", "Stopped"]
    assert states["deaf"] == ["Pending", "Running", "Stopping", "Terminating", "Stopped"]
