"""Consent: what is to start in a protected context waits for a yes, from the command line or from a person."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from flowrun.cli.console import is_terminal
from flowrun.errors import UsageError

if TYPE_CHECKING:
    from flowrun.settings import Context

LOCKED = click.option(
    "--locked/--no-locked",
    default=None,
    help="Start nothing (code 7) unless every Release is as flowrun.lock has it; else that is a warning. "
    "In a CI job and a protected context it is --locked.",
)
_OF_CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "JENKINS_URL")
_NO = ("", "0", "false", "no")

YES = click.option("-y", "--yes", is_flag=True, help="Start, though the context is protected; nobody is asked.")


def consent(context: Context, *, yes: bool) -> None:
    """Return where something may start in this context. Raises UsageError where it may not.

    A person is asked only where both ends are a terminal: a pipeline has nobody who could answer.
    """
    if yes or not context.protect:
        return
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise UsageError(
            f"the context {context.name} ({context.source}) is protected: nothing starts there without a yes",
            hint="Apply a saved plan, or add --yes.",
        )
    if not click.confirm(f"The context {context.name} ({context.source}) is protected. Start there?", err=True):
        raise UsageError("nothing was started: you said no")


def locks(asked: bool | None, context: Context) -> bool:  # noqa: FBT001 - a flag of three values is what it is about
    """Whether a run needs a lock that is true: as was said, else in a CI job where the context is protected."""
    if asked is not None:
        return asked
    return context.protect and any(os.environ.get(name, "").lower() not in _NO for name in _OF_CI)
