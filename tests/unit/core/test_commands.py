from __future__ import annotations

from flowrun.core.commands import AwaitStep, StartStep, StopStep

WHO: tuple[str, int, str, int, str, dict[str, str]] = ("a", 2, "EU", 3, "job", {})


def test_a_key_tells_a_command_from_the_others_in_flight() -> None:
    start = StartStep(*WHO)
    assert start.key == ("start", "a", 2, 3)
    assert AwaitStep(*WHO, {}).key == ("await", "a", 2, 3)
    assert StopStep(*WHO, {}, force=False).key == ("stop", "a", 2, 3)
    assert StopStep(*WHO, {}, force=True).key == ("kill", "a", 2, 3)


def test_a_start_stays_the_same_command_when_it_may_only_adopt() -> None:
    assert StartStep(*WHO, adopt_only=True).key == StartStep(*WHO, recheck=True).key
