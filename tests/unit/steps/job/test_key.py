from __future__ import annotations

import uuid

import pytest

from flowrun.steps.job.key import batch_key, start_key
from flowrun.steps.protocol import Attempt


def key(run: str = "r1", step: str = "post", leg: str = "", number: int = 1) -> str:
    return start_key(Attempt(run, step, leg, number, {}))


def test_it_reads_as_run_step_attempt() -> None:
    assert key() == "fr1:r1:post:1"
    assert key(leg="EU", number=3) == "fr1:r1:post[EU]:3"


@pytest.mark.parametrize(
    "leg", ["x" * 300, "😀" * 60, "a\nb", "\x00", "half \ud800", "#1", "]:2", "[", "München", "0", " ", "\u202e"]
)
def test_any_leg_gives_a_key_that_fits(leg: str) -> None:
    made = key(leg=leg)
    assert made.isprintable()
    assert len(made.encode("utf-16-le")) // 2 <= 128
    assert made == key(leg=leg)
    assert uuid.UUID(batch_key(made)).version == 5


def test_long_runs_and_steps_fit_too() -> None:
    made = key(run="r" * 200, step="s" * 200)
    assert made.startswith("fr1:#")
    assert len(made) <= 128


def test_no_two_attempts_share_a_key() -> None:
    legs = ["", "a", "b", "a]:1", "#a", "x" * 200, "x" * 201, "x" * 200 + "y"]
    made = [key(run, step, leg, number) for run in ("r1", "r2") for step in "st" for leg in legs for number in (1, 2)]
    assert len({*made}) == len(made)
    assert len({batch_key(one) for one in made}) == len(made)


def test_a_hashed_leg_cannot_be_imitated() -> None:
    hashed = key(leg="x" * 300)
    leg = hashed.split("[", 1)[1].rsplit("]", 1)[0]
    assert key(leg=leg) != hashed


def test_keys_never_change() -> None:
    """Golden: a run that was started by an older version is found again by a newer one."""
    assert batch_key(key()) == "4d495376-1274-52a8-b4fd-f529d2c8f293"
