"""Drive one use case that takes its time: show its progress, turn signals into aborts, answer with its report."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flowrun.cli import exit as codes
from flowrun.cli.answer import Answer
from flowrun.cli.closing import closing
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
from flowrun.cli.progress import Lines, Progress
from flowrun.cli.reports import write_each
from flowrun.cli.signals import Signals
from flowrun.errors import EngineError

if TYPE_CHECKING:
    from flowrun.api import Change, Control, Report
    from flowrun.settings import Settings

    Follow = Callable[[Change, Report], None]
    Hold = Callable[[Control | None], None]
    UseCase = Callable[[Follow, Hold], Awaitable[Report]]


class Interrupted(Exception):
    """A signal came before there was a run in hand; `name` is which."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Driven(NamedTuple):
    """The report at the end; `left`: we went before the run did."""

    report: Report
    left: bool


def drive(console: Console, use: UseCase, *, ours: bool = True) -> Driven:
    """Show a run until it ends. Raises Interrupted, and what the use case raises.

    With `-o jsonl` each change is a line of stdout as it happens. `ours`: whether a signal ends the run itself.
    """
    last: list[Report] = []
    progress = _progress(console, ours=ours)

    def follow(change: Change, report: Report) -> None:
        last[:] = [report]
        if console.form == "jsonl":
            console.stream(row_of(change))
        progress.follow(change, report)

    signals = Signals(progress.say)
    for line in console.platform.opened("the run, step by step"):
        console.command(line)
    try:
        return Driven(asyncio.run(_drive(use, follow, signals, progress)), left=False)
    except (EngineError, asyncio.CancelledError) as error:
        if signals.detached and last:
            return Driven(last[0], left=True)
        if signals.first:
            raise Interrupted(signals.first) from error
        raise
    finally:
        for line in console.platform.closed():
            console.command(line)


async def _drive(use: UseCase, follow: Follow, signals: Signals, progress: Progress) -> Report:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - asyncio.run makes one
    with signals.guarding(task), progress:
        ticking = asyncio.create_task(_tick(progress))
        try:
            return await use(follow, signals.hold)
        finally:
            ticking.cancel()


async def _tick(progress: Progress) -> None:
    while True:
        await asyncio.sleep(progress.every)
        progress.tick()


def _progress(console: Console, *, ours: bool) -> Progress:
    if console.live:
        from flowrun.cli.live import Live  # noqa: PLC0415 - rich is drawn in where something is drawn

        return Live(color=console.colored(sys.stderr), ours=ours)
    return Lines(console)


def carried_out(
    console: Console, use: UseCase, reports: Mapping[str, Path], otherwise: str, settings: Settings
) -> Answer:
    """Drive a run to its end, write its reports, answer with it. `otherwise`: what is so when a signal comes first.

    Raises what the use case raises.
    """
    try:
        driven = drive(console, use)
    except Interrupted as error:
        code = ExitCode.INTERRUPTED if error.name == "SIGINT" else ExitCode.TERMINATED
        return Answer(code=code, message=f"{error.name}: {otherwise}")
    write_reports(console, driven.report, reports)
    return answer_of(driven, settings)


def answer_of(driven: Driven, settings: Settings, code: ExitCode | None = None) -> Answer:
    """The answer of a command that followed a run: its outputs as text, its report as data, its last lines as talk."""
    from flowrun import api  # noqa: PLC0415 - the api loads its rooms when they are used

    report = driven.report
    still = api.open_jobs(report, settings)
    talk = tuple(closing(report, report.at if report.final else time.time(), still))
    answer = Answer(
        data=json.loads(api.write(report, "json")),
        text="\n".join(f"{name} = {json.dumps(value)}" for name, value in report.outputs.items()),
        names=(report.run_id,),
        code=codes.of_report(report) if code is None else code,
        message=talk[0].text,
        talk=talk,
        run=report,
    )
    return replace(answer, rows=(answer.envelope(),))


def write_reports(console: Console, report: Report, files: Mapping[str, Path]) -> None:
    """Each form into its file."""
    from flowrun import api  # noqa: PLC0415 - the api loads its rooms when they are used

    write_each(console, files, lambda form: api.write(report, form))


def row_of(change: Change) -> Mapping[str, object]:
    """A change as JSON, for `-o jsonl`."""
    return {
        "at": change.at,
        "step": change.step_id or None,
        "leg": change.leg or None,
        "state": change.state,
        "detail": change.detail,
    }
