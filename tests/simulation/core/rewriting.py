"""A graph that is exchanged for another while it is carried out: the oracle's telling of it, and the core's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flowrun.core.events import AttemptFinished, AttemptStarted, RunReplanned, RunStarted
from flowrun.core.plan import Step
from flowrun.core.replan import Refused, revise
from flowrun.core.run import Run
from flowrun.core.state import StepState
from flowrun.core.status import Failed, LegStatus, StepStatus, Succeeded
from tests.simulation.core.algebra import NOW, plan
from tests.simulation.core.oracle import Fact, Node, Telling, decide_one, ended, verdict
from tests.simulation.core.words import Words


def tell(nodes: tuple[Node, ...], file: tuple[Node, ...], moment: int) -> Telling | None:
    """The whole run, in the oracle's moments; at this one the file is `file`. None where it cannot go on with that."""
    telling, moments = Telling(nodes), 0
    while True:
        for _ in (0, 1):
            if moments == moment:
                if _must_not(telling, file):
                    return None
                telling.nodes = _merged(telling, file)
            moments += 1
            while decide_one(telling):
                pass
            if not telling.running:
                telling.endings = moments
                return telling
        first = min(telling.running)
        telling.running.remove(first)
        node = next(node for node in telling.nodes if node.name == first)
        telling.facts[first] = ended(node, node.ending)


def _merged(telling: Telling, file: tuple[Node, ...]) -> tuple[Node, ...]:
    """What is decided stays as it was, all else is as the file has it."""
    stay = tuple(node for node in telling.nodes if node.name in telling.facts or node.name in telling.running)
    names = {node.name for node in stay}
    return (*stay, *(node for node in file if node.name not in names))


def _must_not(telling: Telling, file: tuple[Node, ...]) -> bool:
    """What ran is another kind of thing now, or something new would come after the beginning of `finally`."""
    now = {node.name: node for node in file}
    known = {*telling.facts, *telling.running}
    for node in telling.nodes:
        fact = telling.facts.get(node.name)
        ran = node.name in telling.running or (fact is not None and fact.result not in ("skipped", "cancelled"))
        new = now.get(node.name, node)
        if ran and (new.last != node.last or (new.ending == "empty") != (node.ending == "empty")):
            return True
    last = any(node.last for node in telling.nodes if node.name in known)
    return last and any(not node.last for node in file if node.name not in known)


def drive(nodes: tuple[Node, ...], file: tuple[Node, ...], moment: int) -> Run | None:
    """The same by the core."""
    run = Run(RunStarted(NOW, "r", plan(nodes), {}), Words())
    ways, moments = {node.name: node.ending for node in nodes}, 0
    while True:
        for _ in (0, 1):
            if moments == moment and not run.finished:
                found = revise(run.state, plan(file))
                if isinstance(found, Refused):
                    return None
                begun = {step.id for step, now in _steps(run) if now.status is not StepStatus.WAITING}
                ways |= {node.name: node.ending for node in file if node.name not in begun}
                run.record(RunReplanned(NOW, found.plan, changed=found.changed))
            moments += 1
            run.settle(NOW)
            active = sorted(step.id for step, now in _steps(run) if now.status is StepStatus.RUNNING)
            if not active:
                return run
        at = run.state.index[active[0]]
        if run.state.leg(at, 0).status is LegStatus.SCHEDULED:
            run.record(AttemptStarted(NOW, active[0], 0, 1, {}))
        outcome = Failed("faulted") if ways[active[0]] == "failed" else Succeeded()
        run.record(AttemptFinished(NOW, active[0], 0, 1, outcome))


def _steps(run: Run) -> Iterator[tuple[Step, StepState]]:
    return zip(run.state.plan.steps, run.state.steps, strict=True)


def check(nodes: tuple[Node, ...], file: tuple[Node, ...], moment: int) -> int:
    """Raises AssertionError where core and oracle disagree. How many moments there were; 0 where it is refused."""
    told, run = tell(nodes, file, moment), drive(nodes, file, moment)
    about = f"{nodes} as {file} at {moment}"
    assert (told is None) == (run is None), f"only one of them refuses {about}"
    if told is None or run is None:
        return 0
    got = {step.id: Fact(str(now.status), str(now.outcome), now.cause) for step, now in _steps(run)}
    assert got == told.facts, about
    assert (str(run.state.status), frozenset(run.state.warnings)) == verdict(told), f"the run of {about}"
    return told.endings


def unlike(nodes: tuple[Node, ...], first: int) -> tuple[Node, ...]:
    """The graph with its names moved on by `first`, so that it shares only some of them with another."""

    def name(old: str) -> str:
        return f"n{int(old[1:]) + first}"

    return tuple(
        replace(node, name=name(node.name), needs=tuple((name(need), optional) for need, optional in node.needs))
        for node in nodes
    )
