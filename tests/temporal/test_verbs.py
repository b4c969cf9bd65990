"""Every verb as a person types it, with runs that Temporal keeps: a real server, a real worker, the real emulator."""

from __future__ import annotations

import asyncio
import json
import signal
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.client import Client

from flowrun.engines.temporal.identity import workflow_id
from tests.e2e import canary
from tests.e2e.harness import Desk, Job, Running, wait_until
from tests.e2e.test_again import FAN
from tests.e2e.test_replanned import EDITED, SPEC
from tests.temporal.server import Server

JOBS = ("processes.archive.reindex", "processes.archive.export")
PATIENCE = 60.0
ALONE = """flowrun: 1
name: alone
concurrency: {group: close, on_conflict: reject}
steps: {pause: {wait: {for: 1s}}}
"""
LARGE = """
  Large:
    command: ["{python}", -c, "import json; print(json.dumps(dict(Said='x' * 1_000_000)))"]
    output: {Said: string}
"""
"""A release more: three of its answers are larger than what Temporal takes in one piece."""

WHOLE = """flowrun: 1
name: whole
secrets: [CANARY]
steps:
  large: {release: Large, fan_out: {matrix: {n: [1, 2, 3]}}, outputs: {Said: {type: string}}}
  secret: {needs: large, release: ReadRates, input_arguments: {in_File: "${{ secrets.CANARY }}"}}
"""
LOST = """flowrun: 1
name: lost
secrets: [LOST]
steps:
  secret: {release: ReadRates, input_arguments: {in_File: "${{ secrets.LOST }}"}}
"""
KEYED = """flowrun: 1
name: keyed
run_key: once
inputs: {seconds: {type: integer}}
steps:
  rates: {release: ReadRates, input_arguments: {in_File: data/rates/2026-10.csv}, outputs: {Day: {type: string}}}
  pause: {needs: rates, wait: {for: "${{ inputs.seconds }}s"}}
outputs: {day: "${{ steps.rates.outputs.Day }}"}
"""


def made(folder: Path, temporal: Server) -> Desk:
    """A project whose runs Temporal keeps, in a queue that nobody else has."""
    desk = Desk(folder)
    desk.environment = {
        "FLOWRUN_TEMPORAL": temporal.address,
        "FLOWRUN_TEMPORAL_TASK_QUEUE": f"verbs-{uuid.uuid4().hex[:8]}",
        "FLOWRUN_CATALOG": str(desk.specs / "emulator.yaml"),
    }
    return desk


def serving(desk: Desk, **environment: str) -> Running:
    """A worker of the queue."""
    running = desk.start("worker", environment=environment)
    wait_until(lambda: "serves the task queue" in running.said() or not running.alive(), "the worker", PATIENCE)
    assert running.alive(), running.said()
    return running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, temporal: Server) -> Iterator[Desk]:
    """With a worker that has the secrets, which nobody else needs."""
    desk = made(tmp_path_factory.mktemp("served"), temporal)
    with (desk.specs / "emulator.yaml").open("a", encoding="utf-8") as catalog:
        catalog.write(LARGE)
    serving(desk, **canary.VARIABLE)
    yield desk
    desk.close()


class Deeds:
    """What the emulator's ledger says since the test began."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._before = len(desk.jobs())

    def jobs(self) -> list[Job]:
        return self._desk.jobs()[self._before :]

    def starts(self) -> dict[str, int]:
        return dict(Counter(job.step for job in self.jobs()))


@pytest.fixture
def deeds(served: Desk) -> Iterator[Deeds]:
    found = Deeds(served)
    yield found
    assert not [job for job in found.jobs() if job.open], "a Job was still running when the test had ended"


def at_work(desk: Desk) -> tuple[Running, str]:
    """`04-abort.yaml` with both of its long Jobs at work, and its id."""
    running = desk.begin("04-abort")
    wait_until(lambda: desk.hears_stop(*JOBS) or not running.alive(), "both Jobs to be at work", PATIENCE)
    assert running.alive(), running.said()
    return running, latest(desk)


def latest(desk: Desk) -> str:
    return str(desk.flowrun("runs", "list", "-o", "name").out.split()[0])


def terminate(temporal: Server, run_id: str) -> None:
    """As somebody does on Temporal's own pages."""

    async def main() -> None:
        client = await Client.connect(temporal.address)
        await client.get_workflow_handle(workflow_id(run_id)).terminate(reason="by mistake")

    asyncio.run(main())


def test_a_run_is_told_and_shown_as_one_of_this_machine(served: Desk, deeds: Deeds) -> None:
    ended = served.run("01-chain")
    assert ended.code == 0, ended.err
    report = ended.data
    run_id = report["run_id"]
    assert report["status"] == "succeeded"
    assert deeds.starts() == {"rates": 1, "revalue": 1, "voucher": 1}

    for words in (("list",), ("show",), ("report", run_id), ("watch", run_id), ("why", run_id, "rates")):
        told = served.flowrun("runs", *words)
        assert told.code == 0, told.err
        assert run_id in told.out + told.err or "rates" in told.out
    assert served.flowrun("timeline", run_id).code == 0
    assert served.flowrun("runs", "show", run_id, "-o", "json").data["steps"] == report["steps"]
    assert served.flowrun("runs", "outputs", run_id, "-o", "json").data["outputs"] == report["outputs"]
    events = [json.loads(line) for line in served.flowrun("runs", "events", run_id, "-o", "jsonl").out.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[0]["type"], events[-1]["type"]) == ("RunStarted", "RunFinished")
    assert not (served.state / "journal.db").exists()


def test_what_is_done_again_keeps_what_was_done(served: Desk, deeds: Deeds) -> None:
    (served.specs / "fan.yaml").write_text(FAN, encoding="utf-8")
    assert served.flowrun("run", "specs/fan.yaml").code == 1
    statement = served.specs / "data" / "bank" / "statement-2026-10-31.csv"
    statement.write_bytes((statement.parent / "statement-2026-10-29.csv").read_bytes())
    ended = served.flowrun("runs", "retry", "-o", "json")
    assert ended.code == 0, ended.err
    assert deeds.starts() == {"rates": 1, "read": 4, "last": 1}
    again = served.flowrun("runs", "rerun", ended.data["run_id"])
    assert again.code == 0, again.err
    assert deeds.starts() == {"rates": 2, "read": 7, "last": 2}


def test_the_same_key_is_the_same_run(served: Desk, deeds: Deeds) -> None:
    (served.specs / "keyed.yaml").write_text(KEYED, encoding="utf-8")
    first = served.begin("keyed", seconds=6)
    wait_until(lambda: bool(deeds.starts()) or not first.alive(), "the first to begin", PATIENCE)
    looking = served.run("keyed", seconds=6)
    assert looking.code == first.ended().code == 0, looking.err
    assert "workers drive it, looking on" in looking.err
    again = served.run("keyed", seconds=6)
    assert "it has ended, nothing is started" in again.err
    assert again.data["outputs"] == {"day": "2026-10-30"}
    other = served.flowrun("run", "specs/keyed.yaml", "--input", "seconds=1")
    assert other.code == 7
    assert f"belongs to run {again.data['run_id']}, which has other inputs: seconds was 6 and is 1" in other.err
    assert deeds.starts() == {"rates": 1}


def test_what_is_large_or_secret_is_the_workers(served: Desk, deeds: Deeds) -> None:
    (served.specs / "whole.yaml").write_text(WHOLE, encoding="utf-8")
    ended = served.flowrun("run", "specs/whole.yaml")
    assert ended.code == 1, "there is no file of this name"
    assert deeds.starts() == {"large": 3, "secret": 1}, ended.err
    assert deeds.jobs()[-1].arguments == {"in_File": canary.VALUE}
    outputs = served.flowrun("runs", "outputs", "-o", "json")
    assert outputs.data["steps"]["large"] == [{"Said": "x" * 1_000_000}] * 3
    again = served.flowrun("runs", "retry")
    assert again.code == 1, again.err
    assert deeds.starts() == {"large": 3, "secret": 2}
    assert canary.VALUE not in served.flowrun("runs", "events", "--reveal").out


def test_runs_share_slots_and_turns(served: Desk, deeds: Deeds) -> None:
    first = served.begin("08-nightly-close", seconds=6)
    wait_until(lambda: deeds.starts().get("post") == 2 or not first.alive(), "two of its legs", PATIENCE)
    assert "waits for a slot of ledger, held by post[" in served.flowrun("runs", "show").out
    behind = served.begin("08-nightly-close", seconds=0, day="2026-10-31")
    wait_until(lambda: "waits for its turn, behind run" in behind.said() or not behind.alive(), "the turn", PATIENCE)
    shown = served.flowrun("runs", "show")
    assert "waits for its turn, behind run" in shown.out, shown.out
    (served.specs / "alone.yaml").write_text(ALONE, encoding="utf-8")
    refused = served.flowrun("run", "specs/alone.yaml")
    assert refused.code == 7, refused.err
    assert "of the concurrency group 'close' are not over" in refused.err
    for running in (first, behind):
        ended = running.ended(PATIENCE)
        assert ended.code == 0, ended.err
    assert deeds.starts() == {"post": 8, "close": 2}


def test_a_run_that_goes_on_takes_another_plan(served: Desk, deeds: Deeds) -> None:
    file = served.specs / "months.yaml"
    file.write_text(SPEC.replace("2s", "20s"), encoding="utf-8")
    running = served.begin("months")
    wait_until(lambda: any(not job.open for job in deeds.jobs()) or not running.alive(), "the first Job", PATIENCE)
    file.write_text(EDITED, encoding="utf-8")
    resumed = served.flowrun("runs", "resume", latest(served), "--spec", "current", "-o", "json")
    assert resumed.code == 0, resumed.err
    assert running.ended().code == 0
    assert deeds.starts() == {"rates": 1, "more": 1, "end": 1}
    assert len(resumed.data["replanned"]) == 1


def test_a_plan_file_is_carried_out(served: Desk, deeds: Deeds) -> None:
    planned = served.flowrun("plan", "specs/01-chain.yaml", "--out", "plan.frp")
    assert planned.code == 0, planned.err
    applied = served.flowrun("apply", "plan.frp", "-o", "json")
    assert (applied.code, applied.data["status"]) == (0, "succeeded"), applied.err
    assert deeds.starts() == {"rates": 1, "revalue": 1, "voucher": 1}


@pytest.mark.parametrize(("times", "unlocked"), [(1, True), (2, False)], ids=["once", "twice"])
def test_interrupts_mean_what_they_mean(served: Desk, deeds: Deeds, times: int, *, unlocked: bool) -> None:
    running, _ = at_work(served)
    running.interrupt(times)
    ended = running.ended()
    assert ended.code == 130, ended.err
    assert ("unlock" in deeds.starts()) is unlocked
    (served.out / "archive" / "lock").unlink(missing_ok=True)


def test_who_leaves_names_what_runs_and_anybody_ends_it(served: Desk, deeds: Deeds) -> None:
    running, run_id = at_work(served)
    running.interrupt(3)
    ended = running.ended()
    assert ended.code == 9, ended.err
    rest = served.flowrun("runs", "abort", run_id, "--kill")
    assert rest.code == 0, rest.err
    assert deeds.starts() == {"lock": 1, "reindex": 1, "export": 1}
    (served.out / "archive" / "lock").unlink()


def test_a_closed_terminal_ends_nothing(served: Desk, deeds: Deeds) -> None:
    running, run_id = at_work(served)
    running.send(signal.SIGKILL)
    running.ended()
    shown = served.flowrun("runs", "show", run_id, "-o", "json").data
    assert (shown["status"], shown["interrupted"]) == ("running", False)
    looking = served.start("runs", "resume", run_id)
    wait_until(lambda: "workers drive it" in looking.said() or not looking.alive(), "it to look on")
    drained = served.flowrun("runs", "abort", run_id, "--drain", "--no-wait")
    assert drained.code == 0, drained.err
    stopped = served.flowrun("runs", "abort", run_id)
    assert stopped.code == 0, stopped.err
    assert looking.ended().code == 8
    assert deeds.starts() == {"lock": 1, "reindex": 1, "export": 1, "unlock": 1}


def test_questions_are_answered_from_anywhere(served: Desk, deeds: Deeds) -> None:
    running = served.begin("06-approval")
    wait_until(lambda: "sign_off asks" in running.said() or not running.alive(), "the question", PATIENCE)
    run_id = latest(served)
    said = served.flowrun("runs", "approve", run_id, "sign_off", "-i", "Day=2026-11-02", "--by", "anna")
    assert said.code == 0, said.err
    assert "resume" not in said.err
    ended = running.ended()
    assert ended.code == 0, ended.err
    assert "sign_off approved by anna" in ended.err
    late = served.flowrun("runs", "reject", run_id, "sign_off")
    assert late.code == 7
    assert "has been answered: approved by anna" in late.err
    assert deeds.starts() == {"rates": 1, "revalue": 1, "voucher": 1}


def test_a_run_that_was_terminated_says_so_and_goes_on(served: Desk, deeds: Deeds, temporal: Server) -> None:
    running, run_id = at_work(served)
    terminate(temporal, run_id)
    ended = running.ended()
    assert ended.code == 9, ended.err
    assert "its workflow was terminated in Temporal (by mistake)" in ended.err
    shown = served.flowrun("runs", "show", run_id)
    assert f"its workflow was terminated in Temporal (by mistake): flowrun runs resume {run_id}" in shown.out
    listed = {row["run_id"]: row for row in served.flowrun("runs", "list", "-o", "json").data}
    assert listed[run_id]["interrupted"]
    resumed = served.start("runs", "resume", run_id)
    wait_until(lambda: resumed_once(served, run_id) or not resumed.alive(), "it to go on")
    ended = served.flowrun("runs", "abort", run_id)
    assert ended.code == 0, ended.err
    assert resumed.ended().code == 8
    assert deeds.starts() == {"lock": 1, "reindex": 1, "export": 1, "unlock": 1}


def resumed_once(desk: Desk, run_id: str) -> bool:
    return bool(desk.flowrun("runs", "show", run_id, "-o", "json").data["resumed"])


def test_an_abort_ends_what_was_terminated_too(served: Desk, deeds: Deeds, temporal: Server) -> None:
    running, run_id = at_work(served)
    terminate(temporal, run_id)
    running.ended()
    ended = served.flowrun("runs", "abort", run_id)
    assert ended.code == 0, ended.err
    assert deeds.starts() == {"lock": 1, "reindex": 1, "export": 1, "unlock": 1}


@pytest.fixture
def unserved(tmp_path: Path, temporal: Server) -> Iterator[Desk]:
    desk = made(tmp_path, temporal)
    yield desk
    desk.close()


def test_a_run_waits_for_a_worker_and_says_so(unserved: Desk) -> None:
    running = unserved.begin("01-chain")
    wait_until(lambda: "waits for a worker" in running.said() or not running.alive(), "it to say so", PATIENCE)
    assert "no worker serves the task queue" in running.said()
    shown = unserved.flowrun("runs", "show")
    assert "waits for a worker: no worker serves the task queue" in shown.out
    serving(unserved)
    ended = running.ended()
    assert ended.code == 0, ended.err


def test_a_worker_that_cannot_go_on_says_why(unserved: Desk) -> None:
    (unserved.specs / "lost.yaml").write_text(LOST, encoding="utf-8")
    poor = serving(unserved)
    running = unserved.begin("lost")
    lacks = "waits for a worker that can go on: the secret LOST cannot be used here: it has no value"
    wait_until(lambda: lacks in running.said() or not running.alive(), "the reason", PATIENCE)
    assert lacks in unserved.flowrun("runs", "show").out
    poor.send(signal.SIGTERM)
    assert poor.ended().code == 0
    serving(unserved, FLOWRUN_SECRET_LOST=canary.VALUE)
    ended = running.ended(PATIENCE)
    assert ended.code == 1, "there is no file of this name"
    (job,) = unserved.jobs()
    assert job.arguments == {"in_File": canary.VALUE}


def test_a_server_that_is_not_there_is_one_sentence(unserved: Desk) -> None:
    unserved.environment = {**unserved.environment, "FLOWRUN_TEMPORAL": "127.0.0.1:1"}
    words: list[tuple[str, ...]] = [("runs", "list"), ("runs", "abort"), ("run", "specs/01-chain.yaml")]
    for one in words:
        ended = unserved.flowrun(*one)
        assert ended.code == 6, ended.err
        assert "Temporal at 127.0.0.1:1 is not there" in ended.err
    planned = unserved.flowrun("plan", "specs/01-chain.yaml")
    assert planned.code == 0, "what earlier runs took is left out of it"
