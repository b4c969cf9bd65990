"""`flowrun jobs list`: Jobs by robot, State, time, error, Release."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.jobs.options import filtered, placed
from flowrun.cli.commands.jobs.table import as_csv, lines
from flowrun.cli.console import Console
from flowrun.cli.options import answering

if TYPE_CHECKING:
    from flowrun.api import JobQuery, Place
    from flowrun.settings import Settings


@click.command("list", short_help="List Jobs, by robot, State, time, error, Release.")
@filtered
@click.option("--top", type=click.IntRange(min=1), default=50, show_default=True, metavar="N", help="At most so many.")
@click.option("--skip", type=click.IntRange(min=0), default=0, metavar="N", help="Leave out the first so many.")
@click.option("--count", is_flag=True, help="Say also how many there are, however many are shown.")
@answering("text", "json", "jsonl", "csv", "name")
@placed
def list_jobs(console: Console, query: JobQuery, place: Place, settings: Settings) -> Answer:
    """List Jobs, the latest first. All conditions must hold; of several States, one.

    Times without a zone are those of this machine. Arguments are left out of lists; `flowrun jobs show` has them.
    A tenant in the cloud allows 100 lists a minute to all its programs together.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    page = asyncio.run(api.list_jobs(settings, place, query))
    rows = [api.job_data(job) for job in page.jobs]
    counted = f"{len(rows)} of {page.count} Jobs" if page.count is not None else ""
    return Answer(
        data={"jobs": rows, "count": page.count},
        text=lines(rows),
        rows=rows,
        csv=as_csv(rows) if console.form == "csv" else "",
        names=tuple(str(job.id) for job in page.jobs),
        message=counted or ("" if rows else "there are no such Jobs"),
    )
