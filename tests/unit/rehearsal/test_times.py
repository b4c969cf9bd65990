from __future__ import annotations

from flowrun.rehearsal.times import Times


def test_things_happen_in_the_order_of_their_times_and_then_of_their_words() -> None:
    times, happened = Times(10.0), []
    for when, name in ((30.0, "c"), (20.0, "a"), (20.0, "b")):
        times.at(when, lambda name=name: happened.append(name))  # type: ignore[misc]
    assert times.advance(None)
    assert (times.now, happened) == (20.0, ["a", "b"])
    assert times.advance(25.0)
    assert (times.now, happened) == (25.0, ["a", "b"])
    assert times.advance(100.0)
    assert (times.now, happened) == (30.0, ["a", "b", "c"])


def test_without_anything_to_come_time_stands_still() -> None:
    times = Times(10.0)
    assert not times.advance(None)
    assert times.now == 10.0
    assert times.advance(12.0)
    assert times.now == 12.0


def test_time_never_goes_back() -> None:
    times, happened = Times(10.0), []
    times.at(5.0, lambda: happened.append("late"))
    assert times.advance(7.0)
    assert (times.now, happened) == (10.0, ["late"])
