"""Workers and servers that die, are frozen or cut off, at named points; the emulator's ledger judges.

The cases of a test go on at the same time, each with a queue and workers of its own: they wait nearly all of the time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from signal import SIGKILL
from typing import Any, TypeAlias

import pytest

from flowrun.core.status import RunStatus
from tests.conftest import Amount, Figure
from tests.kills.ground import Warm
from tests.temporal.killing import Outside, Theatre, Verdict, came_to, judged, until
from tests.temporal.server import Server

PLANS = ["chain", "diamond", "fan", "retry", "undo", "approval"]
ENDS = {"undo": RunStatus.FAILED}
SAMPLE = {
    "chain": ["done task start 1", "told task start 2", "call StartJobs 1", "done start 3", "done task end 1"],
    "fan": ["answered StartJobs 2", "begin watch 2"],
}
"""By day: the failpoints of a worker that is the only one."""

PAUSE = 3.0
ALL = 10_000

Case: TypeAlias = Callable[[], Awaitable[Verdict]]


@pytest.fixture
async def theatre(temporal: Server, tmp_path: Path) -> AsyncIterator[Theatre]:
    one = await Theatre.at(temporal.address, tmp_path)
    yield one
    one.close()


async def all_of(cases: Mapping[str, Case], figure: Figure, at_once: int = 12) -> None:
    """Carry them out at the same time, and say of each that came to something else what it was."""
    places = asyncio.Semaphore(at_once)

    async def one(case: Case) -> Verdict:
        async with places:
            return await case()

    found = await asyncio.gather(*(one(case) for case in cases.values()), return_exceptions=True)
    wrong = {name: what for name, what in zip(cases, found, strict=True) if isinstance(what, BaseException)}
    assert not wrong, "\n\n".join(f"{name}: {type(what).__name__}: {what}" for name, what in wrong.items())
    verdicts = [one for one in found if isinstance(one, Verdict)]
    waits = sorted(one.seconds for one in verdicts if one.seconds is not None)
    figure("cases", len(cases))
    figure("most POSTs of a start", max(one.posts for one in verdicts))
    figure("most Jobs of a start", max(one.jobs for one in verdicts))
    if waits:
        figure("median seconds to go on", round(waits[len(waits) // 2], 1))
        figure("most seconds to go on", round(waits[-1], 1))


async def undisturbed(theatre: Theatre, outside: Outside, plan: str) -> tuple[list[str], Any]:
    """The failpoints of a plan in their order, and what it comes to."""
    run = await theatre.begin(plan, outside)
    worker = theatre.worker(run, outside)
    events = await run.ended()
    gone(worker)
    return worker.boundaries(), came_to(events, outside.course(run))


def gone(worker: Warm) -> None:
    """It is needed no more."""
    if worker.alive():
        worker.send(SIGKILL)


async def dead(worker: Warm) -> None:
    await until(lambda: not worker.alive(), "a death")


async def killed_at(theatre: Theatre, outside: Outside, plan: str, point: str, wanted: Any, pause: float) -> Verdict:
    """The only worker dies there; another one comes, at once or after some seconds."""
    run = await theatre.begin(plan, outside)
    first = theatre.worker(run, outside, {point: SIGKILL})
    await dead(first)
    run.harm(f"killed at {point}")
    await asyncio.sleep(pause)
    second = theatre.worker(run, outside)
    verdict = await judged(run, outside, ENDS.get(plan, RunStatus.SUCCEEDED), wanted)
    gone(second)
    return verdict


@pytest.mark.timeout(3600)
async def test_who_dies_at_a_failpoint_is_replaced(theatre: Theatre, amount: Amount, figure: Figure) -> None:
    outside = theatre.outside()
    plans = PLANS if amount(0, 1) else list(SAMPLE)
    known = dict(
        zip(plans, await asyncio.gather(*(undisturbed(theatre, outside, plan) for plan in plans)), strict=True)
    )
    cases: dict[str, Case] = {}
    for plan, (points, wanted) in known.items():
        for point in points if amount(0, 1) else SAMPLE[plan]:
            if point.startswith(("done task nothing", "told task nothing", "signed")):
                continue
            for pause in (0.0, PAUSE) if amount(0, 1) else (0.0,):
                name = f"{plan}, {point}, {pause:g} s"
                cases[name] = partial(killed_at, theatre, outside, plan, point, wanted, pause)
    await all_of(cases, figure)
