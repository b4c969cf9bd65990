from __future__ import annotations

from flowrun.emulator.rates import RollingLimit


def test_the_window_rolls() -> None:
    calls = RollingLimit()
    assert [calls.take(2, 100.0)[0], calls.take(2, 130.0)[0]] == [None, None]
    assert calls.take(2, 140.5) == (20, {"Retry-After": "20", "X-RateLimit-Remaining": "0"})
    assert calls.take(2, 159.9)[0] == 1
    assert calls.take(2, 160.0)[0] is None
    assert calls.take(2, 160.0)[0] == 30


def test_few_that_remain_are_told_as_none() -> None:
    calls = RollingLimit()
    told = [calls.take(12, 0.0)[1]["X-RateLimit-Remaining"] for _ in range(12)]
    assert told[:4] == ["11", "10", "0", "0"]
    assert set(told[2:]) == {"0"}
