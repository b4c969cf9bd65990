"""`flowrun plan`: what it hands on, and what it answers. Real plans are in tests/e2e."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flowrun import api
from flowrun.cli.main import main
from flowrun.errors import Position, Problem, SpecError, Unreachable
from tests.published import check_sarif


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    warning = Problem("FR100", "this is odd", Position(1, 1), severity="warning")

    async def plan(file: Path, inputs: Any, settings: Any, **more: Any) -> Any:
        asked.update(file=file, inputs=inputs, settings=settings, **more)
        steps = [SimpleNamespace(id="a"), SimpleNamespace(id="b")]
        planned = SimpleNamespace(
            problems=(warning,),
            source="odd: 1\n",
            others={},
            plan=SimpleNamespace(steps=steps),
        )
        return SimpleNamespace(
            text="a then b",
            data={"steps": ["a", "b"]},
            document={"differences": 2},
            planned=planned,
        )

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(api, "review", plan, raising=False)
    return asked


def test_the_plan_is_the_data_and_its_warnings_are_talk(
    asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "w.yaml", "-i", "a=1", "--max-parallel", "3"]) == 0
    out, err = capsys.readouterr()
    assert out == "a then b\n"
    assert "FR100" in err
    assert asked["file"] == Path("w.yaml")
    assert asked["inputs"] == api.Inputs({"a": "1"}, {})
    assert asked["max_parallel"] == 3


@pytest.mark.usefixtures("asked")
def test_names_are_those_of_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "w.yaml", "-o", "name"]) == 0
    assert capsys.readouterr().out == "a\nb\n"


@pytest.mark.usefixtures("asked")
def test_it_comes_in_the_envelope_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "w.yaml", "-o", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["data"] == {"steps": ["a", "b"]}
    assert [problem["code"] for problem in said["diagnostics"]] == ["FR100"]


@pytest.mark.usefixtures("asked")
def test_a_difference_is_code_2_where_that_was_asked_for() -> None:
    assert main(["plan", "w.yaml", "--detailed-exitcode"]) == 2


def test_an_orchestrator_that_is_not_there_is_code_6(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def plan(*_: Any, **__: Any) -> Any:
        raise Unreachable("nobody listens at 127.0.0.1:9", hint="start it")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "review", plan, raising=False)
    assert main(["plan", "w.yaml"]) == 6
    assert "start it" in capsys.readouterr().err


@pytest.mark.usefixtures("asked")
def test_its_warnings_go_into_a_report(tmp_path: Path) -> None:
    assert main(["plan", "w.yaml", "--report", "sarif=out.sarif"]) == 0
    (result,) = check_sarif((tmp_path / "out.sarif").read_text())["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("FR100", "warning")


@pytest.mark.usefixtures("asked")
def test_what_makes_a_plan_impossible_goes_into_a_report_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: Any, **__: Any) -> Any:
        raise SpecError((Problem("FR601", "no such release", Position(3, 5)),), file="w.yaml", text="x\n")

    monkeypatch.setattr(api, "review", refuse, raising=False)
    assert main(["plan", "w.yaml", "--report", "sarif=out.sarif"]) == 3
    (result,) = check_sarif((tmp_path / "out.sarif").read_text())["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("FR601", "error")
