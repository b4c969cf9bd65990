"""What is to be drawn, as it was typed: a workflow's file, a plan file, or a run; without any the latest run."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from flowrun.cli import completions
from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.options import PLAN_ENDING, answering, choosing, configured

if TYPE_CHECKING:
    from flowrun.settings import Choice, Settings

Uses: TypeAlias = tuple[Callable[..., str], Callable[..., str], Callable[..., str]]
"""The use case for a workflow's file, the one for a plan file, and the one for a run."""

_FILES = (".yaml", ".yml")


def drawing(*forms: str) -> Callable[[Callable[..., Uses]], Callable[..., int]]:
    """Make a command of a function that names the use cases."""

    def decorate(command: Callable[..., Uses]) -> Callable[..., int]:
        @click.argument(
            "subject",
            required=False,
            metavar="[FILE|PLAN|RUN]",
            type=click.Path(),
            shell_complete=completions.files,
        )
        @click.option(
            "-f",
            "--format",
            "form",
            type=click.Choice(forms),
            default=forms[0],
            show_default=True,
            help="The language of the picture.",
        )
        @click.option("--whole", is_flag=True, help="Draw each step on its own, however many there are.")
        @answering("text", "json")
        @choosing
        @configured(outside=False)
        @wraps(command)
        def run(console: Console, **options: Any) -> Answer:
            return _answer(command(console), **options)

        return run

    return decorate


def _answer(
    uses: Uses,
    *,
    subject: str | None,
    form: str,
    whole: bool,
    choice: Choice,
    settings: Settings,
) -> Answer:
    from flowrun import api  # noqa: PLC0415 - `--help` loads no YAML reader

    of_file, of_plan, of_run = uses
    file = None if subject is None else Path(subject)
    if file is not None and file.suffix == PLAN_ENDING:
        picture = of_plan(file, form, whole=whole)
    elif file is not None and (file.suffix in _FILES or file.exists()):
        picture = of_file(file, settings, form, api.chosen(file, choice), whole=whole)
    else:
        picture = of_run(subject, settings, time.time(), form, whole=whole)
    return Answer(data={"format": form, "picture": picture}, text=picture)
