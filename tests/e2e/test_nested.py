"""Files that are steps of others, over real processes: killed and gone on with, ended, shown, kept in their folder."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from typing import Any

import pytest

from tests.e2e.harness import Desk, Running, wait_until

WEEKEND = """
flowrun: 1
name: weekend
steps:
  before: {wait: {for: 0s}}
  archive: {needs: before, workflow: ./parts/archive.yaml}
  after: {needs: archive, release: ReadRates, input_arguments: {in_File: data/rates/2026-10.csv}}
"""
JOBS = ("processes.archive.reindex", "processes.archive.export")
ARCHIVE = """
flowrun: 1
name: archive
steps:
  inner: {workflow: ../04-abort.yaml}
"""


@pytest.fixture
def weekend(desk: Desk) -> Running:
    """A long workflow two files down, with both of its Jobs at work."""
    (desk.specs / "parts").mkdir()
    (desk.specs / "weekend.yaml").write_text(WEEKEND, encoding="utf-8")
    (desk.specs / "parts" / "archive.yaml").write_text(ARCHIVE, encoding="utf-8")
    running = desk.begin("weekend")
    wait_until(lambda: desk.hears_stop(*JOBS) or not running.alive(), "both Jobs to be at work")
    assert running.alive(), running.said()
    return running


def listed(desk: Desk, *options: str) -> dict[str, Mapping[str, Any]]:
    return {row["run_id"]: row for row in desk.flowrun("runs", "list", "-o", "json", *options).data}


@pytest.mark.parametrize(("step", "count"), [("read", 1), ("match", 2), ("revalue", 1)])
def test_a_killed_run_goes_on_with_its_children_and_every_job_was_started_once(
    desk: Desk, step: str, count: int
) -> None:
    running = desk.begin("07-month-end")
    wait_until(lambda: desk.starts().get(step, 0) >= count or not running.alive(), f"{count} Jobs of {step}")
    running.send(signal.SIGKILL)
    running.ended()
    resumed = desk.flowrun("runs", "resume", "-o", "json")
    assert resumed.code == 0, resumed.err
    assert desk.starts() == {
        "read": 2,
        "match": 2,
        "convert": 1,
        "reconcile": 2,
        "rates": 1,
        "revalue": 1,
        "voucher": 1,
    }
    assert {job.attempt for job in desk.jobs()} == {1}
    (parent,) = listed(desk)
    every = listed(desk, "--all")
    assert {row["status"] for row in every.values()} == {"succeeded"}
    assert {row["parent"] for name, row in every.items() if name != parent} == {parent}
    runs = [leg["attempts"][-1]["run"] for one in resumed.data["steps"] for leg in one["legs"]]
    assert {parent, *runs} == set(every)
    assert len(every) == 4


def test_one_interrupt_stops_what_runs_two_files_down_and_cleans_up_there(desk: Desk, weekend: Running) -> None:
    weekend.send(signal.SIGINT)
    ended = weekend.ended()
    assert ended.code == 130, ended.err
    states = {job.step: job.states[-1] for job in desk.jobs()}
    assert states == {"lock": "Successful", "reindex": "Successful", "export": "Stopped", "unlock": "Successful"}
    assert not (desk.out / "archive" / "lock").exists()
    assert {row["status"] for row in listed(desk, "--all").values()} == {"cancelled"}


def test_two_interrupts_kill_what_runs_two_files_down(desk: Desk, weekend: Running) -> None:
    weekend.interrupt(2)
    ended = weekend.ended()
    assert ended.code == 130, ended.err
    assert "unlock" not in desk.starts()
    assert not any(job.open for job in desk.jobs())
    assert {row["status"] for row in listed(desk, "--all").values()} == {"cancelled"}


def test_three_interrupts_name_the_jobs_that_may_still_run_and_the_run_of_each(desk: Desk, weekend: Running) -> None:
    weekend.interrupt(3)
    ended = weekend.ended()
    (parent,) = listed(desk)
    assert ended.code == 9, ended.err
    inner = f"{parent}.archive.1.inner.1"
    told = set(re.findall(r"^    (\w+): Job (\d+) [0-9a-f-]{36}, in run (\S+)$", ended.err, re.MULTILINE))
    jobs = {job.step: (job.step, str(job.id), inner) for job in desk.jobs()}
    assert {jobs["export"]} <= told <= {jobs["export"], jobs["reindex"]}, "the other one may have heard the first word"
    wait_until(lambda: not any(job.open for job in desk.jobs()), "the Jobs to end, of which nobody waits for the end")


def test_a_killed_process_is_aborted_from_another_one(desk: Desk, weekend: Running) -> None:
    weekend.send(signal.SIGKILL)
    weekend.ended()
    aborted = desk.flowrun("runs", "abort", "-o", "json")
    assert aborted.data["status"] == "cancelled", aborted.err
    assert not any(job.open for job in desk.jobs())
    assert {row["status"] for row in listed(desk, "--all").values()} == {"cancelled"}
    assert desk.starts() == {"lock": 1, "reindex": 1, "export": 1, "unlock": 1}


def test_a_child_is_shown_by_its_parent_and_names_it(desk: Desk) -> None:
    assert desk.run("07-month-end").code == 0
    (parent,) = listed(desk)
    shown = desk.flowrun("runs", "show").out
    assert f"run {parent}.valuation.1" in shown
    child = desk.flowrun("runs", "show", f"{parent}.valuation.1")
    assert child.out.startswith(f"revaluation  run {parent}.valuation.1\n")
    assert f"a step of run {parent}" in child.out
    assert desk.flowrun("runs", "report", f"{parent}.valuation.1", "-o", "json").code == 0
    assert desk.flowrun("runs", "show", parent[:13]).out == shown, "the beginning of an id means the whole run"


@pytest.mark.parametrize("way", ["../secret.yaml", "/etc/hosts", "link.yaml", "folder/secret.yaml"])
def test_no_file_outside_of_the_folder_is_read(desk: Desk, way: str) -> None:
    outside = desk.specs.parent
    canary = "flowrun: 1\nname: canary-7f3a\nsteps:\n  canary_7f3a: {relaese: X}\n"
    (outside / "secret.yaml").write_text(canary, encoding="utf-8")
    (desk.specs / "link.yaml").symlink_to(outside / "secret.yaml")
    (desk.specs / "folder").symlink_to(outside, target_is_directory=True)
    (desk.specs / "tried.yaml").write_text(
        f"flowrun: 1\nname: tried\nsteps:\n  a: {{workflow: {way}}}\n", encoding="utf-8"
    )
    commands = {"validate": desk.flowrun, "graph": desk.flowrun, "plan": desk.flowrun, "run": desk.cold}
    for command, act in commands.items():
        ended = act(command, "specs/tried.yaml")
        assert ended.code == 3, ended.err
        assert "FR602" in ended.out + ended.err
        assert "canary_7f3a" not in ended.out + ended.err
    assert desk.ledger() == []


def test_what_orchestrator_does_not_know_is_told_in_the_file_that_names_it(desk: Desk) -> None:
    (desk.specs / "parts").mkdir()
    (desk.specs / "parts" / "inner.yaml").write_text(
        "flowrun: 1\nname: inner\nsteps:\n  a:\n    release: ReadRatse\n", encoding="utf-8"
    )
    (desk.specs / "tried.yaml").write_text(
        "flowrun: 1\nname: tried\nsteps:\n  a: {workflow: parts/inner.yaml}\n", encoding="utf-8"
    )
    ended = desk.flowrun("run", "specs/tried.yaml")
    assert ended.code == 3, ended.err
    assert "specs/parts/inner.yaml:5:14: FR" in ended.err
    assert "5 |     release: ReadRatse" in ended.err
    assert desk.run_count() == 0
