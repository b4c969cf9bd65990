from flowrun.core.plan import FanOut, Need, Plan, Step
from flowrun.review.runtimes import Need as Needed
from flowrun.review.runtimes import needs

HERE = {"folder": "Finance", "folder_id": 7}
THERE = {"folder": "Shared", "folder_id": 8}


def job(name: str, *before: str, fan_out: FanOut | None = None, **arguments: object) -> Step:
    given = {"release": name, "strategy": "ModernJobsCount", **arguments}
    return Step(name, "job", given, tuple(Need(one) for one in before), fan_out=fan_out)


def test_jobs_of_one_start_and_legs_are_counted_by_folder() -> None:
    plan = Plan(
        "p",
        (
            job("a", jobs_count=3),
            job("b", "a", fan_out=FanOut({"x": [1, 2], "y": [1, 2, 3]})),
            job("c", "a", fan_out=FanOut({"x": [1, 2, 3]}, max_parallel=2)),
            job("d", "a"),
        ),
        max_parallel=100,
    )
    facts = {"": {"a": HERE, "b": HERE, "c": HERE, "d": THERE}}
    assert needs({"": plan}, facts) == (Needed("Finance", 7, 8), Needed("Shared", 8, 1))


def test_legs_that_nobody_can_count_yet_are_named() -> None:
    fan, limited = FanOut({"x": "${{ steps.a.outputs.L }}"}), FanOut({"x": "${{ steps.a.outputs.L }}"}, max_parallel=4)
    plan = Plan("p", (job("a"), job("b", "a", fan_out=fan), job("c", "a", fan_out=limited)), max_parallel=100)
    facts = {"": {"a": HERE, "b": HERE, "c": HERE}}
    assert needs({"": plan}, facts) == (Needed("Finance", 7, 5, ("b",)),)


def test_a_file_that_is_a_step_counts_with_its_own_widest_moment() -> None:
    inner = Plan("inner", (job("x"), job("y")), max_parallel=100)
    outer = Plan("outer", (job("a"), Step("part", "workflow", {"workflow": "./in.yaml"})), max_parallel=100)
    facts = {"": {"a": HERE}, "./in.yaml": {"x": HERE, "y": HERE}}
    assert needs({"": outer, "./in.yaml": inner}, facts) == (Needed("Finance", 7, 3),)
