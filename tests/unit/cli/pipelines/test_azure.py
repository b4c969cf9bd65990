"""Azure Pipelines: issues, the summary, variables, and a result between good and bad."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flowrun.cli.pipelines.azure import PLATFORM
from flowrun.cli.pipelines.protocol import Ending

ISSUE = "##vso[task.logissue type=warning]x\n"
ENDING = Ending(0, "success", "w succeeded\nin 3s", ISSUE, ("# one\n", "p"), imperfect=True, run_id="r1")


def test_what_is_said(tmp_path: Path) -> None:
    lines = list(PLATFORM.ended(ENDING, {"AGENT_TEMPDIRECTORY": str(tmp_path)}))
    (file,) = tmp_path.iterdir()
    assert file.read_text() == "# one\n"
    assert lines == [
        "##vso[task.logissue type=warning]x",
        f"##vso[task.uploadsummary]{file}",
        "##vso[task.setvariable variable=exit_code;isOutput=true]0",
        "##vso[task.setvariable variable=result;isOutput=true]success",
        "##vso[task.setvariable variable=summary;isOutput=true]w succeeded in 3s",
        "##vso[task.setvariable variable=run_id;isOutput=true]r1",
        "##vso[task.setvariable variable=outputs;isOutput=true]{}",
        "##vso[task.complete result=SucceededWithIssues]w succeeded%0Ain 3s",
    ]


def test_only_a_success_has_issues_beside_it() -> None:
    for ending in (replace(ENDING, code=1), replace(ENDING, imperfect=False)):
        said = list(PLATFORM.ended(replace(ending, summary=()), {}))
        assert [line for line in said if "task.complete" in line or "uploadsummary" in line] == []


def test_each_line_of_a_secret_is_hidden() -> None:
    assert list(PLATFORM.masks(["a\n\nb%"])) == ["##vso[task.setsecret]a", "##vso[task.setsecret]b%AZP25"]


def test_a_group_is_one_line() -> None:
    assert [*PLATFORM.opened("a\nb"), *PLATFORM.closed()] == ["##[group]a b", "##[endgroup]"]
