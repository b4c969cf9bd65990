"""Runs that this process drives: begin one, go on with one, end one, look on while another process does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from flowrun import bootstrap
from flowrun.api.environments import overlay_of, recalled, remembered
from flowrun.api.person import user
from flowrun.api.plans import Inputs, Planned, make, preflight
from flowrun.api.records import resolve, so_far, usual
from flowrun.core.events import AbortRequested, RunStarted
from flowrun.core.status import AbortLevel
from flowrun.engines.clock import SystemClock, new_run_id
from flowrun.errors import Conflict, NotSignedIn, UsageError
from flowrun.report.fold import Fold
from flowrun.report.model import Change, Report

if TYPE_CHECKING:
    from flowrun.core.again import Earlier
    from flowrun.core.events import Event
    from flowrun.core.plan import Json, Plan
    from flowrun.core.state import RunState
    from flowrun.engines.protocol import Engine
    from flowrun.journal.protocol import Journal
    from flowrun.settings import Settings

LOOK_EVERY = 0.3
"""Seconds between two looks at a run that another process drives."""

ALONE = 5.0
"""Seconds without a process that drives it after which nobody looks on any longer: one that goes on may be starting."""

Follow = Callable[[Change, Report], None]
"""Told of each change that is worth a line, with the whole so far."""


class Control(Protocol):
    """What a front door may do to the run that it began."""

    def abort(self, level: str, by: str) -> None:
        """End it: `drain`, `stop` or `kill`."""
        ...

    def detach(self) -> None:
        """Leave at once; what was started goes on."""
        ...


Hold = Callable[[Control | None], None]
"""Given the Control before anything starts, and None where another process turns out to drive the run."""


class _Handle:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def abort(self, level: str, by: str) -> None:
        self._engine.abort(AbortLevel(level), by)

    def detach(self) -> None:
        self._engine.detach()


@dataclass(frozen=True, slots=True)
class New:
    """All that a new run is made of. `workflows`: the plans of files that are steps; `earlier`: what it retries."""

    plan: Plan
    inputs: Mapping[str, Json]
    origin: Mapping[str, Json]
    workflows: Mapping[str, Plan] = field(default_factory=dict)
    earlier: Earlier | None = None


async def run(
    file: Path,
    inputs: Inputs,
    settings: Settings,
    *,
    follow: Follow | None = None,
    hold: Hold | None = None,
    max_parallel: int | None = None,
    planned: Callable[[Planned], None] | None = None,
) -> Report:
    """Plan, then carry it out to its end. `planned` is told the plan before anything starts.

    Raises SpecError, UsageError, OrchestratorError before anything starts; JournalError, and EngineError when it was
    detached, at any time.
    """
    made = make(file, inputs, max_parallel)
    settings = settings.within(overlay_of(inputs.environment))
    with closing(bootstrap.journal(settings)) as journal:
        async with bootstrap.connect(settings, file) as connected:
            ready = await preflight(made, connected, settings)
            if planned is not None:
                planned(ready)
            texts = {name: one.document.text for name, one in made.loaded.within().items()}
            origin = {"file": str(made.file), "text": made.source, "orchestrator": connected.origin}
            origin |= {"texts": texts} if texts else {}
            origin |= remembered(inputs.environment)
            new = New(ready.plan, ready.inputs, origin, ready.workflows)
            return await begin(journal, bootstrap.engine(journal, connected), new, follow, hold)


async def begin(journal: Journal, engine: Engine, new: New, follow: Follow | None, hold: Hold | None) -> Report:
    """Put a new run on paper and drive it to its end."""
    run_id = new_run_id(SystemClock().now())
    engine.create(run_id, new.plan, new.inputs, new.origin, new.workflows, earlier=new.earlier)
    return await _drive(engine, run_id, follow, hold, Fold(usual(journal, run_id)))


async def resume(
    run_id: str | None, settings: Settings, *, follow: Follow | None = None, hold: Hold | None = None
) -> Report:
    """Go on with a run whose process is gone. Raises Conflict where it lives, and what `run` raises."""
    with closing(bootstrap.journal(settings)) as journal:
        run_id = resolve(journal, run_id)
        return await _go_on(journal, run_id, settings, follow, hold, whole=True)


async def abort(
    run_id: str | None,
    level: str,
    settings: Settings,
    *,
    wait: bool = True,
    follow: Follow | None = None,
    hold: Hold | None = None,
) -> Report:
    """End a run from outside: its owner is told; where it has none any more, this process ends it itself.

    Raises UsageError, JournalError, OrchestratorError.
    """
    with closing(bootstrap.journal(settings)) as journal:
        run_id = resolve(journal, run_id)
        known = so_far(journal, run_id)
        if known.final:
            return known
        by = f"{user()}, flowrun runs abort"
        journal.request(run_id, AbortRequested(SystemClock().now(), AbortLevel(level), by))
        if not wait:
            return so_far(journal, run_id)
        while True:
            try:
                return await _go_on(journal, run_id, settings, follow, hold)
            except Conflict:  # somebody drives it, and hears the request, unless they are gone before they have
                known = await _look_on(journal, run_id, follow, 0.0)
            if known.final:
                return known


async def watch(run_id: str | None, settings: Settings, *, follow: Follow | None = None) -> Report:
    """Look on until a run ends, or nobody drives it any more. Raises UsageError, JournalError."""
    with closing(bootstrap.journal(settings)) as journal:
        return await _look_on(journal, resolve(journal, run_id), follow, ALONE)


async def _go_on(
    journal: Journal,
    run_id: str,
    settings: Settings,
    follow: Follow | None,
    hold: Hold | None,
    *,
    whole: bool = False,
) -> Report:
    """With what the run remembers of its environment. `whole`: only where all of its secrets have values."""
    known = so_far(journal, run_id)
    if known.final:
        return known
    began = _beginning(journal, run_id)
    origin = _origin(began)
    settings = equipped(settings, origin, (began.plan, *began.workflows.values()), whole=whole)
    file = Path(origin["file"]) if "file" in origin else None
    async with bootstrap.connect(settings, file, origin.get("orchestrator")) as connected:
        news = _after(known.at, follow)
        engine = bootstrap.engine(journal, connected)
        return await _drive(engine, run_id, news, hold, Fold(usual(journal, run_id)))


def _after(known: float, follow: Follow | None) -> Follow | None:
    """Told of what happens after `known` alone, for the past was told once."""

    def told(change: Change, report: Report) -> None:
        if follow is not None and change.at > known:
            follow(change, report)

    return follow and told


def _beginning(journal: Journal, run_id: str) -> RunStarted:
    first = next(journal.read(run_id)).event
    assert isinstance(first, RunStarted)  # noqa: S101 - the journal begins each run with one
    return first


def _origin(began: RunStarted) -> Mapping[str, Json]:
    if not isinstance(began.origin, Mapping):
        raise UsageError(f"the run {began.run_id} does not say where it came from")
    return began.origin


def equipped(settings: Settings, origin: Mapping[str, Json], plans: Iterable[Plan], *, whole: bool = True) -> Settings:
    """With what a run remembers of its environment, and with the secrets of its plans opened.

    Raises UsageError; for a secret without a value only where `whole`.
    """
    settings = settings.within(recalled(origin))
    faults = settings.secrets.open(dict.fromkeys(name for plan in plans for name in plan.secrets))
    if faults and whole:
        told = "; ".join(f"{name}: {reason}" for name, reason in faults.items())
        hint = settings.secrets.where(next(iter(faults)))
        raise UsageError(f"the run cannot go on without its secrets: {told}", hint=hint)
    return settings


async def _drive(engine: Engine, run_id: str, follow: Follow | None, hold: Hold | None, total: Fold) -> Report:
    """Drive it to its end, and fold what happens into `total`."""

    def tell(event: Event, _: RunState) -> None:
        change = total.add(event)
        if change is not None and follow is not None:
            follow(change, total.report())

    if hold is not None:
        hold(_Handle(engine))
    try:
        await engine.drive(run_id, tell)
    except Conflict:
        if hold is not None:
            hold(None)
        raise
    except NotSignedIn as error:
        hint = f"{error.hint}\n  " if error.hint else ""
        raise NotSignedIn(
            f"the run {run_id} was left: {error.message}",
            hint=f"{hint}What it started goes on by itself. Sign in anew, then: flowrun runs resume {run_id}",
            method=error.method,
            url=error.url,
            status=error.status,
            trace_id=error.trace_id,
        ) from error
    return total.report()


async def _look_on(journal: Journal, run_id: str, follow: Follow | None, patience: float) -> Report:
    """Until it ends, or longer than `patience` seconds nobody drives it; it is `interrupted` then."""
    total, seen, alone = Fold(usual(journal, run_id)), 0, 0.0
    while True:
        owned = journal.owned(run_id)  # asked first: an owner that ends meanwhile leaves a final run
        for record in journal.read(run_id, seen):
            seen = record.seq
            change = total.add(record.event)
            if change is not None and follow is not None:
                follow(change, total.report())
        if total.report().final:
            return total.report()
        alone = 0.0 if owned else alone + LOOK_EVERY
        if alone > patience:
            return replace(total.report(), interrupted=True)
        await asyncio.sleep(LOOK_EVERY)
