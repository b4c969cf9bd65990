"""Every run of a small plan with one fault, or two, or three: a fault is a kind, a place, and its how manyth passing.

The places are those that the run passes. A second fault strikes after the first, at a place that the run passes which
has the first one: so every pair is tried once, also those that only the first fault makes possible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flowrun.core.plan import FanOut, Stage
from flowrun.core.status import AbortLevel
from flowrun.simulation.case import Case
from flowrun.simulation.courses import Course, Jobs, Script
from flowrun.simulation.ending import Result, ending
from flowrun.simulation.fates import Fate, Passing
from flowrun.simulation.faults import Trouble
from flowrun.simulation.story import Story, tell
from tests.unit.simulation.cases import EVALUATOR, case, retried, step

SECONDS = {"a": 8.0, "b": 6.0, "c": 7.0, "d": 5.0, "tidy": 4.0}
BRIEF = Script({name: (Jobs(courses=(Course(lasts=lasts),)),) for name, lasts in SECONDS.items()})

START = {
    "unreachable": 0.0,
    "throttle": 0.9,
    "refused": 0.0,
    "5xx": 0.0,
    "5xx-after": 0.0,
    "late-never": 0.0,
    "late": 1.0,
    "lost": 0.5,
    "cut": 0.0,
    "token": 0.0,
}
"""What befalls a StartJobs, with the amount: a 429 asks for 20 seconds, what is late is so by a minute."""
READ = {"5xx": 0.0, "unreachable": 0.0, "throttle": 0.9, "token": 0.0}
STOP = {**READ, "lost": 0.0}
JOB = {"hang": 0.0, "faulted": 0.0, "stopped": 0.5, "stuck": 0.0, "slow": 0.0, "retention": 0.0}
BOUNDARY = {
    "crash": 0.0,
    "taken": 0.5,
    "abort-drain": 0.0,
    "abort-stop": 0.0,
    "abort-kill": 0.0,
    "clock-ahead": 0.0,
    "clock-back": 0.0,
}
EVERY: Mapping[str, Mapping[str, float]] = {
    "start": START,
    "stop": STOP,
    "folder": READ,
    "release": READ,
    "find": READ,
    "list": READ,
    "read": READ,
    "Job": JOB,
    "before": {**BOUNDARY, "disk-full": 0.0},
    "after": {**BOUNDARY, "disk-torn": 0.0},
}
"""By the first word of a place: the faults that can strike there."""

FEW: Mapping[str, Mapping[str, float]] = {
    "start": {name: START[name] for name in ("unreachable", "late-never", "late", "lost")},
    "find": {"5xx": 0.0},
    "before": {"crash": 0.0, "abort-kill": 0.0},
    "after": {"crash": 0.0, "taken": 0.5},
}
"""One of each class of the start protocol: not started, lost before, late, lost after; a look that fails; a death, a
new owner, an end."""

_CALLS = ("a start", "a stop")


@dataclass(frozen=True)
class Small:
    """A small plan, and what is always so: `by_nature` befalls every one of its runs."""

    case: Case
    by_nature: Trouble = field(default_factory=Trouble)
    faults: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: EVERY)

    def tell(self, *fates: Fate) -> Story:
        """The run with these faults and no others."""
        return tell(1, self.case, self.by_nature, EVALUATOR, fates)

    def at(self, passing: Passing) -> Iterator[Fate]:
        """The faults that can strike there."""
        place, number = passing
        first, _, rest = place.partition(" ")
        for fault, amount in self.faults.get(first, {}).items():
            if not (fault.startswith("disk") and (rest in _CALLS or rest.startswith("slots"))):
                yield Fate(place, number, fault, amount)

    def runs(self, most: int, fates: tuple[Fate, ...] = (), since: int = 0) -> Iterator[tuple[Story, tuple[Fate, ...]]]:
        """Every run with at most so many faults, each told once; beginning with the one that has those given."""
        story = self.tell(*fates)
        yield story, fates
        if len(fates) < most:
            passed = list(story.passed)
            for at in range(since, len(passed)):
                for fate in self.at(passed[at]):
                    yield from self.runs(most, (*fates, fate), at + 1)


def _steps(*names: tuple[str, ...], **more: object) -> Case:
    return case(*(step(name, *needs, timeout=60.0, **more) for name, *needs in names), script=BRIEF, span=60.0)


def _fan() -> Case:
    fan = step("a", fan_out=FanOut({"n": [1, 2]}), timeout=60.0)
    return case(fan, script=BRIEF, span=60.0)


def _cleanup() -> Case:
    tried = step("a", retry=retried(), timeout=60.0)
    return case(tried, step("tidy", stage=Stage.FINALLY, timeout=60.0), script=BRIEF, span=60.0)


PLANS: Mapping[str, Small] = {
    "one": Small(_steps(("a",))),
    "chain": Small(_steps(("a",), ("b", "a"))),
    "fan": Small(_fan()),
    "retry and finally": Small(_cleanup()),
    "abort": Small(_steps(("a",), ("b", "a")), Trouble(aborts=((10.0, AbortLevel.STOP),))),
    "diamond": Small(_steps(("a",), ("b", "a"), ("c", "a"), ("d", "b", "c"))),
}
"""By name, the smallest first."""

STARTS = Small(_steps(("a",)), faults=FEW)
"""The start protocol, for three faults."""


def wrong_with(story: Story) -> Sequence[str]:
    """What a story must not be: judged, and it must have come to an end."""
    told = ending(story)
    hung = [f"it waits for ever: {told.hangs}"] if told.result is Result.HUNG else []
    return (*told.wrong, *hung)


def judged(small: Small, most: int, part: int = 0, parts: int = 1) -> tuple[list[int], list[str]]:
    """How many runs have no fault, one, two …, and what is wrong with them, with the faults that show it.

    Of `parts` parts, those runs whose first fault is in this one.
    """
    counts, wrong = [0] * (most + 1), []
    story = small.tell()
    firsts = [(at + 1, fate) for at, passing in enumerate(story.passed) for fate in small.at(passing)]
    runs: list[Iterator[tuple[Story, tuple[Fate, ...]]]] = [iter([(story, ())])] if part == 0 else []
    runs += [small.runs(most, (fate,), since) for since, fate in firsts[part::parts]]
    for told in runs:
        for one, fates in told:
            counts[len(fates)] += 1
            wrong += [f"{sentence}, with {fates}" for sentence in wrong_with(one)]
    return counts, wrong


def fewer(small: Small) -> Small:
    """With one fault of each class alone."""
    return replace(small, faults=FEW)
