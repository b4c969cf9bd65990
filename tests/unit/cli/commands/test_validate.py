"""`flowrun validate`, on real files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowrun.cli.main import main
from tests.published import check_code_quality, check_junit, check_sarif

RIGHT = "flowrun: 1\nname: right\nsteps:\n  a: {wait: {for: 1s}}\n  b: {needs: a, wait: {for: 1s}}\n"
WRONG = "flowrun: 1\nname: wrong\nsteps:\n  a: {wiat: {for: 1s}}\n  b: {needs: c, wait: {for: 1s}}\n"


@pytest.fixture
def right(tmp_path: Path) -> Path:
    file = tmp_path / "right.yaml"
    file.write_text(RIGHT)
    return file


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    file = tmp_path / "wrong.yaml"
    file.write_text(WRONG)
    return file


def test_a_valid_file_is_said_to_be_so(right: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(right)]) == 0
    assert capsys.readouterr() == (f"{right}: valid, 2 steps\n", "")


def test_the_problems_are_the_data(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(wrong)]) == 3
    out, err = capsys.readouterr()
    assert f"{wrong}:4:7: FR" in out
    assert "wiat" in out
    assert "\x1b" not in out
    assert err == ""


def test_all_problems_come_at_once_as_json_too(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(wrong), "-o", "json"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert (said["result"], said["code"]) == ("invalid", 3)
    assert {problem["line"] for problem in said["diagnostics"]} == {4, 5}
    assert {problem["file"] for problem in said["diagnostics"]} == {str(wrong)}
    assert said["data"] == [{"file": str(wrong), "valid": False, "name": "", "steps": 0}]


def test_names_are_those_of_valid_files(right: Path, wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(right), str(wrong), "-o", "name"]) == 3
    assert capsys.readouterr() == (f"{right}\n", "1 of 2 files are valid\n")


def test_each_problem_is_a_line(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(wrong), "-o", "jsonl"]) == 3
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(row["code"].startswith("FR") for row in rows)


@pytest.mark.parametrize("argument", ["missing.yaml", "."])
def test_what_is_no_file_is_wrong_usage(
    argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["validate", argument]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err


def test_in_the_words_of_a_platform(
    wrong: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(wrong.parent)
    said = {}
    for form in ("concise", "github", "azure", "gitlab", "sarif", "junit"):
        assert main(["validate", "wrong.yaml", "-o", form]) == 3
        said[form], err = capsys.readouterr()
        assert err == ""
    assert [line.split(" ")[0] for line in said["concise"].splitlines()] == [
        "wrong.yaml:4:3:",
        "wrong.yaml:4:7:",
        "wrong.yaml:5:14:",
    ]
    assert said["github"].startswith("::error file=wrong.yaml,line=4,col=3,title=FR105 steps.a::")
    assert said["azure"].startswith("##vso[task.logissue type=error;sourcepath=wrong.yaml;linenumber=4;")
    assert {one["location"]["path"] for one in check_code_quality(said["gitlab"])} == {"wrong.yaml"}
    assert len(check_sarif(said["sarif"])["runs"][0]["results"]) == 3
    assert check_junit(said["junit"]).get("errors") == "1"


def test_nothing_that_is_wrong_is_nothing_in_each_of_them(right: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = {}
    for form in ("concise", "github", "azure", "gitlab", "sarif", "junit"):
        assert main(["validate", str(right), "-o", form]) == 0
        said[form] = capsys.readouterr().out
    assert said["concise"] == said["github"] == said["azure"] == ""
    assert check_code_quality(said["gitlab"]) == check_sarif(said["sarif"])["runs"][0]["results"] == []
    assert check_junit(said["junit"]).get("tests") == "1"


def test_reports_are_files_beside_the_answer(
    right: Path, wrong: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forms = [word for form in ("sarif", "gitlab", "junit") for word in ("--report", f"{form}={tmp_path / form}")]
    assert main(["validate", str(right), str(wrong), *forms, "-o", "name"]) == 3
    assert capsys.readouterr().out == f"{right}\n"
    assert len(check_sarif((tmp_path / "sarif").read_text())["runs"][0]["results"]) == 3
    assert len(json.loads((tmp_path / "gitlab").read_text())) == 3
    assert check_junit((tmp_path / "junit").read_text()).get("tests") == "2"


def test_a_form_that_files_cannot_have_is_refused(right: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(right), "--report", "md=out.md"]) == 3
    assert "there is no format 'md'; there is sarif, gitlab, junit" in capsys.readouterr().err


FIXABLE = "flowrun: 1\nname: fixable\nsteps:\n  a: {releas: R}  # a Job\n  b: {needs: c, wait: {for: 1s}}\n"


def test_fix_writes_what_is_certain_and_tells_what_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(FIXABLE)
    assert main(["validate", str(file)]) == 3
    assert f"  fix: flowrun validate --fix {file}\n" in capsys.readouterr().out
    assert main(["validate", "--fix", "--diff", str(file)]) == 2
    assert "+  a: {release: R}  # a Job\n" in capsys.readouterr().out
    assert file.read_text() == FIXABLE
    assert main(["validate", "--fix", str(file)]) == 3
    out, err = capsys.readouterr()
    assert "FR1" not in out
    assert f"{file}:5:" in out
    assert err == f"{file}: 1 fixed\n"
    assert file.read_text() == FIXABLE.replace("releas:", "release:")
    assert main(["validate", "--fix", "--diff", str(file)]) == 0
    assert capsys.readouterr() == ("", "there is nothing to fix\n")
    assert main(["validate", "--diff", str(file)]) == 3
