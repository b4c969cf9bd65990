"""What can be asked of the journal alone: runs that are over, or that another process drives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from flowrun import bootstrap
from flowrun.api.beside import Beside
from flowrun.api.roots import placed
from flowrun.core.events import RunReplanned, RunStarted
from flowrun.core.evolve import begin, evolve
from flowrun.core.status import RunStatus
from flowrun.errors import JournalError, UsageError
from flowrun.nearest import guess
from flowrun.report import formats as report_formats
from flowrun.report.fold import Fold, fold
from flowrun.report.model import Report
from flowrun.report.sensitive import Sensitive

if TYPE_CHECKING:
    from flowrun.core.events import Event
    from flowrun.core.plan import Json
    from flowrun.core.state import RunState
    from flowrun.journal.protocol import Records, RunRow
    from flowrun.settings import Settings


HISTORY = 20
"""Of how many runs it is known how long a workflow usually takes."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A run's row; `interrupted`: it has not ended, and no living process drives it."""

    row: RunRow
    interrupted: bool = False


def runs(settings: Settings, limit: int = 50, *, children: bool = False) -> Sequence[Listed]:
    """The latest runs first; with `children` also those that are steps of others. Raises JournalError."""
    with closing(bootstrap.journal(settings)) as journal:
        return [_listed(journal, row) for row in journal.runs(limit, children=children)]


def _listed(journal: Records, row: RunRow) -> Listed:
    if RunStatus(row.status).final or journal.owned(row.run_id):
        return Listed(row)
    row = journal.run(row.run_id)  # its owner may have come to the end between the two questions
    return Listed(row) if RunStatus(row.status).final else Listed(replace(row, owner=""), interrupted=True)


def report(run_id: str | None, settings: Settings) -> Report:
    """A run, the latest where no id is given, as the journal has it now. Raises UsageError, JournalError."""
    with closing(bootstrap.journal(settings)) as journal:
        run_id = resolve(journal, run_id)
        owned = journal.owned(run_id)  # asked first: an owner that ends meanwhile leaves a final run
        beside, total = Beside(journal, run_id, patience=0), Fold()
        for record in journal.read(run_id):
            total.add(record.event)
            beside.heard(record.event)
        found = total.report()
        for _ in beside.look(found, found.at):
            pass
        found = beside.seen(found)
        return found if owned or found.final else interrupted(journal, found)


def events(
    run_id: str | None, settings: Settings, after: int = 0, *, reveal: bool = False
) -> Iterator[Mapping[str, Json]]:
    """The journal's rows as JSON: seq, epoch, at, type, v, data. Raises UsageError, JournalError.

    What is sensitive is hidden, unless it is to be revealed.
    """
    from flowrun.journal import codec  # noqa: PLC0415 - only this use case shows rows as they are

    with closing(bootstrap.journal(settings)) as journal:
        run_id = resolve(journal, run_id)
        sensitive = Sensitive()
        for record in journal.read(run_id, after if reveal else 0):
            shown = record if reveal else replace(record, event=sensitive.seen(record.event))
            if record.seq > after:
                yield codec.dump(shown)


def outputs(run_id: str | None, settings: Settings, *, reveal: bool = False) -> Mapping[str, Json]:
    """The outputs of a run and of its steps. Raises UsageError, JournalError.

    Sensitive ones are hidden, unless they are to be revealed.
    """
    with closing(bootstrap.journal(settings)) as journal:
        read = journal.read(resolve(journal, run_id))
        done = fold((record.event for record in read), reveal=reveal)
    steps = {step.id: [leg.outputs for leg in step.legs] if step.fan_out else step.leg.outputs for step in done.steps}
    return {"outputs": done.outputs, "steps": steps}


@dataclass(frozen=True, slots=True)
class Told:
    """Why a step is what it is: as JSON, as text, and the ids of the chain from it to the root."""

    data: Json
    text: str
    names: tuple[str, ...]


def why(run_id: str | None, step_id: str, settings: Settings) -> Told:
    """The recorded chain of causes behind a step; `post[EU]` means `post`. Raises UsageError, JournalError."""
    from flowrun.report import story, telling  # noqa: PLC0415 - only this use case tells of one step

    with closing(bootstrap.journal(settings)) as journal:
        events = [record.event for record in journal.read(resolve(journal, run_id))]
    name = step_id.partition("[")[0]
    ids = [step.id for step in standing(events).plan.steps]
    if name not in ids:
        raise UsageError(f"the run has no step {name!r}", hint=guess(name, ids, ", ".join(ids[:10])))
    told = story.story(events, name)
    return Told(telling.data(told), telling.text(told), tuple(link.why.step for link in told.links))


def formats() -> tuple[str, ...]:
    """The forms that a report can be written in."""
    return tuple(report_formats.FORMATS)


def write(done: Report, form: str) -> str:
    """The report in one of `formats`. Raises UsageError for another."""
    if form not in report_formats.FORMATS:
        raise UsageError(f"there is no report format {form!r}", hint=", ".join(formats()))
    return report_formats.FORMATS[form](placed(done))


def resolve(journal: Records, run_id: str | None) -> str:
    """The id of a run: the one given, or the only one that begins or ends so, or the latest. Raises UsageError.

    One that is a step of another is meant only where its own id says so.
    """
    if run_id == "":  # a variable of a script that is not set must not mean the latest
        raise UsageError("the id of the run is empty", hint="leave it out to mean the latest run")
    if run_id is None:
        rows = journal.runs(1)
        if not rows:
            raise UsageError("there are no runs here yet", hint="flowrun run SPEC")
        return rows[0].run_id
    with suppress(JournalError):  # no id of a run, or none that is
        return journal.run(run_id).run_id
    near = [row.run_id for row in journal.runs(1000) if _fits(row.run_id, run_id)]
    if len(near) == 1:
        return near[0]
    every = [row.run_id for row in journal.runs(1000, children=True)]
    if not every:
        raise UsageError("there are no runs here yet", hint="flowrun run SPEC")
    near = near or [name for name in every if _fits(name, run_id)]
    if len(near) == 1:
        return near[0]
    hint = "flowrun runs list" if not near else f"it could be {', '.join(near[:5])}"
    raise UsageError(f"there is no one run {run_id!r}", hint=hint)


def _fits(name: str, given: str) -> bool:
    """Whether a run's id begins or ends as somebody typed it."""
    return name.startswith(given) or name.endswith(given)


def usual(journal: Records, run_id: str) -> float | None:
    """How many seconds the latest runs of this run's workflow took that succeeded: their median. None without any."""
    rows = journal.succeeded(journal.run(run_id).workflow, HISTORY)
    took = [row.finished_at - row.started_at for row in rows if row.finished_at is not None and row.run_id != run_id]
    return median(took) if took else None


def interrupted(journal: Records, found: Report) -> Report:
    """The report of a run that nothing drives any more."""
    return replace(found, interrupted=True, stranded=journal.stranded(found.run_id))


def so_far(journal: Records, run_id: str) -> Report:
    """All that the journal knows of a run now."""
    return fold(record.event for record in journal.read(run_id))


def beginning(journal: Records, run_id: str) -> RunStarted:
    """The first record of a run: its plan, its inputs and where it came from, as they were then."""
    return standing([next(journal.read(run_id)).event])


def standing(events: Iterable[Event]) -> RunStarted:
    """How a run began, with the plan, the inputs and the origin that it goes on with now."""
    first, *rest = events
    assert isinstance(first, RunStarted)  # noqa: S101 - the journal begins each run with one
    last = next((event for event in reversed(rest) if isinstance(event, RunReplanned)), None)
    if last is None:
        return first
    return replace(first, plan=last.plan, inputs=last.inputs, origin=last.origin, workflows=last.workflows)


def state_of(events: Iterable[Event]) -> RunState:
    """The state after these events, the first of which is RunStarted."""
    rest = iter(events)
    first = next(rest)
    assert isinstance(first, RunStarted)  # noqa: S101 - as above
    state = begin(first)
    for event in rest:
        state = evolve(state, event)
    return state
