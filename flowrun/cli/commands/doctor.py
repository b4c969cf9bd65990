"""`flowrun doctor`: what is set up, what is missing, and the remedy."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
from flowrun.cli.options import answering, configured

if TYPE_CHECKING:
    from flowrun.settings import Settings


@click.command(short_help="Check the set-up: settings, sign-in, folder, journal.")
@answering("text", "json", "jsonl", "name")
@configured(outside=True)
def doctor(console: Console, settings: Settings) -> Answer:  # noqa: ARG001 - all commands are given one
    """Check the set-up: settings, sign-in, folder, journal.

    Each line says what was looked at; one that is not well says what to do. `-o name` prints those that are not.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    found = list(asyncio.run(api.doctor(settings)))
    lines = []
    for one in found:
        lines.append(f"{'ok  ' if one.ok else 'FAIL'}  {one.name}: {one.text}")
        if one.hint and not one.ok:
            lines.append(f"      {one.hint}")
    rows = [{"name": one.name, "ok": one.ok, "text": one.text, "hint": one.hint} for one in found]
    bad = tuple(one.name for one in found if not one.ok)
    return Answer(
        data=rows,
        text="\n".join(lines),
        rows=rows,
        names=bad,
        code=ExitCode.FAILED if bad else ExitCode.SUCCESS,
        message=f"not well: {', '.join(bad)}" if bad else "",
    )
