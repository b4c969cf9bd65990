"""Aborts while a start is in flight: its request hangs, its reply is lost and looked up, or nobody is signed in.

The Job that it made, if it made one, must have ended when the process has; or the code is 9, and it is named.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from signal import SIGINT
from typing import Any

import pytest

from tests.e2e.harness import wait_until
from tests.kills.boundaries import CALL
from tests.kills.ground import Course, Ground, Warm
from tests.kills.judge import is_named, running, story, twice

CHAIN = """flowrun: 1
name: flying
steps:
  - {id: a, release: Sleep, stop_timeout: 1s}
  - {id: b, needs: a, release: Give}
finally:
  - {id: z, release: Give}
"""
CHILD = "flowrun: 1\nname: flying\nsteps:\n  - {id: child, workflow: inner.yaml}\n"
INNER = "flowrun: 1\nname: inner\nsteps:\n  - {id: a, release: Sleep, stop_timeout: 1s}\n"
LATE = "flowrun: 1\nname: flying\nsteps: {b: {release: Give}}\nfinally: {a: {release: Sleep, stop_timeout: 1s}}\n"
UNDONE = """flowrun: 1
name: flying
steps:
  - {id: b, release: Give, compensate: {release: Sleep, stop_timeout: 1s}}
  - {id: c, needs: b, release: Fail}
"""

FAULTS: dict[str, list[dict[str, Any]]] = {
    "the request hangs and comes through": [{"on": "StartJobs", "fault": "delay", "seconds": 2}],
    "the reply hangs": [{"on": "StartJobs", "fault": "delay_after_commit", "seconds": 2}],
    "the reply is lost": [{"on": "StartJobs", "fault": "lost_after_commit"}],
    "the request is lost": [{"on": "StartJobs", "fault": "lost"}],
    "the reply is lost and lists lag": [
        {"on": "StartJobs", "fault": "503_after_commit"},
        {"on": "Jobs", "fault": "list_lag", "seconds": 0.7, "times": 1},
    ],
    "the reply is lost and lists fail": [
        {"on": "StartJobs", "fault": "lost_after_commit"},
        {"on": "Jobs", "fault": "503", "times": 2},
    ],
    "a stop is refused for a while": [{"on": "StopJobs", "fault": "503", "times": 2}],
    "the token has expired when it is to be stopped": [{"on": "StopJobs", "fault": "401"}],
}


@pytest.fixture
def flying(ground: Ground) -> Iterator[Ground]:
    """With an emulator that runs, and that forgets its faults afterwards."""
    assert ground.begin_warm("chain").ended().code == 0
    yield ground
    asked(ground, "DELETE")


def asked(ground: Ground, method: str, fault: dict[str, Any] | None = None) -> None:
    """Of the faults of the emulator that answers now."""
    (path,) = ground.state.rglob("endpoint.json")
    endpoint = json.loads(path.read_text(encoding="utf-8"))
    request = urllib.request.Request(
        f"{endpoint['url'].partition('/local')[0]}/emulator/faults",
        None if fault is None else json.dumps(fault).encode(),
        {"Authorization": f"Bearer {endpoint['token']}", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        reply.read()


def begin(ground: Ground, text: str) -> Warm:
    (ground.specs / "flying.yaml").write_text(text, encoding="utf-8")
    (ground.specs / "inner.yaml").write_text(INNER, encoding="utf-8")
    return ground.begin_warm("flying")


def course(ground: Ground, process: Warm) -> Course:
    ended = process.ended()
    run_id = ground.latest()
    return Course(run_id, (ended,), (tuple(process.boundaries()),), tuple(ground.seen(run_id)))


def judge(found: Course, *codes: int) -> None:
    told = story(found)
    assert twice(found) == [], told
    assert found.last.code in codes, told
    if found.last.code == 9:
        assert all(is_named(job, found.last.err) for job in found.jobs if job.ended is None), told
    else:
        assert running(found) == [], told


@pytest.mark.parametrize("presses", [1, 2])
@pytest.mark.parametrize("text", [CHAIN, CHILD], ids=["plain", "child"])
@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_an_abort_while_a_start_is_in_flight(
    flying: Ground, faults: list[dict[str, Any]], text: str, presses: int
) -> None:
    for fault in faults:
        asked(flying, "POST", fault)
    process = begin(flying, text)
    wait_until(lambda: CALL in process.boundaries() or not process.alive(), "its start")
    process.send(SIGINT)
    if presses > 1:
        wait_until(lambda: "AbortRequested" in str(process.boundaries()) or not process.alive(), "the abort")
        process.send(SIGINT)
    found = course(flying, process)
    judge(found, 130)
    steps = {job.step for job in found.jobs}
    assert "b" not in steps, story(found)
    assert presses > 1 or ("z" in steps) == (text == CHAIN), story(found)


@pytest.mark.parametrize("text", [LATE, UNDONE], ids=["finally", "compensate"])
@pytest.mark.parametrize("faults", [[], FAULTS["the reply hangs"], FAULTS["the reply is lost and lists lag"]])
def test_what_comes_after_the_work_is_killed_by_the_second_signal_alone(
    flying: Ground, faults: list[dict[str, Any]], text: str
) -> None:
    process = begin(flying, text)
    wait_until(lambda: CALL in process.boundaries() or not process.alive(), "the first start")
    for fault in faults:
        asked(flying, "POST", fault)
    starts = 2 if text == LATE else 3
    wait_until(lambda: process.boundaries().count(CALL) == starts or not process.alive(), "the last start")
    process.send(SIGINT)
    wait_until(lambda: "AbortRequested" in str(process.boundaries()), "the abort")
    assert process.alive()
    process.send(SIGINT)
    judge(course(flying, process), 130)
