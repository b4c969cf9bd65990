"""LookUp: which Jobs a start made whose reply was lost. Requests and lists can be late, so the answer takes a while."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from flowrun.errors import NotSignedIn, OrchestratorError, Refused
from flowrun.orchestrator.protocol import Orchestrator
from flowrun.orchestrator.wire import Folder, Job
from flowrun.steps.job.key import batch_key
from flowrun.steps.pace import Backoff, Budget, Unsigned, asked_for, spent
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Clock, Permission

logger = logging.getLogger(__name__)


class Unresolved(Exception):
    """The look-up cannot be made, so nobody knows. The message says why."""


class Tags:
    """Whether this server keeps the key under which look-ups search: None until a reply has shown it."""

    def __init__(self) -> None:
        self.kept: bool | None = None

    def learn(self, jobs: Sequence[Job], key: str) -> None:
        """From Jobs whose start carried this key."""
        kept = all(_same(job.batch_execution_key, batch_key(key)) for job in jobs)
        if not kept and self.kept is not False:
            logger.warning("this Orchestrator does not keep the BatchExecutionKey of a start: lost replies end unknown")
        self.kept = kept


class LookUp:
    """Finds the Jobs of a start by its key. Shared by all starts of a process."""

    def __init__(self, orchestrator: Orchestrator, clock: Clock, policy: Policy, budget: Budget) -> None:
        self._orchestrator = orchestrator
        self._clock = clock
        self._policy = policy
        self._budget = budget
        self.tags = Tags()

    async def over_window(
        self, folder: Folder, key: str, expected: int | None, may_start: Permission
    ) -> tuple[Job, ...]:
        """The Jobs that carry the key, lowest id first; none only if a look at the very end of Q saw none.

        Q is counted in time that was slept through, so that a clock that jumps cannot shorten it. Goes on through
        outages while the run goes on. Raises Unresolved where the server does not let us look, or keeps no key.
        """
        found: dict[int, Job] = {}
        waits = Backoff(self._policy.look_up_first, self._policy.look_up_slowest, 1.5)
        unsigned = Unsigned(self._policy.sign_in_patience)
        waited, barred = 0.0, 0.0
        while True:
            self._refuse_blind()
            began = self._clock.now()
            at_end = waited >= self._policy.quiescence
            try:
                found.update({job.id: job for job in await self.once(folder, key)})
            except OrchestratorError as error:
                wait = max(waits.next(), asked_for(error))
                unsigned.wait(error, wait)
                lasting = isinstance(error, NotSignedIn | Refused) or not may_start()
                barred += wait + spent(self._clock, began) if lasting else 0.0
                if barred > self._policy.quiescence + self._policy.patience:
                    raise Unresolved(f"its Jobs could not be looked up: {error.message}") from error
            else:
                if at_end or (expected is not None and len(found) >= expected):
                    self._refuse_blind()
                    return tuple(found[number] for number in sorted(found))
                barred = 0.0
                unsigned.reset()
                wait = min(waits.next(), self._policy.quiescence - waited)
            await self._clock.sleep(wait)
            waited += wait

    async def once(self, folder: Folder, key: str) -> list[Job]:
        """The Jobs that carry the key and are in the list by now. Raises OrchestratorError."""
        await self._budget.take()
        try:
            jobs = await self._orchestrator.find_jobs(folder, batch_key(key))
        except OrchestratorError as error:
            self._budget.hold(asked_for(error))
            raise
        return list(ours(jobs, key))

    def _refuse_blind(self) -> None:
        if self.tags.kept is False:
            raise Unresolved("this Orchestrator does not keep the key of a start, so its Jobs cannot be looked up")


def ours(jobs: Iterable[Job], key: str) -> Iterable[Job]:
    """Those whose key equals ours: a filter that a server or a proxy ignored must not make us adopt a stranger."""
    for job in jobs:
        if _same(job.batch_execution_key, batch_key(key)) or job.reference == key:
            yield job
        else:
            logger.warning("Job %s was given for a key that it does not carry; it is left alone", job.id)


def _same(one: str | None, other: str) -> bool:
    return one is not None and one.lower() == other
