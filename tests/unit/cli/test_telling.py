"""What a CI system is told of commands, as it stands in its log."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
from flowrun.cli.main import main
from flowrun.cli.pipelines import pipeline
from flowrun.cli.telling import mask, tell
from flowrun.report.fold import fold
from tests.golden.reports.examples import FAILED

WRONG = "flowrun: 1\nname: wrong\nsteps:\n  a: {wiat: {for: 1s}}\n"
RIGHT = "flowrun: 1\nname: right\nsteps:\n  a: {wait: {for: 1s}}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "w.yaml").write_text(WRONG)
    (tmp_path / "r.yaml").write_text(RIGHT)
    for name, value in {"GITHUB_STEP_SUMMARY": "summary.md", "GITHUB_OUTPUT": "outputs"}.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    return tmp_path


def test_problems_become_annotations_a_table_and_outputs(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "w.yaml", "--ci", "github"]) == 3
    out, err = capsys.readouterr()
    assert "::" not in out
    assert [line.split(",col=")[0] for line in err.splitlines()] == ["::error file=w.yaml,line=4"] * 2
    assert (here / "summary.md").read_text().startswith("### 2 problems\n")
    assert "exit-code=3\nresult=invalid\n" in (here / "outputs").read_text()


def test_what_is_recognised_is_enough(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_BUILD", "True")
    monkeypatch.setenv("AGENT_TEMPDIRECTORY", str(here))
    assert main(["validate", "w.yaml"]) == 3
    err = capsys.readouterr().err
    assert err.count("##vso[task.logissue type=error;sourcepath=w.yaml;") == 2
    assert "##vso[task.uploadsummary]" in err


@pytest.mark.usefixtures("here")
def test_annotations_that_are_the_answer_are_not_said_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "w.yaml", "--ci", "github", "-o", "github"]) == 3
    out, err = capsys.readouterr()
    assert out.count("::error file=w.yaml") == 2
    assert err == ""


@pytest.mark.usefixtures("here")
def test_a_file_that_is_right_needs_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "r.yaml", "--ci", "github"]) == 0
    assert capsys.readouterr() == ("r.yaml: valid, 1 step\n", "")


def test_what_stops_a_command_is_annotated_too(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", "w.yaml", "--ci", "github"]) == 3
    assert "::error file=w.yaml,line=4," in capsys.readouterr().err
    assert main(["validate", "no.yaml", "--ci=github"]) == 3
    assert "::error title=flowrun::no.yaml does not exist%0A" in capsys.readouterr().err
    assert (here / "outputs").read_text().count("exit-code=3") == 2


def test_a_run_that_failed_is_told_with_its_table_and_picture(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(platform=pipeline("github", {}).platform)
    environ = {"GITHUB_STEP_SUMMARY": str(here / "summary.md"), "GITHUB_OUTPUT": str(here / "outputs")}
    tell(console, Answer(code=ExitCode.FAILED, message="it failed", run=fold(FAILED)), environ)
    assert [line.partition("::")[0] or line[:8] for line in capsys.readouterr().err.splitlines()] == [
        "::error ",
        "::error ",
        "::warnin",
    ]
    summary = (here / "summary.md").read_text()
    assert summary.index("| Step |") < summary.index("```mermaid\ngantt\n")
    assert "run-id=20260921-101320-k8\noutputs={}\n" in (here / "outputs").read_text()


def test_a_summary_that_cannot_be_written_changes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(platform=pipeline("github", {}).platform)
    tell(console, Answer(run=fold(FAILED)), {"GITHUB_STEP_SUMMARY": str(here)})
    assert "could not be written" in capsys.readouterr().err


def test_secrets_are_masked_where_the_platform_was_named(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(platform=pipeline("github", {}).platform)
    environ = {
        "FLOWRUN_SECRET_SAP": "hunter22",
        "UIPATH_CLIENT_SECRET": "p%w\nx",
        "FLOWRUN_SECRET_PIN": "123",
        "A": "b",
    }
    mask(console, environ)
    assert capsys.readouterr().err.splitlines() == ["::add-mask::hunter22", "::add-mask::p%25w%0Ax"]


@pytest.mark.usefixtures("here")
def test_a_platform_that_was_only_recognised_is_shown_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its log may be a file by then, which nobody reads for commands."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("FLOWRUN_SECRET_SAP", "hunter22")
    assert main(["validate", "r.yaml"]) == 0
    assert "hunter22" not in "".join(capsys.readouterr())
    assert main(["validate", "r.yaml", "--ci", "github"]) == 0
    assert capsys.readouterr().err == "::add-mask::hunter22\n"


@pytest.mark.usefixtures("here")
def test_a_wrong_platform_is_a_mistake_like_any_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWRUN_CI", "jenkins")
    assert main(["validate", "r.yaml"]) == 3
    assert "FLOWRUN_CI is 'jenkins'" in capsys.readouterr().err
