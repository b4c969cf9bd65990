"""The command `flowrun`, and the one place that turns an exception into a message and an exit code.

Importing this file imports click and nothing else that is heavy; so do `--help` and `--version`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import click

from flowrun.cli.lazy import Entry, LazyGroup
from flowrun.version import VERSION

_C = "flowrun.cli.commands"

_ABRUPT = "temporalio.bridge.temporal_sdk_bridge"
"""Has threads that outlive the interpreter, which then may crash when all is done (temporalio/sdk-python issue 300)."""

_FIRST_FREE = 3
"""The first number of a file that is not one of the three streams."""

COMMANDS = {
    "init": Entry(f"{_C}.init:init", "Begin a project that runs on this machine, without a tenant."),
    "validate": Entry(f"{_C}.validate:validate", "Check workflow files, offline."),
    "plan": Entry(f"{_C}.plan:plan", "Show what a run would do; ask Orchestrator, start nothing."),
    "show": Entry(f"{_C}.show:show", "Show a saved plan; needs nothing but the file."),
    "apply": Entry(f"{_C}.apply:apply", "Carry out a saved plan, if nothing has moved since."),
    "run": Entry(f"{_C}.run:run", "Run a workflow and wait for its end."),
    "lock": Entry(f"{_C}.lock.group:lock", "Keep the versions of Releases that workflows were reviewed with."),
    "drift": Entry(f"{_C}.drift:drift", "Say which Releases have moved since they were locked."),
    "test": Entry(f"{_C}.test:test", "Carry out the tests of workflows, offline, on a virtual clock."),
    "sim": Entry(f"{_C}.sim:sim", "Try a workflow against faults, many times, in virtual time."),
    "fmt": Entry(f"{_C}.fmt:fmt", "Put keys in order and lines into one style; meaning and comments stay."),
    "graph": Entry(
        f"{_C}.graph:graph", "Draw the steps of a workflow, a plan or a run: text, Mermaid, DOT, SVG, JSON."
    ),
    "timeline": Entry(f"{_C}.timeline:timeline", "Draw when each step ran, or would: text, Mermaid, SVG."),
    "import": Entry(f"{_C}.imports.group:imports", "Make a workflow of what you have: a Job, triggers, uipcli calls."),
    "runs": Entry(f"{_C}.runs.group:runs", "Look at runs, follow them, end them, go on with them."),
    "jobs": Entry(f"{_C}.jobs.group:jobs", "List, start, stop, await and export single Jobs."),
    "schema": Entry(
        f"{_C}.schema:schema", "Print a JSON Schema: workflow, test, environment, settings, event, report or plan."
    ),
    "explain": Entry(f"{_C}.explain:explain", "Explain a problem's code, or how a run would go."),
    "emulator": Entry(f"{_C}.emulator:emulator", "Serve an Orchestrator of your own on this machine."),
    "worker": Entry(f"{_C}.worker:worker", "Carry out runs that Temporal keeps."),
    "context": Entry(f"{_C}.context.group:context", "Look at contexts, and choose one."),
    "login": Entry(f"{_C}.login:login", "Show as whom one is signed in, and try it."),
    "logout": Entry(f"{_C}.logout:logout", "Take what login has kept out of the keyring."),
    "doctor": Entry(f"{_C}.doctor:doctor", "Check the set-up: settings, sign-in, folder, journal."),
    "completion": Entry(f"{_C}.completion:completion", "Print the completion script for a shell."),
}


@click.group(
    cls=LazyGroup,
    entries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 succeeded, 1 failed, 3 wrong input, 9 in doubt; all in docs/reference/exit-codes.md.",
)
@click.version_option(VERSION, "-V", "--version", message="flowrun %(version)s")
def app() -> None:
    """Run workflows of UiPath Orchestrator Jobs, written in YAML."""


def entry() -> NoReturn:
    """Run the command line of this process and leave with its exit code."""
    _fill_gaps()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    code = main(sys.argv[1:])
    if _ABRUPT in sys.modules:
        _leave(code)
    sys.exit(code)


def main(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. Whatever is raised becomes a message on stderr, never a traceback."""
    if os.environ.get("_FLOWRUN_COMPLETE", "").startswith("powershell"):
        from flowrun.cli import powershell as _  # noqa: F401, PLC0415 - click learns of it, where that shell asks
    try:
        code = app.main(list(arguments), prog_name="flowrun", standalone_mode=False)
        _flush()
    except BaseException as error:  # noqa: BLE001 - this is the place where everything ends
        from flowrun.cli.failure import failure  # noqa: PLC0415 - only an error needs it

        return failure(error, arguments)
    return int(code or 0)


def _leave(code: int) -> NoReturn:
    """End the process here and now. What was said has been said; what had to be written has been written."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _flush() -> None:
    """While something can still be done about it: a reader that leaves early is no error."""
    try:
        sys.stdout.flush()
    except OSError as error:
        from flowrun.cli.console import lost  # noqa: PLC0415 - `--version` needs no console

        lost(error)


def _fill_gaps() -> None:
    """Who starts us with a closed stream wants nothing of it. No other file may get its number."""
    number = 0
    while number < _FIRST_FREE:
        number = os.open(os.devnull, os.O_RDWR)
    os.close(number)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
