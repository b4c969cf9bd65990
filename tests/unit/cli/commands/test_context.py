"""`flowrun context`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowrun.cli.main import main

FILE = """
default_context = "dev"

[context.dev]
url = "https://cloud.uipath.com/acme/dev"

[context.prod]
url = "https://cloud.uipath.com/acme/prod"
protect = true
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("UIPATH_URL", "FLOWRUN_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "own"))
    monkeypatch.setenv("UIPATH_ACCESS_TOKEN", "t")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "flowrun.toml").write_text(FILE)
    monkeypatch.chdir(folder)
    return folder


def data(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["context", *words, "-o", "json"]) == 0
    return json.loads(capsys.readouterr().out)["data"]


def test_the_list_marks_the_one_that_holds(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["context", "list"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "   local  the embedded Orchestrator",
        "*  dev    https://cloud.uipath.com/acme/dev",
        "   prod   https://cloud.uipath.com/acme/prod  protected",
    ]
    assert err == f"dev holds ({project / 'flowrun.toml'}: default_context)\n"
    assert main(["context", "list", "-o", "name"]) == 0
    assert capsys.readouterr().out.split() == ["local", "dev", "prod"]
    assert [row["chosen"] for row in data(capsys, "list")] == [False, True, False]


def test_a_project_without_a_file_has_the_local_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert data(capsys, "list") == [
        {"name": "local", "chosen": False, "emulator": True, "url": None, "protect": False, "source": "built in"}
    ]
    monkeypatch.delenv("UIPATH_ACCESS_TOKEN")
    shown = data(capsys, "show")
    assert (shown["name"], shown["chosen"], shown["fault"], shown["file"]) == ("local", False, None, None)


def test_use_goes_before_the_default_and_out_of_the_repository(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["context", "use", "prod"]) == 0
    kept = tmp_path / "own" / "flowrun" / "contexts.json"
    assert capsys.readouterr().err == f"prod is chosen for {project}, in {kept}\n"
    assert sorted(path.name for path in project.iterdir()) == ["flowrun.toml"]
    assert data(capsys, "show")["name"] == "prod"
    assert data(capsys, "use", "--none")["holds"] == "dev"
    assert data(capsys, "show")["name"] == "dev"


def test_use_says_what_goes_before_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FLOWRUN_CONTEXT", "local")
    assert main(["context", "use", "prod"]) == 0
    assert "; local holds all the same (FLOWRUN_CONTEXT)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("use", "prdo"), 'Did you mean "prod"?'),
        (("show", "qa"), "There are: local, dev, prod."),
        (("use",), "--none"),
        (("use", "dev", "--none"), "--none"),
        (("lst",), "Did you mean 'list'?"),
    ],
)
def test_what_there_is_not(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["context", *words]) == 3
    assert said in capsys.readouterr().err


def test_a_choice_that_is_gone_can_be_seen_and_mended(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["context", "use", "prod"]) == 0
    (project / "flowrun.toml").write_text('[context.dev]\nurl = "https://h/a/b"\n')
    assert main(["runs", "list"]) == 3
    capsys.readouterr()
    assert main(["context", "list"]) == 0
    assert "there is no context prod" in capsys.readouterr().err
    assert main(["context", "use", "dev"]) == 0


def test_show_says_what_holds_and_what_contradicts_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = data(capsys, "show", "prod")
    assert (shown["name"], shown["protect"], shown["source"], shown["fault"]) == ("prod", True, "--context", None)
    assert shown["settings"]["url"]["source"] == f"{project / 'flowrun.toml'}: context.prod.url"
    assert shown["settings"]["access_token"]["value"] == "(set, not shown)"
    monkeypatch.setenv("UIPATH_URL", "https://cloud.uipath.com/acme/other")
    assert "UIPATH_URL is" in data(capsys, "show")["fault"]
    assert main(["context", "show"]) == 0
    assert "Keep one of the two" in capsys.readouterr().err
    assert main(["context", "show", "-o", "name"]) == 0
    assert capsys.readouterr().out == "dev\n"
