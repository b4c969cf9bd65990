"""Runs that are done again: from what failed, from a step on, a step alone, or as new. What ended never changes."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.api.driven import New, begin, equipped
from flowrun.api.environments import present, recalled, remembered
from flowrun.api.plans import Inputs, make
from flowrun.api.records import beginning, resolve
from flowrun.core.again import Again, Earlier
from flowrun.core.again import retry as core_retry
from flowrun.core.events import RunStarted
from flowrun.core.evolve import begin as first_state
from flowrun.core.evolve import evolve
from flowrun.core.plan import Plan, Stage
from flowrun.errors import UsageError
from flowrun.nearest import guess

if TYPE_CHECKING:
    from flowrun.api.driven import Hold
    from flowrun.api.telling import Follow
    from flowrun.core.plan import Json
    from flowrun.core.state import RunState
    from flowrun.journal.protocol import Journal
    from flowrun.report.model import Report
    from flowrun.settings import Context, Settings

RECORDED, CURRENT = "recorded", "current"
"""Which text of the workflow: that of the run, or the file as it is now."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a run is to be done again. Nothing said: what did not succeed, and what needs it.

    `start`: this step and all that need it; `only`: this step and no other. `spec`: `recorded` or `current`.
    """

    start: str = ""
    only: str = ""
    spec: str = RECORDED


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a retry would do. `difference`: how the file has changed since, as a unified diff, empty if it has not."""

    run_id: str
    steps: tuple[Again, ...]
    difference: str = ""


def foresee(run_id: str | None, choice: Choice, settings: Settings) -> Foreseen:
    """What a retry would do again, and why; nothing is started. Raises UsageError, SpecError, JournalError."""
    with closing(bootstrap.journal(settings)) as journal:
        return _retry(journal, resolve(journal, run_id), choice)[0]


async def retry(
    run_id: str | None,
    choice: Choice,
    settings: Settings,
    *,
    follow: Follow | None = None,
    hold: Hold | None = None,
    foreseen: Callable[[Foreseen], None] | None = None,
) -> Report:
    """A new run that keeps what the earlier one has done. `foreseen` is told before anything starts.

    Raises UsageError where the run has not ended or nothing of it is left to do, and what `run` raises.
    """
    with closing(bootstrap.journal(settings)) as journal:
        told, new = _retry(journal, resolve(journal, run_id), choice)
        if foreseen is not None:
            foreseen(told)
        return await _go(journal, new, settings, follow, hold)


async def rerun(
    run_id: str | None,
    spec: str,
    settings: Settings,
    *,
    follow: Follow | None = None,
    hold: Hold | None = None,
    foreseen: Callable[[Foreseen], None] | None = None,
) -> Report:
    """The same workflow with the same inputs, as new. Raises what `run` raises."""
    with closing(bootstrap.journal(settings)) as journal:
        first = _whole(journal, resolve(journal, run_id))
        plan, workflows, origin, difference = _text(first, spec)
        if foreseen is not None:
            foreseen(Foreseen(first.run_id, (), difference))
        return await _go(journal, New(plan, first.inputs, origin, workflows), settings, follow, hold)


def bound_again(run_id: str | None, settings: Settings) -> Context:
    """Where a run that is done again would go. Raises UsageError, JournalError."""
    with closing(bootstrap.journal(settings)) as journal:
        origin = beginning(journal, resolve(journal, run_id)).origin
    return settings.within(recalled(origin if isinstance(origin, Mapping) else {}), connected=False).context


async def _go(journal: Journal, new: New, settings: Settings, follow: Follow | None, hold: Hold | None) -> Report:
    settings = equipped(settings, new.origin, (new.plan, *new.workflows.values()))
    file = Path(new.origin["file"]) if "file" in new.origin else None
    async with bootstrap.connect(settings, file, new.origin.get("orchestrator")) as connected:
        return await begin(journal, bootstrap.engine(journal, connected), new, settings, follow, hold)


def _retry(journal: Journal, run_id: str, choice: Choice) -> tuple[Foreseen, New]:
    first = _whole(journal, run_id)
    state = _state(journal, first)
    if not state.status.final:
        raise UsageError(f"the run {run_id} has not ended", hint=f"flowrun runs resume {run_id}, or abort it first")
    plan, workflows, origin, difference = _text(first, choice.spec)
    asked = choice.start or choice.only
    if asked:
        _check(asked, plan)
    found = core_retry(state, plan, frozenset([asked] if asked else []))
    if found.nothing:
        hint = f"flowrun runs retry {run_id} --from STEP, or flowrun runs rerun {run_id}"
        raise UsageError(f"all of the run {run_id} has succeeded: there is nothing to do again", hint=hint)
    only: tuple[str, ...] = ()
    steps = found.steps
    if choice.only:
        whole = [step.step_id for step in steps if not step.why]
        _check_needs(choice.only, plan, frozenset(whole), run_id)
        only = (choice.only, *whole)
        steps = tuple(step for step in steps if step.step_id in only)
    kept = tuple(one for one in found.kept if not only or one.step_id in only)
    new = New(plan, first.inputs, origin, workflows, Earlier(run_id, kept, only))
    return Foreseen(run_id, steps, difference), new


def _whole(journal: Journal, run_id: str) -> RunStarted:
    """How a run began that is no step of another."""
    first = beginning(journal, run_id)
    if first.parent:
        raise UsageError(
            f"the run {run_id} is a step of the run {first.parent}", hint=f"flowrun runs retry {first.parent}"
        )
    return first


def _state(journal: Journal, first: RunStarted) -> RunState:
    state = first_state(first)
    for record in journal.read(first.run_id, 1):
        state = evolve(state, record.event)
    return state


def _text(first: RunStarted, spec: str) -> tuple[Plan, Mapping[str, Plan], Mapping[str, Json], str]:
    """The plan, those within it, where they came from, and how the file has changed since."""
    origin = first.origin if isinstance(first.origin, Mapping) else {}
    if spec == RECORDED:
        return first.plan, first.workflows, origin, ""
    if "file" not in origin:
        raise UsageError(f"the run {first.run_id} does not say which file it was", hint="leave out --spec current")
    inputs = Inputs(values=first.inputs, environment=present(origin))
    made = make(Path(origin["file"]), inputs, first.plan.max_parallel)
    kept = {**origin, "text": made.source, **remembered(inputs.environment)}
    return made.plan, made.workflows, kept, _difference(origin.get("text", ""), made.source)


def _difference(before: str, now: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), "recorded", "current", lineterm="", n=2)
    return "\n".join(lines)


def _check(step_id: str, plan: Plan) -> None:
    ids = [step.id for step in plan.steps if step.stage is Stage.STEPS]
    if step_id not in ids:
        raise UsageError(f"there is no step {step_id!r} in `steps`", hint=guess(step_id, ids, ", ".join(ids[:10])))


def _check_needs(step_id: str, plan: Plan, whole: frozenset[str], run_id: str) -> None:
    (step,) = (step for step in plan.steps if step.id == step_id)
    lacking = [need.step for need in step.needs if need.step not in whole]
    if lacking:
        raise UsageError(
            f"{step_id} needs {', '.join(lacking)}, which did not succeed in the run {run_id}",
            hint=f"flowrun runs retry {run_id} --from {lacking[0]}",
        )
