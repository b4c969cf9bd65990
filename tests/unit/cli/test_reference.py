"""The reference pages in the repository are those that the commands make."""

from __future__ import annotations

from pathlib import Path

from flowrun.cli.reference import cli_page, codes_page

PAGES = Path(__file__).parents[3] / "docs" / "reference"


def test_the_page_of_commands_is_current() -> None:
    """`python -m flowrun.cli.reference cli > docs/reference/cli.md` makes it so."""
    assert (PAGES / "cli.md").read_text() == cli_page()


def test_the_page_of_codes_is_current() -> None:
    """`python -m flowrun.cli.reference exit-codes > docs/reference/exit-codes.md` makes it so."""
    assert (PAGES / "exit-codes.md").read_text() == codes_page()


def test_every_command_has_its_heading() -> None:
    headings = [line for line in cli_page().splitlines() if line.startswith("## `flowrun ")]
    assert len(headings) == len(set(headings)) >= 37
