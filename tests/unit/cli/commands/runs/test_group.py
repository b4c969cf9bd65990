"""`flowrun runs` by itself."""

from __future__ import annotations

import pytest

from flowrun.cli.commands.runs.group import COMMANDS
from flowrun.cli.main import main


def test_it_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--help"]) == 0
    out = capsys.readouterr().out
    for name, entry in COMMANDS.items():
        assert name in out
        assert entry.help in out
