import json

from flowrun.core.plan import Concurrency, FanOut, Need, Plan, RetryRule, Step
from flowrun.planner.show import data, text

PLAN = Plan(
    "close",
    (
        Step("list", "job", {"release": "List", "input_arguments": {"in_P": "${{ inputs.p }}"}}, timeout=90.0),
        Step(
            "post", "job", {"release": "Post"}, (Need("list"),), fan_out=FanOut({"x": [1]}), retry=(RetryRule(most=2),)
        ),
    ),
    max_parallel=5,
)
FACTS = {"list": {"version": "1.4.2", "folder": "Finance"}}


def test_text_says_what_is_started_where_and_after_what() -> None:
    shown = text(PLAN, {"p": "2026-10"}, FACTS)
    assert "close: 2 steps, at most 5 attempts at once" in shown
    assert "  p = '2026-10'" in shown
    assert "  + list  List 1.4.2  (in Finance; timeout 90 s)" in shown
    assert "      in_P = '${{ inputs.p }}'" in shown
    assert "  + post  Post  (for each x; after list; 2 further tries)" in shown
    assert shown.endswith("longest path: list > post\n")


def test_data_is_json_without_what_is_not_set() -> None:
    shown = json.loads(json.dumps(data(PLAN, {"p": 1}, FACTS)))
    assert shown["layers"] == [["list"], ["post"]]
    first = shown["steps"][0]
    assert first["orchestrator"] == {"version": "1.4.2", "folder": "Finance"}
    assert "fan_out" not in first
    assert "condition" not in first


def test_text_says_what_a_person_is_asked_and_what_no_answer_means() -> None:
    asked = {"instructions": "Pay?", "inputs": {"Day": {"type": "date"}}, "timeout": 5400.0, "on_timeout": "approve"}
    shown = text(Plan("pay", (Step("sign_off", "approval", {"approval": asked}),)), {}, {})
    assert "  + sign_off  approval  (approved after 1h30m)" in shown
    assert "      instructions = 'Pay?'" in shown
    assert "      inputs = {'Day': {'type': 'date'}}" in shown


def test_what_it_shares_with_other_runs_is_said() -> None:
    post = Step("post", "job", {"release": "Post"}, pools={"sap": 2})
    plan = Plan("close", (post,), pools={"sap": 3}, key="close-10", concurrency=Concurrency("close"))
    shown = text(plan, {}, {})
    assert "  run key: close-10\n  one at a time: close, else queue\n  pools: 3 of sap\n" in shown
    assert "  + post  Post  (takes 2 of sap)" in shown
    assert data(plan, {}, {})["concurrency"] == {"group": "close", "on_conflict": "queue"}
