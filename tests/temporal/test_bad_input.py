"""Whatever is asked of a server that is not there, or does not let us in, ends with one sentence and its code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from flowrun.cli.main import main
from tests.temporal.server import Server, free_port

WORKFLOW = "flowrun: 1\nname: w\nsteps:\n  a: {wait: {for: 1s}}\n"
RUN = "20261126-0537-by8rnx"
COMMANDS = [
    ["run", "w.yaml"],
    ["runs", "list"],
    ["runs", "show", RUN],
    ["runs", "show"],
    ["runs", "watch", RUN],
    ["runs", "events", RUN],
    ["runs", "outputs", RUN],
    ["runs", "report", RUN],
    ["runs", "why", RUN],
    ["runs", "abort", RUN],
    ["runs", "resume", RUN],
    ["runs", "retry", RUN],
    ["runs", "rerun", RUN],
    ["runs", "approve", RUN, "a"],
    ["runs", "reject", RUN, "a"],
    ["graph", RUN],
    ["timeline", RUN],
    ["worker"],
]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder with a workflow; the emulator that a run has asked before it asks Temporal ends with the test."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "w.yaml").write_text(WORKFLOW)
    (tmp_path / "emulator.yaml").write_text("emulator: 1\nrobots: [{name: ada, id: 1}]\nreleases: {A: [echo, '{}']}\n")
    yield
    for path in tmp_path.rglob("endpoint.json"):
        with suppress(ProcessLookupError):
            os.kill(json.loads(path.read_text(encoding="utf-8"))["pid"], signal.SIGTERM)


def check(address: str, expected: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    met = {}
    for words in COMMANDS:
        code = main([*words, "--temporal", address])
        out, told = capsys.readouterr()
        if (code, out) != (expected, "") or not told.startswith(f"flowrun: {said}") or "Traceback" in told:
            met[" ".join(words)] = (code, out, told)
    assert met == {}


def test_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    address = f"127.0.0.1:{free_port()}"
    check(address, 6, f"Temporal at {address} is not there: nobody listens at that port", capsys)


def test_no_such_namespace(
    temporal: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLOWRUN_TEMPORAL_NAMESPACE", "nope")
    check(temporal.address, 5, f"Temporal at {temporal.address} has no namespace nope", capsys)


def test_half_of_a_certificate(
    temporal: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLOWRUN_TEMPORAL_TLS_CERT", "me.pem")
    check(temporal.address, 3, "FLOWRUN_TEMPORAL_TLS_CERT is set, but temporal_tls_key is not", capsys)


def test_without_the_library_it_says_how_that_comes(tmp_path: Path) -> None:
    without = (
        "import sys; sys.modules['temporalio'] = None; from flowrun.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    for words in (["runs", "list"], ["worker"]):
        command = [sys.executable, "-c", without, *words, "--temporal", "127.0.0.1:7233"]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert (ended.returncode, ended.stdout) == (3, "")
        assert "its library is not installed\n  pip install 'flowrun-rpa[temporal]'" in ended.stderr
