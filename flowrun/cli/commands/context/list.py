"""`flowrun context list`: the contexts of this project, one a line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.columns import aligned
from flowrun.cli.console import Console
from flowrun.cli.options import answering

if TYPE_CHECKING:
    from flowrun.settings import Context


@click.command("list", short_help="List the contexts of this project.")
@answering("text", "json", "jsonl", "name")
def list_contexts(console: Console) -> Answer:  # noqa: ARG001 - all commands are given one
    """List the contexts of this project; the one that holds has a star."""
    from flowrun.settings import contexts_of  # noqa: PLC0415 - `--help` reads no configuration

    found = contexts_of(os.environ, Path.cwd())
    name = found.chosen.value if found.chosen else None
    rows = [
        {
            "name": one.name,
            "chosen": one.name == name,
            "emulator": one.emulator,
            "url": one.url,
            "protect": one.protect,
            "source": one.source,
        }
        for one in found.contexts
    ]
    message = ""
    if found.fault is not None:
        message = f"{found.fault.message}\n  {found.fault.hint}"
    elif found.chosen is not None:
        message = f"{name} holds ({found.chosen.source})"
    return Answer(
        data=rows,
        rows=rows,
        text="\n".join(aligned([_cells(one, chosen=one.name == name) for one in found.contexts])),
        names=tuple(one.name for one in found.contexts),
        message=message,
    )


def _cells(one: Context, *, chosen: bool) -> tuple[str, ...]:
    where = "the embedded Orchestrator" if one.emulator else one.url or "the url of elsewhere"
    return "*" if chosen else " ", one.name, where, "protected" if one.protect else ""
