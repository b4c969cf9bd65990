"""The invoices of the example are what their generator makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.e2e.harness import SPECS, Desk

FOLDER = Path("data/invoices/2026-10")


def test_the_generator_makes_the_same_files_again(desk: Desk) -> None:
    made = desk.specs / FOLDER
    for path in made.iterdir():
        path.unlink()
    subprocess.run([sys.executable, "-m", "data.make_invoices"], cwd=desk.specs, check=True)
    assert {path.name: path.read_bytes() for path in made.iterdir()} == {
        path.name: path.read_bytes() for path in (SPECS / FOLDER).iterdir()
    }
