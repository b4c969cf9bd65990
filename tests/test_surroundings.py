from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from flowrun.settings.options import SETTINGS
from tests.surroundings import known, plain, read_by_flowrun

FLOWRUN = Path(__file__).parents[1] / "flowrun"
VARIABLE = re.compile(r"""["']([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)["']""")
OF_USER = {"XDG_CONFIG_HOME", "XDG_STATE_HOME"}
"""Where a user's own files are: a desk sets both."""


def test_the_tests_know_every_variable_that_flowrun_reads() -> None:
    files = [file for room in ("cli", "settings") for file in (FLOWRUN / room).rglob("*.py")]
    named = {name for file in files for name in VARIABLE.findall(file.read_text(encoding="utf-8"))}
    named |= {name for option in SETTINGS.values() for name in option.variables}
    assert {"GITHUB_ACTIONS", "NO_COLOR", "UIPATH_URL"} <= named
    assert [name for name in sorted(named - OF_USER) if not known(name)] == []


@pytest.mark.parametrize("name", ["CI", "FORCE_COLOR", "FLOWRUN_STATE_DIR", "UIPATH_ACCESS_TOKEN"])
def test_a_process_of_flowrun_finds_none_of_them(name: str) -> None:
    assert plain({name: "1", "PATH": "/bin"}) == {"PATH": "/bin"}


def test_nothing_around_the_tests_says_anything_to_flowrun() -> None:
    assert [name for name in os.environ if read_by_flowrun(name)] == []
