from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from flowrun.core.plan import Condition, Step
from flowrun.errors import OrchestratorError, Refused, Unreachable
from flowrun.orchestrator.wire import Folder, Release, ReleaseArguments, Robot, StartInfo, Validation
from flowrun.simulation.orchestrator import World
from flowrun.simulation.virtual import run
from flowrun.steps.job.preflight import look_up, preflight
from flowrun.steps.protocol import Finding, Preflight

TAKES = [
    {"name": "in_Code", "type": "System.String, mscorlib", "required": True, "hasDefault": False},
    {"name": "in_Count", "type": "System.Int32, mscorlib", "required": False, "hasDefault": False},
    {"name": "in_Table", "type": "System.Data.DataTable, System.Data", "required": False},
]
GIVES = [{"name": "DocumentNo", "type": "System.String, mscorlib"}]
POST = Release(
    id=1,
    key="post-key",
    name="Post",
    process_version="2.1",
    arguments=ReleaseArguments(input=json.dumps(TAKES), output=json.dumps(GIVES)),
)


@dataclass
class Deployed(World):
    """Two folders, one Release with a schema, and a count of what was asked."""

    asked: list[str] = field(default_factory=list)
    broken: OrchestratorError | None = None

    async def folder(self, path_or_id: str | int | None) -> Folder:
        self.asked.append(f"folder {path_or_id}")
        if self.broken:
            raise self.broken
        if path_or_id == "Nowhere":
            raise Refused("there is no folder Nowhere", hint="there are Shared, Old")
        kind = "Manual" if path_or_id == "Old" else "Automatic"
        return Folder(id=7, fully_qualified_name=str(path_or_id or "Shared"), provision_type=kind)

    async def release(self, folder: Folder, *, name: str | None = None, key: str | None = None) -> Release:
        self.asked.append(f"release {folder.fully_qualified_name} {name or key}")
        if name == "Pots":
            raise Refused("folder Shared has no Release 'Pots'", hint="did you mean 'Post'?")
        return POST if name == "Post" or key == "post-key" else Release(id=2, key=f"{name}-key", name=str(name))

    async def robots(self, folder: Folder) -> list[Robot]:
        self.asked.append(f"robots {folder.fully_qualified_name}")
        return self.robots_there


def step(step_id: str = "post", **arguments: Any) -> Step:
    given = {"release": "Post", "input_arguments": {"in_Code": "x"}, **arguments}
    return Step(step_id, "job", {name: value for name, value in given.items() if value is not None})


def looked(*steps: Step) -> tuple[Preflight, Deployed]:
    world = Deployed(random.Random(1))
    return run(preflight(world, steps)), world


def only(*steps: Step) -> Finding:
    (finding,) = looked(*steps)[0].findings
    return finding


def test_a_good_step_has_facts_and_no_findings() -> None:
    seen, _ = looked(step(robots=["anna"], robot_ids=[2], strategy="Specific", outputs={"DocumentNo": {}}))
    assert seen.findings == ()
    facts = dict(seen.facts["post"])
    assert str(facts.pop("arguments")).startswith("sha256:")
    assert facts == {
        "release": "Post",
        "release_key": "post-key",
        "package": None,
        "version": "2.1",
        "entry_point": None,
        "folder": "Shared",
        "folder_id": 7,
        "folder_key": None,
    }


def test_a_look_for_releases_asks_for_nothing_else() -> None:
    world = Deployed(random.Random(1))
    seen = run(look_up(world, [step(robots=["anna"]), step("other", release="Pots"), step("far", folder="Nowhere")]))
    assert [finding.code for finding in seen.findings] == ["FR501", "FR502"]
    assert list(seen.facts) == ["post"]
    assert not any(asked.startswith("robots") for asked in world.asked)


def test_each_thing_is_looked_up_once_for_all_steps() -> None:
    releases = ("Post", "Other", "Third")
    steps = [step(f"s{at}", release=releases[at % 3], robots=["anna"], strategy="Specific") for at in range(3000)]
    _, world = looked(*steps)
    assert sorted(world.asked) == [
        "folder None",
        "release Shared Other",
        "release Shared Post",
        "release Shared Third",
        "robots Shared",
    ]


def test_robots_are_not_asked_for_where_none_is_named() -> None:
    assert looked(step())[1].asked == ["folder None", "release Shared Post"]


@pytest.mark.parametrize(
    ("arguments", "code", "path", "said", "hint"),
    [
        ({"folder": "Nowhere"}, "FR501", ("folder",), "no folder Nowhere", "there are Shared, Old"),
        ({"release": "Pots"}, "FR502", ("release",), "no Release 'Pots'", "did you mean 'Post'?"),
        ({"robots": ["anna", "anne"]}, "FR503", ("robots", 1), "no robot 'anne'", "there are anna, bert"),
        ({"robot_ids": [9]}, "FR503", ("robot_ids", 0), "no robot with id 9", "1 (anna), 2 (bert)"),
        ({"strategy": "All"}, "FR504", ("strategy",), "strategy All is for classic folders", None),
        (
            {"strategy": "ModernJobsCount", "folder": "Old"},
            "FR504",
            ("strategy",),
            "for modern folders",
            "strategy: JobsCount",
        ),
        (
            {"input_arguments": {"in_Code": "x", "in_count": 1}},
            "FR505",
            ("input_arguments", "in_count"),
            "takes no argument 'in_count'",
            "did you mean 'in_Count'?",
        ),
        (
            {"input_arguments": {"in_Code": "x", "in_Count": "many"}},
            "FR506",
            ("input_arguments", "in_Count"),
            'is integer, and this is the text "many"',
            None,
        ),
        ({"input_arguments": {"in_Code": "x" * 10_000}}, "FR506", ("input_arguments",), "10,000", "pass a path"),
        ({"input_arguments": {"in_Count": 1}}, "FR507", ("input_arguments",), "requires the argument 'in_Code'", None),
        ({"input_arguments": None}, "FR507", (), "requires the argument 'in_Code'", None),
        (
            {"outputs": {"DocumentNumber": {"type": "string"}}},
            "FR508",
            ("outputs", "DocumentNumber"),
            "gives no output 'DocumentNumber'",
            "did you mean 'DocumentNo'?",
        ),
    ],
)
def test_findings(arguments: dict[str, Any], code: str, path: tuple[Any, ...], said: str, hint: str | None) -> None:
    finding = only(step(**arguments))
    assert (finding.code, finding.step_id, finding.path, finding.severity) == (code, "post", path, "error")
    assert said in finding.message
    assert (finding.hint is None) if hint is None else hint in str(finding.hint)


def test_an_output_that_may_be_missing_is_a_warning() -> None:
    assert only(step(outputs={"Other": {"required": False}})).severity == "warning"
    assert only(step(outputs={"Other": {"default": 1}})).severity == "warning"


@pytest.mark.parametrize(
    "arguments",
    [
        {"folder": "${{ inputs.folder }}"},
        {"release": "${{ inputs.release }}"},
        {"robots": ["${{ inputs.robot }}"]},
        {"robots": "${{ inputs.robots }}"},
        {"input_arguments": "${{ inputs.all }}"},
        {"input_arguments": {"in_Code": "${{ inputs.code }}", "in_Count": "${{ inputs.count }}"}},
        {"input_arguments": {"in_Code": "x", "in_Table": {"rows": ["${{ inputs.row }}"]}}},
        {"input_arguments": {"in_Code": "x", "in_Count": None}},
    ],
)
def test_what_is_known_only_later_is_left_alone(arguments: dict[str, Any]) -> None:
    assert looked(step(**arguments))[0].findings == ()


def test_outputs_that_others_use() -> None:
    user = Step(
        "report",
        "job",
        {
            "release": "Other",
            "input_arguments": {"a": "${{ steps.post.outputs.DocumentNo }} ${{ steps . post.outputs.Document }}"},
        },
        condition=Condition("steps.post.outputs.Missing == 'steps.post.outputs.InText'"),
    )
    findings = looked(step(), user)[0].findings
    assert [(one.code, one.step_id, one.path, one.severity) for one in findings] == [
        ("FR508", "report", ("if",), "warning"),
        ("FR508", "report", ("input_arguments", "a"), "warning"),
    ]
    assert "'Missing'" in findings[0].message
    assert "did you mean 'DocumentNo'" in str(findings[1].hint)


def test_a_release_without_a_schema_is_believed() -> None:
    given = step(release="Other", input_arguments={"anything": 1}, outputs={"X": {}})
    user = step("user", input_arguments={"in_Code": "${{ steps.post.outputs.Any }}"})
    assert looked(given, user)[0].findings == ()


def test_one_bad_folder_hides_nothing_of_the_others() -> None:
    findings = looked(step("a", folder="Nowhere"), step("b", release="Pots"), step("c", robot_ids=[9]))[0].findings
    assert [(one.step_id, one.code) for one in findings] == [("a", "FR501"), ("b", "FR502"), ("c", "FR503")]


def test_that_no_folder_is_named_is_said_once() -> None:
    class Homeless(Deployed):
        async def folder(self, path_or_id: str | int | None) -> Folder:
            if path_or_id is None:
                raise Refused("no folder is named")
            return await super().folder(path_or_id)

    steps = [step("a", folder="Nowhere"), step("b"), step("c"), step("d", folder="Nowhere")]
    findings = run(preflight(Homeless(random.Random(1)), steps)).findings
    assert [(one.step_id, one.path) for one in findings] == [("a", ("folder",)), ("b", ()), ("d", ("folder",))]


def test_an_orchestrator_that_cannot_be_asked_is_an_error() -> None:
    world = Deployed(random.Random(1), broken=Unreachable("nobody listens"))
    with pytest.raises(Unreachable):
        run(preflight(world, [step()]))


class Asked(Deployed):
    """A server that is asked about starts beforehand."""

    said: Validation | None = Validation(is_valid=False, error_codes=("TemplateNoLicense",))

    async def validate(self, folder: Folder, info: StartInfo) -> Validation | None:  # noqa: ARG002 - the protocol's
        self.asked.append(f"validate {info.release_key} {info.jobs_count} {info.input_arguments}")
        return self.said


def test_a_job_that_would_wait_is_warned_of_once_for_equal_starts() -> None:
    world = Asked(random.Random(1))
    steps = [step("a"), step("b", input_arguments={"in_Code": "y"}), step("c", jobs_count=2)]
    found = run(preflight(world, steps)).findings
    assert [(one.code, one.step_id, one.severity) for one in found] == [
        ("FR510", "a", "warning"), ("FR510", "b", "warning"), ("FR510", "c", "warning")
    ]  # fmt: skip
    assert "license" in found[0].message
    assert sorted(one for one in world.asked if one.startswith("validate")) == [
        "validate post-key 1 None", "validate post-key 2 None"
    ]  # fmt: skip


def test_only_what_could_be_started_is_asked_about() -> None:
    world = Asked(random.Random(1))
    run(preflight(world, [step(release="Pots"), step("open", runtime_type="${{ inputs.where }}")]))
    assert [one for one in world.asked if one.startswith("validate")] == []


@pytest.mark.parametrize("said", [None, Validation(), Validation(is_valid=False, errors=("no",))])
def test_a_server_that_names_no_reason_for_waiting_is_not_quoted(said: Validation | None) -> None:
    world = Asked(random.Random(1))
    world.said = said
    assert run(preflight(world, [step()])).findings == ()


def test_long_arguments_are_no_finding_where_they_go_as_an_attachment() -> None:
    long = {"in_Code": "x" * 10_001}
    assert only(step(input_arguments=long)).code == "FR506"
    assert looked(step(input_arguments=long, arguments_over_limit="attach"))[0].findings == ()


def handed_on(source: Step, expression: str, argument: str) -> list[tuple[str, str]]:
    """What is said of an output that a second step is given."""
    given = {"in_Code": "x", argument: expression}
    seen, _ = looked(source, step("second", input_arguments=given))
    return [(finding.severity, finding.message) for finding in seen.findings if finding.step_id == "second"]


def test_an_output_handed_on_to_an_argument_of_another_type_is_a_warning() -> None:
    expression = "${{ steps.post.outputs.DocumentNo }}"
    words = "output 'DocumentNo' of step post is string, and argument 'in_Count' is integer"
    assert handed_on(step(), expression, "in_Count") == [("warning", words)]
    assert handed_on(step(), expression, "in_Code") == []
    assert handed_on(step(), expression, "in_Table") == []
    assert handed_on(step(), "${{ steps.post.outputs.DocumentNo | int }}", "in_Count") == []
    assert handed_on(step(), "no ${{ steps.post.outputs.DocumentNo }}", "in_Count") == []


def test_what_several_jobs_give_is_a_list() -> None:
    expression = "${{ steps.post.outputs.DocumentNo }}"
    words = "output 'DocumentNo' of step post is array, and argument 'in_Code' is string"
    assert handed_on(step(jobs_count=2), expression, "in_Code") == [("warning", words)]
