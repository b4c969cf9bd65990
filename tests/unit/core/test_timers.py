from __future__ import annotations

from flowrun.core.pools import Place
from flowrun.core.timers import Timers


def test_who_is_due_is_over_once_and_in_order() -> None:
    due: dict[Place, float | None] = {(0, 0): 9.0, (0, 1): 7.0, (1, 0): 7.0, (2, 0): 20.0, (3, 0): None}
    timers = Timers(due.get)
    assert [timers.set(place) for place in due] == [True, True, True, True, False]
    assert timers.first() == 7.0
    assert timers.over(6.9) == []
    assert timers.over(9.0) == [(0, 1), (1, 0), (0, 0)]
    assert timers.over(9.0) == []
    assert timers.first() == 20.0


def test_an_old_timer_tells_nothing() -> None:
    """Neither that somebody is due, nor that he was due before others."""
    due: dict[Place, float | None] = {(0, 0): 5.0, (0, 1): 7.0}
    timers = Timers(due.get)
    timers.set((0, 0))
    timers.set((0, 1))
    due[0, 0] = 8.0
    timers.set((0, 0))
    timers.set((0, 0))
    assert timers.first() == 7.0
    assert timers.over(10.0) == [(0, 1), (0, 0)]
    assert timers.first() is None


def test_who_is_no_longer_due_does_not_ring() -> None:
    due: dict[Place, float | None] = {(0, 0): 5.0}
    timers = Timers(due.get)
    timers.set((0, 0))
    due[0, 0] = None
    assert timers.first() is None
    assert timers.over(10.0) == []
