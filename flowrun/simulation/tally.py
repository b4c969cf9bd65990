"""Tally: what many seeds came to together, and what in the workflow would have to change for more to succeed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median

from flowrun.core.plan import Backoff, RetryRule, Step
from flowrun.core.protocol import Evaluator
from flowrun.simulation.case import Case
from flowrun.simulation.ending import Ending, Result, ending
from flowrun.simulation.faults import FAULTS, Trouble, draw
from flowrun.simulation.story import RUN, Story, tell

MOST_TRIED = 12
"""Seeds that are told again with another rule, to see whether it would have helped."""
_RETRIES = 2
_NO_RETRY = ("expression", "rejected", "output_contract")
"""Another try would come to the same, or is not ours to make."""


class Kind(StrEnum):
    """A kind of weak spot."""

    HANGS = "hangs"
    RETRY = "retry"
    AGAIN = "again"
    TWICE = "twice"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Weak:
    """A weak spot of the workflow. `runs`: in how many seeds it showed, `seeds`: the first of them.

    `detail` is `job`, `pending` or `answer` of what hangs, an error class, or how the earlier attempt ended. For a
    retry: of `tried` seeds that were told again with it, `saved` succeeded.
    """

    kind: Kind
    step: str
    detail: str
    runs: int
    seeds: tuple[int, ...]
    tried: int = 0
    saved: int = 0


@dataclass(frozen=True, slots=True)
class Failures:
    """Seeds that failed at the same step in the same way."""

    step: str
    error: str
    runs: int
    seeds: tuple[int, ...]
    message: str = ""


@dataclass(frozen=True, slots=True)
class Struck:
    """A family of faults: in how many seeds it struck, and how these ended."""

    fault: str
    runs: int
    results: Counter[str]


@dataclass(frozen=True, slots=True)
class Tally:
    """All of it. `fair`: the run without any fault. Times are virtual seconds; `hours` are virtual hours in all.

    `median` and `worst` are of the runs that came to an end by themselves, `worst_seed` the seed of the longest.
    """

    fair: Ending
    families: tuple[str, ...]
    endings: tuple[Ending, ...]
    failures: tuple[Failures, ...]
    struck: tuple[Struck, ...]
    weak: tuple[Weak, ...]
    median: float
    worst: float
    worst_seed: int | None
    hours: float

    def count(self, result: Result) -> int:
        """How many seeds ended so."""
        return sum(one.result is result for one in self.endings)

    @property
    def broken(self) -> tuple[Ending, ...]:
        """The seeds in which flowrun did what it must not do."""
        return tuple(one for one in self.endings if one.result is Result.BROKEN)


def in_fair_weather(case: Case, evaluator: Evaluator) -> tuple[Case, Ending]:
    """The run without any fault, and the case with the time that it takes."""
    story = tell(0, case, Trouble(), evaluator)
    return replace(case, span=max(story.took, 1.0)), ending(story)


def story_of(seed: int, case: Case, families: Collection[str], evaluator: Evaluator) -> Story:
    """The story of a seed."""
    return tell(seed, case, trouble_of(seed, case, families), evaluator)


def trouble_of(seed: int, case: Case, families: Collection[str]) -> Trouble:
    """What befalls it. Where all families may be on, each is in half of the seeds."""
    return draw(seed, families, case.span, swarm=len(families) == len(FAULTS))


def sweep(
    case: Case,
    families: Collection[str],
    seeds: Sequence[int],
    evaluator: Evaluator,
    told: Callable[[Ending], None] = lambda _: None,
) -> Tally:
    """Tell the stories of all seeds, and of some of them once more with what would help. `told` hears of each."""
    case, fair = in_fair_weather(case, evaluator)
    endings, hours = [], 0.0
    for seed in seeds:
        story = story_of(seed, case, families, evaluator)
        endings.append(ending(story))
        hours += story.watched / 3600.0 or story.took / 3600.0
        told(endings[-1])
    over = sorted((one.took, one.seed) for one in endings if one.result not in (Result.HUNG, Result.BROKEN))
    helper = _Helper(case, families, evaluator)
    return Tally(
        fair,
        tuple(name for name in FAULTS if name in families),
        tuple(endings),
        tuple(_failures(endings)),
        tuple(_struck(endings)),
        tuple(sorted([*_weak(endings), *helper.retries(endings)], key=lambda weak: (-weak.runs, weak.step, weak.kind))),
        median(took for took, _ in over) if over else 0.0,
        over[-1][0] if over else 0.0,
        over[-1][1] if over else None,
        hours,
    )


def _failures(endings: Sequence[Ending]) -> Iterator[Failures]:
    groups: dict[tuple[str, str], list[Ending]] = {}
    for one in endings:
        if one.result is Result.FAILED:
            groups.setdefault((one.step, one.error), []).append(one)
    for (step, error), members in sorted(groups.items(), key=lambda item: -len(item[1])):
        yield Failures(step, error, len(members), _first(members), members[0].message)


def _struck(endings: Sequence[Ending]) -> Iterator[Struck]:
    for name in FAULTS:
        hit = [one for one in endings if name in one.faults]
        if hit:
            yield Struck(name, len(hit), Counter(one.result.value for one in hit))


def _weak(endings: Sequence[Ending]) -> Iterator[Weak]:
    """What hangs, what may be done again, and of what nobody knows whether it was done."""
    groups: dict[tuple[Kind, str, str], list[Ending]] = {}
    for one in endings:
        spots = [(Kind.HANGS, hang.step, hang.why) for hang in one.hangs if hang.run_id == RUN]
        spots += [(Kind.AGAIN, step, how) for step, how in one.again]
        spots += [(Kind.TWICE, step, "") for step in one.twice]
        spots += [(Kind.UNKNOWN, step, "") for step in one.unknown]
        for spot in dict.fromkeys(spots):
            groups.setdefault(spot, []).append(one)
    for (kind, step, detail), members in groups.items():
        yield Weak(kind, step, detail, len(members), _first(members))


def _first(members: Sequence[Ending]) -> tuple[int, ...]:
    return tuple(one.seed for one in members[:5])


class _Helper:
    """Tells failed seeds again, with a rule that the workflow does not have. Up to the failure they are the same."""

    def __init__(self, case: Case, families: Collection[str], evaluator: Evaluator) -> None:
        self._case = case
        self._families = families
        self._evaluator = evaluator

    def retries(self, endings: Sequence[Ending]) -> Iterator[Weak]:
        """Retries that would have saved runs. What is retried already for a class is left alone."""
        steps = {step.id: step for step in self._case.plan.steps}
        for failures in _failures(endings):
            step = steps.get(failures.step)
            if step is None or step.kind != "job" or failures.error in _NO_RETRY or _retried(step, failures.error):
                continue
            seeds = [one.seed for one in endings if _is(one, failures)]
            tried = seeds[:MOST_TRIED]
            saved = sum(self._succeeds(seed, step, failures.error) for seed in tried)
            if saved:
                yield Weak(Kind.RETRY, step.id, failures.error, len(seeds), tuple(seeds[:5]), len(tried), saved)

    def _succeeds(self, seed: int, step: Step, error: str) -> bool:
        rule = RetryRule((error,), _RETRIES, backoff=Backoff(initial=30.0))
        plan = self._case.plan
        steps = tuple(replace(one, retry=(*one.retry, rule)) if one.id == step.id else one for one in plan.steps)
        case = replace(self._case, plan=replace(plan, steps=steps))
        return ending(story_of(seed, case, self._families, self._evaluator)).result is Result.SUCCEEDED


def _is(one: Ending, failures: Failures) -> bool:
    return one.result is Result.FAILED and (one.step, one.error) == (failures.step, failures.error)


def _retried(step: Step, error: str) -> bool:
    return any(rule.most and ("*" in rule.errors or error in rule.errors) for rule in step.retry)
