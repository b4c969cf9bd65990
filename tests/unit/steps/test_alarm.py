from __future__ import annotations

import asyncio

import pytest

from flowrun.simulation.virtual import EPOCH, VirtualClock, run
from flowrun.steps.alarm import NAP, Alarms
from flowrun.steps.protocol import Attempt

ATTEMPT = Attempt("run", "ask", "", 1, {})


def test_it_comes_at_its_instant() -> None:
    async def one() -> float:
        assert await Alarms(VirtualClock()).wait(ATTEMPT, EPOCH + 100_000.0)
        return asyncio.get_running_loop().time()

    assert run(one()) == pytest.approx(100_000.0)


def test_an_instant_that_is_over_comes_at_once() -> None:
    assert run(Alarms(VirtualClock()).wait(ATTEMPT, EPOCH - 1.0))


def test_without_an_instant_it_waits_until_it_is_rung() -> None:
    async def one() -> float:
        alarms = Alarms(VirtualClock())
        asyncio.get_running_loop().call_later(10 * NAP + 5.0, alarms.ring, ATTEMPT)
        assert not await alarms.wait(ATTEMPT, None)
        return asyncio.get_running_loop().time()

    assert run(one(), longest=100 * NAP) == pytest.approx(10 * NAP + 5.0)


def test_a_clock_that_is_set_forward_is_seen_after_a_nap() -> None:
    async def one() -> float:
        clock = VirtualClock()
        asyncio.get_running_loop().call_later(60.0, setattr, clock, "drift", 1e6)
        assert await Alarms(clock).wait(ATTEMPT, EPOCH + 500_000.0)
        return asyncio.get_running_loop().time()

    assert run(one()) <= NAP
