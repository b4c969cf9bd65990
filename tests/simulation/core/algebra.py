"""The core, driven through a graph in the oracle's moments; and all the graphs there are of a size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random

from flowrun.core.events import AbortRequested, AttemptFinished, AttemptStarted, RunStarted, StepFinished
from flowrun.core.plan import FanOut, Need, OnEmpty, Plan, Stage, Step, Tolerance
from flowrun.core.run import Run
from flowrun.core.state import LegState
from flowrun.core.status import AbortLevel, Cancelled, Failed, LegStatus, StepStatus, Succeeded
from tests.simulation.core.oracle import Fact, Fan, Node, Telling, decide_one, tell, tell_fan, verdict
from tests.simulation.core.words import Words, condition

CONDITIONS = (None, "success()", "failure()", "always()", "cancelled()", "true", "false")
MORE_CONDITIONS = (*CONDITIONS, "not cancelled()", "not success()", "broken")
LEVELS = ("drain", "stop", "kill")

NOW = 1000.0


def plan(nodes: tuple[Node, ...]) -> Plan:
    """The plan of a graph. A node that ends `empty` is a fan-out without legs, and is then skipped."""
    return Plan("graph", tuple(_step(node) for node in nodes))


def _step(node: Node) -> Step:
    return Step(
        id=node.name,
        kind="job",
        needs=tuple(Need(name, optional) for name, optional in node.needs),
        stage=Stage.FINALLY if node.last else Stage.STEPS,
        condition=condition(node.condition),
        fan_out=FanOut({"n": []}, on_empty=OnEmpty.SKIP) if node.ending == "empty" else None,
        continue_on_error=("*",) if node.let_through else (),
    )


def drive(nodes: tuple[Node, ...], abort: str = "", moment: int = -1) -> Run:
    """The core's own run of a graph, in which whatever is asked to stop stops at once."""
    run = Run(RunStarted(NOW, "r", plan(nodes), {}), Words())
    endings = 0
    while True:
        for odd in (0, 1):
            if abort and 2 * endings + odd == moment and not run.finished:
                run.record(AbortRequested(NOW, AbortLevel(abort)))
            run.settle(NOW)
            _obey(run)
        active = [at for at, step in enumerate(run.state.steps) if step.status is StepStatus.RUNNING]
        if not active:
            return run
        at = active[0]
        if run.state.leg(at, 0).status is LegStatus.SCHEDULED:
            run.record(AttemptStarted(NOW, nodes[at].name, 0, 1, {}))
        outcome = Failed("faulted") if nodes[at].ending == "failed" else Succeeded()
        run.record(AttemptFinished(NOW, nodes[at].name, 0, 1, outcome))
        endings += 1


def _obey(run: Run) -> None:
    for at, step in enumerate(run.state.steps):
        if step.status is StepStatus.RUNNING and step.legs[0].status is LegStatus.STOPPING:
            run.record(AttemptFinished(NOW, run.state.place(at).id, 0, 1, Cancelled()))
    run.settle(NOW)


def check(nodes: tuple[Node, ...], abort: str = "", moment: int = -1) -> int:
    """Raises AssertionError where core and oracle disagree. How many moments the oracle saw."""
    told = tell(nodes, abort, moment)
    run = drive(nodes, abort, moment)
    for node in nodes:
        state = run.state.step(node.name)
        got = Fact(str(state.status), str(state.outcome), state.cause)
        assert got == told.facts[node.name], (
            f"{node.name} of {nodes} {abort} {moment}: {got}, not {told.facts[node.name]}"
        )
    got_run = (str(run.state.status), frozenset(run.state.warnings))
    assert got_run == verdict(told), f"the run of {nodes} {abort} {moment}"
    return 2 * told.endings + 1


def graphs(size: int, conditions: tuple[str | None, ...]) -> Iterator[tuple[Node, ...]]:
    """All graphs of so many steps in a fixed order, up to how they end: edges, optional or not, `if`s, `finally`."""
    names = [f"n{at}" for at in range(size)]
    pairs = [(at, before) for at in range(size) for before in range(at)]
    for first in range(size, -1, -1):
        allowed = [(at, before) for at, before in pairs if (at < first) == (before < first)]
        for edges in product((None, False, True), repeat=len(allowed)):
            needs: dict[int, list[tuple[str, bool]]] = {at: [] for at in range(size)}
            for (at, before), optional in zip(allowed, edges, strict=True):
                if optional is not None:
                    needs[at].append((names[before], optional))
            for words in product(conditions, repeat=size):
                yield tuple(Node(names[at], tuple(needs[at]), words[at], last=at >= first) for at in range(size))


def endings(nodes: tuple[Node, ...], ways: tuple[str, ...]) -> Iterator[tuple[Node, ...]]:
    """The graph with every way in which those of its steps end that can run at all."""
    for chosen in product(ways, repeat=len(nodes)):
        yield tuple(
            replace(node, ending=way.removesuffix("!"), let_through=way.endswith("!"))
            for node, way in zip(nodes, chosen, strict=True)
        )


def check_all_aborts(nodes: tuple[Node, ...]) -> int:
    """The graph without an abort, and with one of each level at each of its moments. How many runs that were."""
    moments = check(nodes)
    for level, moment in product(LEVELS, range(moments)):
        check(nodes, level, moment)
    return 1 + len(LEVELS) * moments


def random_graph(dice: Random, size: int) -> tuple[Node, ...]:
    """One of the graphs of that size, with any `if` and any ending."""
    first = dice.choice((size, size, size - 1, size - 2, 0))
    nodes = []
    for at in range(size):
        before = range(first if at >= first else 0, at)
        needs = tuple((f"n{other}", dice.random() < 0.4) for other in before if dice.random() < 0.6)
        ending = dice.choice(("succeeded", "succeeded", "failed", "failed", "empty"))
        words = dice.choice(MORE_CONDITIONS) if dice.random() < 0.7 else None
        nodes.append(Node(f"n{at}", needs, words, ending, last=at >= first, let_through=dice.random() < 0.2))
    return tuple(nodes)


FACTS = (
    Fact("succeeded", "succeeded"),
    Fact("succeeded", "failed", "faulted"),
    Fact("failed", "failed", "timeout"),
    *(Fact("skipped", "skipped", cause) for cause in ("condition", "empty_matrix", "not_selected")),
    *(Fact("skipped", "skipped", f"upstream_{what}") for what in ("failed", "cancelled", "skipped")),
    *(Fact("cancelled", "cancelled", cause) for cause in ("abort", "fail_fast", "run_timeout")),
)
"""All that a need can have come to."""


def check_decision(
    facts: tuple[tuple[Fact, bool], ...], words: str | None, abort: str, *, last: bool, lost: bool
) -> None:
    """What is decided about one step, given what its needs came to; `lost`: another step of `steps` has failed."""
    needs = tuple(Node(f"n{at}", last=last) for at in range(len(facts)))
    step = Node("x", tuple((f"n{at}", optional) for at, (_, optional) in enumerate(facts)), words, last=last)
    other = Node("other")
    known = {"other": Fact("failed", "failed", "faulted") if lost else Fact("succeeded", "succeeded")}
    known |= {need.name: fact for need, (fact, _) in zip(needs, facts, strict=True)}
    telling = Telling((other, *needs, step), dict(known), abort=abort)
    while decide_one(telling):
        pass
    run = Run(RunStarted(NOW, "r", plan(telling.nodes), {}), Words())
    for name, fact in known.items():
        run.record(StepFinished(NOW, name, StepStatus(fact.result), StepStatus(fact.outcome), fact.cause))
    if abort:
        run.record(AbortRequested(NOW, AbortLevel(abort)))
    run.settle(NOW)
    state = run.state.step("x")
    got = None if state.status is StepStatus.RUNNING else Fact(str(state.status), str(state.outcome), state.cause)
    assert got == telling.facts.get("x"), f"{facts} {words} {abort or 'no abort'} {last=} {lost=}"


def check_fan(fan: Fan, abort: str = "", moment: int = -1) -> int:
    """Raises AssertionError where core and oracle disagree about a fan-out. How many moments it has."""
    legs, whole, ended = tell_fan(fan, abort, moment)
    run = _drive_fan(fan, abort, moment)
    state = run.state.step("fan")
    got = [_leg(leg) for leg in state.legs]
    assert got == (legs if state.legs else []), f"{fan} {abort} {moment}: {got}, not {legs}"
    assert Fact(str(state.status), str(state.outcome), state.cause) == whole, f"{fan} {abort} {moment}"
    return 2 * ended + 1


def _leg(leg: LegState) -> str:
    return f"cancelled by {leg.cause}" if leg.status is LegStatus.CANCELLED else str(leg.status)


def _drive_fan(fan: Fan, abort: str, moment: int) -> Run:
    tolerate = Tolerance(fan.tolerate, None if fan.percent is None else float(fan.percent))
    out = FanOut(
        {"n": list(range(len(fan.endings)))},
        max_parallel=fan.parallel,
        fail_fast=fan.fail_fast,
        tolerate=tolerate,
        on_empty=OnEmpty(fan.on_empty),
    )
    run = Run(RunStarted(NOW, "r", Plan("fan", (Step("fan", "job", fan_out=out),)), {}), Words())
    ended = 0
    while True:
        for odd in (0, 1):
            if abort and 2 * ended + odd == moment and not run.finished:
                run.record(AbortRequested(NOW, AbortLevel(abort)))
            run.settle(NOW)
            _obey_legs(run)
        first = next((at for at, leg in enumerate(run.state.steps[0].legs) if leg.status.active), None)
        if first is None:
            return run
        outcome = Failed("faulted") if fan.endings[first] == "failed" else Succeeded()
        run.record(AttemptFinished(NOW, "fan", first, 1, outcome))
        ended += 1


def _obey_legs(run: Run) -> None:
    for at, leg in enumerate(run.state.steps[0].legs):
        if leg.status is LegStatus.STOPPING:
            run.record(AttemptFinished(NOW, "fan", at, 1, Cancelled()))
    run.settle(NOW)
