"""A terminal that is closed at a boundary, and signals that come before anybody listens."""

from __future__ import annotations

import random
from signal import SIGHUP, SIGINT, SIGTERM, Signals

import pytest

from tests.conftest import Amount, Figure
from tests.e2e.harness import PATIENCE, Ended, pause
from tests.kills.conftest import Undisturbed
from tests.kills.ground import Course, Ground
from tests.kills.judge import QUICK, judge, running, story
from tests.kills.test_kills import ALL, chosen


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("plan", QUICK)
def test_a_terminal_that_is_closed_leaves_a_run_that_can_be_gone_on_with(
    ground: Ground, undisturbed: Undisturbed, plan: str, amount: Amount, figure: Figure
) -> None:
    left = 0
    numbers = chosen(undisturbed(plan), amount(1, ALL), f"{plan}, hang up")
    for number in numbers:
        before = ground.latest()
        first = ground.begin_warm(plan, {number: SIGHUP})
        ended = [first.ended()]
        run_id = ground.latest()
        boundaries = [tuple(first.boundaries())]
        if run_id == before:
            continue
        if ended[0].code != undisturbed(plan).last.code:
            assert ended[0].code in (9, 143), ended[0].err
            left += 1
            second = ground.warm("runs", "resume", "-o", "json", run_id)
            ended.append(second.ended())
            boundaries.append(tuple(second.boundaries()))
        course = Course(run_id, tuple(ended), tuple(boundaries), tuple(ground.seen(run_id)))
        judge(plan, course, undisturbed(plan))
    figure("boundaries under SIGHUP", len(numbers))
    figure("runs left", left)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("number", [SIGINT, SIGTERM, SIGHUP], ids=lambda one: one.name)
def test_a_signal_before_anybody_listens_leaves_nothing(
    ground: Ground, number: Signals, amount: Amount, figure: Figure
) -> None:
    """A cold process, from its first instruction on: either nothing was begun, or the run is ended, or left whole."""
    dice, early = random.Random(number), 0
    for _ in range(amount(3, 60)):
        before = ground.latest()
        surroundings = {"FLOWRUN_QUIESCENCE": "1"}
        with ground.start_cold("run", "-o", "json", "specs/chain.yaml", environment=surroundings) as process:
            pause(dice.uniform(0.0, 0.8))
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE)
        ended = Ended(process.returncode, out, err)
        run_id = ground.latest()
        if run_id == before:
            assert ended.code, "said to be well, and nothing was begun"
            early += 1
            continue
        assert ended.code in (0, 9, 130, 143, -number), ended.err
        if ended.code in (9, -number):
            ended = ground.warm("runs", "resume", "-o", "json", run_id).ended()
            assert ended.code == 0, ended.err
        course = Course(run_id, (ended,), ((),), tuple(ground.seen(run_id)))
        assert running(course) == [], story(course)
    figure("before there was a run", early)
