"""`python -m tests.soak [--hours H] [--pause S] [--seed N]`: many runs under rare faults, for as long as one likes.

One emulator answers throughout, and is ended and started again now and then. One process drives run after run and
never ends; others drive one run each, are killed at random moments, and their runs are gone on with. Faults come
seldom. Printed are what grows (memory, files, file descriptors, journal) and the verdict of the emulator's ledger.
"""

from __future__ import annotations

import argparse
import random
import signal
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.harness import pause
from tests.kills.judge import QUICK
from tests.soak.grounds import Grounds, Usage

FAULTS: tuple[dict[str, object], ...] = (
    {"on": "StartJobs", "fault": "503_after_commit"},
    {"on": "StartJobs", "fault": "lost_after_commit"},
    {"on": "StartJobs", "fault": "lost"},
    {"on": "StartJobs", "fault": "delay_after_commit", "seconds": 1},
    {"on": "StartJobs", "fault": "html_after_commit"},
    {"on": "StartJobs", "fault": "429", "retry_after": "1"},
    {"on": "Jobs", "fault": "503", "times": 2},
    {"on": "Jobs", "fault": "cut"},
    {"on": "Jobs", "fault": "list_lag", "seconds": 1, "times": 1},
    {"on": "Job", "fault": "lost"},
    {"on": "*", "fault": "edge"},
    {"on": "*", "fault": "delay", "seconds": 0.5},
)
KILLED, AGAIN, STRUCK = 0.3, 0.4, 0.25
"""How probable it is that a process is killed, that the next one is as well, and that a round has a fault."""

RESTART_EVERY = 120.0
SAMPLE_EVERY = 30.0


@dataclass
class Tally:
    """What was done. `samples`: how many runs there were by then, and what each process and the disk had grown to."""

    began: float
    rounds: int = 0
    kills: int = 0
    faults: int = 0
    restarts: int = 0
    ends: Counter[int] = field(default_factory=Counter)
    samples: list[tuple[float, int, Usage]] = field(default_factory=list)


def soak(grounds: Grounds, seconds: float, wait: float, dice: random.Random) -> Tally:
    """Go on for so long, a round every `wait` seconds or so, and then see every run to its end."""
    tally = Tally(time.monotonic())
    restart, sample = RESTART_EVERY, 0.0
    while (now := time.monotonic() - tally.began) < seconds:
        if now >= restart:
            grounds.restart(signal.SIGKILL if dice.random() < 0.5 else signal.SIGTERM)
            tally.restarts += 1
            restart = now + RESTART_EVERY * dice.uniform(0.5, 1.5)
        if now >= sample:
            tally.samples.append((now, grounds.runs(), grounds.usage()))
            print(line(*tally.samples[-1]), flush=True)
            sample = now + SAMPLE_EVERY
        if dice.random() < STRUCK:
            tally.faults += grounds.strike(dice.choice(FAULTS))
        _round(grounds, dice, tally)
        pause(wait * dice.uniform(0.5, 1.5))
    tally.samples.append((time.monotonic() - tally.began, grounds.runs(), grounds.usage()))
    grounds.calm()
    return tally


def _round(grounds: Grounds, dice: random.Random, tally: Tally) -> None:
    tally.rounds += 1
    for code in grounds.killed(dice.choice(QUICK), _moments(dice)):
        tally.ends[code] += 1
        tally.kills += code == -signal.SIGKILL


def _moments(dice: random.Random) -> Iterator[float]:
    """When each process of a round is killed; the one after the last of them is left alone."""
    chance = KILLED
    while dice.random() < chance:
        yield dice.uniform(0.0, 1.5)
        chance = AGAIN


def line(at: float, runs: int, usage: Usage) -> str:
    """A sample as it is printed."""
    return f"{at / 60:6.1f} min  {runs:6,} runs  {usage}"


def growth(samples: list[tuple[float, int, Usage]]) -> Iterator[str]:
    """Of each figure: its median in the second and in the last tenth of the time, and what that is for 1,000 runs."""
    tenth = max(1, len(samples) // 10)
    early, late = samples[tenth : 2 * tenth] or samples[:1], samples[-tenth:]
    runs = statistics.median(one[1] for one in late) - statistics.median(one[1] for one in early)
    for name in Usage.NAMES:
        first, last = (statistics.median(getattr(one[2], name) for one in part) for part in (early, late))
        each = (last - first) / runs * 1000 if runs else 0.0
        yield f"{name.replace('_', ' '):28}  {first:12,.1f}  {last:12,.1f}  {each:+12,.2f} for 1,000 runs"


def main() -> None:
    """Print samples as they come, and the figures at the end. Ends with 1 where the ledger finds anything wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--pause", type=float, default=3.0, help="seconds between two runs, of each of the two kinds")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        grounds = Grounds(Path(folder), given.pause)
        try:
            tally = soak(grounds, given.hours * 3600, given.pause, random.Random(given.seed))
            verdict = grounds.verdict()
        finally:
            grounds.close()
    print(*growth(tally.samples), sep="\n")
    print(
        f"{tally.rounds} rounds, {tally.kills} kills, {tally.faults} faults, {tally.restarts} restarts of the emulator"
    )
    print(f"processes ended with {dict(sorted(tally.ends.items()))}")
    print(verdict)
    if not verdict.good:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
