"""The group itself: which commands there are."""

from __future__ import annotations

import click

from flowrun.cli.lazy import Entry, LazyGroup

_C = "flowrun.cli.commands.jobs"

COMMANDS = {
    "list": Entry(f"{_C}.list:list_jobs", "List Jobs, by robot, State, time, error, Release."),
    "show": Entry(f"{_C}.show:show", "Show a Job: its State, its times, its outputs."),
    "start": Entry(f"{_C}.start:start", "Start Jobs of a Release, once."),
    "stop": Entry(f"{_C}.stop:stop", "Ask Jobs to end."),
    "wait": Entry(f"{_C}.wait:wait", "Wait for Jobs to end."),
    "export": Entry(f"{_C}.export:export", "Export Jobs as CSV, through Orchestrator's own export."),
}


@click.group(cls=LazyGroup, entries=COMMANDS, short_help="List, start, stop, await and export single Jobs.")
def jobs() -> None:
    """List, start, stop, await and export Jobs by themselves, without a workflow.

    They talk to the configured Orchestrator, otherwise to the embedded one with the emulator.yaml of this folder.
    """
