"""What else befalls workers and the server: they freeze, leave, are cut off, are away. The emulator's ledger judges."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM, Signals
from typing import Any

import pytest

from flowrun.core.status import RunStatus
from flowrun.engines.temporal.activities import Place
from flowrun.engines.temporal.worker import working
from flowrun.errors import UsageError
from tests.conftest import Amount, Figure
from tests.kills.ground import Warm
from tests.temporal.harm import Case, all_of, dead, first_of, frozen, gone, reached, undisturbed
from tests.temporal.killing import LIMITS, REQUEST, Outside, Run, Theatre, Verdict, judged, until
from tests.temporal.proxy import Proxy
from tests.temporal.server import Server, serving
from tests.temporal.told import connected, small

PAUSE = 3.0
WIDE = """flowrun: 1
name: wide
steps:
  each:
    fan_out: {matrix: {value: VALUES}, key: "${{ matrix.value }}"}
    release: Give
    outputs: {Value: {type: integer}}
""".replace("VALUES", str(list(range(24))))
FROZEN = ["signed 1", "begin start 2", "done start 1", "begin watch 1", "done task start 2"]
STOPPING = ["call StopJobs 1", "answered StopJobs 1", "done stop 1", "done task stop 1", "call StopJobs 2"]


async def all_of_two(theatre: Theatre, outside: Outside, plan: str, wanted: Any) -> Verdict:
    """Both die at the same time, and for some seconds nobody is there."""
    run = await theatre.begin(plan, outside)
    workers = [theatre.worker(run, outside) for _ in range(2)]
    await until(lambda: bool(outside.course(run).jobs), "a Job")
    gone(*workers)
    run.harm("all of two killed")
    await asyncio.sleep(PAUSE)
    last = theatre.worker(run, outside)
    verdict = await judged(run, outside, RunStatus.SUCCEEDED, wanted)
    gone(last)
    return verdict


async def frozen_at(theatre: Theatre, outside: Outside, plan: str, point: str, wanted: Any) -> Verdict:
    """A worker stands still there until another one has taken over, and then goes on with what it meant to do."""
    run = await theatre.begin(plan, outside)
    first = theatre.worker(run, outside, {point: SIGSTOP})
    await frozen(first)
    run.harm(f"frozen at {point}")
    second = theatre.worker(run, outside)
    before = len(outside.course(run).jobs)
    another = until(lambda: len(outside.course(run).jobs) > before, "a Job by the other")
    await first_of(another, run.handle.result())
    first.send(SIGCONT)
    verdict = await judged(run, outside, RunStatus.SUCCEEDED, wanted)
    await asyncio.sleep(REQUEST)  # whatever it still meant to post is posted by then
    assert await judged(run, outside, RunStatus.SUCCEEDED, wanted) == verdict
    gone(first, second)
    return verdict


async def told_to_leave(theatre: Theatre, outside: Outside, plan: str, wanted: Any) -> Verdict:
    """SIGTERM while the reply to a start is under way: it is heard, and another one has the rest."""
    fault(outside, {"on": "StartJobs", "fault": "delay_after_commit", "seconds": 1.0})
    run = await theatre.begin(plan, outside)
    first = theatre.worker(run, outside)
    await reached(first, "call StartJobs 1")
    second = theatre.worker(run, outside)
    first.send(SIGTERM)
    run.harm("told to leave")
    verdict = await judged(run, outside, RunStatus.SUCCEEDED, wanted)
    await dead(first)
    assert first.ended().code == 0
    assert "told start 1" in first.boundaries()
    gone(second)
    return verdict


async def cut_off(theatre: Theatre, outside: Outside, plan: str, wanted: Any) -> Verdict:
    """A worker loses the server when it has a lease and has not posted; it posts nothing when that is over."""
    fault(outside, {"on": "Releases", "fault": "503", "times": None})
    async with Proxy.to(theatre.address) as proxy:
        run = await theatre.begin(plan, outside)
        first = theatre.worker(run, outside, address=proxy.address)
        await reached(first, "signed 1")
        proxy.cut()
        run.harm("cut off")
        second = theatre.worker(run, outside)
        await reached(second, "begin start 1")
        fault(outside)
        verdict = await judged(run, outside, RunStatus.SUCCEEDED, wanted)
        assert "call StartJobs 1" not in first.boundaries()
        proxy.mend()
        await asyncio.sleep(REQUEST)
        assert await judged(run, outside, RunStatus.SUCCEEDED, wanted) == verdict
        gone(first, second)
    return verdict


async def looked_up_for_long(theatre: Theatre, outside: Outside) -> Verdict:
    """A start is looked up for longer than its lease, and than the library gives an activity without signs of life."""
    run = await theatre.begin("chain", outside, small(LIMITS, lease=4.0))
    first = theatre.worker(run, outside, {"call StartJobs 1": SIGKILL})
    await dead(first)
    run.harm("killed before its POST")
    second = theatre.worker(run, outside, quiescence=11.0)
    verdict = await judged(run, outside, RunStatus.SUCCEEDED)
    begun = [point for point in second.boundaries() if point.startswith("begin start")]
    assert len(begun) == 3, begun
    gone(second)
    return verdict


async def aborted_at(theatre: Theatre, outside: Outside, point: str) -> Verdict:
    """Its worker dies while a run is ended; another one ends it, and every Job of it."""
    run, first = await two_sleep(theatre, outside, {point: SIGKILL})
    await run.abort()
    await dead(first)
    run.harm(f"killed at {point}")
    second = theatre.worker(run, outside)
    verdict = await judged(run, outside, RunStatus.CANCELLED)
    gone(second)
    return verdict


async def aborted_alone(theatre: Theatre, outside: Outside) -> Verdict:
    """A run is to end while nobody works on it."""
    run, first = await two_sleep(theatre, outside)
    gone(first)
    run.harm("killed")
    await run.abort()
    await asyncio.sleep(PAUSE)
    second = theatre.worker(run, outside)
    verdict = await judged(run, outside, RunStatus.CANCELLED)
    gone(second)
    return verdict


async def aborted_in_a_start(theatre: Theatre, outside: Outside, point: str) -> Verdict:
    """Its worker dies in a start, and the run is to end before anybody knows what that came to."""
    run = await theatre.begin("long", outside)
    first = theatre.worker(run, outside, {point: SIGKILL})
    await dead(first)
    run.harm(f"killed at {point}")
    await run.abort()
    second = theatre.worker(run, outside)
    verdict = await judged(run, outside, RunStatus.CANCELLED)
    gone(second)
    return verdict


async def aborted_in_a_look_up(theatre: Theatre, outside: Outside, number: Signals) -> Verdict:
    """Who looks for what a dead worker began is killed as well, or told to leave, when the run is to end.

    Who is told to leave says in the end that it could not do it, and nobody tries again what the run wants no more.
    """
    run = await theatre.begin("long", outside)
    first = theatre.worker(run, outside, {"call StartJobs 2": SIGKILL})
    await dead(first)
    second = theatre.worker(run, outside, quiescence=60.0)
    await reached(second, "begin start 1")
    await run.abort()
    await until(lambda: any(point.startswith("told task cancel") for point in second.boundaries()), "its word")
    second.send(number)
    run.harm(f"{number.name} while it looked up")
    await dead(second)
    third = theatre.worker(run, outside)
    verdict = await judged(run, outside, RunStatus.CANCELLED)
    gone(third)
    return verdict


async def two_sleep(theatre: Theatre, outside: Outside, faults: Any = None) -> tuple[Run, Warm]:
    """A run of which two Jobs do not end by themselves, and its worker."""
    run = await theatre.begin("long", outside)
    worker = theatre.worker(run, outside, faults or {})
    await until(lambda: [job.states[-1] for job in outside.course(run).jobs].count("Running") == 2, "two Jobs")
    await reached(worker, "begin watch 2")
    return run, worker


async def with_jobs(theatre: Theatre, outside: Outside, plan: str, jobs: int) -> Run:
    """A run that has so many Jobs when the server is about to be killed."""
    run = await theatre.begin(plan, outside)
    theatre.worker(run, outside)
    await until(lambda: len(outside.course(run).jobs) >= jobs, "Jobs")
    return run


def fault(outside: Outside, one: dict[str, Any] | None = None) -> None:
    """What its emulator is to do wrong; without one, nothing any more."""
    endpoint = outside.endpoint
    request = urllib.request.Request(
        f"{endpoint.url.partition('/local')[0]}/emulator/faults",
        None if one is None else json.dumps(one).encode(),
        {"Authorization": f"Bearer {endpoint.token}", "Content-Type": "application/json"},
        method="DELETE" if one is None else "POST",
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        reply.read()


@pytest.mark.timeout(3600)
async def test_workers_that_are_frozen_leave_or_are_cut_off(theatre: Theatre, amount: Amount, figure: Figure) -> None:
    outside = theatre.outside()
    _, wanted = await undisturbed(theatre, outside, "chain")
    cases: dict[str, Case] = {
        f"frozen, {point}": partial(frozen_at, theatre, outside, "chain", point, wanted)
        for point in FROZEN[: amount(2, len(FROZEN))]
    }
    cases["all of two killed"] = partial(all_of_two, theatre, outside, "chain", wanted)
    cases["told to leave"] = partial(told_to_leave, theatre, theatre.outside("slow"), "chain", wanted)
    cases["cut off"] = partial(cut_off, theatre, theatre.outside("closed"), "chain", wanted)
    cases["killed, and looked up for 11 s"] = partial(looked_up_for_long, theatre, outside)
    await all_of(cases, figure)


@pytest.mark.timeout(3600)
async def test_runs_that_are_ended_while_workers_die(theatre: Theatre, amount: Amount, figure: Figure) -> None:
    outside = theatre.outside()
    cases: dict[str, Case] = {"to end while nobody is there": partial(aborted_alone, theatre, outside)}
    for point in STOPPING[: amount(1, len(STOPPING))]:
        cases[f"to end, {point}"] = partial(aborted_at, theatre, outside, point)
    for point in ("answered StartJobs 2", "call StartJobs 2", "answered StartJobs 3")[: amount(1, 3)]:
        cases[f"to end, in a start, {point}"] = partial(aborted_in_a_start, theatre, outside, point)
    for number in (SIGKILL, SIGTERM)[: amount(1, 2)]:
        cases[f"to end, in a look-up, {number.name}"] = partial(aborted_in_a_look_up, theatre, outside, number)
    await all_of(cases, figure)


@pytest.mark.timeout(3600)
async def test_the_server_is_killed_and_comes_back(tmp_path: Path, amount: Amount, figure: Figure) -> None:
    """Once by day; at night again and again, each time with other runs that are as far as chance will have it."""
    with ExitStack() as serving_:
        server = serving_.enter_context(serving(tmp_path / "server"))
        theatre = await Theatre.at(server.address, tmp_path)
        serving_.callback(theatre.close)
        calm, slow = theatre.outside(), theatre.outside("slow")
        wanted = {plan: (await undisturbed(theatre, calm, plan))[1] for plan in ("chain", "fan")}
        cases: dict[str, Case] = {}
        for round_ in range(amount(1, 5)):
            fault(slow, {"on": "StartJobs", "fault": "delay_after_commit", "seconds": 1.5, "skip": 1})
            asked = ((calm, "chain", 1), (calm, "fan", 2 + round_), (slow, "chain", 2))
            begun = await asyncio.gather(*(with_jobs(theatre, *one) for one in asked))
            server.process.kill()
            for (outside, plan, _), run in zip(asked, begun, strict=True):
                run.harm("the server killed")
                judge = partial(judged, run, outside, RunStatus.SUCCEEDED, wanted[plan])
                cases[f"the server killed, {run.run_id}"] = judge
            await asyncio.sleep(PAUSE)
            port = int(server.address.rpartition(":")[2])
            server = serving_.enter_context(serving(tmp_path / "server", port=port))
        await all_of(cases, figure)


@pytest.mark.timeout(600)
async def test_two_workers_share_a_run(theatre: Theatre, figure: Figure) -> None:
    outside = theatre.outside()
    (outside.specs / "wide.yaml").write_text(WIDE, encoding="utf-8")
    run = await theatre.begin("wide", outside, small(LIMITS, starts=1))
    workers = [theatre.worker(run, outside) for _ in range(2)]
    verdict = await judged(run, outside, RunStatus.SUCCEEDED)
    shares = [sum(point.startswith("call StartJobs") for point in worker.boundaries()) for worker in workers]
    gone(*workers)
    assert verdict.starts == sum(shares) == 24
    figure("starts of the one that had fewer", min(shares))


async def test_a_worker_whose_requests_outlast_a_lease_serves_nothing(temporal: Server) -> None:
    """It would never be allowed to post anything, and nobody would know why."""
    client = await connected(temporal.address)
    with pytest.raises(UsageError, match="a request may take 60 seconds, and a start must be over within 45"):
        async with working(client, "nobody", Place({}, None, 60.0)):
            pass
