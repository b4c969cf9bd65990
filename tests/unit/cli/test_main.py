"""The front door: cheap to open, and every way out has its code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from flowrun import api
from flowrun.cli import main as door
from flowrun.errors import Conflict, NotSignedIn, UsageError

LOADED = """
import sys
from flowrun.cli.main import main
code = main(sys.argv[1:])
names = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names
print("loaded", code, *sorted(names), file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    ended = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    words = ended.stderr.splitlines()[-1].split()
    assert words[:2] == ["loaded", "0"]
    return set(words[2:])


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["run", "--help"], ["runs", "abort", "--help"]])
def test_help_and_version_load_click_alone(arguments: list[str]) -> None:
    bare = subprocess.run(
        [sys.executable, "-c", "import sys, click; print(*{n.partition('.')[0] for n in sys.modules})"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert loaded(*arguments) - set(bare.stdout.split()) == {"flowrun"}


def test_validate_loads_no_client_no_graph_and_draws_nothing(tmp_path: Path) -> None:
    file = tmp_path / "w.yaml"
    file.write_text("flowrun: 1\nname: w\nsteps:\n  a: {wait: {for: 1s}}\n")
    assert not loaded("validate", str(file)) & {
        "httpx",
        "networkx",
        "rich",
        "starlette",
        "uvicorn",
        "sqlite3",
        "temporalio",
    }


def test_listing_runs_reads_the_journal_and_loads_no_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    others = {"pydantic", "ruamel", "httpx", "networkx", "jinja2", "starlette", "uvicorn", "temporalio"}
    assert not loaded("runs", "list") & others


def test_a_wrong_flag_is_code_3_not_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main(["validate", "--bogus"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "--bogus" in err
    assert "flowrun validate --help" in err


@pytest.mark.parametrize("arguments", [["run"], ["nonsense"], ["runs", "nonsense"], ["run", "x", "-o", "xml"]])
def test_wrong_usage_is_code_3(arguments: list[str]) -> None:
    assert door.main(arguments) == 3


def test_no_command_at_all_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main([]) == 3
    assert "Commands:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("no such run", hint="flowrun runs list"), 3),
        (NotSignedIn("401"), 5),
        (Conflict("owned by pid 7"), 7),
        (KeyboardInterrupt(), 130),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_what_is_raised_becomes_a_message_and_a_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, code: int
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(api, "report", fail, raising=False)
    assert door.main(["runs", "show", "r1"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert str(error) in err
    assert "Traceback" not in err


def test_errors_come_in_the_envelope_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object) -> None:
        raise Conflict("owned by pid 7 on host", hint="wait")

    monkeypatch.setattr(api, "report", fail, raising=False)
    assert door.main(["runs", "show", "-o", "json"]) == 7
    out, err = capsys.readouterr()
    assert json.loads(out)["result"] == "conflict"
    assert json.loads(out)["message"] == "owned by pid 7 on host\n  wait"
    assert err == ""


def test_a_bug_is_code_70_and_says_where_the_report_lies(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setenv("FLOWRUN_STATE_DIR", str(tmp_path))
    monkeypatch.setattr(api, "report", fail, raising=False)
    assert door.main(["runs", "show"]) == 70
    report = next(tmp_path.glob("bug-*.txt"))
    assert str(report) in capsys.readouterr().err
    assert "ZeroDivisionError: ours" in report.read_text()


@pytest.mark.parametrize(
    "arguments", [["schema"], ["explain", "FR001", "-o", "json"], ["--help"], ["jobs", "list", "--help"], ["-V"]]
)
def test_an_answer_that_finds_no_room_is_said_and_no_bug(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "flowrun", *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr == "flowrun: stdout could not be written: No space left on device\n"


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "<&- 1>&- 2>&-"])
def test_a_closed_stream_is_no_error(closed: str) -> None:
    command = f'exec "$0" -m flowrun schema report {closed}'
    ended = subprocess.run(["/bin/sh", "-c", command, sys.executable], capture_output=True, check=False)
    assert ended.returncode == 0
    assert ended.stderr == b""


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = [sys.executable, "-m", "flowrun", "schema", "report"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0
