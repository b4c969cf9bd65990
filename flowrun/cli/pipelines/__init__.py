"""The CI systems that a command may run in: which it is, and what each wants to be told in its own words.

This is the whole list, and each file holds one of them. `--ci`, then FLOWRUN_CI, then what the system itself sets says
which it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple

from flowrun.cli.pipelines.protocol import NO_PLATFORM, Platform
from flowrun.errors import UsageError

CHOICES = ("auto", "none", "github", "azure", "gitlab")
_SIGNS = {"github": "GITHUB_ACTIONS", "azure": "TF_BUILD", "gitlab": "GITLAB_CI"}
"""The variable by which each of them is known: `true`, or `True`."""


class Pipeline(NamedTuple):
    """The platform; `named`: somebody said which it is, so that it was not only recognised."""

    platform: Platform = NO_PLATFORM
    named: bool = False


def pipeline(flag: str, environ: Mapping[str, str]) -> Pipeline:
    """Which of them this process runs in. Raises UsageError for a FLOWRUN_CI that is none of CHOICES."""
    said = flag if flag != "auto" else environ.get("FLOWRUN_CI") or "auto"
    if said not in CHOICES:
        raise UsageError(f"FLOWRUN_CI is {said!r}", hint=f"there is {', '.join(CHOICES)}")
    name = said if said != "auto" else _recognised(environ)
    if name == "none":
        return Pipeline()
    platform: Platform = import_module(f"{__name__}.{name}").PLATFORM
    return Pipeline(platform, said != "auto")


def _recognised(environ: Mapping[str, str]) -> str:
    return next((name for name, sign in _SIGNS.items() if environ.get(sign, "").lower() == "true"), "none")
