"""Two processes and one run: who resumes it, who may not, and what a frozen owner does when it wakes up."""

from __future__ import annotations

import re
import socket
from signal import SIGKILL, SIGSTOP

import pytest

from tests.conftest import Amount, Figure
from tests.e2e.harness import wait_until
from tests.kills.boundaries import ANSWERED, CALL
from tests.kills.conftest import Undisturbed
from tests.kills.ground import Course, Ground, Warm
from tests.kills.judge import judge, story
from tests.kills.test_kills import ALL, chosen


@pytest.mark.timeout(3600)
def test_of_two_that_resume_a_run_one_gets_it(
    ground: Ground, undisturbed: Undisturbed, amount: Amount, figure: Figure
) -> None:
    """The other is told by whom it is driven; where it came when all was over, it is told how it ended."""
    refused = 0
    numbers = chosen(undisturbed("fan"), amount(2, ALL), "two")
    for number in numbers:
        before = ground.latest()
        killed = ground.begin_warm("fan", {number: SIGKILL}).ended().code == -SIGKILL
        run_id = ground.latest()
        if run_id == before or not killed:
            continue
        both = [ground.warm("runs", "resume", "-o", "json", run_id) for _ in range(2)]
        ended = [process.ended() for process in both]
        codes = sorted(one.code for one in ended)
        assert codes in ([0, 0], [0, 7]), [one.err for one in ended]
        for one, other in zip(ended, reversed(both), strict=True):
            if one.code == 7:
                refused += 1
                assert re.search(rf"process {other.pid} on {re.escape(socket.gethostname())}", one.out + one.err)
        winner = next(one for one in ended if one.code == 0)
        judge("fan", Course(run_id, (winner,), ((),), tuple(ground.seen(run_id))), undisturbed("fan"))
    figure("races", len(numbers))
    figure("refused", refused)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("plan", ["chain", "fan", pytest.param("family", marks=pytest.mark.night)])
def test_who_is_frozen_and_taken_over_writes_and_starts_nothing_more(
    ground: Ground, undisturbed: Undisturbed, plan: str, amount: Amount, figure: Figure
) -> None:
    """But for the requests that they had decided on when they were frozen: those may go out, and make a Job each."""
    taken, more, locked = 0, 0, 0
    for number in chosen(undisturbed(plan), amount(1, ALL), f"{plan}, frozen"):
        before = ground.latest()
        owner = ground.begin_warm(plan, {number: SIGSTOP})
        wait_until(owner.stands_still, "it to freeze")
        reached, run_id = owner.boundaries(), ground.latest()
        if not owner.alive() or run_id == before or not holds(ground, run_id, owner):
            owner.wake()
            assert owner.ended().code == 0
        elif reached[-1].startswith("written"):
            if not locked:
                refuse(ground, run_id)
            locked += 1
            owner.wake()
            assert owner.ended().code == undisturbed(plan).last.code
        else:
            jobs = take_over(ground, plan, run_id, undisturbed)
            owner.wake()
            late = owner.ended()
            after = Course(run_id, (late,), (tuple(owner.boundaries()),), tuple(ground.seen(run_id)))
            assert late.code in (0, 7), story(after)
            assert len(after.jobs) - jobs <= reached.count(CALL) - reached.count(ANSWERED), story(after)
            taken, more = taken + 1, more + len(after.jobs) - jobs
    figure("taken over", taken)
    figure("Jobs of requests that were on their way", more)


def holds(ground: Ground, run_id: str, owner: Warm) -> bool:
    """Whether it owns the run: if so, nobody else gets it, and everybody is told who does."""
    refused = ground.warm("runs", "resume", run_id).ended()
    if refused.code == 7:
        assert f"process {owner.pid} on {socket.gethostname()}" in refused.err, refused.err
    return refused.code == 7


def take_over(ground: Ground, plan: str, run_id: str, undisturbed: Undisturbed) -> int:
    """Take the run from its owner, by force, and bring it to its end; how many Jobs were made for it until then."""
    unlock(ground, run_id)
    other = ground.warm("runs", "resume", "-o", "json", run_id)
    ended = other.ended()
    course = Course(run_id, (ended,), (tuple(other.boundaries()),), tuple(ground.seen(run_id)))
    judge(plan, course, undisturbed(plan))
    return len(course.jobs)


def refuse(ground: Ground, run_id: str) -> None:
    """Who is frozen in the middle of a commit keeps the whole journal locked: others wait, are told so, and go."""
    unlock(ground, run_id)
    refused = ground.warm("runs", "resume", run_id).ended()
    assert refused.code == 10, refused.err
    assert "another process keeps it locked" in refused.err


def unlock(ground: Ground, run_id: str) -> None:
    """Delete the lock files of a run and of the runs that are steps of it."""
    for lock in (ground.state / "runs").glob(f"{run_id}*.lock"):
        lock.unlink()
