"""A robot that knows how pipelines are told things: what it says reaches people, and no runner."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.harness import Desk

ATTACK = "::add-mask::e\n  ::error file=a::b\n##vso[task.setvariable variable=PATH]/tmp\n##[add-path]/tmp\nplain words"
PROGRAMS = {
    "faults": f"import sys; sys.exit({ATTACK!r})",
    "returns": f"import json; print(json.dumps({{'Text': {ATTACK!r}, '##vso[task.complete]': 1}}))",
}
STEPS = {
    "faults": {"release": "faults", "continue_on_error": True},
    "returns": {"release": "returns", "outputs": {"Text": {"type": "string"}}},
}
WORKFLOW = {"flowrun": 1, "name": "sly", "steps": STEPS, "outputs": {"text": "${{ steps.returns.outputs.Text }}"}}
PIPELINES = {"github": {"GITHUB_ACTIONS": "true"}, "azure": {"TF_BUILD": "True"}}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("sly"))
    releases = {name: {"command": ["{python}", "-c", text]} for name, text in PROGRAMS.items()}
    (made.specs / "emulator.yaml").write_text(json.dumps({"robots": 2, "releases": releases}), encoding="utf-8")
    (made.specs / "sly.yaml").write_text(json.dumps(WORKFLOW), encoding="utf-8")
    yield made
    made.close()


def both_streams(desk: Desk, pipeline: str, *arguments: str) -> list[str]:
    """The log of a step, as its runner reads it: both streams in one pipe."""
    environment = {**desk._surroundings(), **PIPELINES[pipeline], "AGENT_TEMPDIRECTORY": str(desk.specs)}
    command = [sys.executable, "-m", "flowrun", *arguments]
    done = subprocess.run(
        command,
        cwd=desk.specs,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    return done.stdout.decode().splitlines()


def commands(pipeline: str, lines: list[str]) -> list[str]:
    """Those that its runner would carry out."""
    if pipeline == "github":
        return [line for line in lines if line.strip().startswith("::") or "##[" in line]
    return [line for line in lines if "##[" in line or "##vso[" in line.lower()]


OURS = {
    "github": ("::group::the run", "::endgroup::", "::warning file=", "::error file="),
    "azure": (
        *("##[group]", "##[endgroup]", "##vso[task.logissue type=", "##vso[task.uploadsummary]/"),
        *("##vso[task.setvariable variable=", "##vso[task.complete result=SucceededWithIssues]sly succeeded"),
    ),
}
FACTS = ("exit_code", "result", "summary", "run_id", "outputs")


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_what_a_robot_says_is_no_command(desk: Desk, pipeline: str) -> None:
    lines = both_streams(desk, pipeline, "run", "sly.yaml")
    assert any("plain words" in line for line in lines)
    said = commands(pipeline, lines)
    assert [line for line in said if not line.startswith(OURS[pipeline])] == []
    if pipeline == "azure":
        assert [line for line in said if len(re.findall(r"##(?:vso)?\[", line)) > 1] == []
    variables = [found[1] for line in said if (found := re.match(r"##vso\[task.setvariable variable=(\w+);", line))]
    assert variables == (list(FACTS) if pipeline == "azure" else [])
    assert len([line for line in said if line.startswith(("::warning", "##vso[task.logissue type=warning"))]) == 1


@pytest.mark.parametrize("pipeline", PIPELINES)
@pytest.mark.parametrize(
    "words",
    [
        ("runs", "show"),
        ("runs", "show", "-o", "json"),
        ("runs", "outputs"),
        ("runs", "outputs", "-o", "json"),
        ("runs", "events"),
        ("runs", "events", "-o", "jsonl"),
        ("runs", "report"),
        ("runs", "report", "-f", "junit"),
        ("runs", "report", "-f", "dotenv"),
        ("runs", "why", "faults"),
    ],
    ids=" ".join,
)
def test_neither_is_what_is_told_of_it_later(desk: Desk, pipeline: str, words: tuple[str, ...]) -> None:
    if desk.run_count() == 0:
        desk.flowrun("run", "specs/sly.yaml")
    said = [line for line in commands(pipeline, both_streams(desk, pipeline, *words)) if "task.setvariable" not in line]
    assert said == []


def test_json_keeps_the_value_as_it_is(desk: Desk) -> None:
    if desk.run_count() == 0:
        desk.flowrun("run", "specs/sly.yaml")
    lines = both_streams(desk, "github", "runs", "outputs", "-o", "json")
    assert json.loads("\n".join(lines))["data"]["outputs"]["text"] == ATTACK
