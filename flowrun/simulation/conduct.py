"""Conduct: what must be true of how a run behaves towards others: the server, its Jobs, and the runs beside it.

As in `judge`, a sentence for each thing that must not be, and nothing shared with what is judged. Where the clock was
set, waits are not judged that are told by it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator

from flowrun.core.events import AbortRequested, AttemptStopping, RunAdmitted, RunFinished
from flowrun.core.status import AbortLevel
from flowrun.orchestrator.wire import StopStrategy
from flowrun.simulation.facts import Facts, Place
from flowrun.simulation.orchestrator import Call

LISTS_A_MINUTE = 20
"""List calls that a process allows itself of a tenant's hundred."""
_MINUTE = 59.5
_A_MOMENT = 1e-6
_LISTS = ("list", "find")


def patience(facts: Facts) -> Iterator[str]:
    """Whoever is told to wait waits: no start, and no list, before a Retry-After is over."""
    if facts.clock_set:
        return
    calls = defaultdict(list)
    for call in facts.story.calls:
        calls[call.process].append(call)
    for process, made in calls.items():
        for at, call in enumerate(made):
            if call.verb == "throttled" and call.wait:
                verbs = ("start",) if call.key == "start" else _LISTS if call.key in _LISTS else ()
                for later in made[at + 1 :]:
                    if later.at >= call.at + call.wait - _A_MOMENT:
                        break
                    if later.verb in verbs and later.at > call.at:
                        waited = later.at - call.at
                        yield f"process {process} was told to wait for {call.wait:.0f} s, and waited {waited:.1f} s"
                        break


def budget(facts: Facts) -> Iterator[str]:
    """No more list calls in a minute than a process allows itself."""
    if facts.clock_set:
        return
    times = defaultdict(list)
    for call in facts.story.calls:
        if call.verb in _LISTS:
            times[call.process].append(call.at)
    for process, made in times.items():
        most = max(bisect_left(made, time + _MINUTE) - at for at, time in enumerate(made))
        if most > LISTS_A_MINUTE:
            yield f"process {process} made {most} list calls in a minute"


def gentleness(facts: Facts) -> Iterator[str]:
    """Kill comes after SoftStop and its time, or where somebody has asked for it; and never without being on record."""
    kills = [call for call in facts.story.calls if call.verb == "stop" and call.strategy == StopStrategy.KILL]
    places = {job.id: place for place, jobs in facts.jobs.items() for job in jobs}
    for call in kills:
        for number in call.ids:
            place = places.get(number)
            if place is not None and number in facts.known(place):
                yield from _killed(facts, place, call)


def _killed(facts: Facts, place: Place, call: Call) -> Iterator[str]:
    stops: list[tuple[float, bool]] = []
    for note in facts.story.notes:
        event = note.record.event
        if isinstance(event, AttemptStopping) and (note.run_id, event.step_id, event.leg, event.attempt) == place:
            stops += [(note.at, event.force)] if note.at <= call.at else []
    forced = [at for at, force in stops if force]
    gentle = [at for at, force in stops if not force]
    name = facts.name(place)
    if not forced:
        yield f"{name} was killed before that was on record"
    elif not _asked_for(facts, place[0], forced[0]):
        limit = facts.step(place).stop_timeout
        if not gentle:
            yield f"{name} was killed without being asked to end"
        elif not facts.clock_set and forced[0] - gentle[0] < limit - _A_MOMENT:
            yield f"{name} has {limit:.0f} s to end, and was killed after {forced[0] - gentle[0]:.1f} s"


def _asked_for(facts: Facts, run_id: str, by: float) -> bool:
    """Whether somebody wanted the run, or one that it is a step of, to be killed."""
    return any(
        isinstance(note.record.event, AbortRequested)
        and note.record.event.level is AbortLevel.KILL
        and note.at <= by
        and f"{run_id}.".startswith(f"{note.run_id}.")
        for note in facts.story.notes
    )


def slots(facts: Facts) -> Iterator[str]:
    """Of a pool no more is taken by what lives, in all runs together, than there is."""
    pools = {pool: count for plan in facts.plans.values() for pool, count in plan.pools.items()}
    changes: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for place, jobs in facts.jobs.items():
        if not pools or facts.doubted(place) or facts.blind:
            continue
        begins, ends = min(job.created for job in jobs), max(job.ends for job in jobs)
        for pool, count in facts.step(place).pools.items():
            changes[pool] += [(begins, count), (ends, -count)]
    for pool, moments in changes.items():
        taken = 0
        for at, change in sorted(moments):
            taken += change
            if taken > pools[pool]:
                yield f"{taken} slots of {pool} are taken at {at:.0f} s, and there are {pools[pool]}"
                break


def turns(facts: Facts) -> Iterator[str]:
    """Of runs of one concurrency group one goes at a time."""
    spans: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for run_id, plan in facts.plans.items():
        if plan.concurrency is None or "." in run_id:
            continue
        notes = [note for note in facts.story.notes if note.run_id == run_id]
        begins = next((note.at for note in notes if isinstance(note.record.event, RunAdmitted)), None)
        ends = next((note.at for note in notes if isinstance(note.record.event, RunFinished)), facts.story.watched)
        if begins is not None:
            spans[plan.concurrency.group].append((begins, ends, run_id))
    for group, members in spans.items():
        members.sort()
        ends_at = [ends for _, ends, _ in members]
        for at, (begins, _, run_id) in enumerate(members[1:], 1):
            if bisect_right(sorted(ends_at[:at]), begins) < at:
                yield f"{run_id} began before its turn in group {group}"


RULES = (patience, budget, gentleness, slots, turns)
