"""`flowrun validate`: every problem of workflow files and their tests, with nothing started and nobody asked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer, diagnostic
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
from flowrun.cli.options import answering, choosing

if TYPE_CHECKING:
    from flowrun.settings import Choice


@click.command(short_help="Check workflow files, offline.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@answering("text", "json", "jsonl", "name")
@choosing
def validate(console: Console, files: tuple[Path, ...], choice: Choice) -> Answer:
    """Check workflow files and their tests (`*.test.yaml`), offline.

    Prints every problem with its place, the line itself and what to write instead. `-o name` prints the files that
    are valid. Ends with 3 where a file is not. What reads `env.X` is checked with the environment that is chosen, else
    with all that lie beside the file; an environment can be checked by itself, too.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no YAML reader

    checked = [api.check_tests(file) if api.is_tests(file) else api.check(file, choice) for file in files]
    colored = console.colored(sys.stdout)
    blocks = [
        api.render_problems(one.problems, one.text, str(one.file), color=colored, others=one.others).rstrip("\n")
        if one.problems
        else f"{one.file}: valid, {one.what}"
        for one in checked
    ]
    valid = [one for one in checked if one.valid]
    problems = tuple(problem for one in checked for problem in one.problems)
    return Answer(
        data=[
            {"file": str(one.file), "valid": one.valid, "name": one.name, "steps": one.step_count} for one in checked
        ],
        text="\n".join(blocks),
        rows=[diagnostic(problem) for problem in problems],
        names=tuple(str(one.file) for one in valid),
        code=ExitCode.SUCCESS if len(valid) == len(checked) else ExitCode.INVALID,
        message="" if len(checked) == 1 else f"{len(valid)} of {len(checked)} files are valid",
        problems=problems,
    )
