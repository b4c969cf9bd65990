"""What is installed is pinned, and what is shipped is what should be."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")
PINNED = re.compile(r"^([a-z0-9][a-z0-9.-]*)(?:\[[^\]]*\])?==\S+", re.MULTILINE)
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


def wanted() -> Iterator[str]:
    """The packages that the project asks for, by their normal names."""
    extras = PROJECT["optional-dependencies"]
    for requirement in (*PROJECT["dependencies"], *extras["dev"], *extras["keyring"], *extras["temporal"]):
        found = NAME.match(requirement)
        assert found is not None, requirement
        if found[0] == PROJECT["name"]:
            continue  # an extra of its own
        yield re.sub(r"[-_.]+", "-", found[0]).lower()


def test_everything_that_is_asked_for_is_pinned() -> None:
    """`just constraints` pins what is missing."""
    assert set(wanted()) - set(PINNED.findall(CONSTRAINTS)) == set()


def test_every_pin_has_its_hashes() -> None:
    pins = re.split(r"\n(?=[a-z0-9])", CONSTRAINTS.split("\n", 2)[2])
    assert len(pins) > 50
    assert [pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_no_pin_says_where_to_fetch_it() -> None:
    assert re.findall(r"https?:|--\w*index|--find-links| @ ", CONSTRAINTS) == []


def test_what_decides_about_a_change_installs_with_hashes() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    first, *more = re.findall(r"^pip install (.*)$", script, re.MULTILINE)
    assert first == "--quiet --require-hashes -r constraints.txt"
    assert more == ["--quiet -e '.[dev]'"], "which finds all that it wants there already"


def test_the_action_names_whole_versions() -> None:
    used = re.findall(r"uses: *(\S+)", (ROOT / "action.yml").read_text(encoding="utf-8"))
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@(v\d+\.\d+\.\d+|[0-9a-f]{40})", one)] == []


def test_there_is_a_way_to_report_a_hole() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    told = re.search(r"^## Reporting\n\n(.+?)\n\n", text, re.MULTILINE | re.DOTALL)
    assert told is not None
    assert "private security advisories of this repository" in told[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=100)
    (built,) = folder.glob("*.whl")
    return ZipFile(built)


def test_a_wheel_holds_the_package_and_nothing_else(wheel: ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"flowrun"}
    kept = {path.relative_to(ROOT).as_posix() for path in tracked("flowrun")}
    assert {name for name in wheel.namelist() if name.startswith("flowrun/")} == kept


def test_nothing_in_a_wheel_knows_of_the_boundaries_at_which_tests_kill(wheel: ZipFile) -> None:
    """They are put in from outside, by tests/kills/boundaries.py."""
    sources = {name: wheel.read(name).decode().lower() for name in wheel.namelist() if name.endswith(".py")}
    assert [name for name, text in sources.items() if "tests.kills" in text or "failpoint" in text] == []
    ending = {name for name, text in sources.items() if "os._exit" in text or "signal.sigkill" in text}
    robots = {f"flowrun/emulator/{name}.py" for name in ("daemon", "processes", "watchdog")}
    # Temporal's library can crash while an interpreter ends; a second signal to a worker is not to wait for anything.
    assert ending == robots | {"flowrun/cli/main.py", "flowrun/cli/commands/worker.py"}


def test_a_wheel_brings_its_licence_and_its_command(wheel: ZipFile) -> None:
    (entry,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "flowrun = flowrun.__main__:main" in wheel.read(entry).decode()
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())


def tracked(folder: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", folder], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]
