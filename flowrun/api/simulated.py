"""Simulations of a workflow: many runs in bad weather, what comes of them, and tapes that tell one of them again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from flowrun.api.environments import chosen
from flowrun.api.plans import Inputs, Made, make
from flowrun.api.texts import read_text
from flowrun.errors import UsageError
from flowrun.nearest import guess
from flowrun.settings import Choice
from flowrun.simulation import tape
from flowrun.simulation.case import Case
from flowrun.simulation.courses import Script
from flowrun.simulation.ending import Ending
from flowrun.simulation.faults import FAULTS
from flowrun.simulation.shrink import Smallest, smallest
from flowrun.simulation.tally import Tally, in_fair_weather, story_of, sweep
from flowrun.simulation.tape import Replayed
from flowrun.span import Span
from flowrun.spec.trials import loader as suites
from flowrun.spec.trials.suite import Trial
from flowrun.templating.evaluator import Templates
from flowrun.trials.courses import script_of

ALL, NONE = "all", "none"


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of it. `sources`: where it stands how Jobs go, by workflow; empty where that is made up.

    `seconds` are of real time. `smallest`: of the first seed in which flowrun broke a promise, the smallest story that
    still does; None where there is none, or where it cannot be told without its dice.
    """

    workflow: str
    file: Path
    tally: Tally
    sources: Mapping[str, str]
    seconds: float
    smallest: Smallest | None = None

    @property
    def fair(self) -> Span:
        """How long the run takes without any fault, in virtual time."""
        return Span(self.tally.fair.took)

    @property
    def median(self) -> Span:
        """How long the one in the middle took, of those that came to an end."""
        return Span(self.tally.median)

    @property
    def worst(self) -> Span:
        """How long the longest of them took."""
        return Span(self.tally.worst)

    @property
    def all_faults(self) -> bool:
        """Whether every family of faults could be on."""
        return len(self.tally.families) == len(FAULTS)


@dataclass(frozen=True, slots=True)
class Subject:
    """A workflow, and all that is said of how its Jobs go."""

    made: Made
    case: Case
    sources: Mapping[str, str] = field(default_factory=dict)


def simulate(
    subject: Subject,
    seeds: Sequence[int],
    faults: Sequence[str],
    told: Callable[[Ending], None] = lambda _: None,
) -> Simulated:
    """Run it so many times in virtual time, and count. `told` hears of each seed."""
    began = time.perf_counter()
    with _quiet():
        tally = sweep(subject.case, faults, seeds, Templates(), told)
        spent = time.perf_counter() - began
        small = _smallest(subject, tally.broken[0].seed, faults) if tally.broken else None
    return Simulated(subject.made.plan.workflow, subject.made.file, tally, subject.sources, spent, small)


def _smallest(subject: Subject, seed: int, faults: Sequence[str]) -> Smallest | None:
    case, _ = in_fair_weather(subject.case, Templates())
    return smallest(story_of(seed, case, faults, Templates()), Templates())


def subject(file: Path, inputs: Inputs) -> Subject:
    """A workflow as it is simulated: with the Jobs of the first test beside it. Raises SpecError, UsageError."""
    trial, source = _trial(file)
    if trial is not None:
        environment = inputs.environment or chosen(file, Choice(trial.env))
        inputs = replace(inputs, values={**trial.head.inputs, **inputs.values}, environment=environment)
    made = make(file, inputs)
    scripts, sources = {}, {}
    within = {loaded.file: made.workflows[name] for name, loaded in made.loaded.within().items()}
    for path, plan in ((str(file), made.plan), *within.items()):
        found, where = (trial, source) if path == str(file) else _trial(Path(path))
        scripts[plan.workflow] = Script() if found is None else script_of(found)
        sources[plan.workflow] = where
    plan = replace(made.plan, key="", concurrency=None)
    return Subject(made, Case(plan, made.inputs, scripts, made.workflows), sources)


def families(text: str) -> tuple[str, ...]:
    """Names of families of faults, with commas; or all, or none. Raises UsageError."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == [ALL]:
        return tuple(FAULTS)
    if names == [NONE]:
        return ()
    for name in names:
        if name not in FAULTS:
            hint = guess(name, FAULTS, f"there is {', '.join(FAULTS)}")
            raise UsageError(f"there are no faults {name!r}", hint=hint)
    return tuple(dict.fromkeys(names))


def record_tape(subject: Subject, seed: int, faults: Sequence[str], file: Path) -> int:
    """Write the story of a seed; how many lines it has. Raises UsageError where the file cannot be written.

    Where flowrun broke a promise in it, that is the smallest story in which it still does.
    """
    with _quiet():
        case, _ = in_fair_weather(subject.case, Templates())
        story, plot = story_of(seed, case, faults, Templates()), None
        small = smallest(story, Templates())
        if small is not None:
            story, plot = small.story, small.plot
        lines = tape.record(story, faults, plot)
    try:
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
    return len(lines)


def replay_tape(file: Path) -> Replayed:
    """Tell the story of a tape again. Raises UsageError."""
    lines = read_text(file).splitlines()
    with _quiet():
        return tape.replay(lines, Templates())


def fault_families() -> Mapping[str, str]:
    """Every family of faults, and what it does."""
    return FAULTS


def _trial(file: Path) -> tuple[Trial | None, str]:
    """The first test beside a workflow, and where it stands."""
    beside = file.with_name(f"{file.stem}.test{file.suffix}")
    if not beside.is_file():
        return None, ""
    suite = suites.load(read_text(beside), str(beside))
    if not suite.valid or not suite.trials:
        raise UsageError(f"{beside} is not valid, so it cannot say how Jobs go", hint=f"flowrun validate {beside}")
    return suite.trials[0], f"{beside}: {suite.trials[0].head.name}"


@contextmanager
def _quiet() -> Iterator[None]:
    """What the protocols would say of a thousand faults is no news to anybody."""
    ours = logging.getLogger("flowrun")
    before = ours.level
    ours.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        ours.setLevel(before)
