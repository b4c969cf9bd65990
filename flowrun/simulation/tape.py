"""Tape: one story as lines of JSON, with all that it takes to tell it again and to see whether it is still the same."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowrun.core.events import RunStarted
from flowrun.core.plan import Json
from flowrun.core.protocol import Evaluator
from flowrun.errors import JournalError, UsageError
from flowrun.journal.codec import dump, load
from flowrun.journal.parcels import unwrap, wrap
from flowrun.journal.protocol import Record
from flowrun.journal.shapes import shape
from flowrun.simulation.case import Case
from flowrun.simulation.courses import Script
from flowrun.simulation.ending import Ending, ending
from flowrun.simulation.faults import FAULTS
from flowrun.simulation.shrink import Plot, told_by
from flowrun.simulation.story import RUN, Story
from flowrun.simulation.tally import story_of, trouble_of
from flowrun.version import VERSION

TAPE = "flowrun.tape"
VERSION_OF_TAPES = 1

_SCRIPTS = shape(Mapping[str, Script])
_PLOT = shape(Plot)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A story told again. `differs`: the number of the first line of the tape that came otherwise, from 1."""

    ending: Ending
    lines: tuple[str, ...]
    differs: int | None
    made_by: str


def record(story: Story, families: Collection[str], plot: Plot | None = None) -> list[str]:
    """The lines: a head, then faults, Jobs and records in the order in which they came, then how it ended.

    `plot`: what alone befalls the story, where that was made smaller.
    """
    case = story.case
    started = RunStarted(0.0, RUN, case.plan, case.inputs, None, case.workflows)
    head = {
        "type": TAPE,
        "v": VERSION_OF_TAPES,
        "flowrun": VERSION,
        "seed": story.seed,
        "faults": [name for name in FAULTS if name in families],
        "span": case.span,
        **({} if plot is None else {"plot": wrap(_PLOT.encode(plot) if _PLOT.encode else plot)}),
        "started": dump(Record(1, 1, started)),
        "scripts": wrap(_SCRIPTS.encode(case.scripts) if _SCRIPTS.encode else case.scripts),
    }
    rows = sorted(_rows(story), key=lambda row: float(row["at"]))
    end = ending(story)
    last = {"at": story.took, "type": "end", "result": end.result.value, "code": end.code, "wrong": list(end.wrong)}
    return [json.dumps(row, separators=(",", ":")) for row in (head, *rows, last)]


def _rows(story: Story) -> Iterator[dict[str, Json]]:
    for strike in story.strikes:
        yield {"at": strike.at, "type": "fault", "fault": strike.fault, "whom": strike.whom}
    for job in story.jobs:
        by = job.attempt
        whom = None if by is None else [by.run_id, by.step_id, by.leg, by.number]
        end = {"ends": wrap(job.ends), "state": job.end}
        yield {"at": job.created, "type": "job", "job": job.id, "for": whom, "begins": wrap(job.begins), **end}
    for note in story.notes:
        yield {"at": note.at, "type": "record", "run": note.run_id, "record": dump(note.record)}


def replay(lines: Sequence[str], evaluator: Evaluator) -> Replayed:
    """Tell the story of a tape again. Raises UsageError for what is none."""
    case, seed, families, made_by, plot = _head(lines)
    if plot is None:
        story = story_of(seed, case, families, evaluator)
    else:
        story = told_by(seed, case, trouble_of(seed, case, families), plot, evaluator)
    again = record(story, families, plot)
    pairs = enumerate(zip(lines[1:], again[1:], strict=False), 2)
    differs = next((number for number, (one, other) in pairs if one.strip() != other), None)
    if differs is None and len(lines) != len(again):
        differs = min(len(lines), len(again)) + 1
    return Replayed(ending(story), tuple(again), differs, made_by)


def _head(lines: Sequence[str]) -> tuple[Case, int, tuple[str, ...], str, Plot | None]:
    try:
        head = json.loads(lines[0])
        if head["type"] != TAPE or head["v"] != VERSION_OF_TAPES:
            raise UsageError(
                "this is no tape that this flowrun can replay", hint="flowrun sim SPEC --seed K --tape FILE"
            )
        started = load(head["started"]).event
        scripts = unwrap(head["scripts"])
        scripts = _SCRIPTS.decode(scripts) if _SCRIPTS.decode else scripts
        if not isinstance(started, RunStarted) or not set(head["faults"]) <= set(FAULTS):
            raise UsageError("the tape names what this flowrun does not know", hint=f"it was made by {head['flowrun']}")
        case = Case(started.plan, started.inputs, scripts, started.workflows, float(head["span"]))
        plot = unwrap(head["plot"]) if "plot" in head else None
        if plot is not None and _PLOT.decode:
            plot = _PLOT.decode(plot)
        return case, int(head["seed"]), tuple(head["faults"]), str(head["flowrun"]), plot
    except (ValueError, KeyError, IndexError, TypeError, JournalError) as error:
        raise UsageError(f"this is no tape: {error}", hint="flowrun sim SPEC --seed K --tape FILE") from error
