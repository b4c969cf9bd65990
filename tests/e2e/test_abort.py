"""Runs that somebody ends: what Orchestrator was told, what the exit code says, and that nothing goes on running."""

from __future__ import annotations

import signal

import pytest

from tests.e2e.harness import Desk, Job, Running, pause, wait_until

JOBS = ("processes.archive.reindex", "processes.archive.export")


@pytest.fixture
def long_run(desk: Desk) -> Running:
    """`04-abort.yaml` with both of its long Jobs at work."""
    running = desk.begin("04-abort")
    wait_until(lambda: desk.hears_stop(*JOBS) or not running.alive(), "both Jobs to be at work")
    assert running.alive(), running.said()
    return running


def by_step(desk: Desk) -> dict[str, Job]:
    return {job.step: job for job in desk.jobs()}


def test_one_interrupt_stops_softly_then_kills_what_does_not_listen_then_cleans_up(
    desk: Desk, long_run: Running
) -> None:
    long_run.send(signal.SIGINT)
    ended = long_run.ended()
    assert ended.code == 130, ended.err
    jobs = by_step(desk)
    assert jobs["reindex"].states == ["Pending", "Running", "Stopping", "Successful"]
    assert jobs["reindex"].outputs["Complete"] is False
    assert int((desk.out / "archive" / "bookmark").read_text(encoding="utf-8")) == jobs["reindex"].outputs["Indexed"]
    assert jobs["export"].states == ["Pending", "Running", "Stopping", "Terminating", "Stopped"]
    assert jobs["unlock"].states[-1] == "Successful"
    assert not (desk.out / "archive" / "lock").exists()


def test_two_interrupts_kill_at_once_and_leave_out_the_cleaning_up(desk: Desk, long_run: Running) -> None:
    long_run.interrupt(2)
    ended = long_run.ended()
    assert ended.code == 130, ended.err
    jobs = by_step(desk)
    assert jobs["export"].states[-2:] == ["Terminating", "Stopped"]
    assert "unlock" not in jobs
    assert (desk.out / "archive" / "lock").exists()
    assert not any(job.open for job in desk.jobs())


def test_three_interrupts_leave_at_once_and_name_what_may_still_run(desk: Desk, long_run: Running) -> None:
    long_run.interrupt(3)
    ended = long_run.ended()
    assert ended.code == 9, ended.err
    export = by_step(desk)["export"]
    assert str(export.id) in ended.err

    rest = desk.flowrun("runs", "abort")
    assert rest.code == 0, rest.err
    assert not any(job.open for job in desk.jobs())
    assert desk.starts() == {"lock": 1, "reindex": 1, "export": 1}


def test_a_termination_ends_like_an_interrupt(desk: Desk, long_run: Running) -> None:
    long_run.send(signal.SIGTERM)
    ended = long_run.ended()
    assert ended.code == 143, ended.err
    jobs = by_step(desk)
    assert jobs["reindex"].states[-1] == "Successful"
    assert jobs["export"].states[-1] == "Stopped"


def test_another_process_may_abort_but_not_take_over(desk: Desk, long_run: Running) -> None:
    refused = desk.flowrun("runs", "resume")
    assert refused.code == 7, refused.err
    abort = desk.flowrun("runs", "abort")
    assert abort.code == 0, abort.err
    ended = long_run.ended()
    assert ended.code == 8, ended.err
    jobs = by_step(desk)
    assert jobs["export"].states[-1] == "Stopped"
    assert jobs["unlock"].states[-1] == "Successful"
    assert desk.starts() == {"lock": 1, "reindex": 1, "export": 1, "unlock": 1}


def test_who_waits_for_an_owner_that_dies_ends_the_run_itself(desk: Desk, long_run: Running) -> None:
    desk.freeze(long_run)
    abort = desk.start("runs", "abort")
    wait_until(lambda: desk.requests() == 1 or not abort.alive(), "its word to be left")
    pause(1.0)
    assert abort.alive(), abort.said()
    long_run.send(signal.SIGKILL)
    ended = abort.ended()
    assert ended.code == 0, ended.err
    assert not any(job.open for job in desk.jobs())
    assert desk.starts() == {"lock": 1, "reindex": 1, "export": 1, "unlock": 1}


def test_who_waits_for_an_owner_that_hangs_may_leave(desk: Desk, long_run: Running) -> None:
    desk.freeze(long_run)
    abort = desk.start("runs", "abort")
    wait_until(lambda: desk.requests() == 1 or not abort.alive(), "its word to be left")
    abort.send(signal.SIGTERM)
    assert abort.ended().code == 9
    long_run.send(signal.SIGCONT)
    assert long_run.ended().code == 8
