"""`flowrun jobs show`: one Job, whole."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from flowrun.cli.answer import Answer
from flowrun.cli.commands.jobs.options import placed
from flowrun.cli.commands.jobs.table import aligned, local, one_line
from flowrun.cli.console import Console
from flowrun.cli.options import answering

if TYPE_CHECKING:
    from flowrun.api import Place
    from flowrun.settings import Settings

_TIMES = ("creation_time", "start_time", "end_time")
_TOLD = (
    *("id", "key", "state", "release_name", "robot", "machine", "organization_unit_fully_qualified_name"),
    *("source_type", "job_priority", "runtime_type", "reference", "batch_execution_key", *_TIMES),
    *("stop_strategy", "error_code", "input_file", "output_file"),
)


@click.command(short_help="Show a Job: its State, its times, its outputs.")
@click.argument("job", metavar="JOB")
@answering("text", "json", "name")
@placed
def show(console: Console, job: str, place: Place, settings: Settings) -> Answer:  # noqa: ARG001 - all are given one
    """Show a Job, by its id or its key: its State, its times, its arguments and outputs.

    Outputs that were too large and are in an attachment are read from there.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    found = asyncio.run(api.show_job(settings, place, job))
    data = api.job_data(found)
    return Answer(data=data, text=_text(data), names=(str(found.id),))


def _text(data: Mapping[str, Any]) -> str:
    cells = []
    for name in _TOLD:
        value = data.get(name)
        if isinstance(value, Mapping):
            value = value.get("name")
        if value is not None and value != "":
            cells.append((name, local(value) if name in _TIMES else one_line(value)))
    text = aligned(cells)
    if data.get("info"):
        lines = (one_line(line) for line in str(data["info"]).splitlines())
        text += "\ninfo\n" + "\n".join(f"  {line}" for line in lines if line)
    for name in ("input_arguments", "output_arguments"):
        if data.get(name) is not None:
            text += f"\n{name}\n" + "\n".join(f"  {line}" for line in json.dumps(data[name], indent=2).splitlines())
    return text
