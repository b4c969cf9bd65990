"""What several commands about Jobs take: where to look, which Jobs, how long."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from flowrun.cli.answer import Answer
from flowrun.cli.options import configured

T = TypeVar("T")

STATES = (
    *("Pending", "Running", "Stopping", "Terminating", "Faulted", "Successful", "Stopped", "Suspended", "Resumed"),
)
STRATEGIES = ("All", "Specific", "RobotCount", "JobsCount", "ModernJobsCount")
EXPANDABLE = ("robot", "release", "machine")

JOBS = click.argument("jobs", nargs=-1, metavar="JOB...")


def _seconds(ctx: click.Context, param: click.Parameter, given: str | None) -> float | None:  # noqa: ARG001 - click's
    from flowrun import api  # noqa: PLC0415 - `--help` loads nothing

    return None if given is None else api.seconds(given)


TIMEOUT = click.option(
    "--timeout", metavar="DURATION", callback=_seconds, help="Wait no longer, such as 90s or 1h30m; ends with 4."
)


def placed(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """Give a command its `settings`, and its `place`: a folder, or all of them."""

    @click.option("--all-folders", is_flag=True, help="Look into every folder that the account sees.")
    @configured(outside=True)
    @functools.wraps(command)
    def run(*given: Any, all_folders: bool, **options: Any) -> Answer:
        from flowrun import api  # noqa: PLC0415 - `--help` loads no HTTP client

        folder = click.get_current_context().params.get("folder")
        if folder and all_folders:
            raise click.UsageError("--folder and --all-folders do not go together")
        return command(*given, place=api.Place(folder, all_folders=all_folders), **options)

    return run


def _expanded(ctx: click.Context, param: click.Parameter, given: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in given.split(",") if name.strip())
    for name in names:
        if name not in EXPANDABLE:
            raise click.BadParameter(f"{name!r} is none of {', '.join(EXPANDABLE)}", ctx, param)
    return names


_CONDITIONS = (
    click.option("--robot", metavar="ID|NAME", help="Jobs of this robot."),
    click.option(
        *("--state", "states"),
        multiple=True,
        type=click.Choice(STATES, case_sensitive=False),
        help="Jobs in this State; may be repeated.",
    ),
    click.option("--ended-after", metavar="T", help="T is a date and time, or a duration before now such as 2h."),
    click.option("--ended-before", metavar="T", help="The same."),
    click.option("--started-after", metavar="T", help="The same."),
    click.option("--started-before", metavar="T", help="The same."),
    click.option("--created-after", metavar="T", help="The same."),
    click.option("--error", metavar="TEXT", help="Jobs whose Info holds this; Faulted ones where no State is named."),
    click.option("--release", metavar="NAME", help="Jobs of this Release."),
    click.option("--environment", type=int, metavar="ID", help="Jobs of the Releases of this environment (classic)."),
    click.option(
        "--expand",
        metavar="NAMES",
        default="",
        callback=_expanded,
        help="What to show of each Job too: robot, release, machine.",
    ),
    click.option("--order-by", default="", metavar="TEXT", help="Such as `EndTime desc`; otherwise the latest first."),
)


def filtered(command: Callable[..., T]) -> Callable[..., T]:
    """Give a command its `query`: from `--robot` and the like, and from `--top`, `--skip`, `--count` if it has them."""

    @functools.wraps(command)
    def run(*given: Any, **options: Any) -> T:
        from flowrun import api  # noqa: PLC0415 - as above

        asked = {name: options.pop(name) for name in _ASKED if name in options}
        return command(*given, query=api.job_query(**asked), **options)

    decorated: Callable[..., T] = run
    for option in reversed(_CONDITIONS):
        decorated = option(decorated)
    return decorated


_ASKED = (
    *("robot", "states", "ended_after", "ended_before", "started_after", "started_before", "created_after", "error"),
    *("release", "environment", "expand", "order_by", "top", "skip", "count"),
)
