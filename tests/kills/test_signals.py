"""Ctrl-C and SIGTERM at the boundaries of a run, starts in flight among them, and kills while a run is being ended."""

from __future__ import annotations

import random
from collections.abc import Iterator
from signal import SIGINT, SIGKILL, SIGTERM, Signals

import pytest

from tests.conftest import Amount, Figure
from tests.e2e.harness import wait_until
from tests.kills.conftest import Undisturbed
from tests.kills.ground import Course, Ground, Warm
from tests.kills.judge import QUICK, judge_aborted, running, story, twice
from tests.kills.test_kills import ALL, chosen

CODES = {SIGINT: 130, SIGTERM: 143}


@pytest.fixture(scope="session")
def aborted(ground: Ground) -> tuple[int, Course]:
    """`long`, ended while both of its long Jobs run; and how many boundaries it had come to before."""
    running = ground.begin_warm("long")
    wait_until(lambda: starts_on_paper(running) == 3, "its three starts")
    before = len(running.boundaries())
    running.send(SIGINT)
    ended = running.ended()
    run_id = ground.latest()
    return before, Course(run_id, (ended,), (tuple(running.boundaries()),), tuple(ground.seen(run_id)))


def starts_on_paper(process: Warm) -> int:
    """How many Jobs its run is committed to have."""
    return sum(name.count("AttemptStarted") for name in process.boundaries() if name.startswith("committed"))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("signal", CODES, ids=lambda number: number.name)
@pytest.mark.parametrize("plan", QUICK)
def test_a_signal_at_a_boundary_leaves_nothing_running(
    ground: Ground, undisturbed: Undisturbed, plan: str, signal: Signals, amount: Amount, figure: Figure
) -> None:
    numbers = chosen(undisturbed(plan), amount(1, ALL), f"{plan}, {signal}")
    doubts = 0
    for number in numbers:
        course = ground.course(plan, {number: signal})
        judge_aborted(plan, course, undisturbed(plan), CODES[signal])
        doubts += course.last.code == 9
    figure(f"boundaries under {signal.name}", len(numbers))
    figure("ended in doubt", doubts)
    assert not doubts


def some(dice: random.Random, last: int, most: int) -> Iterator[tuple[int, int]]:
    """Pairs of boundaries, the second after the first: all of them where there are not more than `most`."""
    pairs = [(first, second) for first in range(1, last) for second in range(first + 1, last + 25)]
    yield from sorted(dice.sample(pairs, min(most, len(pairs))))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("plan", QUICK)
def test_an_abort_goes_on_after_a_kill(
    ground: Ground, undisturbed: Undisturbed, plan: str, amount: Amount, figure: Figure
) -> None:
    dice, kills = random.Random(plan), 0
    last = len(undisturbed(plan).boundaries[0])
    for first, second in some(dice, last, amount(1, 30)):
        course = ground.course(plan, {first: SIGINT, second: SIGKILL})
        judge_aborted(plan, course, undisturbed(plan), 130)
        kills += course.deaths
    figure("kills during an abort", kills)


@pytest.mark.timeout(3600)
def test_what_is_being_stopped_is_stopped_after_a_kill(
    ground: Ground, aborted: tuple[int, Course], amount: Amount, figure: Figure
) -> None:
    """At every boundary from the abort to the end: SoftStop, Kill, `finally`."""
    before, course = aborted
    judge_aborted("long", course, course, 130)
    last = len(course.boundaries[0])
    numbers = range(before + 1, last + 1)
    kills = 0
    for number in sorted(random.Random(0).sample(numbers, min(amount(2, ALL), len(numbers)))):
        # The next one is told as well: a signal shortly before a death may not be on paper yet.
        harmed = ground.course("long", {before: SIGINT, number: SIGKILL}, {1: SIGINT})
        judge_aborted("long", harmed, course, 130)
        assert harmed.last.code == 130
        kills += harmed.deaths
    figure("kills while Jobs are stopped", kills)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("count", [2, 3])
def test_more_signals_are_harder_and_the_code_stays_true(
    ground: Ground, aborted: tuple[int, Course], count: int, amount: Amount, figure: Figure
) -> None:
    """One signal at a boundary and the others at those that follow; what three of them leave is ended by an abort."""
    before, course = aborted
    numbers, left = range(1, before + 1), 0
    for number in sorted(random.Random(count).sample(numbers, min(amount(2, ALL), len(numbers)))):
        gap = 1 + number % 3
        harmed = ground.course("long", {number + gap * time: SIGINT for time in range(count)})
        judge_aborted("long", harmed, course, 130)
        if harmed.last.code == 9:
            left += 1
            assert count == 3
            assert ground.warm("runs", "abort", "--kill", harmed.run_id).ended().code == 0
        assert [job for job in ground.seen(harmed.run_id) if job.ended is None] == []
    figure(f"boundaries under {count} SIGINT", len(numbers))
    figure("left at once", left)


@pytest.mark.timeout(3600)
def test_who_aborts_the_run_of_a_dead_process_may_die_as_well(
    ground: Ground, aborted: tuple[int, Course], amount: Amount, figure: Figure
) -> None:
    """`runs abort` leaves its word and, where nobody lives to hear it, ends the run itself: killed at each boundary."""
    before, course = aborted
    most = len(course.boundaries[0]) - before + 12
    kills = 0
    for number in sorted(random.Random(1).sample(range(1, most), min(amount(2, ALL), most - 1))):
        assert ground.begin_warm("long", {before: SIGKILL}).ended().code == -SIGKILL
        run_id = ground.latest()
        first = ground.warm("runs", "abort", run_id, faults={number: SIGKILL}).ended()
        kills += first.code == -SIGKILL
        again = ground.warm("runs", "abort", "-o", "json", run_id)
        ended = again.ended()
        assert ended.code == 0, ended.err
        harmed = Course(run_id, (ended,), (tuple(again.boundaries()),), tuple(ground.seen(run_id)))
        assert twice(harmed) == [], story(harmed)
        assert running(harmed) == [], story(harmed)
        assert harmed.report["abort"]["by"].endswith("flowrun runs abort")
    figure("kills of who aborts", kills)
