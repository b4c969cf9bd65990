"""What users get is what proves us: the specs under all faults, the same by any hash seed, and planted bugs found."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flowrun.api.plans import Inputs
from flowrun.api.simulated import families, subject
from flowrun.simulation.ending import Result, ending
from flowrun.simulation.tally import in_fair_weather, story_of
from flowrun.simulation.tape import record
from flowrun.templating.evaluator import Templates
from tests.conftest import Amount, Figure
from tests.simulation.planted_outside import PLANTS, Plant, finds
from tests.unit.simulation.cases import EVALUATOR, chain

ROOT = Path(__file__).parents[2]
ALL = families("all")
SPECS = sorted(
    path
    for path in (ROOT / "specs").rglob("*.yaml")
    if not path.name.endswith((".test.yaml", "emulator.yaml")) and path.parent.name != "environments"
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
@pytest.mark.timeout(4 * 3600)
def test_flowrun_keeps_its_promises_in_every_spec(spec: Path, amount: Amount, figure: Figure) -> None:
    case, fair = in_fair_weather(subject(spec, Inputs()).case, Templates())
    assert fair.result is Result.SUCCEEDED
    hours = 0.0
    for seed in range(amount(3, 5_000)):
        story = story_of(seed, case, ALL, Templates())
        assert ending(story).wrong == (), f"flowrun sim {spec.name} --seed {seed} --tape FILE"
        hours += story.watched / 3600.0
    figure("virtual_hours", round(hours))


def test_there_are_specs() -> None:
    assert len(SPECS) >= 8


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__.strip("_"))
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch, amount: Amount, figure: Figure) -> None:
    if PLANTS[plant].rare and not amount(0, 1):
        pytest.skip("found too late for the day: --nightly")
    plant(monkeypatch)
    found = next((seed for seed in range(PLANTS[plant].most) if finds(seed, PLANTS[plant])), None)
    assert found is not None, "nobody has found it"
    figure("seeds", found + 1)


def digest() -> str:
    """What some seeds came to, line by line."""
    lines = [line for seed in range(4) for line in record(story_of(seed, chain(), ALL, EVALUATOR), ALL)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_the_same_seed_tells_the_same_story_whatever_the_hash_seed() -> None:
    code = "from tests.simulation.test_sim import digest; print(digest())"
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    other = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert other.stdout.strip() == digest()
