"""`flowrun runs events`: the journal of a run, row by row."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console, dumps_line
from flowrun.cli.options import RUN, answering, configured

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="Print the journal of a run.")
@RUN
@click.option("--after", type=click.IntRange(min=0), default=0, metavar="SEQ", help="Only what came after this row.")
@click.option("--reveal", is_flag=True, help="Show what is sensitive, too.")
@answering("jsonl", "json", "text")
@configured(outside=False)
def events(console: Console, *, run_id: str | None, after: int, reveal: bool, settings: Settings) -> Answer:
    """Print the journal of a run: every event, in order, one JSON value a line.

    The values of sensitive outputs are `***`, unless `--reveal` is given; the journal itself holds them.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    rows = api.events(run_id, settings, after, reveal=reveal)
    if console.form == "jsonl":
        return Answer(rows=rows)
    found = list(rows)
    lines = [f"{row['seq']:>6}  {_local(row['at'])}  {row['type']:<18}  {dumps_line(row['data'])}" for row in found]
    return Answer(data=found, text="\n".join(lines))


def _local(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
