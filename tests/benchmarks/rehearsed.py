"""How long a run takes that is only rehearsed: a fan-out of Jobs of a minute, a hundred at once."""

from __future__ import annotations

import math
import time
from pathlib import Path

from flowrun.core.events import RunStarted
from flowrun.core.plan import FanOut, Plan, Step
from flowrun.rehearsal.drive import rehearse
from flowrun.templating.evaluator import Templates
from tests.simulation.told import Told

SIZES = (100, 1_000, 10_000)


def table(folder: Path) -> None:
    """A row for each size, and how the time grows with it: 1.00 is in proportion."""
    del folder
    print(
        "### Rehearsals\n\n| legs | events | CPU s | virtual time | times as fast | growth |\n|---|---|---|---|---|---|"
    )
    rehearsed(1)  # what is loaded and compiled once
    before: tuple[int, float] | None = None
    for size in SIZES:
        events, virtual, spent = rehearsed(size)
        growth = "" if before is None else f"{math.log(spent / before[1]) / math.log(size / before[0]):.2f}"
        print(f"| {size:,} | {events:,} | {spent:.2f} | {virtual / 60:g} min | {virtual / spent:,.0f} | {growth} |")
        before = size, spent


def rehearsed(size: int) -> tuple[int, float, float]:
    """Events, seconds of virtual time, seconds of the processor."""
    fan = FanOut({"n": list(range(size))}, max_parallel=100)
    post = Step("post", "job", {"takes": 60, "n": "${{ matrix.n }}"}, fan_out=fan)
    started = RunStarted(0.0, "run", Plan("fan", (post,), max_parallel=100))
    began = time.process_time()
    done = rehearse(started, Templates(), Told())
    return len(done.events), done.took, time.process_time() - began
