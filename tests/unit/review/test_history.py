from flowrun.core.plan import Need, Plan, Stage, Step
from flowrun.review.history import longest

PLAN = Plan(
    "p",
    (
        Step("a", "job"),
        Step("b", "job", needs=(Need("a"),)),
        Step("c", "job", needs=(Need("a"),)),
        Step("d", "job", needs=(Need("b"), Need("c"))),
        Step("tidy", "job", stage=Stage.FINALLY),
    ),
)


def test_the_path_that_takes_longest_is_not_that_with_most_steps() -> None:
    assert longest(PLAN, {"a": 1.0, "b": 2.0, "c": 9.5, "d": 1.0, "tidy": 99.0}) == (("a", "c", "d"), 11.5)


def test_a_plan_without_steps_or_past_takes_nothing() -> None:
    assert longest(Plan("p", ()), {}) == ((), 0.0)
    assert longest(PLAN, {})[1] == 0.0
