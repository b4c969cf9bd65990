from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from flowrun.core.plan import Json
from flowrun.steps.job.model import OWNED_FIELDS, START_FIELDS, JobStep


def step(**keys: Json) -> JobStep:
    return JobStep.model_validate({"release": "A", **keys})


def codes(**keys: Json) -> list[str]:
    return [fault.code for fault in step(**keys).faults()]


def test_the_parcel_has_what_is_written_and_two_defaults() -> None:
    assert step().arguments() == {"release": "A", "strategy": "ModernJobsCount", "jobs_succeed": "all"}
    whole = {
        "release": "A",
        "folder": 12,
        "strategy": "Specific",
        "robots": ["ada"],
        "runtime_type": "Unattended",
        "job_priority": "High",
        "input_arguments": {"a": None, "b": "${{ inputs.b }}"},
        "start": {"RunAsMe": True},
        "jobs_succeed": "any",
    }
    contract = {"X": {"type": "integer", "default": None, "required": False}}
    assert step(**whole, outputs=contract | {"X": {"type": "any", "default": None}}).arguments() == {
        **whole,
        "outputs": {"X": {"type": "any", "required": True, "sensitive": False, "default": None}},
    }


def test_templates_stay_text() -> None:
    parcel = step(
        jobs_count="${{ inputs.n }}", robot_ids="${{ inputs.ids }}", input_arguments="${{ inputs.all }}"
    ).arguments()
    assert (parcel["jobs_count"], parcel["robot_ids"]) == ("${{ inputs.n }}", "${{ inputs.ids }}")
    assert parcel["input_arguments"] == "${{ inputs.all }}"


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({}, []),
        ({"release_key": "795cbab2-8008-4a54-b1cb-f9ff1ece139e"}, ["FR206"]),
        ({"strategy": "Specific"}, ["FR207"]),
        ({"strategy": "Specific", "robots": ["a"]}, []),
        ({"strategy": "Specific", "robots": ["a"], "robot_ids": [1]}, ["FR209"]),
        ({"robots": ["a"]}, ["FR208"]),
        ({"strategy": "All", "jobs_count": 2}, ["FR210"]),
        ({"strategy": "RobotCount", "jobs_count": 2}, []),
        ({"start": {"reference": "x", "jobs_count": 1, "run_as_me": True, "Nothing": 1}}, ["FR211", "FR211", "FR212"]),
    ],
)
def test_keys_that_do_not_go_together(keys: dict[str, Json], found: list[str]) -> None:
    assert codes(**keys) == found


def test_no_field_of_start_is_both_free_and_owned() -> None:
    assert not set(START_FIELDS) & set(OWNED_FIELDS)
    assert all(re.fullmatch(r"[A-Z][A-Za-z]+", name) for name in (*START_FIELDS, *OWNED_FIELDS))


@pytest.mark.parametrize(
    "keys",
    [
        {"release": ""},
        {"release": 1},
        {"release_key": "A"},
        {"folder": True},
        {"folder": ""},
        {"strategy": "modern"},
        {"robot_ids": ["ada"]},
        {"robot_ids": [True]},
        {"robots": "ada"},
        {"robots": [""]},
        {"jobs_count": 0},
        {"jobs_count": "two"},
        {"job_priority": "Highest"},
        {"input_arguments": []},
        {"start": "${{ inputs.start }}"},
        {"jobs_succeed": "some"},
    ],
)
def test_values_that_are_refused(keys: dict[str, Json]) -> None:
    with pytest.raises(ValidationError) as caught:
        step(**keys)
    assert [error["loc"][0] for error in caught.value.errors()] == list(keys)


def test_the_room_says_what_it_is() -> None:
    """The package is entered by everybody who reads a file, so it must import nothing by itself."""
    source = Path(__file__).parents[4] / "flowrun" / "steps" / "job" / "__init__.py"
    assert "import" not in source.read_text(encoding="utf-8")
