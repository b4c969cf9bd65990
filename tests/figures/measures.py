"""What is measured, each by a function that is told how many runs it may take. Seconds are of one core's CPU time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest

from flowrun.api.plans import Inputs
from flowrun.api.simulated import families, subject
from flowrun.simulation.ending import ending
from flowrun.simulation.tally import in_fair_weather, story_of
from flowrun.templating.evaluator import Templates
from tests.benchmarks.shapes import layers
from tests.benchmarks.stages import Life
from tests.figures import pages
from tests.simulation.exhaustive import PLANS, STARTS, judged
from tests.simulation.planted import found_after
from tests.simulation.planted_outside import posts_twice
from tests.simulation.test_sim import SPECS
from tests.unit.simulation.cases import EVALUATOR, join

Measured: TypeAlias = Mapping[str, float | str | list[str]]

ALL = families("all")
STEPS = 2_000
"""Of the run that is resumed."""
STARTS_IN_TROUBLE = ("lost", "late", "cut", "5xx")
"""What may befall the reply to a start."""


def seeds(runs: int) -> Measured:
    """Workflows of the tour under all faults, in turn."""
    began, hours, broken = time.process_time(), 0.0, 0
    cases = [in_fair_weather(subject(spec, Inputs()).case, Templates())[0] for spec in SPECS]
    for seed in range(runs):
        story = story_of(seed, cases[seed % len(cases)], ALL, Templates())
        hours += story.watched / 3600.0
        broken += bool(ending(story).wrong)
    spent = time.process_time() - began
    return {"runs": runs, "hours": round(hours), "broken": broken, "a_minute": round(2 * 60 * runs / spent)}


def exhaustive(_: int) -> Measured:
    """All runs of small plans: with one fault of every plan, with two of the smallest, with three of the start."""
    one = [judged(PLANS[name], 1) for name in PLANS]
    two = judged(PLANS["one"], 2)
    three = judged(STARTS, 3)
    wrong = [sentence for _, sentences in (*one, two, three) for sentence in sentences]
    return {
        "one": sum(counts[1] for counts, _ in one),
        "two": two[0][2],
        "three": three[0][3],
        "plans": list(PLANS),
        "broken": len(wrong),
    }


def planted(_: int) -> Measured:
    """Every planted bug: after how many seeds it is found, the median over five beginnings."""
    rows = found_after(beginnings=5)
    known = [count for count in rows.values() if count is not None]
    lost = [name for name, count in rows.items() if count is None]
    return {"planted": len(rows), "found": len(known), "median": median(known), "most": max(known), "lost": lost}


def naive(runs: int) -> Measured:
    """A start whose reply is lost is posted again, as most scripts do it; and flowrun, in the same world."""
    with pytest.MonkeyPatch.context() as patch:
        posts_twice(patch)
        theirs = sum(_doubled(seed) for seed in range(runs))
    return {"runs": runs, "naive": theirs, "flowrun": sum(_doubled(seed) for seed in range(runs))}


def _doubled(seed: int) -> bool:
    story = story_of(seed, join(), STARTS_IN_TROUBLE, EVALUATOR)
    attempts = [(job.attempt.step_id, job.attempt.number) for job in story.jobs if job.attempt is not None]
    return len(attempts) > len(set(attempts))


def resume(_: int) -> Measured:
    """A run of many steps is read from its journal and made again, as by `runs resume`."""
    with TemporaryDirectory() as folder:
        life = Life(layers(STEPS), Path(folder))
        for stage in ("load", "plan", "run", "record"):
            getattr(life, stage)()
        began = time.process_time()
        life.resume()
        spent = time.process_time() - began
    return {"events": len(life.events), "seconds": round(spent, 2)}


def counted(_: int) -> Measured:
    """What is counted and grows: told in round numbers, which a test holds to be reached."""
    return {"bad": len(bad_workflows()) // 100 * 100, "deaths": deaths() // 100 * 100}


def bad_workflows() -> list[Path]:
    """Those that are refused: what is only advised against is not among them."""
    folder = pages.ROOT / "tests" / "golden" / "specs"
    return [path for path in folder.rglob("*.yaml") if path.parent.name != "advice"]


def deaths() -> int:
    """Of real processes by SIGKILL, as the page about kills has them."""
    text = (pages.ROOT / "docs" / "explanation" / "kills.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| `SIGKILL`")]
    return sum(int(count.replace(",", "")) for row in rows for count in re.findall(r"([\d,]+) deaths", row))


MEASURES: Mapping[str, Callable[[int], Measured]] = {
    "counted": counted,
    "seeds": seeds,
    "exhaustive": exhaustive,
    "planted": planted,
    "naive": naive,
    "resume": resume,
}
"""By name. The number is that of runs, for those that are measured by seeds."""
