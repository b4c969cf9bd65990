"""Silence: whether a run in which nothing happens has a reason to wait, hangs for ever, or has been forgotten by us."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flowrun.core.events import AbortRequested
from flowrun.core.protocol import Evaluator
from flowrun.core.run import Run
from flowrun.core.state import LegState, leg_name
from flowrun.core.status import AbortLevel, LegStatus, RunStatus
from flowrun.simulation.orchestrator import SimJob
from flowrun.simulation.outside import Outside
from flowrun.simulation.paper import Disk
from flowrun.simulation.people import People
from flowrun.simulation.virtual import VirtualClock

GRACE = 2.0 * 3600.0
"""Seconds within which flowrun must have noticed what is so. Longer than all that its protocols wait for together."""
SOONEST, RAREST = 600.0, 6 * 3600.0
"""Seconds between two looks: more and more while a reason holds."""
MOST_LOOKS = 3000

FINISHED_BY = "the simulation"


@dataclass(frozen=True, slots=True)
class Hang:
    """What a run waits for in vain: a `job` that never ends, one that is `pending` for ever, or an `answer`.

    `at`: when that was found, in seconds of the loop. `run_id`: the run that waits, which may be a step of another.
    """

    step: str
    name: str
    why: str
    at: float
    run_id: str


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look came to: reasons to wait, what is waited for in vain, and what is wrong."""

    reasons: int = 0
    hangs: tuple[Hang, ...] = ()
    wrong: tuple[str, ...] = ()


class Silence:
    """Looks at a run from time to time; ends one that hangs, so that its story has an end.

    `driven_since`: since when the present process drives it, in seconds of the loop; None while nobody does.
    """

    def __init__(
        self,
        disk: Disk,
        world: Outside,
        people: People,
        clock: VirtualClock,
        evaluator: Evaluator,
        driven_since: Callable[[], float | None],
    ) -> None:
        self.hangs: list[Hang] = []
        self.wrong: list[str] = []
        self._disk = disk
        self._world = world
        self._people = people
        self._clock = clock
        self._evaluator = evaluator
        self._driven_since = driven_since
        self._idle_since = 0.0
        self._ended = False

    async def look(self, run_ids: Sequence[str]) -> None:
        """Until the runs end. Once something is wrong, they are ended at once."""
        wait, seen = SOONEST, 0
        for _ in range(MOST_LOOKS):
            await asyncio.sleep(wait)
            now = asyncio.get_running_loop().time()
            wait = min(wait * 1.5, RAREST)
            since = self._driven_since()
            if since is None or not self._known(run_ids[0]):
                continue
            self._idle_since = max(self._idle_since, since)
            count = sum(1 for row in self._disk.runs(10_000, children=True) for _ in self._disk.read(row.run_id))
            if count != seen:
                seen, wait, self._idle_since = count, SOONEST, now
                continue
            if self._judged(run_ids, now):
                return
        self.wrong.append(f"still going after {MOST_LOOKS} looks")
        self._end(run_ids, AbortLevel.KILL)

    def _known(self, run_id: str) -> bool:
        return any(row.run_id == run_id for row in self._disk.runs())

    def _judged(self, run_ids: Sequence[str], now: float) -> bool:
        """Whether that is enough of it."""
        look = self._look(now)
        if look.wrong:
            self.wrong += look.wrong
            self._end(run_ids, AbortLevel.KILL)
            return True
        if look.reasons:
            return False
        if look.hangs:
            self.hangs += look.hangs
            self._end(run_ids, AbortLevel.KILL if self._ended else AbortLevel.STOP)
            self._ended = True
        elif now - self._idle_since > GRACE:
            self.wrong.append(f"nothing has happened for {GRACE / 3600:.0f} h, and nothing is to come")
            self._end(run_ids, AbortLevel.KILL)
            return True
        return False

    def _end(self, run_ids: Sequence[str], level: AbortLevel) -> None:
        for run_id in run_ids:
            if self._known(run_id) and not self._disk.over(run_id):
                self._disk.request(run_id, AbortRequested(self._clock.now(), level, FINISHED_BY))

    def _look(self, now: float) -> _Look:
        self._world.settled()
        late = now - self._idle_since > GRACE
        ahead = [at for at, _ in self._world.trouble.aborts] + [self._people.due, *self._world.trouble.deaths.times]
        reasons = sum(at > now for at in ahead)
        hangs: list[Hang] = []
        wrong: list[str] = []
        for row in self._disk.runs(10_000, children=True):
            if RunStatus(row.status).final:
                continue
            run = Run.replay((one.event for one in self._disk.read(row.run_id)), self._evaluator, sharing=True)
            deadline = run.deadline()
            if deadline is not None and deadline > self._clock.now():
                reasons += 1
            for step, leg, name in _active(run):
                found = self._leg(row.run_id, step, leg, name, now)
                if isinstance(found, Hang):
                    hangs.append(found)
                elif found is None:
                    reasons += 1
                elif found and late:
                    wrong.append(found)
        return _Look(reasons, tuple(hangs), tuple(wrong))

    def _leg(self, run_id: str, step: tuple[str, str], leg: LegState, name: str, now: float) -> Hang | str | None:
        """None: it will end by itself. A text: nothing outside is waited for, so flowrun should have gone on."""
        if leg.handle is None:
            return f"the start of {name} has come to nothing"
        step_id, kind = step
        match kind:
            case "job":
                return self._jobs(run_id, step_id, leg, name, now)
            case "workflow":
                return ""
            case _:
                until = leg.handle["until"]
                if until is None:
                    return Hang(step_id, name, "answer", now, run_id)
                return None if until > self._clock.now() else f"{name} waits although its time is over"

    def _jobs(self, run_id: str, step_id: str, leg: LegState, name: str, now: float) -> Hang | str | None:
        known = {job["id"] for job in leg.handle["jobs"]}
        jobs = [self._world.jobs_made[number] for number in sorted(known)]
        living = [job for job in jobs if now < job.ends]
        if not living:
            return f"every Job of {name} in {run_id} has ended, and nobody has noticed"
        if any(math.isfinite(job.ends) for job in living):
            return None
        if leg.status is LegStatus.STOPPING:
            return ""
        why = "pending" if all(_waits(job, now) for job in living) else "job"
        return Hang(step_id, name, why, now, run_id)


def _waits(job: SimJob, now: float) -> bool:
    return now < job.begins


def _active(run: Run) -> Iterator[tuple[tuple[str, str], LegState, str]]:
    for at, step in enumerate(run.state.steps):
        place = run.state.place(at)
        for leg in step.legs:
            if leg.status.active:
                yield (place.id, place.kind), leg, leg_name(place.id, leg.leg.key)
