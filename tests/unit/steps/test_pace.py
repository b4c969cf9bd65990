from __future__ import annotations

import asyncio

import pytest

from flowrun.errors import NotSignedIn, Refused, Throttled, Unreachable
from flowrun.simulation.virtual import VirtualClock, run
from flowrun.steps.pace import Backoff, Budget, Quiet, Unsigned, asked_for, each, pause


def throttled(seconds: float | None) -> Throttled:
    error = Throttled("slow down")
    error.retry_after = seconds
    return error


def test_waits_grow_to_the_slowest_and_begin_again() -> None:
    waits = Backoff(1.0, 5.0)
    assert [waits.next() for _ in range(5)] == [1.0, 2.0, 4.0, 5.0, 5.0]
    waits.reset()
    assert waits.after(Unreachable("x")) == 1.0
    assert waits.after(throttled(60.0)) == 60.0


@pytest.mark.parametrize(("said", "meant"), [(None, 0.0), (-5.0, 0.0), (3.0, 3.0), (1e9, 3600.0)])
def test_what_a_429_asks_for(said: float | None, meant: float) -> None:
    assert asked_for(throttled(said)) == meant
    assert asked_for(Refused("no")) == 0.0


def test_a_budget_holds_in_any_minute() -> None:
    async def spend() -> list[float]:
        budget, times = Budget(VirtualClock(), 20), []
        for _ in range(100):
            await budget.take()
            times.append(asyncio.get_running_loop().time())
        return times

    times = run(spend())
    assert times[4] == 0.0
    assert all(sum(start <= time < start + 60.0 for time in times) <= 20 for start in times)
    assert times[-1] < 6.5 * 60


@pytest.mark.parametrize("per_minute", [1, 2, 3, 100])
def test_budgets_of_any_size(per_minute: int) -> None:
    async def spend() -> list[float]:
        budget, times = Budget(VirtualClock(), per_minute), []
        for _ in range(3 * per_minute):
            await budget.take()
            times.append(asyncio.get_running_loop().time())
        return times

    times = run(spend())
    assert all(sum(start <= time < start + 59.9 for time in times) <= per_minute + 1 for start in times)


def test_no_budget_is_no_wait_but_quiet_is_kept() -> None:
    async def spend() -> float:
        budget = Budget(VirtualClock(), None)
        for _ in range(1000):
            await budget.take()
        assert asyncio.get_running_loop().time() == 0.0
        budget.hold(30.0)
        await budget.take()
        return asyncio.get_running_loop().time()

    assert run(spend()) == pytest.approx(30.0)


def test_quiet_is_never_longer_than_asked_for() -> None:
    async def story() -> None:
        clock = VirtualClock()
        quiet = Quiet(clock)
        quiet.hold(30.0)
        quiet.hold(10.0)
        assert quiet.left() == pytest.approx(30.0)
        clock.drift = -7200.0
        assert quiet.left() == pytest.approx(30.0)
        clock.drift = 7200.0
        assert quiet.left() == 0.0

    run(story())


def test_a_pause_ends_when_the_bell_rings() -> None:
    async def story() -> float:
        bell = asyncio.Event()
        asyncio.get_running_loop().call_later(3.0, bell.set)
        await pause(VirtualClock(), 100.0, bell)
        await pause(VirtualClock(), 100.0, bell)
        return asyncio.get_running_loop().time()

    assert run(story()) == pytest.approx(3.0)


def test_each_calls_so_many_at_once_and_keeps_errors_apart() -> None:
    async def story() -> None:
        under_way = [0]

        async def call(item: int) -> int:
            under_way.append(under_way[-1] + 1)
            await asyncio.sleep(1.0)
            under_way.append(under_way[-1] - 1)
            if item == 3:
                raise Refused("three")
            return item * 2

        answers = dict(await each(range(10), call, 4))
        assert max(under_way) == 4
        assert isinstance(answers.pop(3), Refused)
        assert answers == {item: item * 2 for item in range(10) if item != 3}
        assert await each([], call, 4) == []

    run(story())


def test_credentials_that_are_refused_are_waited_for_up_to_a_point() -> None:
    unsigned = Unsigned(10.0)
    refused = NotSignedIn("expired", status=401)
    for error in (refused, Unreachable("x"), NotSignedIn("no scope", status=403)):
        unsigned.wait(error, 9.0)
    unsigned.reset()
    unsigned.wait(refused, 10.0)
    with pytest.raises(NotSignedIn):
        unsigned.wait(refused, 0.1)


@pytest.mark.parametrize("per_minute", [20, 1])
def test_who_waits_for_its_turn_hears_of_a_429_that_comes_meanwhile(per_minute: int) -> None:
    async def spend() -> list[float]:
        budget, times = Budget(VirtualClock(), per_minute), []

        async def one() -> None:
            await budget.take()
            times.append(asyncio.get_running_loop().time())

        asyncio.get_running_loop().call_later(1.0, budget.hold, 100.0)
        asyncio.get_running_loop().call_later(50.0, budget.hold, 100.0)
        await asyncio.gather(*(one() for _ in range(8)))
        return times

    times = run(spend())
    assert [time for time in times if 1.0 < time < 150.0] == []
    assert max(times) >= 150.0
