"""An exception becomes an answer: what it says, and with which code the process ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from flowrun.cli import exit as codes
from flowrun.cli.answer import Answer, of_error
from flowrun.cli.bug import write_report
from flowrun.cli.console import COLORS, FORMS, Console, Unwritten, lost
from flowrun.cli.exit import ExitCode
from flowrun.cli.pipelines import CHOICES, pipeline
from flowrun.cli.pipelines.protocol import NO_PLATFORM, Platform
from flowrun.cli.telling import tell
from flowrun.errors import FlowrunError, SpecError


def failure(error: BaseException, arguments: Sequence[str]) -> int:
    """Say what went wrong, in the form that was asked for, and return the code."""
    form, color = flag(arguments, ("-o", "--output"), FORMS) or "text", flag(arguments, ("--color",), COLORS) or "auto"
    console = Console(form, color, _platform(arguments))
    match error:
        case SystemExit():
            return error.code if isinstance(error.code, int) else 1
        case click.exceptions.Exit():
            return error.exit_code
        case Unwritten():
            return _unwritten(console, error)
        case OSError() if (lost_ := _of_stdout(error)) is not None:
            return _unwritten(console, lost_)
        case click.Abort() | KeyboardInterrupt():
            answer = Answer(code=ExitCode.INTERRUPTED, message="interrupted")
        case click.ClickException():
            answer = Answer(code=ExitCode.INVALID, message=_usage(error))
        case FlowrunError():
            answer = of_error(error, codes.of_error(error))
        case _:
            answer = Answer(code=ExitCode.BUG, message=_bug(error, arguments))
    _tell(console, answer, error)
    tell(console, answer, os.environ)
    return int(answer.code)


def _platform(arguments: Sequence[str]) -> Platform:
    """None where FLOWRUN_CI itself is what is wrong."""
    try:
        return pipeline(flag(arguments, ("--ci",), CHOICES) or "auto", os.environ).platform
    except FlowrunError:
        return NO_PLATFORM


def flag(arguments: Sequence[str], names: tuple[str, ...], allowed: Sequence[str]) -> str | None:
    """The value of an option, found without click: it may be click that has failed."""
    for place, argument in enumerate(arguments):
        if argument == "--":
            return None
        for name in names:
            rest = argument.removeprefix(name) if argument.startswith(name) else None
            if rest == "" and place + 1 < len(arguments) and arguments[place + 1] in allowed:
                return arguments[place + 1]
            if rest and rest.removeprefix("=") in allowed:
                return rest.removeprefix("=")
    return None


def _tell(console: Console, answer: Answer, error: BaseException) -> None:
    if console.form == "json":
        console.answer(answer)
        return
    if isinstance(error, SpecError) and error.problems:
        from flowrun import api  # noqa: PLC0415 - a wrong flag must not load a YAML reader

        colored = console.colored(sys.stderr)
        text = api.render_problems(error.problems, error.text, error.file, color=colored, others=error.others)
        console.say(text.rstrip("\n"))
    console.say(f"flowrun: {answer.message}", "bad")


def _unwritten(console: Console, error: Unwritten) -> int:
    console.say(f"flowrun: {error}", "bad")
    return ExitCode.FAILED


def _of_stdout(error: OSError) -> Unwritten | None:
    """What click itself could not write, such as a help text; None where the error is about something else."""
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    if where is None or where.tb_frame.f_globals.get("__name__") != "click.utils":
        return None
    try:
        lost(error)
    except Unwritten as unwritten:
        return unwritten
    return None


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    command = f"\n  {context.command_path} --help" if context is not None else ""
    return f"{error.format_message()}{command}"


def _bug(error: BaseException, arguments: Sequence[str]) -> str:
    kind = type(error).__name__
    written = write_report(error, arguments)
    where = f"the report lies in {written}" if written else "no report could be written"
    return f"this is a bug in flowrun, not in your workflow: {kind}; {where}"
