"""The oracle: rules R1 to R8 once more, from their text, with nothing of flowrun in it.

A run is told in moments. After each ending there are two: an even one right after it, when nothing that follows from
it is decided yet, and an odd one when all of that is. Then the first step that runs ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Node:
    """A step: whom it needs (and whether optionally), its `if`, how it ends if it runs, and in which map it stands."""

    name: str
    needs: tuple[tuple[str, bool], ...] = ()
    condition: str | None = None
    ending: str = "succeeded"
    last: bool = False
    let_through: bool = False


@dataclass
class Fact:
    """What became of a step."""

    result: str
    outcome: str
    cause: str = ""


@dataclass
class Telling:
    """The run so far: facts of steps that are final, names of those that run, the level of the abort."""

    nodes: tuple[Node, ...]
    facts: dict[str, Fact] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)
    endings: int = 0
    abort: str = ""


def tell(nodes: tuple[Node, ...], abort: str = "", moment: int = -1) -> Telling:
    """The whole run. `abort` is drain, stop or kill, and comes at that moment."""
    telling = Telling(nodes)
    while True:
        for odd in (0, 1):
            if abort and 2 * telling.endings + odd == moment:
                telling.abort, abort = abort, ""
                _end_what_runs(telling)
            while decide_one(telling):
                pass
            if not telling.running:
                return telling
        node = _node(telling, telling.running.pop(0))
        telling.facts[node.name] = ended(node, node.ending)
        telling.endings += 1


def verdict(telling: Telling) -> tuple[str, frozenset[str]]:
    """R7: how the run ends, and who was let through."""
    through = frozenset(name for name, fact in telling.facts.items() if fact.outcome != fact.result)
    if telling.abort:
        return "cancelled", through
    if any(fact.result == "failed" for fact in telling.facts.values()):
        return "failed", through
    return "succeeded", through


def ended(node: Node, ending: str) -> Fact:
    """What a step comes to that ends so."""
    if ending == "failed":
        return Fact("succeeded" if node.let_through else "failed", "failed", "faulted")
    if ending == "cancelled":
        return Fact("cancelled", "cancelled", "abort")
    if ending == "empty":
        return Fact("skipped", "skipped", "empty_matrix")
    return Fact("succeeded", "succeeded")


def _end_what_runs(telling: Telling) -> None:
    """R6: a kill ends all. A stop ends what stands in `steps`, but for a step whose `if` asks and still holds."""
    for name in tuple(telling.running):
        node = _node(telling, name)
        if telling.abort == "kill" or (telling.abort == "stop" and not node.last and not _stays(telling, node)):
            telling.running.remove(name)
            telling.facts[name] = ended(node, "cancelled")


def _stays(telling: Telling, node: Node) -> bool:
    return _asks(node) and _holds(telling, node)


def decide_one(telling: Telling) -> bool:
    """R1: a step is decided when all its needs are final; one of `finally` when all of `steps` are, too."""
    for node in telling.nodes:
        if node.name in telling.facts or node.name in telling.running:
            continue
        if any(need not in telling.facts for need, _ in node.needs):
            continue
        if node.last and any(other.name not in telling.facts for other in telling.nodes if not other.last):
            continue
        _decide(telling, node)
        return True
    return False


def _decide(telling: Telling, node: Node) -> None:
    if telling.abort == "kill":
        telling.facts[node.name] = Fact("cancelled", "cancelled", "abort")
    elif node.condition == "broken" and _success(
        telling, node
    ):  # without a status function it is asked after success()
        telling.facts[node.name] = Fact("succeeded" if node.let_through else "failed", "failed", "expression")
    elif _holds(telling, node):
        if node.ending == "empty":
            telling.facts[node.name] = ended(node, "empty")
        else:
            telling.running.append(node.name)
            telling.running.sort(key=[other.name for other in telling.nodes].index)
    else:
        telling.facts[node.name] = _passed_over(telling, node)


def _asks(node: Node) -> bool:
    return node.condition is not None and "()" in node.condition


def _holds(telling: Telling, node: Node) -> bool:
    """R4."""
    success = _success(telling, node)
    answers = {
        None: success,
        "true": success,
        "false": False,
        "broken": False,
        "success()": success,
        "failure()": _failure(telling, node),
        "always()": True,
        "cancelled()": telling.abort != "",
        "not cancelled()": telling.abort == "",
        "not success()": not success,
    }
    return answers[node.condition]


def _success(telling: Telling, node: Node) -> bool:
    """R3, and: while a run is being ended nothing in `steps` starts because all is well."""
    return all(_satisfied(telling, *need) for need in node.needs) and (node.last or telling.abort == "")


def _satisfied(telling: Telling, name: str, optional: bool) -> bool:  # noqa: FBT001 - as it stands in the need
    """R2."""
    fact = telling.facts[name]
    nothing_to_do = fact.cause in ("condition", "empty_matrix", "not_selected", "upstream_skipped")
    return fact.result == "succeeded" or (optional and fact.result == "skipped" and nothing_to_do)


def _failure(telling: Telling, node: Node) -> bool:
    """R3, and: a step of `finally` also hears of any failure in `steps`."""
    direct = [telling.facts[need] for need, _ in node.needs]
    first = [telling.facts[other.name] for other in telling.nodes if node.last and not other.last]
    return any(
        fact.result == "failed" or (fact.result == "skipped" and fact.cause == "upstream_failed") for fact in direct
    ) or any(fact.result == "failed" for fact in first)


def _passed_over(telling: Telling, node: Node) -> Fact:
    """R5: failed is worse than cancelled, and cancelled than skipped."""
    bad = [telling.facts[name] for name, optional in node.needs if not _satisfied(telling, name, optional)]
    if any(fact.result == "failed" or fact.cause == "upstream_failed" for fact in bad):
        return Fact("skipped", "skipped", "upstream_failed")
    if any(fact.result == "cancelled" or fact.cause == "upstream_cancelled" for fact in bad):
        return Fact("skipped", "skipped", "upstream_cancelled")
    if bad:
        return Fact("skipped", "skipped", "upstream_skipped")
    if telling.abort and not node.last:
        return Fact("cancelled", "cancelled", "abort")
    return Fact("skipped", "skipped", "condition")


def _node(telling: Telling, name: str) -> Node:
    return next(node for node in telling.nodes if node.name == name)


@dataclass(frozen=True)
class Fan:
    """A fan-out: how each leg ends if it is let, how many may fail (or which percentage), and its switches."""

    endings: tuple[str, ...]
    tolerate: int = 0
    percent: int | None = None
    fail_fast: bool = False
    parallel: int = 99
    on_empty: str = "succeed"


def tell_fan(fan: Fan, abort: str = "", moment: int = -1) -> tuple[list[str], Fact, int]:
    """R8: what each leg came to, what the whole did, and how many legs ended by themselves."""
    legs = ["waiting"] * len(fan.endings)
    ended, level = 0, ""
    while True:
        for odd in (0, 1):
            if abort and 2 * ended + odd == moment:
                level, abort = abort, ""
            _settle_legs(fan, legs, level)
        if "running" not in legs:
            break
        first = legs.index("running")
        legs[first] = fan.endings[first]
        ended += 1
    if level and not ended and moment == 0:
        return legs, Fact("cancelled", "cancelled", "abort"), ended
    return legs, _whole(fan, legs), ended


def _settle_legs(fan: Fan, legs: list[str], level: str) -> None:
    """What the run's ending says goes before what the fan's own failing says."""
    if level:
        _replace(legs, "waiting", "cancelled by abort")
    if level in ("stop", "kill"):
        _replace(legs, "running", "cancelled by abort")
    if fan.fail_fast and _too_many(fan, legs):
        _replace(legs, "waiting", "cancelled by fail_fast")
        _replace(legs, "running", "cancelled by fail_fast")
    while "waiting" in legs and legs.count("running") < fan.parallel:
        legs[legs.index("waiting")] = "running"


def _replace(legs: list[str], old: str, new: str) -> None:
    legs[:] = [new if leg == old else leg for leg in legs]


def _too_many(fan: Fan, legs: list[str]) -> bool:
    failed = legs.count("failed")
    return failed > fan.tolerate if fan.percent is None else 100 * failed > fan.percent * len(legs)


def _whole(fan: Fan, legs: list[str]) -> Fact:
    if not legs:
        result = {"succeed": "succeeded", "skip": "skipped", "fail": "failed"}[fan.on_empty]
        return Fact(result, result, "" if result == "succeeded" else "empty_matrix")
    if _too_many(fan, legs):
        return Fact("failed", "failed", "faulted")
    cancelled = [leg for leg in legs if leg.startswith("cancelled")]
    if cancelled:
        return Fact("cancelled", "cancelled", cancelled[0].removeprefix("cancelled by "))
    return Fact("succeeded", "succeeded")
