"""Runs of one journal that share pools, groups and keys: two real processes, and the emulator's ledger as the judge."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from tests.e2e.harness import Desk, Running, wait_until

DAY, NEXT = "2026-10-30", "2026-10-31"


def most_sessions(desk: Desk) -> int:
    """How many Jobs that take a session ran at one time, by the order of the ledger's records."""
    taking: set[int] = set()
    running: set[int] = set()
    most = 0
    for record in desk.ledger():
        if record["type"] == "job_created" and record["job"]["release"]["name"] in ("PostToLedger", "ReadBalance"):
            taking.add(record["job"]["id"])
        elif record["type"] == "job_state" and record["id"] in taking:
            (running.add if record["state"] == "Running" else running.discard)(record["id"])
            most = max(most, len(running))
    return most


def slots_left(desk: Desk) -> int:
    with closing(sqlite3.connect(desk.state / "journal.db")) as database:
        (count,) = database.execute("SELECT count(*) FROM slots").fetchone()
        return int(count)


def runs(desk: Desk) -> list[dict[str, Any]]:
    """The latest first."""
    rows: list[dict[str, Any]] = desk.flowrun("runs", "list", "-o", "json").data
    return rows


def begin(desk: Desk, name: str, *steps: str, count: int = 1, **inputs: Any) -> Running:
    """A run of which so many Jobs of these steps have been made."""
    running = desk.begin(name, **inputs)
    for step in steps:
        wait_until(lambda step=step: desk.starts().get(step, 0) >= count or not running.alive(), f"a Job of {step}")  # type: ignore[misc]
    return running


@pytest.fixture
def changed(desk: Desk) -> Callable[[str, str], None]:
    """Writes another word into the workflow."""

    def change(before: str, after: str) -> None:
        file = desk.specs / "08-nightly-close.yaml"
        text = file.read_text(encoding="utf-8")
        assert before in text
        file.write_text(text.replace(before, after), encoding="utf-8")

    return change


def test_two_workflows_share_the_sessions_and_none_is_turned_away(desk: Desk) -> None:
    both = [desk.begin("08-nightly-close", seconds=1), desk.begin("09-balances", seconds=1)]
    for running in both:
        ended = running.ended()
        assert ended.code == 0, ended.err
    assert desk.starts() == {"post": 4, "close": 1, "balance": 3, "other": 1}
    assert most_sessions(desk) == 2
    assert slots_left(desk) == 0


def test_who_waits_says_for_whom_and_can_be_ended_at_once(desk: Desk) -> None:
    holder = begin(desk, "08-nightly-close", "post", count=2, seconds=20)
    waiting = begin(desk, "09-balances", "other")
    wait_until(lambda: "balance waits for a slot of ledger, held by run" in waiting.said(), "it to say so")
    shown = desk.flowrun("runs", "show", runs(desk)[0]["run_id"])
    assert "waits for a slot of ledger, held by run" in shown.out
    waiting.send(signal.SIGINT)
    assert waiting.ended(10).code == 130
    assert "balance" not in desk.starts()
    holder.send(signal.SIGINT)
    holder.ended()


def test_a_killed_run_keeps_its_slots_until_it_has_been_gone_on_with(desk: Desk) -> None:
    holder = begin(desk, "08-nightly-close", "post", count=2, seconds=3)
    holder.send(signal.SIGKILL)
    holder.ended()
    assert slots_left(desk) == 2
    first = runs(desk)[0]["run_id"]
    waiting = begin(desk, "09-balances", "other", seconds=0)
    resumed = desk.flowrun("runs", "resume", first)
    assert resumed.code == 0, resumed.err
    ended = waiting.ended()
    assert ended.code == 0, ended.err
    assert most_sessions(desk) == 2
    assert slots_left(desk) == 0


def test_the_same_key_is_the_same_run(desk: Desk) -> None:
    first = begin(desk, "08-nightly-close", "post", seconds=4)
    looking = desk.run("08-nightly-close", seconds=4)
    assert looking.code == first.ended().code == 0, looking.err
    assert "another process drives it, looking on" in looking.err
    again = desk.run("08-nightly-close", seconds=4)
    assert again.code == 0
    assert "it has ended, nothing is started" in again.err
    assert again.data["run_id"] == looking.data["run_id"]
    assert again.data["outputs"] == {"key": f"close-{DAY}", "posted": 12}
    other = desk.flowrun("run", "specs/08-nightly-close.yaml", "--input", "seconds=2")
    assert other.code == 7
    assert f"belongs to run {again.data['run_id']}, which has other inputs: seconds was 4 and is 2" in other.err
    assert len(runs(desk)) == 1
    assert desk.starts() == {"post": 4, "close": 1}


def test_a_run_with_the_key_that_was_killed_is_gone_on_with(desk: Desk) -> None:
    first = begin(desk, "08-nightly-close", "post", seconds=1)
    first.send(signal.SIGKILL)
    first.ended()
    again = desk.run("08-nightly-close", seconds=1)
    assert again.code == 0, again.err
    assert "nobody drives it, going on with it" in again.err
    assert len(runs(desk)) == 1
    assert desk.starts() == {"post": 4, "close": 1}


def test_what_a_key_means_is_for_the_workflow_to_say(desk: Desk, changed: Callable[[str, str], None]) -> None:
    assert desk.run("08-nightly-close", seconds=0).code == 0
    changed("concurrency:", "on_duplicate: fail\nconcurrency:")
    refused = desk.run("08-nightly-close", seconds=0)
    assert refused.code == 7
    assert f"the run key 'close-{DAY}' belongs to run" in refused.out
    changed("on_duplicate: fail", "on_duplicate: run")
    later = desk.run("08-nightly-close", seconds=0)
    assert later.code == 1, "the ledger says that the day is closed"
    changed("on_duplicate: run", "on_duplicate: return")
    again = desk.run("08-nightly-close", seconds=0)
    assert (again.code, again.data["run_id"]) == (1, later.data["run_id"]), "the later run has the key"
    assert len(runs(desk)) == 2


def test_of_two_processes_at_once_one_begins_the_run(desk: Desk) -> None:
    both = [desk.begin("08-nightly-close", seconds=0) for _ in range(2)]
    assert [running.ended().code for running in both] == [0, 0]
    assert len(runs(desk)) == 1
    assert desk.starts() == {"post": 4, "close": 1}


def test_the_runs_of_a_group_go_one_after_the_other_and_who_waits_can_be_ended(desk: Desk) -> None:
    first = begin(desk, "08-nightly-close", "post", seconds=6)
    ended_early = desk.begin("08-nightly-close", day=NEXT, seconds=0)
    wait_until(lambda: "waits for its turn, behind run" in ended_early.said(), "it to say so")
    assert [row["status"] for row in runs(desk)] == ["queued", "running"]
    ended_early.send(signal.SIGINT)
    assert ended_early.ended(10).code == 130
    waiting = desk.begin("08-nightly-close", day="2026-11-02", seconds=0)
    assert first.ended().code == 0
    ended = waiting.ended()
    assert ended.code == 0, ended.err
    assert desk.starts() == {"post": 8, "close": 2}
    days = [job.arguments["in_Day"] for job in desk.jobs()]
    assert days == [DAY] * 5 + ["2026-11-02"] * 5


def test_who_was_killed_while_it_waited_waits_on_and_says_when_nobody_drives_the_first(desk: Desk) -> None:
    first = begin(desk, "08-nightly-close", "post", seconds=1)
    first.send(signal.SIGKILL)
    first.ended()
    ahead = runs(desk)[0]["run_id"]
    waiting = desk.begin("08-nightly-close", day=NEXT, seconds=0)
    wait_until(lambda: f"nobody drives {ahead}: flowrun runs resume {ahead}" in waiting.said(), "it to say so")
    waiting.send(signal.SIGKILL)
    waiting.ended()
    second = runs(desk)[0]["run_id"]
    resumed = desk.start("runs", "resume", second)
    assert desk.flowrun("runs", "resume", ahead).code == 0
    ended = resumed.ended()
    assert ended.code == 0, ended.err
    assert desk.starts() == {"post": 8, "close": 2}


def test_a_run_that_supersedes_ends_the_one_before_it(desk: Desk, changed: Callable[[str, str], None]) -> None:
    changed("on_conflict: queue", "on_conflict: cancel")
    first = begin(desk, "08-nightly-close", "post", seconds=30)
    second = desk.run("08-nightly-close", day=NEXT, seconds=0)
    assert second.code == 0, second.err
    ended = first.ended(10)
    assert ended.code == 8, ended.err
    assert "nightly_close cancelled (superseded)" in ended.err
    assert second.data["run_id"] in ended.err
    assert not any(job.open for job in desk.jobs())


def test_a_run_that_supersedes_ends_one_that_nobody_drives(desk: Desk, changed: Callable[[str, str], None]) -> None:
    changed("on_conflict: queue", "on_conflict: cancel")
    first = begin(desk, "08-nightly-close", "post", seconds=30)
    first.send(signal.SIGKILL)
    first.ended()
    second = desk.run("08-nightly-close", day=NEXT, seconds=0)
    assert second.code == 0, second.err
    assert [row["status"] for row in runs(desk)] == ["succeeded", "cancelled"]
    assert not any(job.open for job in desk.jobs())


def test_a_run_that_is_rejected_leaves_nothing(desk: Desk, changed: Callable[[str, str], None]) -> None:
    changed("on_conflict: queue", "on_conflict: reject")
    first = begin(desk, "08-nightly-close", "post", seconds=3)
    refused = desk.run("08-nightly-close", day=NEXT, seconds=0)
    assert refused.code == 7
    assert "of the concurrency group 'close' is not over" in refused.out
    assert len(runs(desk)) == 1
    assert first.ended().code == 0
    assert desk.run("08-nightly-close", day=NEXT, seconds=0).code == 0
