"""How files and runs grow: what each stage of a life takes at 100, 1,000 and 10,000, and the exponent of its growth."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import run
from tests.benchmarks.shapes import GOOD, layers

SIZES = (100, 1_000, 10_000)
STAGES = ("load", "plan", "draw", "run", "record", "resume", "report")
"""Those of `stages`, which is not imported here: a child's peak of memory is at least what its parent has."""
TIMES = 5
LEAST = 0.2
"""CPU seconds at the largest size, below which a growth says nothing."""


def table(folder: Path) -> None:
    """Print it."""
    print("### Large files and runs\n\nCPU seconds, each shape and size in a process of its own.\n")
    print(f"| shape | size | {' | '.join(STAGES)} | MiB to check and plan | MiB in all |")
    print(f"|---|---|{'---|' * (len(STAGES) + 2)}")
    for name, shape in GOOD.items():
        taken = [_life(shape(size)) for size in SIZES]
        for size, stages in zip(SIZES, taken, strict=True):
            cells = [f"{stages[stage][0]:.2f}" for stage in STAGES]
            print(f"| {name} | {size:,} | {' | '.join(cells)} | {stages['plan'][1]:.0f} | {stages['report'][1]:.0f} |")
        print(f"| | **exponent** | {' | '.join(_exponent(taken, stage) for stage in STAGES)} | | |", flush=True)
    _validate(folder)
    _positions()


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """The power of the size that the time grows with: the slope of the line through the logarithms."""
    across = [math.log(size) for size in sizes]
    up = [math.log(max(one, 1e-4)) for one in seconds]
    middle, height = sum(across) / len(across), sum(up) / len(up)
    slope = sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True))
    return slope / sum((x - middle) ** 2 for x in across)


def _exponent(taken: Sequence[Mapping[str, Sequence[float]]], stage: str) -> str:
    """Nothing where the stage takes no time to speak of."""
    seconds = [stages[stage][0] for stages in taken]
    return f"{exponent(SIZES, seconds):.2f}" if seconds[-1] >= LEAST else ""


def _life(text: str) -> Mapping[str, Sequence[float]]:
    told = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.stages"], input=text, capture_output=True, text=True, check=True
    )
    stages: Mapping[str, Sequence[float]] = json.loads(told.stdout)
    return stages


def _validate(folder: Path) -> None:
    """The whole command on 10,000 steps, beside the same on one."""
    folder.mkdir(parents=True, exist_ok=True)
    spec = folder / "large.yaml"
    taken = []
    for size in (1, SIZES[-1]):
        spec.write_text(layers(size))
        taken.append(run(["-m", "flowrun", "validate", str(spec)], {}))
    one, many = taken
    print(
        f"\n`flowrun validate`, one step and {SIZES[-1]:,} in layers of 10: {one.cpu:.2f} and {many.cpu:.2f} s of CPU,"
    )
    print(f"{one.memory:.0f} and {many.memory:.0f} MiB.")


def _positions() -> None:
    """What it costs to know where each key and value stands, in the same process."""
    from _ruamel_yaml import CParser  # noqa: PLC0415 - the C parser is optional, and the rest as for STAGES

    from flowrun.spec.document import parse  # noqa: PLC0415
    from flowrun.spec.loader import load  # noqa: PLC0415

    def events(text: str) -> None:
        reader = CParser(text)
        while type(reader.get_event()).__name__ != "StreamEndEvent":
            pass

    text = layers(SIZES[-1])
    alone, positioned, whole = (_best(act, text) for act in (events, parse, lambda text: load(text, "large.yaml")))
    print(f"\nOf loading {SIZES[-1]:,} steps ({whole:.2f} s) the C parser's events take {alone / whole:.0%},")
    print(f"data and positions made of them another {(positioned - alone) / whole:.0%}.")


def _best(act: Callable[[str], Any], text: str) -> float:
    """CPU seconds, the least of several times."""
    taken = []
    for _ in range(TIMES):
        began = time.process_time()
        act(text)
        taken.append(time.process_time() - began)
    return min(taken)
