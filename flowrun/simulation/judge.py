"""Judge: what must be true of every story, told from the journal and from what the world really did.

It shares nothing with what it judges but the shape of the records. A sentence for each thing that must not be.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flowrun.core.events import (
    LegFinished,
    RunFinished,
    StepBegan,
    StepFinished,
)
from flowrun.core.plan import Plan, Step
from flowrun.core.status import Cancelled, Succeeded, Unknown
from flowrun.simulation import conduct
from flowrun.simulation.facts import Facts
from flowrun.simulation.orchestrator import SimJob
from flowrun.simulation.story import Story

_NUMBER = re.compile(r"\d+")
_STAGES = ("steps", "compensate", "finally")


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that was broken: the rule, and the sentence that says how."""

    rule: str
    sentence: str


def judge(story: Story) -> list[str]:
    """Every sentence, none where all is as it must be."""
    return [breach.sentence for breach in breaches(story)]


def breaches(story: Story) -> list[Breach]:
    """The same, each with its rule: two stories that break the same rules are wrong in the same way."""
    facts = Facts(story)
    found = [Breach(_NUMBER.sub("", sentence.partition(":")[0]), sentence) for sentence in story.wrong]
    for rule in (_once, _on_paper_first, _in_order, _true, _final, _nothing_left, *conduct.RULES):
        found += [Breach(rule.__name__.strip("_"), sentence) for sentence in rule(facts)]
    return list(dict.fromkeys(found))


def _once(facts: Facts) -> Iterator[str]:
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


def _on_paper_first(facts: Facts) -> Iterator[str]:
    """Every start has an intention that was on record before it."""
    for place, jobs in facts.jobs.items():
        noted = facts.scheduled.get(place)
        first = min(job.created for job in jobs)
        if noted is None or noted.at > first:
            yield f"{facts.name(place)} was started before its intention was on record"


def _in_order(facts: Facts) -> Iterator[str]:
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


def _final(facts: Facts) -> Iterator[str]:
    """A run ends once, nothing is recorded after its end, and every step and leg has a verdict by then."""
    for run_id, plan in facts.plans.items():
        events = [record.event for record in facts.story.events(run_id)]
        ends = [at for at, event in enumerate(events) if isinstance(event, RunFinished)]
        if run_id in facts.story.ends and not ends:
            yield f"{run_id} has ended, and its journal does not say so"
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


def _true(facts: Facts) -> Iterator[str]:
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


def _did_its_work(job: SimJob, facts: Facts, *, told_at_start: bool) -> bool:
    """A Job that was asked to end may say Successful too: it may not have done all."""
    return job.end == "Successful" and job.ends <= facts.story.watched and (job.asked is None or told_at_start)


def _outputs(name: str, job: SimJob, recorded: Mapping[str, object]) -> Iterator[str]:
    given = json.loads(job.outputs or "{}")
    for key, value in given.items():
        if value is not None and key in recorded and recorded[key] not in (value, [value]):
            yield f"output {key} of {name} is recorded as {recorded[key]!r}, and the Job gave {value!r}"
    if lost := sorted(given.keys() - recorded.keys()):
        yield f"outputs of {name} are not recorded: {', '.join(lost)}"


def _nothing_left(facts: Facts) -> Iterator[str]:
    """When the run has ended nothing of it lives, nor comes to life later, but what it says that it does not know."""
    for place, jobs in facts.jobs.items():
        root = place[0].partition(".")[0]
        if root not in facts.story.ends or facts.doubted(place) or facts.blind:
            continue
        over = facts.story.ends[root][1]
        for job in jobs:
            if job.ends > over or job.created > over:
                word = "came to life after" if job.created > over else "lives on after"
                yield f"Job {job.id} of {facts.name(place)} {word} the end, and nobody says so"
    unknown = [place for place, event in facts.finished.items() if isinstance(event.outcome, Unknown)]
    for run_id, (end, _) in facts.story.ends.items():
        doubts = {place[1] for place in unknown if place[0].partition(".")[0] == run_id}
        own = {place[1] for place in unknown if place[0] == run_id}
        if own and not end.doubts:
            yield f"nobody knows what became of {', '.join(sorted(own))}, and the run does not say so"
        if end.doubts and not doubts:
            yield f"the run says that {', '.join(end.doubts)} may run, and everything is known"


_NUMBER = re.compile(r"\d+")
