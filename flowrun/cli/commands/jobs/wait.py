"""`flowrun jobs wait`: wait for Jobs to end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.jobs.options import JOBS, TIMEOUT, placed
from flowrun.cli.commands.jobs.table import facts
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
from flowrun.cli.options import answering

if TYPE_CHECKING:
    from flowrun.api import Place, Watched
    from flowrun.settings import Settings


@click.command(short_help="Wait for Jobs to end.")
@JOBS
@click.option("--batch", metavar="KEY", help="The Jobs of one start, by its BatchExecutionKey.")
@TIMEOUT
@answering("text", "json", "jsonl", "name")
@placed
def wait(
    console: Console,
    *,
    jobs: tuple[str, ...],
    batch: str | None,
    timeout: float | None,
    place: Place,
    settings: Settings,
) -> Answer:
    """Wait for Jobs to end, by their ids or keys, or by the key of the start that made them.

    Ends with 0 where all are Successful, with 1 where one is not, with 4 where the time was over first, with 9 where
    nobody can say what became of one. Many Jobs are read by one list call, within the limits of the tenant.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    say = console.say if console.form != "json" else lambda _: None
    return answer_of(asyncio.run(api.wait_jobs(settings, place, jobs, batch=batch, within=timeout, told=say)))


def answer_of(watched: Watched, *, successful: bool = True) -> Answer:
    """The answer about Jobs that were awaited. `successful`: whether it is not enough that they have ended."""
    open_ = [job for job in watched.jobs if job.get("state") not in ("Faulted", "Successful", "Stopped", None)]
    if watched.doubt:
        code, message = ExitCode.IN_DOUBT, watched.doubt
    elif watched.late:
        code = ExitCode.DEADLINE
        message = f"the time is over; {len(open_)} of {len(watched.jobs)} Jobs have not ended, and go on"
    elif watched.succeeded or not successful:
        code, message = ExitCode.SUCCESS, _counted(watched)
    else:
        code, message = ExitCode.FAILED, watched.message or _counted(watched)
    return Answer(
        data={
            "jobs": watched.jobs,
            "batch_execution_key": watched.batch or None,
            "succeeded": watched.succeeded,
        },
        text=facts(watched.jobs),
        rows=watched.jobs,
        names=tuple(str(job["id"]) for job in watched.jobs),
        code=code,
        message=message,
    )


def _counted(watched: Watched) -> str:
    states = [str(job.get("state") or "gone") for job in watched.jobs]
    return ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
