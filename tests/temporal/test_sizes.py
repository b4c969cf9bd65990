"""What a large run costs a history, and that it continues in new ones without starting anything twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from flowrun.core.events import Event, RunFinished
from flowrun.core.plan import Plan, Step
from flowrun.engines.temporal.converter import converter
from flowrun.engines.temporal.wire import Limits
from flowrun.settings import Temporal
from tests.conftest import Amount, Figure
from tests.golden.events.plans import fan, job
from tests.simulation.outside import Outside
from tests.temporal.server import Server
from tests.temporal.told import Ground, connected, histories, small


class _Brief(Outside):
    """Everything ends in a moment."""

    def later(self, seconds: float, call: Callable[..., object], *arguments: object) -> None:
        super().later(min(seconds, 0.05), call, *arguments)


def _chain(count: int) -> Plan:
    return Plan("chain", tuple(job(f"s{at}", *([f"s{at - 1}"] if at else [])) for at in range(count)))


def _fan(count: int, most: int) -> Plan:
    gives = {"doc": "${{ matrix.n }}", "text": "x" * 150}
    return Plan("fan", (Step("post", "job", {"gives": gives}, fan_out=fan(count, max_parallel=most)),))


def _large(count: int, size: int) -> Plan:
    text = "".join(chr(0x4E00 + at * 7919 % 20_000) for at in range(size // 3))
    return Plan("large", tuple(job(f"s{at}", gives={"text": text}) for at in range(count)))


async def _run(server: Server, temporal: Temporal, plan: Plan, limits: Limits) -> tuple[list[Event], int, int]:
    """The events, the events of its histories, and how many these are."""
    ground, outside = Ground(await connected(server.address, converter(temporal))), _Brief()
    async with ground.worker():
        handle = await ground.begin(plan, outside, limits)
        events = await ground.told(handle)
        whole = await histories(handle)
    assert len(set(outside.started)) == len(outside.started)
    assert all(event.ByteSize() < 1_000_000 for history in whole for event in history)
    return events, sum(map(len, whole)), len(whole)


@pytest.mark.parametrize("shape", ["fan", "chain", "large"])
def test_a_run_of_many_steps_costs_a_history_little_for_each(
    temporal: Server, tmp_path_factory: pytest.TempPathFactory, amount: Amount, figure: Figure, shape: str
) -> None:
    """A fan-out and a chain that continue several times, and outputs of a megabyte."""
    most = {"fan": 0.5, "chain": 14.0, "large": 14.0}
    plans = {
        "fan": (_fan(amount(400, 10_000), amount(100, 500)), small(events=amount(40, 200), lease=30.0, sign=15.0)),
        "chain": (_chain(amount(12, 300)), small(events=amount(60, 1000), lease=30.0, sign=15.0)),
        "large": (_large(amount(2, 5), amount(400_000, 5_000_000)), Limits()),
    }
    plan, limits = plans[shape]
    kept = Temporal(temporal.address, "default", "unused", tmp_path_factory.mktemp("store"))
    events, cost, count = asyncio.run(_run(temporal, kept, plan, limits))
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.status == "succeeded"
    jobs = sum(type(event).__name__ == "AttemptStarted" for event in events)
    figure("jobs", jobs)
    figure("histories", count)
    assert cost < most[shape] * jobs
    assert (count > 1) == (shape != "large")
