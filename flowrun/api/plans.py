"""A workflow, its inputs and its Orchestrator, looked at together before anything starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.admission.run_key import OnDuplicate
from flowrun.api.environments import needed, overlay_of
from flowrun.api.files import load, texts_of
from flowrun.api.locked import moved, told
from flowrun.api.sources import of_orchestrator, sources
from flowrun.errors import Problem, SpecError
from flowrun.planner.build import build, family, resized
from flowrun.planner.identity import Nameless, identified
from flowrun.planner.known import known
from flowrun.planner.source import NOWHERE, Sources
from flowrun.review.lock import entries_of
from flowrun.spec.document import dotted
from flowrun.spec.environment import Environments
from flowrun.spec.inputs import check_inputs
from flowrun.spec.problems import in_order, problem
from flowrun.steps.job.model import JobStep
from flowrun.steps.job.preflight import look_up
from flowrun.steps.protocol import Finding

if TYPE_CHECKING:
    from flowrun.bootstrap import Connected
    from flowrun.core.plan import Json, Plan
    from flowrun.planner.show import Facts
    from flowrun.review.lock import Entry
    from flowrun.review.moved import Move
    from flowrun.settings import Settings
    from flowrun.spec.environment import Environment
    from flowrun.spec.library import Loaded
    from flowrun.spec.models import Workflow


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was given: `text` as typed on the command line, `values` as read from `file`. The former win.

    `environment`: whose values stand behind those, before the defaults of the workflow.
    """

    text: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Json] = field(default_factory=dict)
    file: str = ""
    environment: Environment | None = None

    @property
    def sources(self) -> Mapping[str, str]:
        """Where each of them came from."""
        return {**dict.fromkeys(self.values, self.file or "given"), **dict.fromkeys(self.text, "--input")}


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan that could be carried out now. `data` is for machines, `text` for people.

    `workflows`: the plans of the files that are steps of it, by name, and `facts_within` what Orchestrator says of
    their steps. `sources`: what came from where. `others`: the texts of further files, by the names under which
    problems in them are told. `moves`: what is not as the lock of the project says, which knows
    where it goes as `context`. `orchestrator`: the words by which a run remembers it.
    """

    plan: Plan
    inputs: Mapping[str, Json]
    file: Path
    source: str
    problems: tuple[Problem, ...]
    facts: Facts
    workflows: Mapping[str, Plan] = field(default_factory=dict)
    facts_within: Mapping[str, Facts] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    sources: Sources = NOWHERE
    moves: tuple[Move, ...] = ()
    context: str = ""
    orchestrator: Mapping[str, Json] = field(default_factory=dict)

    @property
    def data(self) -> Mapping[str, Json]:
        """The whole plan as JSON, templates and all."""
        from flowrun.planner import show  # noqa: PLC0415 - a run draws no layers, and need not load the graph library

        return show.data(self.plan, self.inputs, self.facts, self._nested, self.sources)

    @property
    def text(self) -> str:
        """The plan layer by layer, with what Orchestrator says about each step."""
        from flowrun.planner import show  # noqa: PLC0415 - as above

        return show.text(self.plan, self.inputs, self.facts, self._nested, self.sources)

    @property
    def _nested(self) -> Mapping[str, tuple[Plan, Facts]]:
        return {name: (plan, self.facts_within.get(name, {})) for name, plan in self.workflows.items()}


async def plan(file: Path, inputs: Inputs, settings: Settings, *, max_parallel: int | None = None) -> Planned:
    """Check everything against Orchestrator; start nothing.

    Raises SpecError with every problem found, UsageError, OrchestratorError.
    """
    made = make(file, inputs, max_parallel)
    settings = settings.within(overlay_of(inputs.environment))
    async with bootstrap.connect(settings, file) as connected:
        return await preflight(made, connected, settings)


@dataclass(frozen=True, slots=True)
class Made:
    """A plan made offline, and the text that it came from."""

    file: Path
    source: str
    loaded: Loaded
    plan: Plan
    inputs: Mapping[str, Json]
    workflows: Mapping[str, Plan] = field(default_factory=dict)
    environment: Environment | None = None
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def others(self) -> Mapping[str, str]:
        """The texts of further files that problems may be about."""
        return {**self.loaded.texts(), **texts_of(Environments(self.environment))}

    @property
    def on_duplicate(self) -> OnDuplicate:
        """What becomes of a run whose key another has."""
        assert self.loaded.workflow is not None  # noqa: S101 - `make` has seen to it
        return OnDuplicate(self.loaded.workflow.on_duplicate)


def make(file: Path, inputs: Inputs, max_parallel: int | None = None) -> Made:
    """The offline half of `plan`. Raises SpecError, UsageError."""
    source, loaded = load(file, needed(file, inputs.environment))
    workflow = loaded.workflow
    assert workflow is not None  # noqa: S101 - `load` raises otherwise
    values = _values(workflow, inputs, file, source)
    made, workflows = _built(loaded, workflow, inputs.environment, max_parallel)
    try:
        made = identified(made, workflow, values)
    except Nameless as error:
        place = loaded.document.position(error.key)
        found = problem("FR276", place, where=dotted(error.key), name=dotted(error.key), found=error.found)
        raise SpecError((found,), file=str(file), text=source) from error
    return Made(file.resolve(), source, loaded, made, values, workflows, inputs.environment, inputs.sources)


def outline(file: Path, environment: Environment | None) -> Made:
    """The same for who only wants to know what it starts: inputs that have no value yet are left open."""
    source, loaded = load(file, needed(file, environment))
    workflow = loaded.workflow
    assert workflow is not None  # noqa: S101 - as above
    around = Environments(environment).model
    defaults = {name: declared.default for name, declared in workflow.inputs.items() if declared.has_default}
    values = {**defaults, **around.inputs}
    made, workflows = _built(loaded, workflow, environment, None)
    return Made(file.resolve(), source, loaded, made, values, workflows, environment)


def _built(
    loaded: Loaded, workflow: Workflow, environment: Environment | None, max_parallel: int | None
) -> tuple[Plan, Mapping[str, Plan]]:
    around = Environments(environment).model
    workflows = {name: resized(plan, around.pools) for name, plan in family(loaded, around.vars).items()}
    made = build(workflow, max_parallel=max_parallel, workflows=workflows, env=around.vars)
    return resized(made, around.pools), workflows


def _values(workflow: Workflow, inputs: Inputs, file: Path, source: str) -> Mapping[str, Json]:
    given = {**inputs.values, **inputs.text}
    values, found = check_inputs(workflow.inputs, given, set(inputs.text))
    if found:
        raise SpecError(tuple(found), file=str(file), text=source)
    return values


async def preflight(made: Made, connected: Connected, settings: Settings) -> Planned:
    """The online half of `plan`. Raises SpecError, UsageError, OrchestratorError."""
    found, facts = await _look(made.loaded, known(made.plan, made.inputs), connected)
    facts_within: dict[str, Facts] = {}
    for name, loaded in made.loaded.within().items():
        more, facts_within[name] = await _look(loaded, known(made.workflows[name], {}), connected)
        found += [*more, *_secrets(loaded, made.workflows[name], settings)]
    found += [*_secrets(made.loaded, made.plan, settings), *_beaten(made, settings)]
    differs = moved(made.file, (facts, *facts_within.values()), settings)
    found += _moved(made, differs, {"": facts, **facts_within})
    problems = in_order((*made.loaded.every_problem(), *found))
    if any(one.severity == "error" for one in found):
        raise SpecError(problems, file=made.loaded.file, text=made.source, others=made.others)
    return Planned(
        made.plan,
        made.inputs,
        made.file,
        made.source,
        problems,
        facts,
        made.workflows,
        facts_within,
        made.others,
        _sources(made, settings),
        differs,
        settings.context.name,
        connected.origin,
    )


def _sources(made: Made, settings: Settings) -> Sources:
    chosen = made.environment
    came = sources(made.file, made.loaded.document, chosen, made.inputs, made.given)
    named = {"name": chosen.name, "file": chosen.file} if chosen else None
    return Sources((*of_orchestrator(settings), *came), named)


def _secrets(loaded: Loaded, plan: Plan, settings: Settings) -> Iterator[Problem]:
    """FR804: every secret that the plan sends has a value. Raises UsageError for a place that cannot be read.

    On Temporal the workers have the values, and who begins a run need not know them.
    """
    if settings.temporal is not None:
        return
    for name, reason in settings.secrets.open(plan.secrets).items():
        path = ("secrets", loaded.document.at(("secrets",)).index(name))
        hint = settings.secrets.where(name)
        place = loaded.document.position(path)
        found = problem("FR804", place, where=dotted(path), hint=hint, name=name, reason=reason)
        yield replace(found, file=loaded.file)


def _beaten(made: Made, settings: Settings) -> Iterator[Problem]:
    """FR288: what the environment says of settings holds."""
    if made.environment is None:
        return
    for lost in settings.beaten:
        path = (lost.name,) if lost.name == "secrets_file" else ("orchestrator", lost.name)
        yield made.environment.problem("FR288", path, name=lost.name, value=lost.value, winner=lost.source)


def _moved(made: Made, differs: Iterable[Move], facts: Mapping[str, Facts]) -> Iterator[Problem]:
    """FR520, FR521: what is not as the lock says, at the first step that starts it."""
    files = {"": made.loaded, **made.loaded.within()}
    for code, move in told(differs):
        where = next(
            (name, step)
            for name, some in facts.items()
            for step, fact in some.items()
            if (fact["folder"], fact["release"]) == (move.entry.folder, move.entry.release)
        )
        loaded = files[where[0]]
        finding = Finding(code, where[1], ("release",), "", severity="warning")
        path = _written(loaded, finding)
        entry, what, place = move.entry, move.what, loaded.document.position(path)
        found = problem(
            code,
            place,
            where=dotted(path),
            release=entry.release,
            folder=entry.folder,
            context=entry.context,
            what=what,
        )
        yield replace(found, file=loaded.file)


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The Releases that a workflow starts, and nothing else of it.

    `open`: the steps whose Release or folder is known only when they run. `lost`: names and keys of Releases that are
    not there, which `problems` are about.
    """

    facts: tuple[Mapping[str, Json], ...]
    open: tuple[str, ...]
    lost: tuple[str, ...]
    problems: tuple[Problem, ...]

    def entries(self, context: str, workflow: str) -> tuple[Entry, ...]:
        """As a lock has them."""
        return entries_of(context, workflow, self.facts)


async def looked_up(made: Made, connected: Connected) -> LookedUp:
    """The Releases of an outline and of the files that are steps of it. Raises OrchestratorError."""
    facts: list[Mapping[str, Json]] = []
    opened: list[str] = []
    lost: list[str] = []
    problems: list[Problem] = []
    for loaded, plan in (
        (made.loaded, known(made.plan, made.inputs)),
        *((loaded, known(made.workflows[name], {})) for name, loaded in made.loaded.within().items()),
    ):
        steps = {step.id: step for step in plan.steps if step.kind == JobStep.kind}
        seen = await look_up(connected.orchestrator, list(steps.values()))
        facts += seen.facts.values()
        named = {finding.step_id for finding in seen.findings}
        opened += [step_id for step_id in steps if step_id not in seen.facts and step_id not in named]
        for step_id in named:
            lost += [str(steps[step_id].arguments.get(key)) for key in ("release", "release_key")]
        problems += dict.fromkeys(_problem(loaded, finding) for finding in seen.findings)
    return LookedUp(tuple(facts), tuple(opened), tuple(lost), in_order(problems))


async def _look(loaded: Loaded, plan: Plan, connected: Connected) -> tuple[list[Problem], Facts]:
    """What Orchestrator says of the steps of one file."""
    found: list[Problem] = []
    facts: dict[str, Mapping[str, Json]] = {}
    for name, kind in connected.kinds.items():
        steps = [step for step in plan.steps if step.kind == name]
        if not steps:
            continue
        seen = await kind.check(steps)
        facts.update(seen.facts)
        found += dict.fromkeys(_problem(loaded, finding) for finding in seen.findings)
    return found, facts


def _problem(loaded: Loaded, finding: Finding) -> Problem:
    path = _written(loaded, finding)
    made = problem(
        finding.code,
        loaded.document.position(path),
        where=dotted(path),
        hint=finding.hint,
        severity=finding.severity,
        message=finding.message,
    )
    return replace(made, file=loaded.file)


def _written(loaded: Loaded, finding: Finding) -> tuple[str | int, ...]:
    """Where it stands in the file: in the step, or in `defaults` where the step says nothing itself."""
    document, path, key = loaded.document, loaded.paths[finding.step_id], finding.path[:1]
    if key and document.at((*path, *key)) is None and document.at(("defaults", *key)) is not None:
        path = ("defaults",)
    return (*path, *finding.path)
