"""`flowrun runs show`, on a real journal."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from flowrun.cli.main import main
from flowrun.journal.sqlite import SqliteJournal
from tests.golden.reports.examples import golden

pytestmark = pytest.mark.usefixtures("journal")


def test_a_run_that_ended_is_its_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "show", "20260921-101320-k8"]) == 0
    assert capsys.readouterr() == (golden("failed", "text").read_text(), "")


def test_as_json_it_is_the_report_in_the_envelope(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "show", "20260921-101320-k7", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == json.loads(golden("succeeded", "json").read_text())


def test_a_run_that_goes_on_is_measured_up_to_now(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(SqliteJournal(journal)) as records, records.own("20260921-101320-ka", "me"):
        assert main(["runs", "show", "20260921-101320-ka"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[1].startswith("running in ")
    assert "running in 1m02s" not in out


def test_a_run_whose_process_is_gone_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "show", "20260921-101320-ka"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("interrupted after 1m02s")
    assert lines[2] == "no process drives it any more: flowrun runs resume 20260921-101320-ka"
    assert main(["runs", "show", "20260921-101320-ka", "-o", "json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["status"], data["interrupted"]) == ("running", True)


def test_without_an_id_the_latest_is_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "list", "-n", "1", "-o", "name"]) == 0
    latest = capsys.readouterr().out
    assert main(["runs", "show", "-o", "name"]) == 0
    assert capsys.readouterr().out == latest


def test_a_run_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "show", "nonsense"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "nonsense" in err
