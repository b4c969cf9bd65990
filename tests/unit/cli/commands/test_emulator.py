"""`flowrun emulator`, as a real process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from flowrun.cli.commands.emulator import PROFILES
from flowrun.emulator.profile import Kind

CATALOG = """
emulator: 1
robots: [{name: ada, id: 1}]
releases:
  Nothing: {command: ["{python}", -c, "print('{}')"]}
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    file = tmp_path / "emulator.yaml"
    file.write_text(CATALOG)
    return file


def started(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "flowrun", "emulator", "--state", str(tmp_path / "state"), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_serves_and_ends_when_told(tmp_path: Path, catalog: Path, number: signal.Signals) -> None:
    environment = tmp_path / "uipath.env"
    with started(tmp_path, "--catalog", str(catalog), "--env-file", str(environment)) as process:
        assert process.stdout is not None
        address = urlsplit(process.stdout.readline().strip())
        assert address.hostname == "127.0.0.1"
        assert "UIPATH_URL" in environment.read_text()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert out == ""
    assert "Traceback" not in err


def test_its_address_comes_as_json_too(tmp_path: Path, catalog: Path) -> None:
    with started(tmp_path, "--catalog", str(catalog), "-o", "json") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["url"].startswith("http://127.0.0.1:")
        process.terminate()
        process.communicate(timeout=30)


def test_it_goes_when_nobody_needs_it(tmp_path: Path, catalog: Path) -> None:
    with started(tmp_path, "--catalog", str(catalog), "--linger", "0.1") as process:
        process.communicate(timeout=30)
    assert process.returncode == 0


def test_a_wrong_catalog_is_code_3(tmp_path: Path, catalog: Path) -> None:
    catalog.write_text("emulator: 1\nrobots: 3\n")
    with started(tmp_path, "--catalog", str(catalog)) as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 3
    assert out == ""
    assert f"{catalog}:1:1: FR" in err


def test_the_profiles_are_those_of_the_emulator() -> None:
    assert list(PROFILES) == list(Kind)


def test_a_profile_can_be_chosen(tmp_path: Path, catalog: Path) -> None:
    with started(tmp_path, "--catalog", str(catalog), "--profile", "standalone") as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        process.terminate()
        process.communicate(timeout=30)
    assert url.count("/") == 2
