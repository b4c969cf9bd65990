"""The judge of a course: by the emulator's ledger, and by what is written here about each plan, which nobody plans."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tests.kills.ground import Course
from tests.kills.witness import Seen

NEEDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "chain": {"b": "a", "c": "b"},
    "diamond": {"b": "a", "c": "a", "d": "bc"},
    "fan": {"each": ["list"], "sum": ["each"]},
    "retry": {"b": "a"},
    "undo": {"b": "a", "c": "b", "a.compensate": "c"},
    "approval": {"b": "a"},
    "family": {"child": "a", "b": ["child"]},
    "long": {"b": "a", "c": "a", "d": "bc"},
}
"""The plans, and of each step those whose Jobs must have ended before it has one."""

QUICK = [plan for plan in NEEDS if plan != "long"]
"""Those that come to an end by themselves."""

_IN_DOUBT = 9


def came_to(course: Course) -> Any:
    """All by which one course is as good as another: how it ended, with what, and each Job that it had."""
    jobs = sorted((job.place, job.attempt, job.arguments, job.states[-1]) for job in course.jobs)
    report = course.report
    return course.last.code, report.get("status"), report.get("outputs"), jobs


def twice(course: Course) -> list[str]:
    """The starts that made more than one Job."""
    return [key for key, count in Counter(job.key for job in course.jobs).items() if count > 1]


def running(course: Course) -> list[int]:
    """The Jobs that have not ended."""
    return [job.id for job in course.jobs if job.ended is None]


def too_early(plan: str, course: Course) -> list[int]:
    """The Jobs that were made while one that they need had not ended, or before it was made."""
    early = []
    for job in course.jobs:
        for needed in NEEDS[plan].get(job.step, ()):
            ends = [other.ended for other in course.jobs if other.step == needed]
            if not ends or not all(end is not None and end < job.made for end in ends):
                early.append(job.id)
    return early


def judge(plan: str, course: Course, undisturbed: Course) -> None:
    """A course under kills alone came to what the undisturbed one did, or never began."""
    told = story(course)
    assert twice(course) == [], told
    assert running(course) == [], told
    assert too_early(plan, course) == [], told
    if course.run_id:
        assert came_to(course) == came_to(undisturbed), told
    else:
        assert course.jobs == (), told


def judge_aborted(plan: str, course: Course, undisturbed: Course, code: int) -> None:
    """A course with a signal in it: its code is true. 9 names what may be running; of anything else nothing is."""
    told = story(course)
    assert twice(course) == [], told
    if not any(job.step.endswith(".compensate") for job in course.jobs):
        assert too_early(plan, course) == [], told
    possible = {code, undisturbed.last.code, _IN_DOUBT} if course.report.get("final", True) else {_IN_DOUBT}
    assert course.last.code in possible, told
    if course.last.code == _IN_DOUBT:
        assert all(is_named(job, course.last.err) for job in course.jobs if job.ended is None), told
    else:
        assert running(course) == [], told


def is_named(job: Seen, said: str) -> bool:
    """Whether these last lines list the Job as one that may be running, by its id or as a start that is in flight."""
    id_or_start = rf"{re.escape(job.place)}: (Job {job.id}\b|a start whose outcome is not known)"
    return re.search(id_or_start, said.partition("may still be running:")[2]) is not None


def story(course: Course) -> str:
    """What a person needs to see in order to understand a verdict."""
    lines = [f"run {course.run_id}"]
    for ended, boundaries in zip(course.ended, course.boundaries, strict=True):
        lines += [f"process ended with {ended.code} at boundary {len(boundaries)}: {boundaries[-1:]}", ended.err]
    return "\n".join([*lines, *map(str, course.jobs)])
