"""`flowrun doctor`: what is set up, what is missing, and the remedy."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode, of_error
from flowrun.cli.options import answering, configured

if TYPE_CHECKING:
    from flowrun.api import Diagnosis
    from flowrun.settings import Settings


@click.command(short_help="Check the set-up: settings, sign-in, folder, journal.")
@answering("text", "json", "jsonl", "name")
@configured(outside=True)
def doctor(console: Console, settings: Settings) -> Answer:  # noqa: ARG001 - all commands are given one
    """Check the set-up: settings, sign-in, folder, journal.

    Each line says what was looked at; one that is not well says what to do. `-o name` prints those that are not.
    Nothing is started, and no token is shown.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

    found = list(asyncio.run(api.doctor(settings)))
    lines = []
    for one in found:
        lines.append(f"{'ok  ' if one.ok else 'FAIL'}  {one.name}: {one.text}")
        if one.hint and not one.ok:
            lines.append(f"      {one.hint}")
    rows = [{"name": one.name, "ok": one.ok, "text": one.text, "hint": None if one.ok else one.hint} for one in found]
    bad = tuple(one.name for one in found if not one.ok)
    return Answer(
        data=rows,
        text="\n".join(lines),
        rows=rows,
        names=bad,
        code=_code(found),
        message=f"not well: {', '.join(bad)}" if bad else "",
    )


def _code(found: list[Diagnosis]) -> ExitCode:
    """That of the first thing that is not well: who cannot be reached cannot be asked who we are."""
    bad = [one for one in found if not one.ok]
    codes = [of_error(one.error) for one in bad if one.error is not None]
    told = (code for code in codes if code in (ExitCode.NOT_SIGNED_IN, ExitCode.UNREACHABLE))
    return next(told, ExitCode.FAILED) if bad else ExitCode.SUCCESS
