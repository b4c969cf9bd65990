"""Which calls each command makes, and so which scopes it needs (scopes of the calls: `orchestrator.advice`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowrun.orchestrator.advice import EXPORT, FOLDERS, JOBS, RELEASES, ROBOTS, START, STOP, Call


@dataclass(frozen=True, slots=True)
class Need:
    """A command, in words, and the calls without which it cannot do its work."""

    command: str
    calls: tuple[Call, ...]


NEEDS = (
    Need("flowrun plan", (FOLDERS, RELEASES)),
    Need("flowrun run", (FOLDERS, RELEASES, START, JOBS, STOP)),
    Need("flowrun run, steps that name robots", (ROBOTS,)),
    Need("flowrun runs abort", (JOBS, STOP)),
    Need("flowrun jobs list, show, wait", (JOBS,)),
    Need("flowrun jobs start", (FOLDERS, RELEASES, START)),
    Need("flowrun jobs stop", (STOP,)),
    Need("flowrun jobs export", (EXPORT,)),
)


def granted(call: Call, scopes: frozenset[str] | None) -> bool | None:
    """Whether scopes cover a call; None where they do not say: an opaque token, or one by whose account's roles."""
    if not call.scope or scopes is None or "OR.Default" in scopes or not any(one.startswith("OR.") for one in scopes):
        return None
    return call.scope in scopes or call.scope.rpartition(".")[0] in scopes


def missing(need: Need, may: Mapping[str, bool | None]) -> tuple[str, ...]:
    """The scopes and permissions that a command lacks. `may` says for each call's name whether it is allowed."""
    lacking = (call for call in need.calls if may.get(call.name) is False)
    return tuple(dict.fromkeys(f"{call.scope} ({call.permission})" for call in lacking))


def unknown(need: Need, may: Mapping[str, bool | None]) -> tuple[str, ...]:
    """What it does that could neither be tried nor read off the token."""
    return tuple(dict.fromkeys(call.purpose for call in need.calls if may.get(call.name) is None))
