"""`flowrun validate`: every problem of workflow files and their tests, with nothing started and nobody asked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli import completions
from flowrun.cli.answer import Answer, diagnostic
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
from flowrun.cli.options import DIAGNOSTICS, answering, choosing
from flowrun.cli.reports import write_each

if TYPE_CHECKING:
    from flowrun import api
    from flowrun.settings import Choice

_FOR_PROGRAMS = ("concise", "github", "azure", "gitlab", "sarif", "junit")


@click.command(short_help="Check workflow files, offline.")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE...",
    shell_complete=completions.files,
)
@click.option("--fix", is_flag=True, help="Put right what can be put right without a choice, then check again.")
@click.option("--diff", is_flag=True, help="With --fix: print what would change, and write nothing.")
@DIAGNOSTICS
@answering("text", "json", "jsonl", "name", *_FOR_PROGRAMS)
@choosing
def validate(
    console: Console,
    *,
    files: tuple[Path, ...],
    fix: bool,
    diff: bool,
    reports: dict[str, Path],
    choice: Choice,
) -> Answer:
    """Check workflow files and their tests (`*.test.yaml`), offline.

    Prints every problem with its place, the line itself and what to write instead. `-o name` prints the files that
    are valid. Ends with 3 where a file is not. What reads `env.X` is checked with the environment that is chosen, else
    with all that lie beside the file; an environment can be checked by itself, too.

    `-o concise` is a line for each problem; `github` and `azure` are annotations in their own words; `gitlab` is a code
    quality report.

    `--fix` writes what can be put right without a choice: a key that is misspelt and near to one key alone, a word of
    another system whose value means the same here, `yes` where true is meant, an expression without its `$` or its
    quotes. All else in the file stays as it is, byte for byte.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no YAML reader

    if diff and not fix:
        raise click.UsageError("`--diff` goes with `--fix`")
    fixed = [api.fix(file, choice, write=not diff) for file in files] if fix else []
    if diff:
        return _shown(fixed)
    checked = [api.check_tests(file) if api.is_tests(file) else api.check(file, choice) for file in files]
    pages = [api.Page(str(one.file), one.text, one.problems, one.others) for one in checked]
    write_each(console, reports, lambda form: api.diagnostics(form, pages))
    colored = console.colored(sys.stdout)
    blocks = [
        page.render(color=colored, fixes=True).rstrip("\n") if one.problems else f"{one.file}: valid, {one.what}"
        for one, page in zip(checked, pages, strict=True)
    ]
    text = api.diagnostics(console.form, pages).rstrip("\n") if console.form in _FOR_PROGRAMS else "\n".join(blocks)
    valid = [one for one in checked if one.valid]
    problems = tuple(problem for one in checked for problem in one.problems)
    return Answer(
        data=[
            {"file": str(one.file), "valid": one.valid, "name": one.name, "steps": one.step_count} for one in checked
        ],
        text=text,
        rows=[diagnostic(problem) for problem in problems],
        names=tuple(str(one.file) for one in valid),
        code=ExitCode.SUCCESS if len(valid) == len(checked) else ExitCode.INVALID,
        message="\n".join([*_told(fixed), *_counted(len(valid), len(checked))]),
        problems=problems,
    )


def _shown(fixed: list[api.Fixed]) -> Answer:
    """What `--fix` would change. Ends with 2 where that is something."""
    changed = [one for one in fixed if one.count]
    return Answer(
        data=[{"file": one.file, "fixes": one.count} for one in fixed],
        text="".join(one.diff() for one in changed),
        rows=[{"file": one.file, "fixes": one.count} for one in fixed],
        names=tuple(one.file for one in changed),
        code=ExitCode.DIFFERENT if changed else ExitCode.SUCCESS,
        message="" if changed else "there is nothing to fix",
    )


def _told(fixed: list[api.Fixed]) -> list[str]:
    return [f"{one.file}: {one.count} fixed" for one in fixed if one.count]


def _counted(valid: int, every: int) -> list[str]:
    return [] if every == 1 else [f"{valid} of {every} files are valid"]
