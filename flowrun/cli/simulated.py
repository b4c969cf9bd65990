"""What simulations came to, as people and machines read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from flowrun.cli.columns import aligned

if TYPE_CHECKING:
    from flowrun import api

_RESULTS = {
    "succeeded": ("succeeded", "exit 0"),
    "failed": ("failed", "exit 1"),
    "ended": ("ended by somebody", "exit 8, or 4 by a deadline"),
    "in_doubt": ("ended in doubt", "exit 9: something may still run"),
    "hung": ("waited for ever", "no end"),
    "broken": ("broke a promise of flowrun", "a bug of flowrun's"),
}
_MOST = 12
"""Rows of a table for people; machines get all."""


def counts(tally: api.Tally) -> Iterator[tuple[str, int]]:
    """How many runs ended how, without those that there are none of."""
    for name, (words, _) in _RESULTS.items():
        number = sum(one.result.value == name for one in tally.endings)
        if number:
            yield words, number


def lines(done: api.Simulated, file: str) -> Iterator[str]:
    """The whole report."""
    tally = done.tally
    number = len(tally.endings)
    yield f"{done.workflow}: {number} simulated run{'' if number == 1 else 's'}, {tally.hours:,.0f} h of virtual time"
    yield from _sources(done)
    yield from _fair(done)
    yield ""
    rows = [
        (str(sum(one.result.value == name for one in tally.endings)), words, code)
        for name, (words, code) in _RESULTS.items()
        if any(one.result.value == name for one in tally.endings)
    ]
    yield from (f"  {line}" for line in aligned(rows))
    if tally.worst_seed is not None:
        yield f"  they took {done.median} in the middle, {done.worst} at most (seed {tally.worst_seed})"
    yield from _table(
        "failed at", [(one.step or "the run", one.error, f"{one.runs}", _seeds(one.seeds)) for one in tally.failures]
    )
    yield from _table("faults that struck", [(one.fault, f"{one.runs} runs", _became(one)) for one in tally.struck])
    yield from _table("weak spots", [(weak_spot(one, number),) for one in tally.weak])
    if tally.broken:
        yield ""
        yield "flowrun broke a promise. Please report it, with the tape:"
        for one in tally.broken:
            yield from (f"  seed {one.seed}: {sentence}" for sentence in one.wrong)
        faults = "" if done.all_faults else f" --faults {','.join(tally.families)}"
        yield f"  flowrun sim {file}{faults} --seed {tally.broken[0].seed} --tape tape.jsonl"
        yield from _smallest(done)


def _smallest(done: api.Simulated) -> Iterator[str]:
    """What is left of a story when nothing more of it can be left out."""
    if done.smallest is not None:
        plot = done.smallest.plot
        yield ""
        yield f"the smallest story that breaks it has {plot.size} of {plot.of} faults:"
        yield from (f"  {words}" for words in done.smallest.words)


def _sources(done: api.Simulated) -> Iterator[str]:
    for workflow, where in done.sources.items():
        of = "" if len(done.sources) == 1 else f" of {workflow}"
        if where:
            yield f"its Jobs{of} go as in {where}"
        else:
            yield f"how its Jobs{of} go is made up from the outputs that are declared; a *.test.yaml beside it can say"


def _fair(done: api.Simulated) -> Iterator[str]:
    fair = done.tally.fair
    if fair.result.value == "succeeded":
        yield f"without any fault: succeeded in {done.fair}"
        return
    where = f" at {fair.step}" if fair.step else ""
    yield f"without any fault: {_RESULTS[fair.result.value][0]}{where} ({fair.error}: {fair.message})"
    yield "  so no fault is needed for it to fail; say in a *.test.yaml what its Jobs give"


def _became(one: api.Struck) -> str:
    names = {name: words for name, (words, _) in _RESULTS.items()}
    return ", ".join(f"{one.results[name]} {words}" for name, words in names.items() if one.results[name])


def _table(title: str, rows: list[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield title
    yield from (f"  {line}" for line in aligned(rows[:_MOST]))
    if len(rows) > _MOST:
        yield f"  and {len(rows) - _MOST} more: -o json"


def _seeds(seeds: Sequence[int]) -> str:
    return f"seed{'' if len(seeds) == 1 else 's'} {', '.join(map(str, seeds))}"


def weak_spot(weak: api.Weak, total: int) -> str:
    """A weak spot as a sentence."""
    runs = f"{weak.runs} of {total} runs"
    match weak.kind.value, weak.detail:
        case "hangs", "answer":
            said = f"{weak.step} has no `timeout`: in {runs} nobody answered, and it waited for ever"
        case "hangs", "pending":
            said = f"{weak.step} has no `pending_timeout`: in {runs} a Job of it got no robot, and it waited for ever"
        case "hangs", _:
            said = f"{weak.step} has no `timeout`: in {runs} a Job of it never ended, and it waited for ever"
        case "retry", error:
            often = "" if weak.tried == weak.runs else " that were tried again"
            rule = f"`retry: [{{errors: [{error}], max: 2}}]`"
            helps = f"{rule} saves {weak.saved} of {weak.tried}{often}, if it may be repeated"
            said = f"{weak.step} fails with {error} in {runs}: {helps}"
        case "again", how:
            said = f"{weak.step} may do its work twice: in {runs} it was tried again after a Job that had begun ({how})"
        case "twice", _:
            said = f"{weak.step} was started twice in {runs}, at a server that keeps neither key of a start"
        case _:
            said = f"nobody knows in {runs} what became of {weak.step}: the run is held, and somebody must look"
    return f"{said} ({_seeds(weak.seeds)})"


def row(one: api.Ending) -> dict[str, Any]:
    """A seed as JSON."""
    return {
        "seed": one.seed,
        "result": one.result.value,
        "code": one.code,
        "seconds": round(one.took, 1),
        "step": one.step,
        "error": one.error,
        "message": one.message,
        "faults": list(one.faults),
        "hangs": [{"run": hang.run_id, "step": hang.step, "leg": hang.name, "why": hang.why} for hang in one.hangs],
        "wrong": list(one.wrong),
    }


def data(done: api.Simulated) -> dict[str, Any]:
    """The whole report as JSON."""
    tally = done.tally
    total = len(tally.endings)
    results = {name: sum(one.result.value == name for one in tally.endings) for name in _RESULTS}
    return {
        "workflow": done.workflow,
        "file": str(done.file),
        "jobs_from": dict(done.sources),
        "faults": list(tally.families),
        "runs": total,
        "results": results,
        "without_faults": row(tally.fair),
        "median_seconds": round(tally.median, 1),
        "worst_seconds": round(tally.worst, 1),
        "worst_seed": tally.worst_seed,
        "virtual_hours": round(tally.hours, 2),
        "seconds": round(done.seconds, 3),
        "failures": [
            {"step": one.step, "error": one.error, "runs": one.runs, "seeds": list(one.seeds)} for one in tally.failures
        ],
        "struck": [{"fault": one.fault, "runs": one.runs, "results": dict(one.results)} for one in tally.struck],
        "weak_spots": [
            {
                "kind": one.kind.value,
                "step": one.step,
                "detail": one.detail,
                "runs": one.runs,
                "seeds": list(one.seeds),
                "tried": one.tried,
                "saved": one.saved,
                "text": weak_spot(one, total),
            }
            for one in tally.weak
        ],
        "broken": [row(one) for one in tally.broken],
        "smallest": None if done.smallest is None else list(done.smallest.words),
    }
