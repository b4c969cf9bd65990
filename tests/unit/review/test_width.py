from __future__ import annotations

import random
from itertools import combinations

import pytest

from flowrun.core.plan import Need, Plan, Stage, Step
from flowrun.review.width import widest


def plan(**needs: str) -> Plan:
    return Plan(
        "p", tuple(Step(name, "job", needs=tuple(Need(one) for one in before)) for name, before in needs.items())
    )


@pytest.mark.parametrize(
    ("made", "weights", "most"),
    [
        (plan(a="", b="a", c="b"), {"a": 1, "b": 1, "c": 1}, 1),
        (plan(a="", b="a", c="a", d="bc"), {"a": 1, "b": 1, "c": 1, "d": 1}, 2),
        (plan(a="", b="a", c="a", d="bc"), {"a": 5, "b": 1, "c": 2, "d": 1}, 5),
        (plan(a="", x="a", b="x", c=""), {"a": 1, "b": 1, "c": 3}, 4),
        (plan(a=""), {}, 0),
    ],
)
def test_the_widest_moment_of_small_plans(made: Plan, weights: dict[str, int], most: int) -> None:
    assert widest(made, weights) == most


def test_it_is_the_heaviest_set_of_steps_none_of_which_needs_another() -> None:
    dice = random.Random(4)
    for _ in range(60):
        names = "abcdefg"
        needs = {name: "".join(one for one in names[:at] if dice.random() < 0.3) for at, name in enumerate(names)}
        weights = {name: dice.randrange(4) for name in names}
        assert widest(plan(**needs), weights) == by_trying(needs, weights)


def by_trying(needs: dict[str, str], weights: dict[str, int]) -> int:
    before: dict[str, set[str]] = {}
    for name, direct in needs.items():
        before[name] = set(direct).union(*(before[one] for one in direct))
    sets = (chosen for size in range(len(needs) + 1) for chosen in combinations(needs, size))
    apart = (chosen for chosen in sets if not any(one in before[other] for one in chosen for other in chosen))
    return max(sum(weights[one] for one in chosen) for chosen in apart)


def test_a_large_plan_is_counted_layer_by_layer() -> None:
    steps = tuple(Step(f"s{at}", "job", needs=(Need(f"s{at - 1}"),) if at % 100 else ()) for at in range(1000))
    assert widest(Plan("p", steps), {step.id: 1 for step in steps}) == 10


def test_what_comes_last_is_not_counted() -> None:
    last = Step("tidy", "job", stage=Stage.FINALLY)
    assert widest(Plan("p", (last,)), {"tidy": 7}) == 0
