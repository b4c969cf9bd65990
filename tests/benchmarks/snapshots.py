"""What it costs to put a run away and to go on from there: bytes, and CPU beside that of replaying its events."""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from flowrun.core.events import AttemptFinished, AttemptStarted, Event, RunStarted
from flowrun.core.plan import FanOut, Need, Plan, Step
from flowrun.core.run import Run
from flowrun.core.status import Succeeded
from flowrun.journal.snapshot import dump, load
from flowrun.templating.evaluator import Templates

SIZE = 10_000
SHARES = {"in the middle": 0.5, "near the end": 0.99}

T = TypeVar("T")


def table(folder: Path) -> None:
    """A row for each shape and place."""
    del folder
    print(f"### Where a run stands, as one JSON value\n\n{SIZE:,} steps or legs, each with an output of 200 bytes.\n")
    print("| shape | where | events | JSON | compressed | bytes a step | put away | read | of a replay |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, plan in (("chain", chain(SIZE)), ("fan", fan(SIZE))):
        for where, share in SHARES.items():
            events = driven(plan, int(SIZE * share))
            run, replay = _timed(lambda events=events: Run.replay(events, Templates()))  # type: ignore[misc]
            text, away = _timed(lambda run=run: json.dumps(dump(run.state), separators=(",", ":")).encode())  # type: ignore[misc]
            _, back = _timed(lambda text=text: Run.restore(load(json.loads(text)), Templates()))  # type: ignore[misc]
            small = len(zlib.compress(text))
            print(
                f"| {name} | {where} | {len(events):,} | {_size(len(text))} | {_size(small)} | {small / SIZE:.0f} "
                f"| {away:.2f} s | {back:.2f} s | {(away + back) / replay:.2f} |",
                flush=True,
            )


def chain(size: int) -> Plan:
    """Each reads the one before it."""
    return Plan("chain", tuple(_step(f"s{at}", f"s{at - 1}" if at else "") for at in range(size)), max_parallel=100)


def _step(step_id: str, before: str) -> Step:
    given = {"in_Before": f"${{{{ steps.{before}.outputs.out }}}}"} if before else {}
    arguments = {"release": "Echo", "folder": "Finance", "input_arguments": given}
    return Step(step_id, "job", arguments, (Need(before),) if before else (), timeout=3600.0, outputs=("out",))


def fan(size: int) -> Plan:
    """Each reads its own row."""
    arguments = {"release": "Echo", "folder": "Finance", "input_arguments": {"in_Row": "${{ matrix.n }}"}}
    step = Step("post", "job", arguments, fan_out=FanOut({"n": list(range(size))}), outputs=("out",))
    return Plan("fan", (step,), max_parallel=100)


def driven(plan: Plan, most: int) -> list[Event]:
    """The events of a run of which so many attempts have ended; those that began are left as they are."""
    started = RunStarted(0.0, "20261126-abcdef", plan)
    run = Run(started, Templates())
    events: list[Event] = [started, *run.settle(0.0)]
    waiting = run.touched()
    ended = 0
    while waiting and ended < most:
        at, leg = waiting.pop(0)
        who = (float(ended), plan.steps[at].id, leg, 1)
        for event in (AttemptStarted(*who, _handle(ended)), AttemptFinished(*who, Succeeded(_outputs(ended)), 0.5)):
            run.record(event)
            events.append(event)
        events += run.settle(float(ended))
        waiting += [place for place in run.touched() if run.commands(place) and place not in waiting]
        ended += 1
    return events


def _handle(at: int) -> Mapping[str, Any]:
    return {"jobs": [{"id": 470_000 + at, "key": hashlib.md5(str(at).encode()).hexdigest()}], "folder": 7}


def _outputs(at: int) -> Mapping[str, Any]:
    """Two hundred bytes, of which two thirds are like nothing else."""
    return {"out": f"row {at:>6}: booked in the ledger of the month, {hashlib.sha512(str(at).encode()).hexdigest()}"}


def _timed(act: Callable[[], T]) -> tuple[T, float]:
    began = time.process_time()
    made = act()
    return made, time.process_time() - began


def _size(count: int) -> str:
    return f"{count / 1024:,.0f} KiB"
