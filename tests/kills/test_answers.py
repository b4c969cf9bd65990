"""Who answers an approval dies at a boundary, beside a living owner and where nobody drives the run."""

from __future__ import annotations

from signal import SIGKILL

import pytest

from tests.conftest import Figure
from tests.e2e.harness import wait_until
from tests.kills.ground import Course, Ground, Warm
from tests.kills.judge import story

BOUNDARIES = 3
"""Of one who leaves an answer: before the commit, in it, after it."""


def asked(ground: Ground) -> Warm:
    """A run that waits for an answer."""
    owner = ground.begin_warm("asking")
    wait_until(lambda: owner.boundaries().count("committed AttemptStarted") > 1 or not owner.alive(), "the question")
    assert owner.alive()
    return owner


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("lives", [True, False], ids=["owned", "left"])
def test_who_answers_may_die_and_answer_again(ground: Ground, lives: bool, figure: Figure) -> None:  # noqa: FBT001 - a case of the table
    deaths = 0
    for number in range(1, BOUNDARIES + 1):
        owner = asked(ground)
        run_id = ground.latest()
        if not lives:
            owner.killed_after(0.0)
            assert owner.ended().code == -SIGKILL
        first = ground.warm("runs", "approve", run_id, "sign", "--by", "anna", faults={number: SIGKILL}).ended()
        deaths += first.code == -SIGKILL
        again = ground.warm("runs", "approve", run_id, "sign", "--by", "bert").ended()
        if not lives:
            owner = ground.warm("runs", "resume", "-o", "json", run_id)
        ended = owner.ended()
        course = Course(run_id, (first, again, ended), ((), (), ()), tuple(ground.seen(run_id)))
        assert ended.code == 0, story(course)
        assert sorted(job.step for job in course.jobs) == ["a", "b"], story(course)
        (given,) = ended.data["steps"][1]["legs"][0]["attempts"]
        took = given["approval"]["by"]
        assert took in ("anna", "bert"), story(course)
        # What one who died had left counts, and the other is told so; else the other's does.
        assert (again.code == 0) == (took == "bert"), story(course)
        assert again.code in (0, 7), story(course)
    assert deaths == BOUNDARIES
    figure("kills of who answers", deaths)
