"""`flowrun run`: what it hands on, and what it answers. Real runs are in tests/e2e."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from flowrun import api
from flowrun.cli.main import main
from flowrun.core.events import Event
from flowrun.report.fold import fold
from tests.golden.reports.examples import DOUBT, FAILED, SUCCEEDED


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Asked:
    """Stands in the place of `api.run` and keeps what it was asked."""

    def __init__(self, events: list[Event]) -> None:
        self.events = events
        self.given: tuple[Any, ...] = ()
        self.more: dict[str, Any] = {}

    async def __call__(self, *given: Any, **more: Any) -> Any:
        self.given, self.more = given, more
        return fold(self.events)


def asked(monkeypatch: pytest.MonkeyPatch, events: list[Event]) -> Asked:
    run = Asked(events)
    monkeypatch.setattr(api, "run", run, raising=False)
    return run


@pytest.mark.parametrize(("events", "code"), [(SUCCEEDED, 0), (FAILED, 1), (DOUBT, 9)])
def test_it_ends_as_the_run_does(events: list[Event], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, events)
    assert main(["run", "w.yaml"]) == code


def test_stdout_gets_the_outputs_and_stderr_the_last_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(monkeypatch, SUCCEEDED)
    main(["run", "w.yaml"])
    out, err = capsys.readouterr()
    assert out == 'documents = ["4711", "4712"]\npath = "c:\\\\close.xlsx"\n'
    assert err.splitlines()[-1] == "next: flowrun runs outputs 20260921-101320-k7"


def test_stdout_gets_the_report_as_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked(monkeypatch, FAILED)
    assert main(["run", "w.yaml", "-o", "json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["result"], said["data"]["status"]) == ("failed", "failed")


def test_stdout_gets_the_id(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked(monkeypatch, SUCCEEDED)
    main(["run", "w.yaml", "-o", "name"])
    assert capsys.readouterr().out == "20260921-101320-k7\n"


@pytest.mark.parametrize("name", ["inputs.yaml", "inputs.json"])
def test_inputs_come_from_flags_and_files(place: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (place / name).write_text('{"period": "2026-08", "limit": 3}')
    run = asked(monkeypatch, SUCCEEDED)
    main(["run", "w.yaml", "--inputs-file", name, "-i", "region=EU", "--max-parallel", "4"])
    inputs = api.Inputs({"region": "EU"}, {"period": "2026-08", "limit": 3}, name)
    assert run.given[:2] == (Path("w.yaml"), inputs)
    assert run.more["max_parallel"] == 4


@pytest.mark.parametrize("content", ["- a\n", "a: [\n", "\udcff"])
def test_a_wrong_inputs_file_starts_nothing(place: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    (place / "inputs.yaml").write_text(content, errors="surrogateescape")
    run = asked(monkeypatch, SUCCEEDED)
    assert main(["run", "w.yaml", "--inputs-file", "inputs.yaml"]) == 3
    assert run.given == ()


def test_reports_are_written_when_it_ends(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, FAILED)
    assert main(["run", "w.yaml", "--report", "junit=out.xml", "--report", "md=out.md"]) == 1
    assert (place / "out.xml").exists()
    assert (place / "out.md").exists()


def test_a_report_that_could_not_be_written_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    run = asked(monkeypatch, SUCCEEDED)
    assert main(["run", "w.yaml", "--report", "junit=/nowhere/out.xml"]) == 3
    assert run.given == ()


def test_a_signal_before_anything_starts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def run(*_: Any, **__: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(5)

    monkeypatch.setattr(api, "run", run, raising=False)
    assert main(["run", "w.yaml"]) == 130
    assert "nothing was started" in capsys.readouterr().err


def test_a_wrong_file_is_shown_with_its_lines(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "w.yaml").write_text("flowrun: 1\nname: w\nsteps:\n  a: {wiat: {for: 1s}}\n")
    assert main(["run", "w.yaml"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "w.yaml:4:7: FR" in err
    assert not (place / ".flowrun").exists() or not list((place / ".flowrun").glob("bug-*"))
