"""`flowrun jobs stop`: ask Jobs to end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.jobs.options import JOBS, TIMEOUT, placed
from flowrun.cli.commands.jobs.table import lines
from flowrun.cli.commands.jobs.wait import answer_of
from flowrun.cli.console import Console
from flowrun.cli.options import answering

if TYPE_CHECKING:
    from flowrun.api import Place
    from flowrun.settings import Settings


@click.command(short_help="Ask Jobs to end.")
@JOBS
@click.option(
    "--strategy",
    type=click.Choice(("SoftStop", "Kill", "1", "2"), case_sensitive=False),
    default="SoftStop",
    show_default=True,
    help="SoftStop (1) sets a flag that the automation may read; Kill (2) ends it.",
)
@click.option("--wait", is_flag=True, help="Wait until they have ended, however.")
@TIMEOUT
@answering("text", "json", "jsonl", "name")
@placed
def stop(
    console: Console,
    *,
    jobs: tuple[str, ...],
    strategy: str,
    wait: bool,
    timeout: float | None,
    place: Place,
    settings: Settings,
) -> Answer:
    """Ask Jobs to end, by their ids or keys; those that have ended are left alone.

    The request is taken at once, and proves nothing: a Job may end Successful all the same, or not at all.
    With `--wait` this ends with 0 once all have ended, with 4 where some had not in time.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    if not jobs:
        raise click.UsageError("name Jobs by id or key", click.get_current_context())

    done = asyncio.run(api.stop_jobs(settings, place, jobs, strategy))
    names = tuple(str(job.id) for job in (*done.asked, *done.ended))
    if wait and done.asked:
        say = console.say if console.form != "json" else lambda _: None
        watched = asyncio.run(api.wait_jobs(settings, place, names, within=timeout, told=say))
        return answer_of(watched, successful=False)
    rows = [api.job_data(job) for job in (*done.asked, *done.ended)]
    asked = f"asked {len(done.asked)} to end" if done.asked else "nothing was left to end"
    before = f"; {len(done.ended)} had ended before" if done.ended and done.asked else ""
    data = {"asked": [job.id for job in done.asked], "ended": [job.id for job in done.ended], "jobs": rows}
    return Answer(data=data, text=lines(rows), rows=rows, names=names, message=asked + before)
