"""Runs that this process drives: begin one, go on with one, end one, look on while another process does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from flowrun import bootstrap
from flowrun.admission.run_key import OnDuplicate
from flowrun.api.beside import Beside
from flowrun.api.drifted import warnings
from flowrun.api.environments import overlay_of, recalled, remembered, remembered_context
from flowrun.api.executed import executed
from flowrun.api.locked import knows
from flowrun.api.person import user
from flowrun.api.plans import Inputs, Made, Planned, make, preflight
from flowrun.api.precedence import LOOK_EVERY, looking
from flowrun.api.records import interrupted, resolve, so_far, standing, usual
from flowrun.api.telling import Follow, Telling
from flowrun.core.events import AbortRequested, RunReplanned, RunStarted
from flowrun.core.status import AbortLevel
from flowrun.engines.clock import SystemClock, new_run_id
from flowrun.errors import Conflict, NotSignedIn, Stranded, UsageError
from flowrun.journal.protocol import Record
from flowrun.report.fold import Fold
from flowrun.report.model import Change, Report

if TYPE_CHECKING:
    from flowrun.core.plan import Json, Plan
    from flowrun.engines.protocol import Engine, Replan
    from flowrun.journal.protocol import Records
    from flowrun.settings import Settings

ALONE = 5.0
"""Seconds without a process that drives it after which nobody looks on any longer: one that goes on may be starting."""


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
class Driven:
    """A run that is about to be driven. `past`: its records so far; `replan`: see Engine."""

    journal: Records
    engine: Engine
    run_id: str
    past: Sequence[Record]
    replan: Replan | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """The rest of a run by another plan: all of its file, what the run then stands on, and who puts it on paper."""

    made: Made
    follows: RunStarted | RunReplanned
    replan: Replan


async def run(
    file: Path,
    inputs: Inputs,
    settings: Settings,
    *,
    follow: Follow | None = None,
    hold: Hold | None = None,
    max_parallel: int | None = None,
    planned: Callable[[Planned], Mapping[str, Json] | None] | None = None,
) -> Report:
    """Plan, then carry it out to its end.

    `planned` is told the plan before anything starts; it may raise, and what it gives back is kept with the run.

    Where another run has its key, and the workflow wants that one back, that is reported, gone on with or looked at.
    Raises SpecError, UsageError, OrchestratorError before anything starts, and Conflict where key or group refuse it;
    JournalError, and EngineError when it was detached, at any time.
    """
    made = make(file, inputs, max_parallel)
    within = settings.within(overlay_of(inputs.environment))
    with closing(bootstrap.journal(within)) as journal:
        async with bootstrap.connect(within, file) as connected:
            ready = await preflight(made, connected, within)
            noted = planned(ready) if planned is not None else None
            texts = {name: one.document.text for name, one in made.loaded.within().items()}
            origin: dict[str, Json] = {"file": str(made.file), "text": made.source, "orchestrator": connected.origin}
            origin |= {"texts": texts} if texts else {}
            origin |= {"max_parallel": max_parallel} if max_parallel else {}
            origin |= {**remembered(inputs.environment), **remembered_context(within), **(noted or {})}
            started = new(ready.plan, ready.inputs, origin, ready.workflows)
            engine = bootstrap.engine(journal, connected)
            done = await begin(journal, engine, started, settings, follow, hold, on_duplicate=made.on_duplicate)
            if follow is not None and (noted or knows(ready.file, ready.context, within)):
                for step_id, words in (await executed(connected, ready, done)).items():
                    follow(Change(SystemClock().now(), step_id, "", "ran", words, "warn"), done)
            return done


def new(plan: Plan, inputs: Mapping[str, Json], origin: Json, workflows: Mapping[str, Plan]) -> RunStarted:
    """The beginning of a run, now and with an id of its own."""
    now = SystemClock().now()
    return RunStarted(now, new_run_id(now), plan, inputs, origin, workflows)


async def begin(
    journal: Records,
    engine: Engine,
    started: RunStarted,
    settings: Settings,
    follow: Follow | None,
    hold: Hold | None,
    *,
    on_duplicate: OnDuplicate = OnDuplicate.RUN,
) -> Report:
    """Put a new run on paper and drive it to its end; or see to the end of the run that has its key already."""
    created = engine.create(started, on_duplicate)
    if created != started.run_id:
        return await _join(journal, created, started.plan.key, settings, follow, hold)
    telling = _telling(journal, created, follow)
    telling.event(started)
    return await _drive(Driven(journal, engine, created, [Record(1, 1, started)]), telling, settings, hold)


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
            if not journal.owned(run_id):
                with suppress(Conflict):  # somebody drives it after all
                    return await go_on(journal, run_id, settings, follow, hold)
            known = await _look_on(journal, run_id, follow, 0.0)  # they hear the request, unless they are gone before
            if known.final:
                return known


async def watch(run_id: str | None, settings: Settings, *, follow: Follow | None = None) -> Report:
    """Look on until a run ends, or nobody drives it any more. Raises UsageError, JournalError."""
    with closing(bootstrap.journal(settings)) as journal:
        return await _look_on(journal, resolve(journal, run_id), follow, ALONE)


async def _join(
    journal: Records, run_id: str, key: str, settings: Settings, follow: Follow | None, hold: Hold | None
) -> Report:
    """The run that has this key already, once it has ended."""
    known = so_far(journal, run_id)
    drives = "another process drives it" if settings.temporal is None else "workers drive it"
    what = f"{drives}, looking on" if journal.owned(run_id) else "nobody drives it, going on with it"
    if known.final:
        what = "it has ended, nothing is started"
    if follow is not None:
        detail = f"{run_id} by its key {key}: {what}"
        follow(Change(SystemClock().now(), "", "", "found", detail, "warn"), known)
    while not known.final:
        try:
            return await go_on(journal, run_id, settings, follow, hold, whole=True)
        except Conflict:  # somebody drives it, who may be gone before it ends
            known = await _look_on(journal, run_id, follow, ALONE)
    return known


async def go_on(  # noqa: PLR0913 - the last three are for `resume`
    journal: Records,
    run_id: str,
    settings: Settings,
    follow: Follow | None,
    hold: Hold | None,
    *,
    whole: bool = False,
    rest: Rest | None = None,
    warn: Callable[[str], None] | None = None,
) -> Report:
    """With what the run remembers of its environment. `whole`: only where all of its secrets have values.

    On Temporal it goes on by itself, and is followed; it needs nothing from here, unless there is a `rest`.
    `warn` is told what is not as the lock says.

    Raises Conflict where another process drives it, and what `run` raises.
    """
    past = list(journal.read(run_id))
    telling = _telling(journal, run_id, follow, past)
    if telling.report().final:
        return telling.report()
    if rest is None and settings.temporal is not None:  # its workers have what it needs
        driven = Driven(journal, bootstrap.follower(journal), run_id, past)
        return await _drive(driven, telling, settings, hold)
    began = rest.follows if rest is not None else standing(record.event for record in past)
    origin = origin_of(began)
    settings = equipped(settings, origin, (began.plan, *began.workflows.values()), whole=whole)
    file = Path(origin["file"]) if "file" in origin else None
    async with bootstrap.connect(settings, file, origin.get("orchestrator")) as connected:
        if rest is not None:
            await preflight(rest.made, connected, settings)
        if warn is not None:
            for words in await warnings(began, connected, settings):
                warn(words)
        engine = bootstrap.engine(journal, connected)
        replan = None if rest is None else rest.replan
        return await _drive(Driven(journal, engine, run_id, past, replan), telling, settings, hold)


def _telling(journal: Records, run_id: str, follow: Follow | None, past: Iterable[Record] = ()) -> Telling:
    """For who follows a run from here on: the past was told once."""
    telling = Telling(follow, Fold(usual(journal, run_id)), Beside(journal, run_id))
    for record in past:
        telling.past(record.event)
    return telling


def origin_of(began: RunStarted | RunReplanned) -> Mapping[str, Json]:
    """Where a run came from. Raises UsageError."""
    if not isinstance(began.origin, Mapping):
        raise UsageError("the run does not say where it came from")
    return began.origin


def equipped(settings: Settings, origin: Mapping[str, Json], plans: Iterable[Plan], *, whole: bool = True) -> Settings:
    """With what a run remembers of its environment, and with the secrets of its plans opened.

    Raises UsageError; for a secret without a value only where `whole`.
    """
    settings = settings.within(recalled(origin))
    faults = settings.secrets.open(dict.fromkeys(name for plan in plans for name in plan.secrets))
    if faults and whole and settings.temporal is None:  # else workers have them
        told = "; ".join(f"{name}: {reason}" for name, reason in faults.items())
        hint = settings.secrets.where(next(iter(faults)))
        raise UsageError(f"the run cannot go on without its secrets: {told}", hint=hint)
    return settings


async def _drive(driven: Driven, telling: Telling, settings: Settings, hold: Hold | None) -> Report:
    """Drive it to its end, and tell what happens to it and beside it."""
    engine, run_id = driven.engine, driven.run_id

    async def end(other: str) -> Report:
        return await go_on(driven.journal, other, settings, None, None)

    if hold is not None:
        hold(_Handle(engine))
    try:
        async with looking(engine, telling, end):
            await engine.drive(run_id, telling.event, past=driven.past, replan=driven.replan)
    except Conflict:
        if hold is not None:
            hold(None)
        raise
    except Stranded:
        return interrupted(driven.journal, telling.report())
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
    return telling.report()


async def _look_on(journal: Records, run_id: str, follow: Follow | None, patience: float) -> Report:
    """Until it ends, or longer than `patience` seconds nobody drives it; it is `interrupted` then."""
    telling, seen, alone = _telling(journal, run_id, follow), 0, 0.0
    while True:
        owned = journal.owned(run_id)  # asked first: an owner that ends meanwhile leaves a final run
        for record in journal.read(run_id, seen):
            seen = record.seq
            telling.event(record.event)
        if telling.report().final:
            return telling.report()
        telling.look(SystemClock().now())
        alone = 0.0 if owned else alone + LOOK_EVERY
        if alone > patience:
            return interrupted(journal, telling.report())
        await asyncio.sleep(LOOK_EVERY)
