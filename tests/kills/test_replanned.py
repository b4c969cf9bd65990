"""Processes that die while a run goes over to its file as it is now, at each boundary of that, and are gone on with."""

from __future__ import annotations

from signal import SIGKILL

import pytest

from flowrun.core.events import RunReplanned, StepBegan
from tests.conftest import Amount, Figure
from tests.kills.ground import Course, Ground
from tests.kills.judge import running, story, twice

WRITTEN = "flowrun: 1\nname: edited\nsteps:\n"
A = "  - {id: a, release: Give, outputs: {Value: {type: integer}}}\n"
B = "  - {id: b, needs: a, release: Give}\n"
C = '  - {id: c, needs: a, release: Give, input_arguments: {in_Value: "${{ steps.a.outputs.Value }}"}}\n'
D = "  - {id: d, needs: c, release: Give}\n"
RECORDED, CURRENT = WRITTEN + A + B, WRITTEN + A + C + D

_FIRST = "StepBegan, AttemptScheduled"
"""The commit after which the first step has begun, and the second has not."""


def interrupted(ground: Ground) -> str:
    """A run that died when its first step had begun, whose file was edited then."""
    file = ground.specs / "edited.yaml"
    file.write_text(RECORDED, encoding="utf-8")
    undisturbed = ground.begin_warm("edited")
    assert undisturbed.ended().code == 0
    number = undisturbed.boundaries().index(f"committed {_FIRST}") + 1
    assert ground.begin_warm("edited", {number: SIGKILL}).ended().code == -SIGKILL
    file.write_text(CURRENT, encoding="utf-8")
    return ground.latest()


def ended(ground: Ground, run_id: str, number: int | None) -> tuple[Course, bool]:
    """Killed at that boundary of going over, then gone on with as the journal has it; whether it had gone over."""
    command = ("runs", "resume", "-o", "json", run_id)
    first = ground.warm(*command, "--spec", "current", faults={} if number is None else {number: SIGKILL})
    ends, boundaries = [first.ended()], [tuple(first.boundaries())]
    if ends[0].code == -SIGKILL:
        second = ground.warm(*command)
        ends.append(second.ended())
        boundaries.append(tuple(second.boundaries()))
    with ground.journal() as journal:
        events = [record.event for record in journal.read(run_id)]
    changes = [at for at, event in enumerate(events) if isinstance(event, RunReplanned)]
    begun = {event.step_id: at for at, event in enumerate(events) if isinstance(event, StepBegan)}
    course = Course(run_id, tuple(ends), tuple(boundaries), tuple(ground.seen(run_id)))
    assert len(changes) <= 1, story(course)
    assert all(at > changes[0] for step_id, at in begun.items() if step_id != "a" and changes), story(course)
    return course, bool(changes)


@pytest.mark.timeout(3600)
def test_a_run_goes_over_to_its_file_as_a_whole_or_not_at_all(ground: Ground, amount: Amount, figure: Figure) -> None:
    course, _ = ended(ground, interrupted(ground), None)
    count = len(course.boundaries[0])
    over, deaths = 0, 0
    for number in range(amount(count // 4, 1), count + 1, amount(count // 3, 1)):
        course, went = ended(ground, interrupted(ground), number)
        assert course.last.code == 0, story(course)
        assert sorted(job.step for job in course.jobs) == (["a", "c", "d"] if went else ["a", "b"]), story(course)
        assert twice(course) == [], story(course)
        assert running(course) == [], story(course)
        over, deaths = over + went, deaths + course.deaths
    assert deaths
    assert over
    figure("boundaries", count)
    figure("kills", deaths)
    figure("runs that went over", over)
