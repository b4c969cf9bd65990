from __future__ import annotations

import logging
from typing import Any

import pytest

from flowrun.errors import NotSignedIn, OrchestratorError, Refused, Throttled, Unreachable
from flowrun.orchestrator.replies import Outage, Unreadable
from flowrun.orchestrator.retry import Patience
from tests.unit.orchestrator.server import StillClock


class Script:
    """Raises these errors in turn, the last one for ever; then answers."""

    def __init__(self, *errors: OrchestratorError, answers: bool = True) -> None:
        self.errors = list(errors)
        self.answers = answers
        self.tries = 0

    async def __call__(self) -> str:
        self.tries += 1
        if self.tries <= len(self.errors):
            raise self.errors[self.tries - 1]
        if not self.answers:
            raise self.errors[-1]
        return "answer"


def throttled(seconds: float | None) -> Throttled:
    error = Throttled("wait", status=429)
    error.retry_after = seconds
    return error


@pytest.fixture
def patience(clock: StillClock) -> Patience:
    return Patience(clock, lambda: 1.0, 60.0)


async def test_a_read_is_repeated_with_growing_waits(
    patience: Patience, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script(*(Outage("down", status=503) for _ in range(4)))
    with caplog.at_level(logging.WARNING):
        assert await patience.read(script) == "answer"
    assert clock.slept == [0.5, 1.0, 2.0, 4.0]
    assert "down; trying again in 4.0 s" in caplog.text


async def test_waits_are_spread_by_dice(clock: StillClock) -> None:
    await Patience(clock, lambda: 0.0, 60.0).read(Script(Outage("down")))
    assert clock.slept == [0.25]


async def test_the_server_says_how_long_to_wait(patience: Patience, clock: StillClock) -> None:
    await patience.read(Script(throttled(20)))
    assert clock.slept == [20.1]


async def test_patience_ends_with_the_last_error(patience: Patience, clock: StillClock) -> None:
    script = Script(Outage("first", status=503), Outage("last", status=503), answers=False)
    with pytest.raises(Outage, match="last"):
        await patience.read(script)
    assert 45 < sum(clock.slept) <= 60


async def test_it_does_not_wait_for_more_than_its_patience(patience: Patience, clock: StillClock) -> None:
    with pytest.raises(Throttled):
        await patience.read(Script(throttled(61), answers=False))
    assert clock.slept == []


async def test_before_anything_was_answered_patience_is_short(patience: Patience, clock: StillClock) -> None:
    with pytest.raises(Unreachable):
        await patience.read(Script(Unreachable("typo"), answers=False))
    assert sum(clock.slept) <= 10
    await patience.read(Script())
    with pytest.raises(Unreachable):
        await patience.read(Script(Unreachable("outage"), answers=False))
    assert sum(clock.slept) > 40


@pytest.mark.parametrize("kind", [Refused, NotSignedIn, OrchestratorError])
async def test_what_another_try_cannot_change_is_not_tried_again(patience: Patience, kind: Any) -> None:
    script = Script(kind("no"), answers=False)
    with pytest.raises(kind):
        await patience.read(script)
    assert script.tries == 1


async def test_what_cannot_be_read_is_tried_twice_more(patience: Patience) -> None:
    script = Script(Unreadable("html", status=200), answers=False)
    with pytest.raises(Unreadable):
        await patience.read(script)
    assert script.tries == 3
