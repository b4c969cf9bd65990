"""Workers that die with SIGKILL at a failpoint, and another that comes; the emulator's ledger judges."""

from __future__ import annotations

import asyncio
from functools import partial
from signal import SIGKILL
from typing import Any

import pytest

from flowrun.core.status import RunStatus
from flowrun.engines.temporal import wire
from tests.conftest import Amount, Figure
from tests.temporal.harm import Case, all_of, dead, first_of, gone, reached, undisturbed
from tests.temporal.killing import LIMITS, Outside, Theatre, Verdict, judged
from tests.temporal.told import histories, small

PLANS = ["chain", "diamond", "fan", "retry", "undo", "approval"]
ENDS = {"undo": RunStatus.FAILED}
SAMPLE = {
    "chain": ["done task start 1", "told task start 2", "call StartJobs 1", "done start 3", "done task end 1"],
    "fan": ["answered StartJobs 2", "begin watch 2"],
}
"""By day: the failpoints of a worker that is the only one."""

ONWARD = small(LIMITS, events=20)
"""For a run that goes on in a new history after some twenty events."""

PAUSE = 3.0
_IDLE = ("done task nothing", "told task nothing", "signed")


async def killed_at(
    theatre: Theatre,
    outside: Outside,
    plan: str,
    point: str,
    wanted: Any,
    *,
    pause: float = 0.0,
    limits: wire.Limits = LIMITS,
) -> Verdict:
    """The only worker dies there; another one comes, at once or after some seconds.

    A run may come to fewer points than another one: where two words come at once there is one task for both.
    """
    run = await theatre.begin(plan, outside, limits)
    first = theatre.worker(run, outside, {point: SIGKILL})
    await first_of(dead(first), run.handle.result())
    if not first.alive():
        run.harm(f"killed at {point}")
    await asyncio.sleep(pause)
    second = theatre.worker(run, outside)
    verdict = await judged(run, outside, ENDS.get(plan, RunStatus.SUCCEEDED), wanted)
    assert limits is LIMITS or len(await histories(run.handle)) > 1
    gone(second)
    return verdict


async def one_of_two(theatre: Theatre, outside: Outside, plan: str, point: str, wanted: Any) -> Verdict:
    """Both are there, and one dies as soon as it comes to that point."""
    run = await theatre.begin(plan, outside)
    first = theatre.worker(run, outside, {point: SIGKILL})
    await reached(first, "begin start 1")
    second = theatre.worker(run, outside)
    await first_of(dead(first), run.handle.result())
    if not first.alive():
        run.harm(f"killed at {point}, one of two")
    verdict = await judged(run, outside, ENDS.get(plan, RunStatus.SUCCEEDED), wanted)
    gone(first, second)
    return verdict


def points_of(points: list[str]) -> list[str]:
    """Those of a worker at which something is under way."""
    return [point for point in points if not point.startswith(_IDLE)]


@pytest.mark.timeout(3600)
async def test_who_dies_at_a_failpoint_is_replaced(theatre: Theatre, amount: Amount, figure: Figure) -> None:
    outside = theatre.outside()
    plans = PLANS if amount(0, 1) else list(SAMPLE)
    calm = await asyncio.gather(*(undisturbed(theatre, outside, plan) for plan in plans))
    cases: dict[str, Case] = {}
    for plan, (points, wanted) in zip(plans, calm, strict=True):
        for point in points_of(points) if amount(0, 1) else SAMPLE[plan]:
            add = partial(partial, theatre=theatre, outside=outside, plan=plan, point=point, wanted=wanted)
            cases[f"killed, {plan}, {point}"] = add(killed_at)
            if amount(0, 1):
                cases[f"killed and replaced after 3 s, {plan}, {point}"] = add(killed_at, pause=PAUSE)
                cases[f"one of two killed, {plan}, {point}"] = add(one_of_two)
    if not amount(0, 1):
        wanted = calm[plans.index("fan")][1]
        cases["one of two killed"] = partial(one_of_two, theatre, outside, "fan", "answered StartJobs 2", wanted)
    await all_of(cases, figure)


@pytest.mark.timeout(3600)
async def test_who_dies_where_a_history_ends_is_replaced(theatre: Theatre, amount: Amount, figure: Figure) -> None:
    outside = theatre.outside()
    points, wanted = await undisturbed(theatre, outside, "chain", limits=ONWARD)
    assert "told task continue 1" in points
    chosen = points_of(points) if amount(0, 1) else ["done task continue 1", "told task continue 1"]
    cases: dict[str, Case] = {
        f"killed in one of many histories, {point}": partial(
            killed_at, theatre, outside, "chain", point, wanted, limits=ONWARD
        )
        for point in chosen
    }
    await all_of(cases, figure)
