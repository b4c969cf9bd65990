"""A plan that can be reviewed: saved as a file, shown elsewhere, and carried out later if nothing has moved since."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.api.driven import run
from flowrun.api.environments import overlay_of, read
from flowrun.api.history import history
from flowrun.api.locked import lock_path, workflow_of
from flowrun.api.plans import Inputs, make, preflight
from flowrun.api.texts import put_text, read_text
from flowrun.engines.clock import SystemClock
from flowrun.errors import OrchestratorError, SpecError, Stale
from flowrun.orchestrator.query import JobQuery
from flowrun.orchestrator.wire import Folder, JobState
from flowrun.planner import show
from flowrun.planner.graph import longest_path
from flowrun.planner.known import known
from flowrun.report.document import instant
from flowrun.review import anew, plan_file, steps, told
from flowrun.review.digest import digest_of
from flowrun.review.history import History
from flowrun.review.runtimes import needs
from flowrun.review.stale import stale
from flowrun.version import VERSION

if TYPE_CHECKING:
    from flowrun.api.driven import Hold
    from flowrun.api.plans import Planned
    from flowrun.api.telling import Follow
    from flowrun.bootstrap import Connected
    from flowrun.core.plan import Json, Plan
    from flowrun.errors import Problem
    from flowrun.report.model import Report
    from flowrun.settings import Settings
    from flowrun.spec.environment import Environment


_HERE = "FR804"
"""A secret without a value is a matter of this machine. All else was in order when it was planned, so it has moved."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A plan and what is to be seen of it. `document` is what a plan file holds, with its digest."""

    planned: Planned
    document: Mapping[str, Json]

    @property
    def data(self) -> Mapping[str, Json]:
        """The whole plan as JSON, and what is told of it beside."""
        beside = ("removed", "moves", "runtimes", "differences", "context", "target", "quiescence")
        marks = {row["id"]: {"mark": row["mark"], "changes": row["changes"]} for row in self.document["steps"]}
        return {**self.planned.data, **{name: self.document[name] for name in beside}, "marks": marks}

    @property
    def text(self) -> str:
        """For people."""
        return str(self.document["text"])


async def review(file: Path, inputs: Inputs, settings: Settings, *, max_parallel: int | None = None) -> Reviewed:
    """Check everything against Orchestrator and compare it with the last run and the lock; start nothing.

    Raises SpecError with every problem found, UsageError, OrchestratorError.
    """
    made = make(file, inputs, max_parallel)
    within = settings.within(overlay_of(inputs.environment))
    async with bootstrap.connect(within, file) as connected:
        ready = await preflight(made, connected, within)
        plans = _known(ready)
        facts = {"": ready.facts, **ready.facts_within}
        runtimes = [await _runtime(connected, one) for one in needs(plans, facts)]
    before = history(ready.plan.workflow, within)
    document = _document(ready, within, max_parallel, before)
    document |= {"runtimes": runtimes, "created_at": instant(SystemClock().now())}
    document["text"] = f"{_text(ready, document)}\n{told.closing(document)}"
    return Reviewed(ready, plan_file.read(plan_file.sealed(document), str(file)))


def save_plan(reviewed: Reviewed, to: Path, settings: Settings) -> None:
    """Write the plan file, whole or not at all. Raises UsageError."""
    workflow_of(reviewed.planned.file, settings)
    put_text(to, plan_file.sealed(reviewed.document))


def saved_plan(file: Path) -> Mapping[str, Json]:
    """What a plan file says; needs nothing but the file. Raises UsageError."""
    return plan_file.read(read_text(file), str(file))


def shown_plan(document: Mapping[str, Json], form: str) -> str:
    """A saved plan as `text` or `markdown`."""
    return {"text": told.text, "markdown": told.markdown}[form](document)


def planned_context(document: Mapping[str, Json]) -> str | None:
    """The context that was chosen when a plan was made; None where nobody chose one."""
    context = document["context"]
    return str(context["name"]) if context["chosen"] else None


async def apply(
    document: Mapping[str, Json],
    settings: Settings,
    *,
    follow: Follow | None = None,
    hold: Hold | None = None,
    planned: Callable[[Planned], object] | None = None,
) -> Report:
    """Plan anew from the files beside a saved plan, compare, and carry it out as `run` does.

    `planned` is told the plan once it holds, before anything starts, and may raise. Raises Stale, with each thing that
    moved, and what `run` raises.
    """
    file = settings.project / document["file"]
    if not file.is_file():
        raise Stale(_refusal(document, [f"{document['file']} is gone"]), hint=_again(document))
    inputs = Inputs(values=document["inputs"], file="the plan file", environment=_environment(document, settings))

    def check(ready: Planned) -> Mapping[str, Json]:
        """Before anything starts. What is given back is kept with the run."""
        within = settings.within(overlay_of(inputs.environment))
        now = _document(ready, within, document["max_parallel"], History())
        if moved := stale(document, now):
            raise Stale(_refusal(document, moved), hint=_again(document))
        if planned is not None:
            planned(ready)
        return {"plan": {"digest": document["digest"], "created_at": document["created_at"]}}

    try:
        return await run(
            file, inputs, settings, follow=follow, hold=hold, max_parallel=document["max_parallel"], planned=check
        )
    except SpecError as error:
        moved = [f"{one.code} {one.message}" for one in error.problems if one.severity == "error" and one.code != _HERE]
        if not moved:
            raise
        raise Stale(_refusal(document, [*_changed(document, settings), *moved]), hint=_again(document)) from error


def _refusal(document: Mapping[str, Json], moved: Sequence[str]) -> str:
    words = "".join(f"\n  {one}" for one in moved)
    return f"the plan of {document['file']} from {document['created_at']} no longer holds: nothing was started{words}"


def _again(document: Mapping[str, Json]) -> str:
    return f"Look at it anew: {anew.command(document)}"


def _environment(document: Mapping[str, Json], settings: Settings) -> Environment | None:
    around = document["environment"]
    if around is None:
        return None
    path = settings.project / around["file"]
    if not path.is_file():
        raise Stale(_refusal(document, [f"{around['file']} is gone"]), hint=_again(document))
    return read(path)


def _changed(document: Mapping[str, Json], settings: Settings) -> list[str]:
    """The files of a plan that are others now, by their bytes alone."""
    found = []
    for name, before in document["made_from"]["files"].items():
        path = settings.project / name
        if not path.is_file() or digest_of(path.read_bytes()) != before:
            found.append(f"{name} has changed")
    return found


def _document(ready: Planned, settings: Settings, max_parallel: int | None, before: History) -> dict[str, Json]:
    plans = _known(ready)
    facts = {"": ready.facts, **ready.facts_within}
    path = longest_path(ready.plan, before.usual)
    seconds = sum(before.usual.get(step_id, 0.0) for step_id in path)
    rows: list[Json] = []
    removed: list[str] = []
    for name, plan in plans.items():
        marked = steps.marks(name, plan, facts.get(name, {}), before, ready.moves)
        rows += steps.rows(name, plan, facts.get(name, {}), marked, before.usual)
        removed += steps.removed(name, plan, before)
    document: dict[str, Json] = {
        "flowrun": VERSION,
        "created_at": "",
        "workflow": ready.plan.workflow,
        "file": _near(ready.file, settings),
        "environment": None if ready.sources.environment is None else _around(ready, settings),
        "context": {"name": ready.context, "chosen": settings.context.chosen},
        "target": _target(ready, settings),
        "max_parallel": max_parallel,
        "inputs": dict(ready.inputs),
        "secrets": list(dict.fromkeys(name for plan in plans.values() for name in plan.secrets)),
        "made_from": {"files": _files(ready, settings), "lock": _lock(settings)},
        "sources": [{"name": one.name, "value": one.value, "source": one.source} for one in ready.sources.values],
        "steps": rows,
        "removed": removed,
        "moves": [move.data for move in ready.moves],
        "runtimes": [],
        "longest_path": {"steps": path, "seconds": round(seconds, 3), "runs": before.runs},
        "quiescence": settings.quiescence,
        "problems": [_line(one) for one in ready.problems],
        "text": "",
    }
    return {**document, "differences": told.differences(document)}


def _known(ready: Planned) -> dict[str, Plan]:
    return {"": known(ready.plan, ready.inputs), **{name: known(plan, {}) for name, plan in ready.workflows.items()}}


def _text(ready: Planned, document: Mapping[str, Json]) -> str:
    marked = {(row["file"], row["id"]): (row["mark"], row["changes"]) for row in document["steps"]}
    plans = _known(ready)
    nested = {name: (plans[name], ready.facts_within.get(name, {})) for name in ready.workflows}
    return show.text(plans[""], ready.inputs, ready.facts, nested, ready.sources, marked)


async def _runtime(connected: Connected, need: Json) -> dict[str, Json]:
    """Beside what is needed in a folder, what is there; None where the account may not know."""
    folder = Folder(id=need.folder_id, fully_qualified_name=need.folder)
    robots = running = None
    try:
        robots = len(await connected.orchestrator.robots(folder))
        page = await connected.orchestrator.query_jobs(folder, JobQuery(states=(JobState.RUNNING,), top=1, count=True))
        running = page.count
    except OrchestratorError:
        pass  # of what is there now a plan can do without
    return {"folder": need.folder, "need": need.jobs, "open": list(need.open), "robots": robots, "running": running}


def _near(path: Path | str, settings: Settings) -> str:
    """A file by its path in the project, or by its whole path where it lies outside."""
    whole, project = Path(path).resolve(), settings.project.resolve()
    return whole.relative_to(project).as_posix() if whole.is_relative_to(project) else str(whole)


def _around(ready: Planned, settings: Settings) -> dict[str, Json]:
    assert ready.sources.environment is not None  # noqa: S101 - asked for only then
    return {"name": ready.sources.environment["name"], "file": _near(ready.sources.environment["file"], settings)}


def _target(ready: Planned, settings: Settings) -> dict[str, Json]:
    """Which Orchestrator. The catalog of the embedded one is a file beside the workflow, the same on each machine."""
    return {name: _near(value, settings) if name == "emulator" else value for name, value in ready.orchestrator.items()}


def _files(ready: Planned, settings: Settings) -> dict[str, str]:
    texts = {str(ready.file): ready.source, **ready.others}
    return {
        _near(name, settings): digest_of(text.encode("utf-8", "surrogateescape"))
        for name, text in sorted(texts.items())
    }


def _lock(settings: Settings) -> str | None:
    path = lock_path(settings)
    return digest_of(path.read_bytes()) if path.is_file() else None


def _line(one: Problem) -> str:
    """A warning on one line."""
    place = f":{one.position.line}" if one.position else ""
    return f"{Path(one.file).name}{place}: {one.code} {one.message}"
