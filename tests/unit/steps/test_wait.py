from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flowrun.core.status import Cancelled, Failed, Succeeded
from flowrun.simulation.virtual import EPOCH, VirtualClock, run
from flowrun.steps.protocol import Attempt, Started
from flowrun.steps.wait import WaitKind


def attempt(wait: Any) -> Attempt:
    return Attempt("run", "pause", "", 1, {"wait": wait})


def until(wait: Any) -> float:
    """Virtual seconds from now until it would end."""

    async def one() -> float:
        answer = await WaitKind(VirtualClock()).start(attempt(wait), lambda: True)
        assert isinstance(answer, Started), answer
        return float(answer.handle["until"]) - EPOCH

    return run(one())


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        ({"for": 90.0}, 90.0),
        ({"for": 0}, 0.0),
        ({"for": "10m"}, 600.0),
        ({"for": "PT1H"}, 3600.0),
        ({"until": EPOCH + 5}, 5.0),
        ({"until": "2026-01-01T00:01:00Z"}, 60.0),
        ({"until": "2026-01-01T02:01:00+02:00"}, 60.0),
        ({"until": "2026-01-01T00:01:00.1234567Z"}, 60.123456),
        ({"until": "2026-01-01T00:01:00"}, 60.0),
        ({"until": "2026-01-02"}, 86400.0),
        ({"until": 0}, -EPOCH),
    ],
)
def test_when_it_ends(wait: Any, seconds: float) -> None:
    assert until(wait) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "wait",
    [
        None,
        {},
        {"for": 1, "until": 2},
        {"for": -1},
        {"for": "soon"},
        {"for": None},
        {"for": True},
        {"for": float("inf")},
        {"until": "soon"},
        {"until": None},
        {"until": True},
        {"until": "2026-02-30T00:00:00Z"},
        {"until": 1e300},
        {"until": float("nan")},
    ],
)
def test_what_is_no_time_is_said(wait: Any) -> None:
    answer = run(WaitKind(VirtualClock()).start(attempt(wait), lambda: True))
    assert isinstance(answer, Failed)
    assert answer.error == "expression"
    assert answer.message.startswith("wait")


def test_it_ends_at_its_time() -> None:
    async def one() -> float:
        handle = {"until": EPOCH + 100_000.0}
        assert isinstance(await WaitKind(VirtualClock()).wait(attempt({}), handle, lambda *_: None), Succeeded)
        return asyncio.get_running_loop().time()

    assert run(one()) == pytest.approx(100_000.0)


def test_a_clock_set_forward_ends_it_within_the_hour() -> None:
    async def one() -> float:
        clock = VirtualClock()
        asyncio.get_running_loop().call_later(60.0, setattr, clock, "drift", 1e6)
        await WaitKind(clock).wait(attempt({}), {"until": EPOCH + 500_000.0}, lambda *_: None)
        return asyncio.get_running_loop().time()

    assert run(one()) <= 3600.0


def test_a_stop_ends_it_at_once_and_only_it() -> None:
    async def two() -> float:
        kind = WaitKind(VirtualClock())
        other = Attempt("run", "other", "", 1, {})
        handle = {"until": EPOCH + 500.0}
        waits = [asyncio.create_task(kind.wait(one, handle, lambda *_: None)) for one in (attempt({}), other)]
        await asyncio.sleep(10.0)
        await kind.stop(attempt({}), handle, force=False)
        assert isinstance(await waits[0], Cancelled)
        stopped_at = asyncio.get_running_loop().time()
        assert isinstance(await waits[1], Succeeded)
        return stopped_at

    assert run(two()) == pytest.approx(10.0)


def test_it_says_until_when() -> None:
    seen: list[str] = []
    run(WaitKind(VirtualClock()).wait(attempt({}), {"until": EPOCH + 1}, lambda _, word: seen.append(word)))
    assert seen == ["until 2026-01-01T00:00:01+00:00"]
