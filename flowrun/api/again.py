"""Runs that are done again: from what failed, from a step on, a step alone, or as new. What ended never changes."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.api.drifted import held_again, warnings
from flowrun.api.driven import begin, equipped, new, origin_of
from flowrun.api.environments import present, recalled, remembered
from flowrun.api.plans import Inputs, make
from flowrun.api.records import beginning, resolve, standing, state_of
from flowrun.core.again import Again
from flowrun.core.again import retry as core_retry
from flowrun.core.plan import Plan, Stage
from flowrun.errors import UsageError
from flowrun.nearest import guess

if TYPE_CHECKING:
    from flowrun.api.driven import Hold
    from flowrun.api.plans import Made
    from flowrun.api.telling import Follow
    from flowrun.core.events import Event, RunStarted
    from flowrun.core.plan import Json
    from flowrun.journal.protocol import Records
    from flowrun.report.model import Report
    from flowrun.settings import Context, Settings

RECORDED, CURRENT = "recorded", "current"
"""Which text of the workflow: that of the run, or the file as it is now."""


@dataclass(frozen=True, slots=True)
class Locking:
    """What the lock is for: `held`, nothing starts that is not as it says; else `warn` is told in words what is not."""

    held: bool = False
    warn: Callable[[str], None] | None = None


FREE = Locking()


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
    lock: Locking = FREE,
) -> Report:
    """A new run that keeps what the earlier one has done. `foreseen` is told before anything starts.

    `lock`: whether nothing starts, and Stale is raised, unless every Release is as the lock of the project has it.
    Raises UsageError where the run has not ended or nothing of it is left to do, and what `run` raises.
    """
    with closing(bootstrap.journal(settings)) as journal:
        told, started = _retry(journal, resolve(journal, run_id), choice)
        if foreseen is not None:
            foreseen(told)
        return await _go(journal, started, settings, follow, hold, lock)


async def rerun(
    run_id: str | None,
    spec: str,
    settings: Settings,
    *,
    follow: Follow | None = None,
    hold: Hold | None = None,
    foreseen: Callable[[Foreseen], None] | None = None,
    lock: Locking = FREE,
) -> Report:
    """The same workflow with the same inputs, as new. `lock` as in `retry`. Raises what `run` raises."""
    with closing(bootstrap.journal(settings)) as journal:
        first = whole(events_of(journal, resolve(journal, run_id)), "rerun")
        text = text_of(first, spec)
        if foreseen is not None:
            foreseen(Foreseen(first.run_id, (), text.difference))
        started = new(text.plan, text.inputs, text.origin, text.workflows)
        return await _go(journal, started, settings, follow, hold, lock)


def bound_again(run_id: str | None, settings: Settings) -> Context:
    """Where a run that is done again would go. Raises UsageError, JournalError."""
    with closing(bootstrap.journal(settings)) as journal:
        first = beginning(journal, resolve(journal, run_id))
    origin = first.origin if isinstance(first.origin, Mapping) else {}
    return settings.within(recalled(origin), connected=False).context


async def _go(
    journal: Records, started: RunStarted, settings: Settings, follow: Follow | None, hold: Hold | None, lock: Locking
) -> Report:
    origin = origin_of(started)
    settings = equipped(settings, origin, (started.plan, *started.workflows.values()))
    file = Path(origin["file"]) if "file" in origin else None
    async with bootstrap.connect(settings, file, origin.get("orchestrator")) as connected:
        if lock.held:
            await held_again(started, connected, settings)
        elif lock.warn is not None:
            for words in await warnings(started, connected, settings):
                lock.warn(words)
        engine = bootstrap.engine(journal, connected)
        return await begin(journal, engine, started, settings, follow, hold)


def _retry(journal: Records, run_id: str, choice: Choice) -> tuple[Foreseen, RunStarted]:
    events = events_of(journal, run_id)
    first, state = whole(events, "retry"), state_of(events)
    if not state.status.final:
        raise UsageError(f"the run {run_id} has not ended", hint=f"flowrun runs resume {run_id}, or abort it first")
    text = text_of(first, choice.spec)
    plan = text.plan
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
        kept_whole = [step.step_id for step in steps if not step.why]
        _check_needs(choice.only, plan, frozenset(kept_whole), run_id)
        only = (choice.only, *kept_whole)
        steps = tuple(step for step in steps if step.step_id in only)
    kept = tuple(one for one in found.kept if not only or one.step_id in only)
    started = new(plan, text.inputs, text.origin, text.workflows)
    return Foreseen(run_id, steps, text.difference), replace(started, again=run_id, kept=kept, only=only)


def events_of(journal: Records, run_id: str) -> list[Event]:
    """All that happened in a run so far."""
    return [record.event for record in journal.read(run_id)]


def whole(events: Sequence[Event], command: str) -> RunStarted:
    """How a run stands that is no step of another; what to do for one that is. Raises UsageError."""
    first = standing(events)
    if first.parent:
        raise UsageError(
            f"the run {first.run_id} is a step of the run {first.parent}", hint=f"flowrun runs {command} {first.parent}"
        )
    return first


@dataclass(frozen=True, slots=True)
class Text:
    """A workflow as a run had it, or as its file is now: its plan, those within it, and where they came from.

    `difference`: how the file has changed since, as a unified diff; `made`: all of the file that is there now.
    """

    plan: Plan
    inputs: Mapping[str, Json]
    workflows: Mapping[str, Plan]
    origin: Mapping[str, Json]
    difference: str = ""
    made: Made | None = None


def text_of(first: RunStarted, spec: str) -> Text:
    """The recorded one or the current one. Raises UsageError, SpecError."""
    origin = first.origin if isinstance(first.origin, Mapping) else {}
    if spec == RECORDED:
        return Text(first.plan, first.inputs, first.workflows, origin)
    if "file" not in origin:
        raise UsageError(f"the run {first.run_id} does not say which file it was", hint="leave out --spec current")
    inputs = Inputs(values=first.inputs, environment=present(origin))
    made = make(Path(origin["file"]), inputs, origin.get("max_parallel"))
    texts = {name: one.document.text for name, one in made.loaded.within().items()}
    now = {**origin, "text": made.source, **({"texts": texts} if texts else {}), **remembered(inputs.environment)}
    differences = [_difference(origin.get("text", ""), made.source)]
    before = origin.get("texts", {})
    differences += [_difference(before.get(name, ""), text, f"{name}, ") for name, text in texts.items()]
    difference = "\n".join(filter(None, differences))
    return Text(made.plan, made.inputs, made.workflows, now, difference, made)


def _difference(before: str, now: str, name: str = "") -> str:
    names = (f"{name}recorded", f"{name}current")
    return "\n".join(difflib.unified_diff(before.splitlines(), now.splitlines(), *names, lineterm="", n=2))


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
