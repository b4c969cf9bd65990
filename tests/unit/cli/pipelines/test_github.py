"""GitHub Actions: the log, the summary, the outputs."""

from __future__ import annotations

from pathlib import Path

from flowrun.cli.pipelines.github import MOST_OUTPUTS, MOST_SUMMARY, PLATFORM, within
from flowrun.cli.pipelines.protocol import Ending

PARTS = ("# one\n", "picture\n")
ENDING = Ending(1, "failed", "w failed\nin 3s", "::error::x\n", PARTS, run_id="r1", outputs='{"a":1}')


def test_annotations_are_lines_and_the_rest_goes_into_files(tmp_path: Path) -> None:
    summary, outputs = tmp_path / "summary", tmp_path / "outputs"
    summary.write_text("of the step before\n")
    environ = {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(outputs)}
    assert list(PLATFORM.ended(ENDING, environ)) == ["::error::x"]
    assert summary.read_text() == "of the step before\n# one\n\npicture\n"
    assert outputs.read_text().splitlines() == [
        "exit-code=1",
        "result=failed",
        "summary=w failed in 3s",
        "run-id=r1",
        'outputs={"a":1}',
    ]


def test_without_these_files_there_are_lines_alone() -> None:
    assert list(PLATFORM.ended(ENDING, {})) == ["::error::x"]


def test_outputs_that_are_too_large_are_left_out(tmp_path: Path) -> None:
    ending = Ending(0, "success", "", run_id="r1", outputs="x" * (MOST_OUTPUTS + 1))
    list(PLATFORM.ended(ending, {"GITHUB_OUTPUT": str(tmp_path / "outputs")}))
    assert "outputs=" not in (tmp_path / "outputs").read_text()
    assert "run-id=r1" in (tmp_path / "outputs").read_text()


def test_a_summary_stays_below_the_limit_with_what_is_there_already(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    file.write_text("x" * (MOST_SUMMARY - 1000))
    row = f"| {'ä' * 40} |\n"
    list(PLATFORM.ended(Ending(0, "", "", summary=(row * 1000,)), {"GITHUB_STEP_SUMMARY": str(file)}))
    assert MOST_SUMMARY - 200 < file.stat().st_size <= MOST_SUMMARY
    added = file.read_text().removeprefix("x" * (MOST_SUMMARY - 1000))
    assert set(added.splitlines()[:-2]) == {row.strip()}
    assert "cut here" in added


def test_what_does_not_fit_is_left_out_whole() -> None:
    assert within(("one\n", "a" * 100, "two\n"), 20) == "one\n\ntwo\n"
    assert within(("one\n",), 2) == ""


def test_a_secret_over_several_lines_is_one_command() -> None:
    assert list(PLATFORM.masks(["a\nb%"])) == ["::add-mask::a%0Ab%25"]
    assert list(PLATFORM.opened("a\nb")) == ["::group::a%0Ab"]
