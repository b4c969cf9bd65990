"""How much work an event costs, counted in calls of functions: what grows with the size of the run is quadratic."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

from flowrun.core.commands import AwaitStep, Command, StartStep, StopStep
from flowrun.core.events import AbortRequested, AttemptFinished, AttemptStarted, Event, RunStarted
from flowrun.core.plan import Backoff, FanOut, Need, Plan, RetryRule, Stage, Step, Tolerance
from flowrun.core.run import Run
from flowrun.core.status import AbortLevel, Cancelled, Failed, Succeeded
from tests.simulation.core.words import Words


@dataclass(frozen=True)
class Load:
    """A plan of a size, which legs fail, and after how many words from outside an abort comes."""

    plan: Callable[[int], Plan]
    fails: Callable[[int, int], bool] = lambda _leg, _size: False
    abort: Callable[[int], int] | None = None
    level: AbortLevel = AbortLevel.STOP


def _step(step_id: str, **more: Any) -> Step:
    return Step(step_id, "job", {"x": 1}, **more)


def _fan(**more: Any) -> Callable[[int], Plan]:
    return lambda size: Plan("fan", (_step("fan", fan_out=FanOut({"n": list(range(size))}, **more)),))


def _chain(size: int) -> Plan:
    return Plan("chain", tuple(_step(f"s{at}", needs=(Need(f"s{at - 1}"),) if at else ()) for at in range(size)))


def _apart(size: int) -> Plan:
    return Plan("apart", tuple(_step(f"s{at}") for at in range(size)), max_parallel=100)


def _gathered(size: int) -> Plan:
    first = tuple(_step(f"s{at}") for at in range(size))
    return Plan("gathered", (*first, _step("all", needs=tuple(Need(step.id) for step in first))))


def _cleaned(size: int) -> Plan:
    last = tuple(_step(f"f{at}", stage=Stage.FINALLY) for at in range(size))
    return Plan("cleaned", (_step("one"), _step("two"), *last))


def _tried(size: int) -> Plan:
    rule = RetryRule(most=1, backoff=Backoff(initial=3.0))
    return Plan(
        "tried", (_step("fan", fan_out=FanOut({"n": list(range(size))}, max_parallel=50), retry=(rule,)),), timeout=1e9
    )


LOADS = {
    "a chain": Load(_chain),
    "steps that stand apart": Load(_apart),
    "many steps into one": Load(_gathered),
    "many steps in finally": Load(_cleaned),
    "half the legs are tried again": Load(_tried, lambda leg, _: leg % 2 == 0),
    "the first leg fails fast": Load(_fan(fail_fast=True), lambda leg, _: leg == 0),
    "the last leg fails fast": Load(_fan(fail_fast=True, max_parallel=50), lambda leg, size: leg == size - 1),
    "many failures are tolerated": Load(
        _fan(fail_fast=True, tolerate=Tolerance(percent=60.0)), lambda leg, _: leg % 2 == 0
    ),
    "running legs are stopped": Load(_fan(), abort=lambda size: size + size // 2),
    "waiting legs are cancelled": Load(_fan(max_parallel=10), abort=lambda _: 15),
    "stopped, and one has failed": Load(
        _fan(fail_fast=True, tolerate=Tolerance(5)), lambda leg, _: leg == 0, abort=lambda size: size + 10
    ),
    "running legs are drained": Load(_fan(), abort=lambda size: size + 10, level=AbortLevel.DRAIN),
}


def drive(load: Load, size: int) -> int:
    """The whole run, settled after every word from outside. How many events it had."""
    run = Run(RunStarted(0.0, "r", load.plan(size), {}), Words())
    words, now = 0, 0.0
    count = 1 + len(run.settle(now))
    while not run.finished:
        now += 1.0
        answers = [_answer(load, size, now, command) for place in run.touched() for command in run.commands(place)]
        for answer in answers:
            if load.abort is not None and words == load.abort(size):
                run.record(AbortRequested(now, load.level))
                count += 1
            words += 1
            run.deadline()
            count += run.take(answer) + len(run.settle(now))
        if not answers:
            now = max(now, run.deadline() or now)
            count += len(run.settle(now))
    return count


def _answer(load: Load, size: int, now: float, command: Command) -> Event:
    who = (command.step_id, command.leg, command.attempt)
    match command:
        case StartStep():
            return AttemptStarted(now, *who, handle={})
        case AwaitStep():
            failed = load.fails(command.leg, size) and command.attempt == 1
            return AttemptFinished(now, *who, outcome=Failed("faulted") if failed else Succeeded())
        case StopStep():
            return AttemptFinished(now, *who, outcome=Cancelled())


def calls_for_an_event(load: Load, size: int) -> float:
    """Calls of functions, and steps of generators, for each event."""
    calls = 0

    def count(_frame: FrameType, what: str, _: Any) -> None:
        nonlocal calls
        calls += what == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        events = drive(load, size)
    finally:
        sys.setprofile(before)
    return calls / events


def main() -> None:
    """Print events per second of processor time: `python -m tests.simulation.core.scaling`."""
    from time import process_time  # noqa: PLC0415 - only the printed table needs a clock

    for name, load in LOADS.items():
        for size in (1_250, 2_500, 5_000, 10_000):
            began = process_time()
            events = drive(load, size)
            spent = process_time() - began
            print(f"{name:32}{size:8,}{events:10,} events{spent:8.2f} s{events / spent:10,.0f} events/s")


if __name__ == "__main__":
    main()
