"""Facts: a story, as those look at it who judge. It shares nothing with what is judged but the shape of the records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeAlias

from flowrun.core.events import AttemptFinished, AttemptScheduled, AttemptStarted, Event, RunStarted, StepBegan
from flowrun.core.plan import Json, Plan, Step
from flowrun.core.status import Unknown
from flowrun.simulation.orchestrator import SimJob
from flowrun.simulation.story import Noted, Story

Place: TypeAlias = tuple[str, str, int, int]
"""Run, step, leg, attempt."""


class Facts:
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
        self.clock_set = any(strike.fault == "clock" for strike in story.strikes)
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
        """For people: `post[EU]:2`, with the run in front where it is a step of another."""
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

    def known(self, place: Place) -> set[int]:
        """The Jobs that are on record as those of an attempt."""
        started = self.handles.get(place)
        handle = None if started is None else started.handle
        return {job["id"] for job in handle["jobs"]} if isinstance(handle, Mapping) and "jobs" in handle else set()

    def arguments(self, place: Place) -> Mapping[str, Json]:
        """Those of an attempt, as they are on record."""
        noted = self.scheduled.get(place)
        event = None if noted is None else noted.record.event
        return event.arguments if isinstance(event, AttemptScheduled) else {}

    def step(self, place: Place) -> Step:
        """Of the plan."""
        return next(step for step in self.plans[place[0]].steps if step.id == place[1])


def _place(note: Noted, event: AttemptScheduled | AttemptStarted | AttemptFinished) -> Place:
    return (note.run_id, event.step_id, event.leg, event.attempt)


def _run_of(started: AttemptStarted) -> str | None:
    """The run that an attempt is, where it is one."""
    return started.handle.get("run") if isinstance(started.handle, Mapping) else None
