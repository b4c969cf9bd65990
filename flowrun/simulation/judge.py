"""Judge: what must be true of every story, told from the journal and from what the world really did.

It shares nothing with what it judges but the shape of the records. A sentence for each thing that must not be.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from flowrun.core.events import (
    AttemptFinished,
    AttemptScheduled,
    AttemptStarted,
    Event,
    LegFinished,
    RunFinished,
    RunStarted,
    StepBegan,
    StepFinished,
)
from flowrun.core.plan import Json, Plan, Step
from flowrun.core.status import Cancelled, Succeeded, Unknown
from flowrun.simulation.orchestrator import SimJob
from flowrun.simulation.story import Noted, Story

Place: TypeAlias = tuple[str, str, int, int]
"""Run, step, leg, attempt."""

_STAGES = ("steps", "compensate", "finally")


def judge(story: Story) -> list[str]:
    """Every sentence, none where all is as it must be."""
    facts = _Facts(story)
    found = list(story.wrong)
    always = (_once, _on_paper_first, _in_order, _true)
    for rule in always if story.end is None else (*always, _final, _nothing_left):
        found += rule(facts)
    return list(dict.fromkeys(found))


class _Facts:
    """The story, as the rules look at it."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.plans: dict[str, Plan] = {}
        self.keys: dict[tuple[str, str, int], str] = {}
        self.scheduled: dict[Place, Noted] = {}
        self.handles: dict[Place, AttemptStarted] = {}
        self.finished: dict[Place, AttemptFinished] = {}
        self.twice: list[str] = []
        self.blind = story.trouble.weather.blind
        for note in story.notes:
            self._take(note, note.record.event)
        self.jobs: dict[Place, list[SimJob]] = defaultdict(list)
        self.strays: list[SimJob] = []
        places = {(run, step, key): leg for (run, step, leg), key in self.keys.items()}
        for job in story.jobs:
            by = job.attempt
            leg = None if by is None else places.get((by.run_id, by.step_id, by.leg))
            if by is None or leg is None:
                self.strays.append(job)
            else:
                self.jobs[by.run_id, by.step_id, leg, by.number].append(job)

    def _take(self, note: Noted, event: Event) -> None:
        match event:
            case RunStarted():
                self.plans[note.run_id] = event.plan
            case StepBegan():
                self.keys.update({(note.run_id, event.step_id, at): leg.key for at, leg in enumerate(event.legs)})
            case AttemptScheduled():
                self._once_for_all(self.scheduled, note, _place(note, event), note, "scheduled")
            case AttemptStarted():
                self._once_for_all(self.handles, note, _place(note, event), event, "started")
            case AttemptFinished():
                self._once_for_all(self.finished, note, _place(note, event), event, "finished")

    def _once_for_all(self, known: dict, note: Noted, place: Place, what: object, word: str) -> None:  # type: ignore[type-arg]
        if place in known:
            self.twice.append(f"{self.name(place)} is on record as {word} twice, again at {note.record.seq}")
        known[place] = what

    def name(self, place: Place) -> str:
        run, step, leg, attempt = place
        key = self.keys.get((run, step, leg), "")
        within = f"{run}/" if run in self.plans and run != self.story.run_ids[0] else ""
        return f"{within}{step}{f'[{key}]' if key else ''}:{attempt}"

    def doubted(self, place: Place) -> bool:
        """Whether it is said that nobody knows what became of an attempt, or of the one whose run it is part of."""
        over = self.finished.get(place)
        if over is not None and isinstance(over.outcome, Unknown):
            return True
        within = (one for one, started in self.handles.items() if _run_of(started) == place[0])
        return any(self.doubted(one) for one in within)

    def arguments(self, place: Place) -> Mapping[str, Json]:
        noted = self.scheduled.get(place)
        event = None if noted is None else noted.record.event
        return event.arguments if isinstance(event, AttemptScheduled) else {}

    def step(self, place: Place) -> Step:
        return next(step for step in self.plans[place[0]].steps if step.id == place[1])


def _place(note: Noted, event: AttemptScheduled | AttemptStarted | AttemptFinished) -> Place:
    return (note.run_id, event.step_id, event.leg, event.attempt)


def _run_of(started: AttemptStarted) -> str | None:
    """The run that an attempt is, where it is one."""
    return started.handle.get("run") if isinstance(started.handle, Mapping) else None


def _once(facts: _Facts) -> Iterator[str]:
    """At most one start for each attempt, whatever was lost; and each attempt is on record once.

    That is not promised of a server that keeps neither key, for which the first start whose reply is lost is one.
    """
    yield from facts.twice
    for job in facts.strays:
        yield f"Job {job.id} was started for nobody"
    for place, jobs in facts.jobs.items() if not facts.blind else ():
        starts = sorted({job.created for job in jobs})
        if len(starts) > 1:
            ids = ", ".join(str(job.id) for job in jobs)
            yield f"{facts.name(place)} was started {len(starts)} times: Jobs {ids}"


def _on_paper_first(facts: _Facts) -> Iterator[str]:
    """Every start has an intention that was on record before it."""
    for place, jobs in facts.jobs.items():
        noted = facts.scheduled.get(place)
        first = min(job.created for job in jobs)
        if noted is None or noted.at > first:
            yield f"{facts.name(place)} was started before its intention was on record"


def _in_order(facts: _Facts) -> Iterator[str]:
    """No step begins, or is decided, before its needs have a verdict, nor before the stage before its own is over."""
    for run_id, plan in facts.plans.items():
        steps = {step.id: step for step in plan.steps}
        begun: set[str] = set()
        final: set[str] = set()
        for record in facts.story.events(run_id):
            event = record.event
            if not isinstance(event, StepBegan | StepFinished):
                continue
            if event.step_id not in begun and (early := _awaited(steps[event.step_id], plan) - final):
                word = "began" if isinstance(event, StepBegan) else "was decided"
                yield f"{event.step_id} {word} before {', '.join(sorted(early))} was over"
            begun.add(event.step_id)
            if isinstance(event, StepFinished):
                if event.step_id in final:
                    yield f"there are two verdicts on {event.step_id}"
                final.add(event.step_id)


def _awaited(step: Step, plan: Plan) -> set[str]:
    """What must be over before a step: its needs, and all of the stages before its own."""
    stage = _STAGES.index(step.stage)
    return {need.step for need in step.needs} | {one.id for one in plan.steps if _STAGES.index(one.stage) < stage}


def _final(facts: _Facts) -> Iterator[str]:
    """A run ends once, nothing is recorded after its end, and every step and leg has a verdict by then."""
    for run_id, plan in facts.plans.items():
        events = [record.event for record in facts.story.events(run_id)]
        ends = [at for at, event in enumerate(events) if isinstance(event, RunFinished)]
        if run_id == facts.story.run_ids[0] and not ends:
            yield "the run has ended, and its journal does not say so"
        if ends and ends != [len(events) - 1]:
            yield f"something is on record after the end of {run_id}"
        if ends:
            judged = {event.step_id for event in events if isinstance(event, StepFinished)}
            if left := [step.id for step in plan.steps if step.id not in judged]:
                yield f"{run_id} ended without a verdict on {', '.join(left)}"
        legs = Counter((event.step_id, event.leg) for event in events if isinstance(event, LegFinished))
        for (step, leg), count in legs.items():
            if count > 1:
                yield f"there are {count} verdicts on leg {leg} of {step}"


def _true(facts: _Facts) -> Iterator[str]:
    """What is called a success was one, its outputs are those that the Jobs gave; what never began, never did."""
    for place, event in facts.finished.items():
        if facts.step(place).kind != "job":
            continue
        jobs, outcome = facts.jobs.get(place, []), event.outcome
        if isinstance(outcome, Cancelled) and jobs and not facts.blind:
            yield f"{facts.name(place)} is said never to have begun, and made Job {jobs[0].id}"
        if not isinstance(outcome, Succeeded):
            continue
        asked = facts.arguments(place)
        any_will_do = asked.get("jobs_succeed") == "any"
        good = [job for job in jobs if _did_its_work(job, facts, told_at_start="start" in asked)]
        if not good or (len(good) < len(jobs) and not any_will_do):
            ends = ", ".join(f"{job.id} {job.end}" for job in jobs) or "there were none"
            yield f"{facts.name(place)} is called a success, and of its Jobs: {ends}"
        elif len(jobs) == 1:
            yield from _outputs(facts.name(place), jobs[0], outcome.outputs)


def _did_its_work(job: SimJob, facts: _Facts, *, told_at_start: bool) -> bool:
    """A Job that was asked to end may say Successful too: it may not have done all."""
    return job.end == "Successful" and job.ends <= facts.story.watched and (job.asked is None or told_at_start)


def _outputs(name: str, job: SimJob, recorded: Mapping[str, object]) -> Iterator[str]:
    given = json.loads(job.outputs or "{}")
    for key, value in given.items():
        if value is not None and key in recorded and recorded[key] not in (value, [value]):
            yield f"output {key} of {name} is recorded as {recorded[key]!r}, and the Job gave {value!r}"
    if lost := sorted(given.keys() - recorded.keys()):
        yield f"outputs of {name} are not recorded: {', '.join(lost)}"


def _nothing_left(facts: _Facts) -> Iterator[str]:
    """When the run has ended nothing of it lives, nor comes to life later, but what it says that it does not know."""
    end = facts.story.end
    assert end is not None  # noqa: S101 - the caller has looked
    took = facts.story.took
    for place, jobs in facts.jobs.items():
        doubted = facts.doubted(place)
        for job in jobs:
            if (job.ends > took or job.created > took) and not doubted and not facts.blind:
                word = "came to life after" if job.created > took else "lives on after"
                yield f"Job {job.id} of {facts.name(place)} {word} the end, and nobody says so"
    doubts = {place[1] for place, event in facts.finished.items() if isinstance(event.outcome, Unknown)}
    own = {
        place[1]
        for place, event in facts.finished.items()
        if isinstance(event.outcome, Unknown) and place[0] == facts.story.run_ids[0]
    }
    if own and not end.doubts:
        yield f"nobody knows what became of {', '.join(sorted(own))}, and the run does not say so"
    if end.doubts and not doubts:
        yield f"the run says that {', '.join(end.doubts)} may run, and everything is known"
