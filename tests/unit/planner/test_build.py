import pytest

from flowrun.core.plan import Condition, Need, Plan, Stage
from flowrun.planner.build import MAX_PARALLEL, build
from flowrun.spec.loader import load

FILE = """
flowrun: 1
name: close
max_parallel: 7
timeout: 2h
defaults: {folder: Finance, retry: 1}
steps:
  last: {needs: [left, {step: right, optional: true}], release: Last, if: always()}
  left: {needs: first, release: Left, timeout: 90s}
  right: {needs: first, release: Right, if: steps.first.outputs.Go}
  first: {release: First}
finally:
  tidy: {release: Tidy}
outputs: {go: "${{ steps.first.outputs.Go }}"}
"""


def plan_of(text: str, max_parallel: int | None = None) -> Plan:
    loaded = load(text, "close.yaml")
    assert loaded.workflow is not None, loaded.problems
    return build(loaded.workflow, max_parallel=max_parallel)


def test_steps_stand_after_what_they_need_and_finally_last() -> None:
    plan = plan_of(FILE)
    assert [step.id for step in plan.steps] == ["first", "left", "right", "last", "tidy"]
    assert [step.stage for step in plan.steps].count(Stage.FINALLY) == 1


def test_needs_conditions_and_limits_are_carried_over() -> None:
    plan = plan_of(FILE)
    steps = {step.id: step for step in plan.steps}
    assert steps["last"].needs == (Need("left"), Need("right", optional=True))
    assert steps["last"].condition == Condition("always()", asks_status=True)
    assert steps["right"].condition == Condition("steps.first.outputs.Go", asks_status=False)
    assert (plan.max_parallel, plan.timeout, steps["left"].timeout) == (7, 7200.0, 90.0)


def test_defaults_reach_every_step() -> None:
    for step in plan_of(FILE).steps:
        assert step.arguments["folder"] == "Finance"
        assert [rule.most for rule in step.retry] == [1]


@pytest.mark.parametrize(
    ("text", "option", "expected"),
    [(FILE, None, 7), (FILE, 3, 3), (FILE.replace("max_parallel: 7\n", ""), None, MAX_PARALLEL)],
    ids=["the file's", "the flag's goes first", "as many as a list call can watch"],
)
def test_a_run_is_always_bounded(text: str, option: int | None, expected: int) -> None:
    assert plan_of(text, option).max_parallel == expected


def test_a_list_of_steps_is_a_chain() -> None:
    plan = plan_of("flowrun: 1\nname: c\nsteps:\n- {id: b, release: B}\n- {id: a, release: A}\n- {id: c, release: C}\n")
    assert [(step.id, step.needs) for step in plan.steps] == [
        ("b", ()),
        ("a", (Need("b"),)),
        ("c", (Need("a"),)),
    ]
