"""What befalls workers, and cases of it that go on at the same time: they wait nearly all of the time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from signal import SIGKILL
from typing import Any, TypeAlias

from tests.conftest import Figure
from tests.kills.ground import Warm
from tests.temporal.killing import Outside, Theatre, Verdict, came_to, until

Case: TypeAlias = Callable[[], Awaitable[Verdict]]

AT_ONCE = 12


async def all_of(cases: Mapping[str, Case], figure: Figure) -> None:
    """Carry them out at the same time, and say of each that came to something else what it was."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case) -> Verdict:
        async with places:
            return await case()

    found = await asyncio.gather(*(one(case) for case in cases.values()), return_exceptions=True)
    wrong = {name: what for name, what in zip(cases, found, strict=True) if isinstance(what, BaseException)}
    assert not wrong, "\n\n".join(f"{name}: {type(what).__name__}: {what}" for name, what in wrong.items())
    verdicts = [one for one in found if isinstance(one, Verdict)]
    groups: dict[str, list[Verdict]] = {}
    for name, verdict in zip(cases, verdicts, strict=True):
        groups.setdefault(name.partition(",")[0], []).append(verdict)
    for group, among in groups.items():
        _tell(figure, group, among)


def _tell(figure: Figure, group: str, verdicts: Sequence[Verdict]) -> None:
    """A row of the table in docs/explanation/kills.md."""
    waits = sorted(one.seconds for one in verdicts if one.seconds is not None)
    harmed = sum(one.harmed for one in verdicts)
    assert harmed, f"{group}: nothing befell any of them"
    figure(f"{group}: cases", harmed)
    figure("starts", sum(one.starts for one in verdicts))
    figure("most POSTs", max(one.posts for one in verdicts))
    figure("most Jobs", max(one.jobs for one in verdicts))
    if waits:
        figure("median seconds", round(waits[len(waits) // 2], 1))
        figure("most seconds", round(waits[-1], 1))


async def undisturbed(theatre: Theatre, outside: Outside, plan: str, **more: Any) -> tuple[list[str], Any]:
    """The failpoints of a plan in their order, and what it comes to."""
    run = await theatre.begin(plan, outside, **more)
    worker = theatre.worker(run, outside)
    events = await run.ended()
    gone(worker)
    return worker.boundaries(), came_to(events, outside.course(run))


def gone(*workers: Warm) -> None:
    """They are needed no more."""
    for worker in workers:
        if worker.alive():
            worker.send(SIGKILL)


async def dead(worker: Warm) -> None:
    """Until it is."""
    await until(lambda: not worker.alive(), "a death")


async def frozen(worker: Warm) -> None:
    """Until it stands still."""
    await until(worker.frozen, "a worker that stands still")


async def reached(worker: Warm, point: str) -> None:
    """Until it has come there, or has died before."""
    await until(lambda: point in worker.boundaries() or not worker.alive(), point)


async def first_of(*things: Awaitable[Any]) -> None:
    """Until one of them is there."""
    tasks = [asyncio.ensure_future(thing) for thing in things]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
