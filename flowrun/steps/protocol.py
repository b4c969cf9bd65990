"""StepKind: what every kind of step can do. The engines know kinds by this and by nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from flowrun.core.plan import Json
from flowrun.core.status import Cancelled, Failed, Outcome, Phase, Unknown

if TYPE_CHECKING:
    from flowrun.core.plan import Step

Progress: TypeAlias = Callable[[Phase, str], None]
"""Called when an attempt enters a phase, with the kind's own word for it (a Job's State)."""

Permission: TypeAlias = Callable[[], bool]
"""Asked right before anything is started outside: False once the run is being ended."""


class Clock(Protocol):
    """The only way that the protocols of this room know or pass time, so that they can be simulated."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one leg: `arguments` are rendered; `leg` is the leg's key, empty for a plain step.

    `recheck` and `adopt_only` are those of `core.commands.StartStep`.
    """

    run_id: str
    step_id: str
    leg: str
    number: int
    arguments: Mapping[str, Json]
    recheck: bool = False
    adopt_only: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """It runs outside. `handle` is plain JSON, enough for another process to find it again."""

    handle: Json


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that would go wrong, found before anything starts. `path` leads into the step (`robots[1]`)."""

    code: str
    step_id: str
    path: tuple[str | int, ...]
    message: str
    hint: str | None = None
    severity: str = "error"


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a look at the outside says of a plan: findings, and facts to show (`release: key, version`) by step."""

    findings: tuple[Finding, ...] = ()
    facts: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)


class StepKind(Protocol):
    """A kind of step. One object serves all steps of that kind in a process; it keeps nothing of a single attempt."""

    name: str

    async def check(self, steps: Sequence[Step]) -> Preflight:
        """Look at everything that these steps name, and start nothing. Raises OrchestratorError."""
        ...

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        """Start it once. What the outside does is an outcome; raises only NotSignedIn, where nobody is any more."""
        ...

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        """Return when it has ended. Goes on through outages; raises only NotSignedIn, where nobody is any more."""
        ...

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        """Ask it to end. Tries until the request was taken or there is nothing left to end."""
        ...
