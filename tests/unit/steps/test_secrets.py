from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from flowrun.errors import PlanError
from flowrun.steps.job.model import JobStep
from flowrun.steps.secrets import filled, names_in


class Box:
    values: Mapping[str, str] = {"A": "value-a", "B": "value-b"}


def test_a_step_names_the_places_of_its_secrets():
    step = JobStep(
        release="R",
        input_arguments={"a": "${{ secrets.A }}", "b": [{"c": "${{secrets.B}}"}], "d": "x ${{ secrets.A }}"},
        start={"EntryPointPath": "${{ secrets.A }}"},
    )
    assert step.arguments()["secrets"] == [
        ["input_arguments", "a"],
        ["input_arguments", "b", 0, "c"],
        ["start", "EntryPointPath"],
    ]
    assert "secrets" not in JobStep(release="R", input_arguments={"a": "${{ inputs.A }}"}).arguments()


def test_values_stand_where_the_author_put_them_and_nowhere_else():
    lookalike = {"$secret": "A"}
    arguments: dict[str, Any] = {
        "input_arguments": {"a": {"$secret": "A"}, "b": [{"c": {"$secret": "B"}}], "robot_said": lookalike},
        "secrets": [["input_arguments", "a"], ["input_arguments", "b", 0, "c"]],
    }
    whole = filled(arguments, Box())
    assert whole["input_arguments"] == {"a": "value-a", "b": [{"c": "value-b"}], "robot_said": lookalike}
    assert arguments["input_arguments"]["a"] == {"$secret": "A"}, "what is journalled stays a reference"
    assert names_in(arguments) == ("A", "B")


def test_a_secret_without_a_value_is_said():
    with pytest.raises(PlanError, match="the secret C has no value here"):
        filled({"input_arguments": {"a": {"$secret": "C"}}, "secrets": [["input_arguments", "a"]]}, Box())
