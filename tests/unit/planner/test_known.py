from flowrun.core.plan import Condition, Plan, Step
from flowrun.planner.known import known

ARGUMENTS = {
    "release": "${{ env.release }}",
    "input_arguments": {
        "in_Path": "${{ inputs.folder }}/${{ inputs.period }}",
        "in_Count": "${{ inputs.count + 1 }}",
        "in_List": ["${{ inputs.period }}", "${{ steps.list.outputs.File }}"],
        "in_Run": "${{ run.id }}",
        "in_All": "${{ inputs }}",
        "in_Wrong": "${{ inputs.period / 2 }}",
        "in_Text": "${{ inputs.odd }}",
        "in_Name": "${{ workflow.name }}",
    },
    "outputs": {"A": {"default": "${{ inputs.period }}"}},
}
INPUTS = {"folder": "data", "period": "2026-10", "count": 2, "odd": "a ${{ b }}"}


def test_what_can_be_known_is_and_the_rest_stands_as_it_is_written() -> None:
    step = Step("a", "job", ARGUMENTS, condition=Condition("inputs.count > 1"))
    (made,) = known(Plan("close", (step,), env={"release": "Post"}), INPUTS).steps
    assert made.arguments["release"] == "Post"
    assert made.arguments["outputs"] == ARGUMENTS["outputs"]
    assert made.condition == step.condition
    assert made.arguments["input_arguments"] == {
        "in_Path": "data/2026-10",
        "in_Count": 3,
        "in_List": ["2026-10", "${{ steps.list.outputs.File }}"],
        "in_Run": "${{ run.id }}",
        "in_All": "${{ inputs }}",
        "in_Wrong": "${{ inputs.period / 2 }}",
        "in_Text": "${{ inputs.odd }}",
        "in_Name": "close",
    }
