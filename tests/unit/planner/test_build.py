import pytest

from flowrun.api.library import shelf
from flowrun.core.plan import Condition, Need, Plan, Stage
from flowrun.planner.build import MAX_PARALLEL, build, family
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


SENSITIVE = """
flowrun: 1
name: hiding
secrets: [B, A, UNUSED]
steps:
  a: {release: A, input_arguments: {in_A: "${{ secrets.A }}"}, outputs: {T: {type: integer, sensitive: true}, N: {}}}
  b: {release: B, needs: a, start: {EntryPointPath: "${{ secrets.B }}"}}
outputs:
  token: ${{ steps.a.outputs.T }}
  among: {all: ["${{ steps.a.outputs }}"]}
  name: ${{ steps.a.outputs.N }}
"""


def test_outputs_made_of_sensitive_ones_are_sensitive_and_secrets_are_those_that_are_used():
    plan = plan_of(SENSITIVE)
    assert plan.steps[0].sensitive == ("T",)
    assert plan.sensitive == ("token", "among")
    assert plan.secrets == ("B", "A")


def test_a_file_that_is_a_step_hides_what_it_hides_itself(tmp_path):
    (tmp_path / "inner.yaml").write_text(SENSITIVE)
    outer = (
        "flowrun: 1\nname: outer\nsteps: {i: {workflow: ./inner.yaml}}\noutputs: {t: '${{ steps.i.outputs.token }}'}\n"
    )
    loaded = load(outer, "outer.yaml", shelf(tmp_path / "outer.yaml"))
    assert loaded.workflow is not None, loaded.problems
    plan = build(loaded.workflow, workflows=family(loaded, {"x": 1}), env={"x": 1})
    assert plan.steps[0].sensitive == ("token", "among")
    assert plan.sensitive == ("t",)
    assert family(loaded, {"x": 1})["inner.yaml"].env == {"x": 1}
