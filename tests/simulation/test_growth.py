"""Large is normal: a step more costs the same in a file of hundreds as in one of dozens, from its text to its report.

Operations are counted, not seconds. What grows with a size twice as large by more than twice as much is not linear.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from flowrun.spec.loader import load
from flowrun.templating import analysis, evaluator
from tests.benchmarks.shapes import GOOD, ODD, pairs
from tests.benchmarks.stages import STAGES, Life
from tests.conftest import Amount, Figure
from tests.operations import operations

MOST = 1.04
"""By how much more than twice. A loop of one operation over all steps, for each step, makes 1.05 of it in the night."""

READ = ("load", "plan", "draw")
RUN = tuple(stage for stage in STAGES if stage not in READ)
LIVED = ("a chain, far reads", "one that needs and reads all", "a fan-out, and who reads its legs")
"""The shapes that are run by day; in the night all are."""


@pytest.fixture(autouse=True, scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is done once for all, and not for each file, is done."""
    life = Life(pairs(4), tmp_path_factory.mktemp("warm"))
    for stage in STAGES:
        getattr(life, stage)()


@pytest.mark.parametrize("shape", GOOD)
def test_a_file_is_read_and_drawn_in_the_time_of_its_size(
    shape: str, amount: Amount, figure: Figure, tmp_path: Path
) -> None:
    counted = _lives(GOOD[shape], amount(30, 200), READ, tmp_path)
    figure("operations", sum(counts[-1] for counts in counted.values()))
    assert {stage: _growth(counts) for stage, counts in counted.items() if _growth(counts) > MOST} == {}


@pytest.mark.parametrize("shape", GOOD)
def test_a_run_takes_the_time_of_its_size(shape: str, amount: Amount, figure: Figure, tmp_path: Path) -> None:
    if shape not in LIVED and not amount(0, 1):
        pytest.skip("in the night")
    counted = _lives(GOOD[shape], amount(16, 200), STAGES, tmp_path)
    figure("operations", sum(counts[-1] for counts in counted.values()))
    assert {stage: _growth(counted[stage]) for stage in RUN if _growth(counted[stage]) > MOST} == {}


@pytest.mark.parametrize("shape", ODD)
def test_what_is_wrong_is_found_in_the_time_of_its_size(shape: str, amount: Amount) -> None:
    texts = [ODD[shape](size) for size in _sizes(amount(20, 200))]
    found = [load(text, "large.yaml").problems for text in texts]
    assert all(found)
    assert _growth([_operations(lambda text=text: load(text, "large.yaml")) for text in texts]) < MOST  # type: ignore[misc]


def _lives(shape: Callable[[int], str], size: int, stages: Sequence[str], folder: Path) -> Mapping[str, Sequence[int]]:
    """For each stage how many operations it took, at three sizes."""
    lives = [Life(shape(count), folder / str(count)) for count in _sizes(size)]
    return {stage: [_operations(getattr(life, stage)) for life in lives] for stage in stages}


def _operations(act: Callable[[], object]) -> int:
    """Counted from a cold start: what is remembered of an expression would be work that only the first size does."""
    for remembered in (analysis._analyse, analysis.tree_of, evaluator._compiled):
        remembered.cache_clear()
    return operations(act)


def _sizes(size: int) -> Sequence[int]:
    return (size, 2 * size, 4 * size)


def _growth(counts: Sequence[int]) -> float:
    """How the second doubling compares with the first: 1 where the work is linear, 2 where it is quadratic."""
    small, middle, large = counts
    return (large - middle) / (middle - small) / 2 if middle > small else 1.0
