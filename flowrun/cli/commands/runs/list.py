"""`flowrun runs list`: the latest runs, one a line."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.options import answering, configured

if TYPE_CHECKING:
    from flowrun.api import Listed
    from flowrun.settings import Settings


@click.command("list", short_help="List the latest runs.")
@click.option(
    "-n", "--limit", type=click.IntRange(min=1), metavar="N", default=20, show_default=True, help="At most so many."
)
@click.option("-a", "--all", "children", is_flag=True, help="Those that are steps of others, too.")
@answering("text", "json", "jsonl", "name")
@configured(outside=False)
def list_runs(console: Console, *, limit: int, children: bool, settings: Settings) -> Answer:  # noqa: ARG001 - as all
    """List the latest runs, the latest first."""
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    found = list(api.runs(settings, limit, children=children))
    rows = [
        {
            "run_id": row.run_id,
            "workflow": row.workflow,
            "status": str(row.status),
            "interrupted": listed.interrupted,
            "started_at": row.started_at,
            "finished_at": row.finished_at,
            "owner": row.owner,
            "parent": row.parent or None,
        }
        for listed in found
        for row in (listed.row,)
    ]
    cells = [_cells(listed) for listed in found]
    widths = [max((len(row[column]) for row in cells), default=0) for column in range(len(cells[0]) if cells else 0)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return Answer(
        data=rows,
        text="\n".join(lines),
        rows=rows,
        names=tuple(listed.row.run_id for listed in found),
        message="" if found else "there are no runs here yet; flowrun run FILE starts one",
    )


def _cells(listed: Listed) -> tuple[str, ...]:
    row = listed.row
    state, last = str(row.status), row.owner
    if listed.interrupted:
        state, last = "interrupted", f"flowrun runs resume {row.run_id}"
    return row.run_id, state, _local(row.started_at), row.workflow, last


def _local(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
