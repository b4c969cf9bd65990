"""`flowrun runs report`: a run in a form for other programs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.drive import write_reports
from flowrun.cli.options import REPORT, RUN, answering, configured
from flowrun.cli.reports import named

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="Write reports of a run.")
@RUN
@click.option(
    "-f",
    "--format",
    "form",
    default="md",
    show_default=True,
    callback=lambda _ctx, _param, given: named(given),
    help="The form of what goes to stdout: text, json, md, junit, sarif, gitlab, dotenv, html.",
)
@REPORT
@answering("text", "json")
@configured(outside=False)
def report(console: Console, run_id: str | None, form: str, reports: dict[str, Path], settings: Settings) -> Answer:
    """Write a report of a run to stdout, or with `--report FORM=FILE` to files."""
    from flowrun import api  # noqa: PLC0415 - `--help` opens no journal

    found = api.report(run_id, settings).seen(time.time())
    if reports:
        write_reports(console, found, reports)
        return Answer(
            data={form: str(file) for form, file in reports.items()}, text="\n".join(map(str, reports.values()))
        )
    text = api.write(found, form)
    return Answer(data={"format": form, "report": text}, text=text)
