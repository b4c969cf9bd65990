"""`flowrun sim`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowrun.cli.main import main
from flowrun.steps.job.lookup import LookUp

SPEC = """
flowrun: 1
name: two
steps:
  - id: first
    release: First
    outputs: {Number: {type: integer}}
  - id: second
    release: Second
    input_arguments: {in_Number: "${{ steps.first.outputs.Number }}"}
    timeout: 30m
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "two.yaml"
    path.write_text(SPEC)
    return path


def data(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)["data"]


def test_it_counts_and_names_weak_spots(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sim", str(spec), "--seeds", "20", "--faults", "hang,faulted", "-o", "json"]) == 0
    told = data(capsys)
    assert sum(told["results"].values()) == told["runs"] == 20
    assert told["results"]["broken"] == 0
    assert told["faults"] == ["faulted", "hang"]
    assert ("hangs", "first") in {(weak["kind"], weak["step"]) for weak in told["weak_spots"]}
    assert ("hangs", "second") not in {(weak["kind"], weak["step"]) for weak in told["weak_spots"]}
    assert told["without_faults"]["result"] == "succeeded"


def test_the_same_for_people(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sim", str(spec), "--seeds", "20", "--faults", "hang,faulted"]) == 0
    told = capsys.readouterr()
    assert "first has no `timeout`" in told.out
    assert "how its Jobs go is made up" in told.out
    assert "no promise broken" in told.err


def test_jobs_go_as_the_first_test_says(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.with_name("two.test.yaml").write_text(
        "flowrun_test: 1\n"
        "tests:\n"
        "  - name: it is faulted\n"
        "    jobs: {first: {state: Faulted, info: no such file, duration: 1h}}\n"
        "    expect: {result: failed}\n"
    )
    assert main(["sim", str(spec), "--seeds", "2", "--faults", "none", "-o", "json"]) == 0
    told = data(capsys)
    assert told["jobs_from"]["two"].endswith("two.test.yaml: it is faulted")
    assert [(one["step"], one["error"], one["runs"]) for one in told["failures"]] == [("first", "faulted", 2)]
    assert 3600 < told["median_seconds"] < 3700


def test_a_tape_is_replayed(spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tape = tmp_path / "tape.jsonl"
    assert main(["sim", str(spec), "--seed", "5", "--tape", str(tape), "-o", "json"]) == 0
    assert data(capsys)["runs"] == 1
    spec.unlink()
    assert main(["sim", "--replay", str(tape), "-o", "json"]) == 0
    assert data(capsys)["same"]
    tape.write_text(tape.read_text().replace('"type":"job"', '"type":"jab"'))
    assert main(["sim", "--replay", str(tape)]) == 2
    assert "another story from line" in capsys.readouterr().err


def test_a_promise_that_flowrun_breaks_ends_with_70(
    spec: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing_found(*_: object) -> tuple[()]:
        return ()

    monkeypatch.setattr(LookUp, "over_window", nothing_found)
    assert main(["sim", str(spec), "--seeds", "30", "--faults", "lost,late,slow,crash"]) == 70
    told = capsys.readouterr()
    assert "was started 2 times" in told.out
    assert "--faults lost,late,slow,crash --seed" in told.out
    assert "the smallest story that breaks it has 1 of" in told.out
    assert "broken promise" in told.err
    seed = told.out.partition("--seed ")[2].split()[0]
    tape = spec.with_name("tape.jsonl")
    assert main(["sim", str(spec), "--faults", "lost,late,slow,crash", "--seed", seed, "--tape", str(tape)]) == 70
    assert tape.read_text().count('"type":"fault"') == 1
    capsys.readouterr()
    assert main(["sim", "--replay", str(tape)]) == 70
    assert "the same story" in capsys.readouterr().err


def test_families_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sim", "--list-faults"]) == 0
    assert "maintenance" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "which workflow"),
        (["{}", "--faults", "lots"], "there are no faults 'lots'"),
        (["{}", "--tape", "t.jsonl"], "give --seed with --tape"),
        (["{}", "--replay", "t.jsonl"], "without FILE"),
        (["--replay", "{}"], "no tape"),
        (["nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_usage(given: list[str], words: str, spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sim", *(one.format(spec) for one in given)]) == 3
    assert words in capsys.readouterr().err
