"""Thousands of random runs, through crashes, aborts and clocks that are set."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import Amount, Figure
from tests.simulation.core.judge import judge
from tests.simulation.core.simulation import Story, Trouble, simulate, trouble

pytestmark = pytest.mark.timeout(4 * 3600)

ROOT = Path(__file__).parents[3]
SEEDS = 240


def told(seed: int, befalls: Trouble | None = None, prefixes: int = 2) -> Story:
    """The story of a seed, judged; whatever is wrong with it names the seed."""
    try:
        story = simulate(seed, befalls)
        judge(story, prefixes)
    except Exception as error:
        error.add_note(f"seed {seed}, {befalls or 'its own trouble'}: told({seed}) in {__name__} shows it again")
        raise
    return story


@pytest.mark.parametrize("part", range(4))
def test_nothing_that_must_not_happen_happens(part: int, amount: Amount, figure: Figure) -> None:
    events = crashes = aborted = 0
    ends = set()
    for seed in range(part, amount(SEEDS, 100_000), 4):
        story = told(seed)
        events += len(story.journal.events)
        crashes += story.crashes
        aborted += story.journal.states[len(story.journal.events)].abort is not None
        ends.add(str(story.journal.events[-1].status))  # type: ignore[union-attr]
    figure("events", events)
    figure("crashes", crashes)
    assert ends == {"succeeded", "failed", "cancelled"}
    assert crashes > SEEDS // 8, "the trouble is no trouble"
    assert aborted > SEEDS // 50


def test_a_crash_at_every_boundary(amount: Amount, figure: Figure) -> None:
    """The same run for each place at which it could die, and a second death soon after the first.

    By day for every other place: the others are those of the second deaths.
    """
    crashes = 0
    for seed in range(2, 2 + 3 * amount(2, 1_000), 3):
        befalls = replace(trouble(seed), crash=lambda _: False, drifts=False)
        for boundary in range(1, told(seed, befalls).boundaries + 1, amount(2, 1)):
            deaths = {boundary, boundary + 3}
            story = told(seed, replace(befalls, crash=deaths.__contains__), prefixes=0)
            assert story.crashes >= 1
            crashes += story.crashes
    figure("crashes", crashes)


def test_every_prefix_of_some_journals_goes_on(amount: Amount) -> None:
    for seed in range(amount(5, 500)):
        told(seed, prefixes=1_000_000)


@cache
def digest() -> str:
    """What some seeds came to, event by event."""
    text = "\n".join(repr(event) for seed in range(12) for event in simulate(seed).journal.events)
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("hash_seed", ["1", "77"])
def test_the_same_seed_tells_the_same_story_whatever_the_hash_seed(hash_seed: str) -> None:
    code = "from tests.simulation.core.test_simulation import digest; print(digest())"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    other = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert other.stdout.strip() == digest()
