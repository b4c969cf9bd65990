"""A run can be put away as a snapshot wherever it is settled, and goes on from it as if nothing had happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import TypeVar

import pytest

from flowrun.core.events import AbortRequested, AttemptProgressed, AttemptStarted, Event
from flowrun.core.plan import FanOut
from flowrun.core.run import Run
from flowrun.core.status import Phase
from flowrun.templating.evaluator import Templates
from tests.conftest import Amount, Figure
from tests.golden.events.plans import ABORTED, ASKED, PLANS
from tests.simulation.core.simulation import simulate
from tests.simulation.core.taped import Taped, again, interrupt, settled
from tests.simulation.core.words import Words
from tests.simulation.told import START, told
from tests.unit.core.making import NOW, job, run_of

T = TypeVar("T")

pytestmark = pytest.mark.timeout(4 * 3600)


@pytest.fixture(autouse=True)
def _taped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("tests.simulation.core.engine.Run", Taped)
    monkeypatch.setattr("flowrun.rehearsal.drive.Run", Taped)
    yield
    Taped.tapes.clear()


@pytest.mark.parametrize("name", [*PLANS, *ASKED])
def test_a_plan_of_every_feature_is_put_away_everywhere(name: str) -> None:
    plan = PLANS[name] if name in PLANS else ASKED[name][0]
    told(plan)
    check()


@pytest.mark.parametrize("name", ABORTED)
def test_a_run_that_is_being_ended_is_put_away_everywhere(name: str) -> None:
    plan, after, level = ABORTED[name]
    told(plan, [AbortRequested(START + after, level)])
    check()


def check() -> None:
    (tape,) = Taped.tapes
    assert [again(state) for state in tape.states] == tape.states
    assert len(settled(tape)) > 1
    interrupt(tape, Templates(), settled(tape))


@pytest.mark.parametrize("part", range(4))
def test_random_runs_are_put_away(part: int, amount: Amount, figure: Figure) -> None:
    """Through crashes, aborts, other plans, other runs in their pools and clocks that are set."""
    put_away = 0
    for seed in range(part, amount(32, 20_000), 4):
        simulate(seed)
        dice = Random(seed)
        for tape in Taped.tapes:
            states, places = some(dice, tape.states), some(dice, settled(tape))
            assert [again(state) for state in states] == states, f"seed {seed}"
            try:
                interrupt(tape, Words(), places)
            except AssertionError as error:
                error.add_note(f"seed {seed}")
                raise
            put_away += len(places)
        Taped.tapes.clear()
    figure("put_away", put_away)
    assert put_away > 20


def test_between_two_events_the_same_follows_in_whatever_order(amount: Amount) -> None:
    """Of a state that is not settled, as an engine that cuts what follows into pieces may have to put away."""
    for seed in range(amount(12, 5_000)):
        events = simulate(seed).journal.events
        for length in some(Random(seed), range(1, len(events))):
            run = Run.replay(events[:length], Words())
            other = Run.restore(again(run.state), Words())
            now = events[length - 1].at
            assert Counter(map(_what, other.settle(now))) == Counter(map(_what, run.settle(now))), f"seed {seed}"


def _what(event: Event) -> tuple[str, ...]:
    names = ("step_id", "leg", "attempt", "result", "cause")
    return (type(event).__name__, *(str(getattr(event, name, "")) for name in names))


def some(dice: Random, values: Sequence[T]) -> list[T]:
    return dice.sample(values, min(4, len(values)))


def test_timers_of_the_past_tell_nothing() -> None:
    """Leg 0 was heard of twice: what is to be done about both legs at one time has the same order all the same."""
    run = run_of(job("a", fan_out=FanOut({"n": [0, 1]}), pending_timeout=10.0, stop_timeout=0.0))
    run.settle(NOW)
    for leg in (0, 1, 0):
        run.take(AttemptStarted(NOW, "a", leg, 1, {}))
        run.take(AttemptProgressed(NOW, "a", leg, 1, Phase.PENDING))
    run.settle(NOW)
    other = Run.restore(again(run.state), Words())
    assert other.settle(NOW + 10) == run.settle(NOW + 10)
