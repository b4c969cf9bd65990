"""JobKind: the job step. Its protocols, put together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from flowrun.core.plan import Json, Step
from flowrun.core.status import Cancelled, Failed, Outcome, Phase, Unknown
from flowrun.errors import OrchestratorError
from flowrun.orchestrator.protocol import Orchestrator
from flowrun.orchestrator.wire import Job, JobState, StopStrategy
from flowrun.steps.job.attached import Attached
from flowrun.steps.job.handle import Handle, JobName
from flowrun.steps.job.key import mark_of
from flowrun.steps.job.lookup import LookUp
from flowrun.steps.job.preflight import preflight
from flowrun.steps.job.start import Starter
from flowrun.steps.job.stop import Stopper
from flowrun.steps.job.verdict import Ended, phase_of, verdict
from flowrun.steps.job.watch import Watcher
from flowrun.steps.pace import Backoff, Budget, asked_for
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Attempt, Clock, Permission, Preflight, Progress, Started
from flowrun.steps.secrets import NO_SECRETS, Secrets

logger = logging.getLogger(__name__)


class JobKind:
    """Implements StepKind. One object for all job steps of a process, so that they share reads, stops and limits."""

    name: str = "job"

    def __init__(self, orchestrator: Orchestrator, clock: Clock, policy: Policy, secrets: Secrets = NO_SECRETS) -> None:
        budget = Budget(clock, policy.lists_per_minute)
        self._orchestrator = orchestrator
        self._clock = clock
        self._policy = policy
        self._look_up = LookUp(orchestrator, clock, policy, budget)
        self._attached = Attached(orchestrator, clock, policy)
        self._watcher = Watcher(orchestrator, clock, policy, budget)
        self._stopper = Stopper(orchestrator, clock, policy, self._watcher)
        self._starter = Starter(orchestrator, clock, policy, self._look_up, secrets)

    async def check(self, steps: Sequence[Step]) -> Preflight:
        """Look up each folder, Release and robot once, for all steps. Raises OrchestratorError."""
        return await preflight(self._orchestrator, steps)

    async def start(self, attempt: Attempt, may_start: Permission) -> Started | Failed | Cancelled | Unknown:
        """Start its Jobs once."""
        return await self._starter.start(attempt, may_start)

    async def wait(self, attempt: Attempt, handle: Json, progress: Progress) -> Outcome:
        """Return when all its Jobs have ended, those of a second start with its key too."""
        known = Handle.from_json(handle)
        self._look_up.tags.recall(known.tags_kept)
        view = _View(len(known.jobs), progress)
        ended, spare = await asyncio.gather(
            self._ends(known, known.jobs, view),
            self._end_spare(known, known.spare),
        )
        if known.again:
            late = await self._late(attempt, known)
            spare = [*spare, *await self._end_spare(known, late)]
        return verdict(ended, known, attempt.arguments, spare)

    async def stop(self, attempt: Attempt, handle: Json, *, force: bool) -> None:
        """Ask its Jobs to end; tries until the request was taken or they have ended."""
        del attempt  # the handle says it all
        known = Handle.from_json(handle)
        strategy = StopStrategy.KILL if force else StopStrategy.SOFT_STOP
        await self._stopper.stop(known.folder, [*known.jobs, *known.spare], strategy)

    async def aclose(self) -> None:
        """Stop reading and asking; what runs outside goes on running."""
        await self._look_up.aclose()
        await self._stopper.aclose()
        await self._watcher.aclose()

    async def _ends(self, known: Handle, names: Sequence[JobName], view: _View | None) -> list[Ended]:
        async def end(place: int, name: JobName) -> Ended:
            job = await self._watcher.end_of(
                known.folder, name, lambda job: view.show(place, job.state) if view else None
            )
            if view:
                view.show(place, job.state if isinstance(job, Job) else None, ended=True)
            return await self._attached.whole(known.folder, job) if isinstance(job, Job) else job

        return await asyncio.gather(*(end(place, name) for place, name in enumerate(names)))

    async def _end_spare(self, known: Handle, names: Sequence[JobName]) -> list[Ended]:
        """Kill the Jobs of a second start, and see them ended: they repeat work that is being done."""
        if not names:
            return []
        logger.error("Job %s repeats another one's work, and is killed", ", ".join(str(name[0]) for name in names))
        ended, _ = await asyncio.gather(
            self._ends(known, names, None), self._stopper.stop(known.folder, names, StopStrategy.KILL)
        )
        return ended

    async def _late(self, attempt: Attempt, known: Handle) -> list[JobName]:
        """Jobs of a second start that turned up after the first was adopted: outside of the model, yet possible."""
        waits = Backoff(self._policy.retry_first, self._policy.retry_slowest)
        waited = 0.0
        while waited <= self._policy.patience:
            try:
                found = await self._look_up.once(known.folder, mark_of(attempt))
            except OrchestratorError as error:
                wait = max(waits.next(), asked_for(error))
                await self._clock.sleep(wait)
                waited += wait
            else:
                names = [(job.id, job.key) for job in found]
                return [name for name in names if name not in known.jobs and name not in known.spare]
        logger.warning("step %s: whether it was started twice could not be looked up", attempt.step_id)
        return []


class _View:
    """What the Jobs of one attempt do, as one phase and one word. Tells each change of the phase once."""

    def __init__(self, count: int, progress: Progress) -> None:
        self._states: list[str | None] = [None] * count
        self._progress = progress
        self._begun = False
        self._told: tuple[Phase, str] | None = None

    def show(self, place: int, state: str | None, *, ended: bool = False) -> None:
        self._states[place] = state
        self._begun = self._begun or ended or state not in (JobState.PENDING, None)
        phase = phase_of(self._states, begun=self._begun)
        if phase is None:
            return
        single = len(self._states) == 1
        words = str(state) if single else self._summary()
        news = (phase, words if single else "")
        if news != self._told:
            self._told = news
            self._progress(phase, words)

    def _summary(self) -> str:
        counts = {state: self._states.count(state) for state in dict.fromkeys(self._states) if state}
        return ", ".join(f"{count} {state}" for state, count in counts.items())
