"""`flowrun fmt`: workflows, tests and environments in one style."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrun.cli.answer import Answer
from flowrun.cli.console import Console
from flowrun.cli.exit import ExitCode
from flowrun.cli.options import answering

if TYPE_CHECKING:
    from flowrun import api

STDIN = "<stdin>"


@click.command(short_help="Put keys in order and lines into one style; meaning and comments stay.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True), metavar="[PATHS]...")
@click.option("--check", is_flag=True, help="Write nothing; end with 2 where a file would change.")
@click.option("--diff", is_flag=True, help="The same, and print what would change.")
@answering("text", "json", "jsonl", "name")
def fmt(console: Console, *, paths: tuple[Path, ...], check: bool, diff: bool) -> Answer:
    """Put keys in order and lines into one style; meaning and comments stay.

    PATHS are workflows, test files and environments, or folders that are searched for them; otherwise this folder.
    `-` reads a workflow or a test file from stdin and writes it to stdout. Keys come in the order of
    docs/reference/language.md, values are indented by two columns, and what other readers of YAML would take for
    something else is quoted. A file that is no valid YAML stays as it is, and its problems are told: exit code 3.
    `-o name` prints the files that change.
    """
    from flowrun import api  # noqa: PLC0415 - `--help` loads no YAML reader

    if Path("-") in paths:
        if len(paths) > 1:
            raise click.UsageError("`-` stands alone: stdin is one file")
        return _piped(api.tidy_text(_read(), STDIN), check=check, diff=diff)
    only_look = check or diff
    tidied = api.tidy(paths or (Path(),), write=not only_look)
    changed = [one for one in tidied if one.differs]
    failed = [one for one in tidied if one.failed]
    rows = [{"file": one.file, "state": _state(one, only_look=only_look), "reason": one.left} for one in tidied]
    return Answer(
        data=rows,
        text="\n".join(_text(tidied, color=console.colored(sys.stdout), only_look=only_look, diff=diff)),
        rows=rows,
        names=tuple(one.file for one in changed),
        code=ExitCode.INVALID if failed else ExitCode.DIFFERENT if only_look and changed else ExitCode.SUCCESS,
        message=_summary(len(changed), len(failed), len(tidied), only_look=only_look),
        problems=tuple(problem for one in tidied for problem in one.problems),
    )


def _read() -> str:
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")


def _piped(one: api.Tidied, *, check: bool, diff: bool) -> Answer:
    only_look = check or diff
    return Answer(
        data={"file": one.file, "state": _state(one, only_look=only_look), "text": one.after},
        text=one.diff() if diff else "" if check else one.after,
        code=ExitCode.DIFFERENT if only_look and one.differs else ExitCode.SUCCESS,
    )


def _state(one: api.Tidied, *, only_look: bool) -> str:
    if one.problems:
        return "invalid"
    if one.left:
        return "left"
    return ("different" if only_look else "formatted") if one.differs else "unchanged"


def _text(tidied: tuple[api.Tidied, ...], *, color: bool, only_look: bool, diff: bool) -> list[str]:
    from flowrun import api  # noqa: PLC0415 - as above

    lines: list[str] = []
    for one in tidied:
        if one.problems:
            lines.append(api.render_problems(one.problems, one.before, one.file, color=color).rstrip("\n"))
        elif one.left:
            lines.append(f"{one.file}: stays as it is: {one.left}")
        elif one.differs:
            lines.append(one.diff().rstrip("\n") if diff else f"{one.file}: {'differs' if only_look else 'formatted'}")
    return lines


def _summary(changed: int, failed: int, every: int, *, only_look: bool) -> str:
    counts = (
        (changed, "would change" if only_look else "formatted"),
        (every - changed - failed, "unchanged"),
        (failed, "not formatted"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count) or "no file of flowrun here"
