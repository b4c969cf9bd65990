"""`flowrun runs list`, on a real journal."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from flowrun.cli.main import main
from flowrun.journal.sqlite import SqliteJournal
from tests.golden.reports.examples import T


@pytest.mark.usefixtures("journal")
def test_each_run_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "list"]) == 0
    out, err = capsys.readouterr()
    words = {line.split()[0]: line.split()[1] for line in out.splitlines()}
    assert words == {
        "20260921-101320-k7": "succeeded",
        "20260921-101320-k8": "failed",
        "20260921-101320-ka": "interrupted",
    }
    assert [line.endswith("  flowrun runs resume 20260921-101320-ka") for line in out.splitlines()].count(True) == 1
    assert err == ""


@pytest.mark.usefixtures("journal")
def test_names_are_ids(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "list", "-o", "name", "-n", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_as_data(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "list", "-o", form]) == 0
    out = capsys.readouterr().out
    rows = json.loads(out)["data"] if form == "json" else [json.loads(line) for line in out.splitlines()]
    done = next(row for row in rows if row["run_id"].endswith("k7"))
    assert (done["workflow"], done["status"], done["started_at"], done["finished_at"]) == (
        "month_close",
        "succeeded",
        T,
        T + 353,
    )


def test_a_run_that_somebody_drives_is_running(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(SqliteJournal(journal)) as records, records.own("20260921-101320-ka", "pid 7 on host"):
        assert main(["runs", "list"]) == 0
        text = capsys.readouterr().out
        assert main(["runs", "list", "-o", "json"]) == 0
        row = next(row for row in json.loads(capsys.readouterr().out)["data"] if row["run_id"].endswith("ka"))
    assert next(line for line in text.splitlines() if "-ka " in line).endswith("month_close  pid 7 on host")
    assert (row["status"], row["interrupted"], row["owner"]) == ("running", False, "pid 7 on host")
    assert main(["runs", "list", "-o", "json"]) == 0
    row = next(row for row in json.loads(capsys.readouterr().out)["data"] if row["run_id"].endswith("ka"))
    assert (row["status"], row["interrupted"], row["owner"]) == ("running", True, "")


def test_where_there_are_none(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "list"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "no runs here yet" in err
    assert not list(state.glob("bug-*"))
