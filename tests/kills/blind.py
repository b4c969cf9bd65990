"""`python -m tests.kills.blind [--kills N] [--seed S]`: a killer that does not look.

Each round runs one of the small plans, kills its process at a random moment, and often the one that goes on as well;
the emulator's ledger judges. It stops at the first run that came to anything else than it would have.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.kills.ground import Course, Ground
from tests.kills.judge import QUICK, judge

_AGAIN = 0.5
"""How probable it is that the next process is killed as well."""


@dataclass
class Tally:
    """What came of the rounds. `never` began: their process died before the run was on paper."""

    rounds: int = 0
    never: int = 0
    kills: int = 0
    twice: int = 0
    jobs: int = 0
    resumed_after: list[float] = field(default_factory=list)

    def add(self, course: Course) -> None:
        """Count one more."""
        self.rounds += 1
        self.never += not course.run_id
        self.kills += course.deaths
        self.twice += course.deaths > 1
        self.jobs += len(course.jobs)
        self.resumed_after += course.resumed_after


def blind(ground: Ground, undisturbed: Callable[[str], Course], kills: int, dice: random.Random) -> Tally:
    """So many kills at random moments. Raises AssertionError, with the whole story, at the first wrong course."""
    tally = Tally()
    while tally.kills < kills:
        plan = dice.choice(QUICK)
        wanted = undisturbed(plan)
        course = ground.course(plan, *_moments(dice, wanted.took))
        judge(plan, course, wanted)
        tally.add(course)
    return tally


def _moments(dice: random.Random, most: float) -> Iterator[float]:
    yield dice.uniform(0.0, most)
    while dice.random() < _AGAIN:
        yield dice.uniform(0.0, most)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ground = Ground(Path(folder))
        try:
            tally = blind(ground, cache(ground.course), given.kills, random.Random(given.seed))
        finally:
            ground.close()
    waited = statistics.median(tally.resumed_after) if tally.resumed_after else 0.0
    print(f"{tally.rounds} rounds, {tally.kills} kills, {tally.twice} runs killed more than once")
    print(f"{tally.never} runs never began, {tally.jobs} Jobs, 0 of them started twice")
    print(f"{waited:.2f} s from a death to the moment in which the next process had the run (median)")


if __name__ == "__main__":
    main()
