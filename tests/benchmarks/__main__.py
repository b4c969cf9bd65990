"""`python -m tests.benchmarks`: the tables of docs/explanation/benchmarks.md, as Markdown on standard output."""

from __future__ import annotations

import json
import math
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from tests.benchmarks.measure import Figures, emulator, run
from tests.benchmarks.workloads import Workload, chain, fan, layers, write

ROUNDS = 3
SCRIPT = Path(__file__).parent / "script.py"
SIZES = (100, 1_000, 10_000)

Row: TypeAlias = tuple[Figures, Counter[str]]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("### Beside the script that people write today\n")
        print("| shape | | wall s | CPU s | peak MiB | StartJobs | list calls | single reads | requests a Job |")
        print("|---|---|---|---|---|---|---|---|---|")
        for number, workload in enumerate((chain(50), fan(200), layers(500, 10))):
            beside(folder / str(number), workload)
        print("\n### Large files\n")
        print("| steps | validate s | peak MiB | graph s | peak MiB |")
        print("|---|---|---|---|---|")
        growth(folder / "large")
        print("\n### Starting up\n")
        start_up()


def beside(folder: Path, workload: Workload) -> None:
    """One shape, both ways, in turn, each against an Orchestrator of its own."""
    spec, catalog = write(folder, workload)
    rows: dict[str, list[Row]] = {"script": [], "flowrun": []}
    edges = json.dumps(workload.needs).encode()
    for at in range(ROUNDS):
        for who, taken_before in rows.items():
            state = folder / f"{who}{at}"
            with emulator(catalog, state) as environment:
                if who == "script":
                    taken = run([str(SCRIPT)], environment, edges)
                else:
                    own = {**environment, "FLOWRUN_STATE_DIR": str(state / "flowrun")}
                    taken = run(["-m", "flowrun", "run", str(spec)], own)
            taken_before.append((taken, requests(state / "emulator")))
    medians = {who: median(taken) for who, taken in rows.items()}
    for who, (figures, counts) in medians.items():
        jobs = len(workload.needs)
        total = (counts["start"] + counts["list"] + counts["single"]) / jobs
        print(
            f"| {workload.name} | {who} | {figures.wall:.1f} | {figures.cpu:.1f} | {figures.memory:.0f} "
            f"| {counts['start']} | {counts['list']} | {counts['single']} | {total:.1f} |"
        )
    ours, theirs = medians["flowrun"], medians["script"]
    print(
        f"| | **ratio** | {ours[0].wall / theirs[0].wall:.2f} | {ours[0].cpu / theirs[0].cpu:.2f} "
        f"| {ours[0].memory / theirs[0].memory:.2f} | | | | |"
    )


def median(rows: Iterable[Row]) -> Row:
    """The row with the median wall time."""
    return sorted(rows, key=lambda row: row[0].wall)[ROUNDS // 2]


def requests(state: Path) -> Counter[str]:
    """The requests by kind, counted from the Orchestrator's own ledger."""
    counts: Counter[str] = Counter()
    for file in state.rglob("ledger.jsonl"):
        for line in file.read_text().splitlines():
            entry = json.loads(line)
            if kind := kind_of(entry):
                counts[kind] += 1
    return counts


def kind_of(entry: Mapping[str, str]) -> str:
    """start, list or single; empty for anything else."""
    path = entry.get("path", "")
    if path.endswith("StartJobs"):
        return "start"
    if path.endswith("/Jobs"):
        return "list"
    return "single" if "/Jobs(" in path and "." not in path.rsplit("/", 1)[-1] else ""


def growth(folder: Path) -> None:
    """Validate and draw files of growing size, and the exponent of each growth."""
    taken: dict[str, list[Figures]] = {"validate": [], "graph": []}
    for size in SIZES:
        spec, _ = write(folder / str(size), layers(size, 10))
        for command, figures in taken.items():
            figures.append(run(["-m", "flowrun", command, str(spec)], {}))
        validated, drawn = taken["validate"][-1], taken["graph"][-1]
        print(f"| {size:,} | {validated.cpu:.2f} | {validated.memory:.0f} | {drawn.cpu:.2f} | {drawn.memory:.0f} |")
    small = run(["-m", "flowrun", "validate", str(write(folder / "one", chain(1))[0])], {})
    for command, figures in taken.items():
        low, high = figures[1].cpu - small.cpu, figures[2].cpu - small.cpu
        exponent = math.log10(max(high, 0.001) / max(low, 0.001))
        print(f"\n`{command}` grows with the {exponent:.2f}th power of the size between 1,000 and 10,000 steps.")


def start_up() -> None:
    """`flowrun --version` against a bare import of click."""
    ours = [run(["-m", "flowrun", "--version"], {}).cpu for _ in range(7)]
    bare = [run(["-c", "import click"], {}).cpu for _ in range(7)]
    ratio = statistics.median(ours) / statistics.median(bare)
    print(f"`flowrun --version` takes {ratio:.2f} times the CPU of `python -c 'import click'` (medians of 7).")


if __name__ == "__main__":
    main()
