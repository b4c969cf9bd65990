"""Drifted: the Releases of a run that is done again or gone on with, held against the lock as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun.api.locked import knows, moved
from flowrun.api.locks import hold
from flowrun.errors import OrchestratorError, Stale, UsageError
from flowrun.planner.known import known
from flowrun.steps.job.model import JobStep
from flowrun.steps.job.preflight import look_up

if TYPE_CHECKING:
    from flowrun.bootstrap import Connected
    from flowrun.core.events import RunReplanned, RunStarted
    from flowrun.core.plan import Json
    from flowrun.review.moved import Move
    from flowrun.settings import Settings


@dataclass(frozen=True, slots=True)
class _Seen:
    """What of a run is not as the lock says; `lost`: in words, what is not there at all."""

    moves: tuple[Move, ...]
    lost: tuple[str, ...]


async def held_again(began: RunStarted, connected: Connected, settings: Settings) -> None:
    """Raise Stale where a run would start what is not as the lock says. Raises UsageError, OrchestratorError."""
    file = _file(began)
    if file is None:
        raise UsageError(
            f"the run {began.run_id} does not say which file it was, and no lock can be asked", hint="Add --no-locked."
        )
    seen = await _look(file, began, connected, settings)
    if seen.lost:
        told = "".join(f"\n  {one}" for one in seen.lost)
        raise Stale(f"what the run would start is not there: nothing was started{told}")
    hold(file, settings.context.name, seen.moves, settings, _environment(began))


async def warnings(began: RunStarted | RunReplanned, connected: Connected, settings: Settings) -> tuple[str, ...]:
    """In words, what is not as the lock says, where that knows the workflow. What nobody can tell is said as well."""
    file = _file(began)
    try:
        if file is None or not knows(file, settings.context.name, settings):
            return ()
        moves = (await _look(file, began, connected, settings)).moves
    except (OrchestratorError, UsageError) as error:
        return (f"the lock could not be asked: {error.message}",)
    return tuple(f"not as flowrun.lock has it: {move.words}" for move in moves)


async def _look(file: Path, began: RunStarted | RunReplanned, connected: Connected, settings: Settings) -> _Seen:
    facts: list[Mapping[str, Mapping[str, Json]]] = []
    lost: list[str] = []
    plans = (known(began.plan, began.inputs), *(known(plan, {}) for plan in began.workflows.values()))
    for plan in plans:
        seen = await look_up(connected.orchestrator, [step for step in plan.steps if step.kind == JobStep.kind])
        facts.append(seen.facts)
        lost += [f"{one.step_id}: {one.message}" for one in seen.findings if one.severity == "error"]
    return _Seen(moved(file, facts, settings), tuple(lost))


def _file(began: RunStarted | RunReplanned) -> Path | None:
    return Path(began.origin["file"]) if isinstance(began.origin, Mapping) and "file" in began.origin else None


def _environment(began: RunStarted) -> str:
    around = began.origin.get("environment") if isinstance(began.origin, Mapping) else None
    return str(around["name"]) if isinstance(around, Mapping) else ""
