"""`python -m tests.benchmarks [TABLE ...]`: the tables of docs/explanation/benchmarks.md, as Markdown.

Tables are `beside`, `active`, `emulator`, `large`, `rehearsed`, `scaled` (on Temporal), `snapshots` and `start`;
without a name all of them.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from tests.benchmarks import crowd, large, rehearsed, scaled, snapshots
from tests.benchmarks.measure import Figures, emulator, run
from tests.benchmarks.workloads import Workload, chain, chains, fan, layers, wide, write

ROUNDS = 3
POLL, SLOW_POLL = 0.1, 5.0
"""Seconds between two polls of the script: for Jobs that end at once, and as UiPath's own command line waits."""
TENANT = {
    "FLOWRUN_POLL_INTERVAL": "1",
    "FLOWRUN_POLL_INTERVAL_MOST": "15",
    "FLOWRUN_LIST_CALLS_PER_MINUTE": "20",
}
"""As flowrun behaves towards a tenant, and not towards this machine."""
ACTIVE = (1, 50, 1_000)
SCRIPT = Path(__file__).parent / "script.py"

Row: TypeAlias = tuple[Figures, Counter[str]]


HEAD = (
    "| shape | | wall s | CPU s | peak MiB | StartJobs | list calls | single reads | requests a Job |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    tables: dict[str, Callable[[Path], None]] = {
        "beside": instant,
        "active": active,
        "emulator": crowd.table,
        "large": large.table,
        "rehearsed": rehearsed.table,
        "scaled": scaled.table,
        "snapshots": snapshots.table,
        "start": start_up,
    }
    with tempfile.TemporaryDirectory() as name:
        for table in sys.argv[1:] or tables:
            tables[table](Path(name) / table)
            print()


def instant(folder: Path) -> None:
    """Jobs that end at once: what remains is overhead."""
    print(f"### Beside the script that people write today\n\n{HEAD}")
    for number, workload in enumerate((chain(50), fan(200), layers(500, 10))):
        beside(folder / str(number), workload, ROUNDS, POLL, {})


def active(folder: Path) -> None:
    """Jobs that run for a while, so that as many as the shape is wide are active at once."""
    print(f"### Requests, by how many Jobs are active\n\n{HEAD}")
    for count in ACTIVE:
        beside(folder / f"chains{count}", chains(count, 3), 1, SLOW_POLL, TENANT)
        beside(folder / f"fan{count}", wide(count), 1, SLOW_POLL, TENANT)


def beside(folder: Path, workload: Workload, rounds: int, poll: float, tuned: Mapping[str, str]) -> None:
    """One shape, both ways, in turn, each against an Orchestrator of its own."""
    spec, catalog = write(folder, workload, robots=1_000 if workload.waits else 64)
    rows: dict[str, list[Row]] = {"script": [], "flowrun": []}
    work = json.dumps({"needs": workload.needs, "seconds": workload.seconds(), "poll": poll}).encode()
    for at in range(rounds):
        for who, taken_before in rows.items():
            state = folder / f"{who}{at}"
            with emulator(catalog, state) as environment:
                if who == "script":
                    taken = run([str(SCRIPT)], environment, work)
                else:
                    own = {**environment, **tuned, "FLOWRUN_STATE_DIR": str(state / "flowrun")}
                    taken = run(["-m", "flowrun", "run", str(spec)], own)
            taken_before.append((taken, requests(state / "emulator")))
    medians = {who: median(taken) for who, taken in rows.items()}
    for who, (figures, counts) in medians.items():
        jobs = len(workload.needs)
        total = (counts["start"] + counts["list"] + counts["single"]) / jobs
        print(
            f"| {workload.name} | {who} | {figures.wall:.1f} | {figures.cpu:.1f} | {figures.memory:.0f} "
            f"| {counts['start']} | {counts['list']} | {counts['single']} | {total:.1f} |",
            flush=True,
        )
    ours, theirs = medians["flowrun"], medians["script"]
    print(
        f"| | **ratio** | {ours[0].wall / theirs[0].wall:.2f} | {ours[0].cpu / theirs[0].cpu:.2f} "
        f"| {ours[0].memory / theirs[0].memory:.2f} | | | | |",
        flush=True,
    )


def median(rows: Iterable[Row]) -> Row:
    """The row with the median wall time."""
    by_wall = sorted(rows, key=lambda row: row[0].wall)
    return by_wall[len(by_wall) // 2]


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


def start_up(_: Path) -> None:
    """`flowrun --version` against a bare import of click."""
    print("### Starting up\n")
    ours = [run(["-m", "flowrun", "--version"], {}).cpu for _ in range(7)]
    bare = [run(["-c", "import click"], {}).cpu for _ in range(7)]
    ratio = statistics.median(ours) / statistics.median(bare)
    print(f"`flowrun --version` takes {ratio:.2f} times the CPU of `python -c 'import click'` (medians of 7).")


if __name__ == "__main__":
    main()
