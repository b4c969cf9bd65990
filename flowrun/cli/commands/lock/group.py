"""The group itself: which commands there are. `flowrun lock FILE…` is the one that needs no name."""

from __future__ import annotations

import click

from flowrun.cli.lazy import Entry, LazyGroup

_C = "flowrun.cli.commands.lock"
_FILES = "files"

COMMANDS = {
    _FILES: Entry(f"{_C}.files:files", "Add what workflows start, and drop what they start no more."),
    "update": Entry(f"{_C}.update:update", "Take the versions that are there now."),
    "check": Entry(f"{_C}.check:check", "Hold the lock against what is there; write nothing."),
}


class _Group(LazyGroup):
    """Takes what is no command of it as the first file of `files`."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, else that which takes files."""
        return super().get_command(ctx, cmd_name if cmd_name in COMMANDS else _FILES)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but for the name that is left out."""
        return super().resolve_command(ctx, args if args and args[0] in COMMANDS else [_FILES, *args])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options before any name belong to the command that needs none."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = [_FILES, *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_Group, entries=COMMANDS, short_help="Keep the versions of Releases that workflows were reviewed with."
)
def lock() -> None:
    """Keep the versions of Releases that workflows were reviewed with, in `flowrun.lock` of the project.

    `flowrun lock FILE...` is short for `flowrun lock files FILE...`.
    """
