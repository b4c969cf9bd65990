"""What to do. Imperative, frozen. A command follows from the state alone: ask twice, get the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from flowrun.core.plan import Json

Key: TypeAlias = tuple[str, str, int, int]
"""Verb, step, leg, attempt: what an engine remembers about a command it has in flight."""


@dataclass(frozen=True, slots=True)
class StartStep:
    """Start this attempt, once.

    `recheck`: an earlier process may have started it, so look before you post. `adopt_only`: do not post at all;
    say what was started, if anything was.
    """

    step_id: str
    leg: int
    leg_key: str
    attempt: int
    kind: str
    arguments: Mapping[str, Json]
    recheck: bool = False
    adopt_only: bool = False

    @property
    def key(self) -> Key:
        """What tells this command from the others in flight."""
        return ("start", self.step_id, self.leg, self.attempt)


@dataclass(frozen=True, slots=True)
class AwaitStep:
    """Tell what becomes of it."""

    step_id: str
    leg: int
    leg_key: str
    attempt: int
    kind: str
    arguments: Mapping[str, Json]
    handle: Json

    @property
    def key(self) -> Key:
        """What tells this command from the others in flight."""
        return ("await", self.step_id, self.leg, self.attempt)


@dataclass(frozen=True, slots=True)
class StopStep:
    """Ask it to end; by force where `force` is set. That it was asked proves nothing: AwaitStep tells."""

    step_id: str
    leg: int
    leg_key: str
    attempt: int
    kind: str
    arguments: Mapping[str, Json]
    handle: Json
    force: bool

    @property
    def key(self) -> Key:
        """What tells this command from the others in flight."""
        return ("kill" if self.force else "stop", self.step_id, self.leg, self.attempt)


@dataclass(frozen=True, slots=True)
class Wish:
    """No command yet: a leg that could begin, but for slots that other runs may hold. How many, by pool."""

    step_id: str
    leg: int
    leg_key: str
    slots: Mapping[str, int]


Command: TypeAlias = StartStep | AwaitStep | StopStep
