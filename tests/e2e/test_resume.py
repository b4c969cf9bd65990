"""Runs whose process is killed with -9 in the middle, and gone on with."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing

import pytest

from tests.e2e.harness import Desk, wait_until


@pytest.mark.parametrize(
    ("step", "count"), [("find", 1), ("extract", 7), ("post", 1)], ids=["early", "in the fan", "late"]
)
def test_a_killed_run_goes_on_and_every_job_was_started_once(desk: Desk, step: str, count: int) -> None:
    running = desk.begin("invoices")
    wait_until(lambda: desk.starts().get(step, 0) >= count or not running.alive(), f"{count} Jobs of {step}")
    running.send(signal.SIGKILL)
    assert running.ended().code == -signal.SIGKILL

    resumed = desk.flowrun("runs", "resume")
    assert resumed.code == 0, resumed.err
    assert desk.starts() == {"find": 1, "extract": 24, "post": 1, "report": 1, "tidy": 1}
    assert {job.attempt for job in desk.jobs()} == {1}
    assert len({(job.step, job.leg) for job in desk.jobs()}) == 28
    with closing(sqlite3.connect(desk.out / "ledger.sqlite")) as database:
        assert database.execute("select count(*) from posting").fetchone() == (110,)


def test_there_is_nothing_to_go_on_with_when_a_run_has_ended(desk: Desk) -> None:
    desk.run("01-chain")
    again = desk.flowrun("runs", "resume")
    assert again.code == 0, again.err
    assert desk.starts() == {"rates": 1, "revalue": 1, "voucher": 1}
