"""Commands are loaded when they are called, and their lines in the list are their own."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from flowrun.cli.lazy import LazyGroup
from flowrun.cli.main import app

assert isinstance(app, LazyGroup)
ROOT: LazyGroup = app


def groups(group: LazyGroup) -> Iterator[LazyGroup]:
    yield group
    for name in group.entries:
        command = group.get_command(click.Context(group), name)
        if isinstance(command, LazyGroup):
            yield from groups(command)


@pytest.mark.parametrize("group", list(groups(ROOT)), ids=lambda group: group.name)
def test_every_entry_leads_to_a_command_with_the_same_line(group: LazyGroup) -> None:
    for name, entry in group.entries.items():
        command = group.get_command(click.Context(group), name)
        assert command is not None
        assert command.name == name
        assert command.get_short_help_str(200) == entry.help


def test_an_unknown_name_is_no_command() -> None:
    assert ROOT.get_command(click.Context(ROOT), "nonsense") is None


@pytest.mark.parametrize(
    ("typed", "meant"), [("vaildate", "'validate'"), ("rnu", "'run'"), ("xyzzy", "validate, plan")]
)
def test_a_slip_gets_a_guess(typed: str, meant: str) -> None:
    with pytest.raises(click.UsageError, match=meant):
        app.main([typed], standalone_mode=False)
