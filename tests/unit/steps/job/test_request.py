from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

from flowrun.errors import PlanError, Refused
from flowrun.orchestrator.wire import Folder, Robot
from flowrun.simulation.orchestrator import World
from flowrun.simulation.virtual import run
from flowrun.steps.job.request import (
    Request,
    build,
    encode_arguments,
    expected_jobs,
    robot_id,
    start_fields,
    strategy_of,
)

FOLDER = Folder(id=7, fully_qualified_name="Shared")


def made(**arguments: Any) -> dict[str, Any]:
    """The startInfo that goes over the wire."""

    async def one() -> Request:
        return await build(World(random.Random(1)), FOLDER, {"release": "Post", **arguments}, "fr1:r:s:1")

    return run(one()).info.to_wire()


def refused(**arguments: Any) -> PlanError:
    with pytest.raises(PlanError) as caught:
        made(**arguments)
    return caught.value


def test_the_smallest() -> None:
    wire = made()
    assert wire.pop("BatchExecutionKey").count("-") == 4
    assert wire == {
        "ReleaseKey": "key-of-Post",
        "Strategy": "ModernJobsCount",
        "JobsCount": 1,
        "Reference": "fr1:r:s:1",
    }


def test_the_largest() -> None:
    wire = made(
        release_key="795cbab2-8008-4a54-b1cb-f9ff1ece139e",
        strategy="Specific",
        robot_ids=[121, "749"],
        robots=["bert", "ANNA"],
        runtime_type="Unattended",
        job_priority="High",
        input_arguments={"in_Code": "ü", "in_Total": 1.5, "in_None": None},
        start={"resume_on_same_context": True, "Source": "Manual", "environmentVariables": "A=1", "run_as_me": None},
    )
    del wire["BatchExecutionKey"]
    assert wire == {
        "ReleaseKey": "795cbab2-8008-4a54-b1cb-f9ff1ece139e",
        "Strategy": "Specific",
        "RobotIds": [121, 749, 2, 1],
        "RuntimeType": "Unattended",
        "JobPriority": "High",
        "InputArguments": '{"in_Code":"ü","in_Total":1.5,"in_None":null}',
        "Reference": "fr1:r:s:1",
        "ResumeOnSameContext": True,
        "Source": "Manual",
        "EnvironmentVariables": "A=1",
    }


def test_counts_go_where_the_strategy_looks_for_them() -> None:
    assert made(strategy="JobsCount", jobs_count=3)["JobsCount"] == 3
    assert made(strategy="RobotCount", jobs_count="3")["NoOfRobots"] == 3
    assert "JobsCount" not in made(strategy="RobotCount", jobs_count=3)
    assert "JobsCount" not in made(strategy="All")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"release": None}, "no Release is named"),
        ({"strategy": "Some"}, "no strategy is called 'Some'"),
        ({"strategy": "Specific", "robots": ["anne"]}, "has no robot 'anne'"),
        ({"robots": "anna"}, "named in a list"),
        ({"robot_ids": ["anna"]}, "no robot id"),
        ({"robot_ids": [True]}, "names no robot"),
        ({"jobs_count": 0}, "jobs_count is 0"),
        ({"jobs_count": 1.5}, "jobs_count is 1.5"),
        ({"jobs_count": True}, "jobs_count is True"),
        ({"job_priority": "Urgent"}, "job_priority"),
        ({"start": {"Reference": "mine"}}, "may not set"),
        ({"start": {"batch_execution_key": "mine"}}, "may not set"),
        ({"start": {"Colour": 1}}, "may not set"),
        ({"start": "x"}, "start is a text"),
        ({"input_arguments": [1]}, "a list"),
        ({"input_arguments": {"a": float("nan")}}, "'a' cannot be written as JSON"),
        ({"input_arguments": {"a": object()}}, "'a' cannot be written as JSON"),
        ({"input_arguments": {"a": "\ud800"}}, "surrogate"),
        ({"input_arguments": {"\ud800": 1}}, "surrogate"),
    ],
)
def test_what_does_not_fit(arguments: dict[str, Any], said: str) -> None:
    assert said in refused(**arguments).message


def test_a_robot_that_is_not_there_is_answered_with_those_that_are() -> None:
    assert refused(strategy="Specific", robots=["anne"]).hint == "did you mean 'anna'? there are anna, bert"


def test_a_robot_name_that_several_have() -> None:
    twins = [Robot(id=1, name="anna"), Robot(id=2, name="anna")]
    with pytest.raises(PlanError) as caught:
        robot_id("anna", twins, FOLDER)
    assert "[1, 2]" in str(caught.value.hint)


def test_a_release_that_is_not_there() -> None:
    with pytest.raises(Refused):
        asyncio.run(build(World(random.Random(1)), FOLDER, {"release": "Nowhere"}, "k"))


def test_the_limit_counts_the_whole_text() -> None:
    room = 10_000 - len('{"a":""}')
    assert len(encode_arguments({"a": "x" * room}) or "") == 10_000
    with pytest.raises(PlanError) as caught:
        encode_arguments({"a": "x" * room + "x", "b": 1})
    assert "10,007 characters" in caught.value.message
    assert "a 9,995, b 1" in caught.value.message


def test_the_limit_counts_as_dotnet_does() -> None:
    with pytest.raises(PlanError):
        encode_arguments({"a": "😀" * 5000})
    assert encode_arguments({"a": "ü" * 9000})


def test_arguments_are_encoded_once() -> None:
    text = encode_arguments({"a": '{"b": "c\\d"}', "n": 65, "f": 1e20})
    assert json.loads(text or "") == {"a": '{"b": "c\\d"}', "n": 65, "f": 1e20}
    assert encode_arguments({}) is None
    assert encode_arguments(None) is None


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ({}, 1),
        ({"jobs_count": 4}, 4),
        ({"strategy": "All"}, None),
        ({"strategy": "Specific", "robot_ids": [1, 2]}, 2),
        ({"robots": ["anna"]}, 1),
        ({"strategy": "RobotCount", "jobs_count": 2}, 2),
    ],
)
def test_how_many_jobs_a_start_makes(arguments: dict[str, Any], count: int | None) -> None:
    assert expected_jobs(arguments) == count


def test_robots_alone_mean_specific() -> None:
    assert strategy_of({"robots": ["anna"]}) == "Specific"
    assert start_fields(None) is None


@pytest.mark.parametrize(
    ("kind", "strategy"), [("Automatic", "ModernJobsCount"), ("Manual", "JobsCount"), (None, "ModernJobsCount")]
)
def test_without_a_strategy_the_kind_of_folder_decides(kind: str | None, strategy: str) -> None:
    folder = FOLDER.model_copy(update={"provision_type": kind})
    assert strategy_of({}, folder) == strategy
    assert strategy_of({"strategy": "All"}, folder) == "All"
    assert strategy_of({"robots": ["anna"]}, folder) == "Specific"


def test_arguments_over_the_limit_go_as_an_attachment_where_that_is_wanted() -> None:
    async def story() -> tuple[Request, World]:
        world = World(random.Random(1))
        parcel = {"release": "Post", "input_arguments": {"a": "x" * 10_000}, "arguments_over_limit": "attach"}
        return await build(world, FOLDER, parcel, "k"), world

    request, world = run(story())
    ((name, data),) = world.attachments.items()
    assert (request.info.input_file, request.info.input_arguments) == (name, None)
    assert json.loads(data) == {"a": "x" * 10_000}
    assert "InputArguments" not in request.info.to_wire()


@pytest.mark.parametrize("policy", [None, "fail"])
def test_arguments_over_the_limit_fail_otherwise(policy: str | None) -> None:
    error = refused(input_arguments={"a": "x" * 10_000}, arguments_over_limit=policy)
    assert "10,008 characters" in error.message
    assert "arguments_over_limit: attach" in str(error.hint)


def test_arguments_within_the_limit_are_sent_as_ever() -> None:
    wire = made(input_arguments={"a": "x" * 9_992}, arguments_over_limit="attach")
    assert (len(wire["InputArguments"]), "InputFile" in wire) == (10_000, False)
    with_pairs = {"a": "\U0001f600" * 4_996}  # .NET counts two for each
    assert len(made(input_arguments=with_pairs)["InputArguments"]) == 5_004
    refused(input_arguments={"a": "\U0001f600" * 4_997})


def test_a_reference_of_somebodys_own() -> None:
    assert made(reference="month close")["Reference"] == "month close"
