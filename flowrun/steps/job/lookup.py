"""LookUp: which Jobs a start made whose reply was lost. Requests and lists can be late, so the answer takes a while."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from flowrun.core.plan import Json
from flowrun.errors import NotSignedIn, OrchestratorError, Refused
from flowrun.orchestrator.protocol import Orchestrator
from flowrun.orchestrator.wire import Folder, Job, Tag
from flowrun.steps.job.inquiry import Inquiry
from flowrun.steps.job.key import Mark
from flowrun.steps.pace import Backoff, Budget, Unsigned, asked_for, spent
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Clock, Permission

logger = logging.getLogger(__name__)


class Unresolved(Exception):
    """The look-up cannot be made, so nobody knows. The message says why."""


class Tags:
    """Which tags of a start this server keeps, None until a reply has shown it; and by which it can be asked."""

    def __init__(self) -> None:
        self.kept: dict[Tag, bool | None] = dict.fromkeys(Tag)
        self._mute: set[Tag] = set()

    def learn(self, jobs: Sequence[Job], mark: Mark) -> None:
        """From Jobs whose start carried this mark."""
        for tag in Tag:
            if mark.value(tag) is None:
                continue
            kept = all(mark.is_kept(job, tag) for job in jobs)
            if not kept and self.kept[tag] is not False:
                logger.warning("this Orchestrator does not keep the %s of a start", tag)
            self.kept[tag] = kept

    def known(self) -> Json:
        """For a handle: `{"BatchExecutionKey": true, "Reference": null}`."""
        return {tag.value: kept for tag, kept in self.kept.items()}

    def recall(self, known: Mapping[str, Json]) -> None:
        """What a handle says, where nothing is known yet."""
        for tag in Tag:
            if self.kept[tag] is None:
                self.kept[tag] = known.get(tag.value)

    def worth_asking(self, mark: Mark) -> list[Tag]:
        """By BatchExecutionKey alone where that is kept; else by whatever may be."""
        able = self.able(mark)
        return [Tag.BATCH] if self.kept[Tag.BATCH] and Tag.BATCH in able else able

    def able(self, mark: Mark) -> list[Tag]:
        """Those that may be kept, and may be asked by."""
        named = [tag for tag in Tag if tag not in self._mute and mark.value(tag) is not None]
        return [tag for tag in named if self.kept[tag] is not False]

    def dismiss(self, tag: Tag) -> None:
        """The server cannot be asked by it, while it can by another."""
        self._mute.add(tag)


class LookUp:
    """Finds the Jobs of a start by its mark. Shared by all starts of a process.

    `since` is when the first of its posts can have left, None where another process posted it.
    """

    def __init__(self, orchestrator: Orchestrator, clock: Clock, policy: Policy, budget: Budget) -> None:
        self._clock = clock
        self._policy = policy
        self._inquiry = Inquiry(orchestrator, budget)
        self.tags = Tags()

    async def over_window(
        self, folder: Folder, mark: Mark, expected: int | None, may_start: Permission, since: float | None = None
    ) -> tuple[Job, ...]:
        """The Jobs that carry the mark, lowest id first; none only if a look at the very end of Q saw none.

        Q is counted in time that was slept through, so that a clock that jumps cannot shorten it. Goes on through
        outages while the run goes on. Never more than half of the time is spent looking: where thousands are looked
        for, and the budget holds them up, each is looked for less often.
        Raises Unresolved where the server does not let us look, or keeps no tag.
        """
        found: dict[int, Job] = {}
        waits = Backoff(self._policy.look_up_first, self._policy.look_up_slowest, 1.5)
        unsigned = Unsigned(self._policy.sign_in_patience)
        waited, barred = 0.0, 0.0
        while True:
            asked = self._asked(mark)
            began = self._clock.now()
            at_end = waited >= self._policy.quiescence
            try:
                found.update({job.id: job for job in await self._look(folder, mark, asked, since)})
            except OrchestratorError as error:
                wait = max(waits.next(), asked_for(error))
                unsigned.wait(error, wait)
                lasting = isinstance(error, NotSignedIn | Refused) or not may_start()
                barred += wait + spent(self._clock, began) if lasting else 0.0
                if barred > self._policy.quiescence + self._policy.patience:
                    raise Unresolved(f"its Jobs could not be looked up: {error.message}") from error
            else:
                complete = expected is not None and len(found) >= expected
                if complete or (at_end and set(self._asked(mark)) <= set(asked)):
                    return tuple(found[number] for number in sorted(found))
                barred = 0.0
                unsigned.reset()
                wait = max(waits.next(), spent(self._clock, began))
                wait = max(0.0, min(wait, self._policy.quiescence - waited))
            await self._clock.sleep(wait)
            waited += wait

    async def once(self, folder: Folder, mark: Mark, since: float | None = None) -> list[Job]:
        """The Jobs that carry the mark and are in the list by now. Raises OrchestratorError."""
        asked = self.tags.worth_asking(mark)
        return await self._look(folder, mark, asked, since) if asked else []

    async def _look(self, folder: Folder, mark: Mark, asked: Sequence[Tag], since: float | None) -> list[Job]:
        answers = {tag: await self._inquiry.jobs(folder, tag, mark, since) for tag in asked}
        mute = [tag for tag, jobs in answers.items() if jobs is None]
        instead = [tag for tag in self.tags.able(mark) if tag not in asked]
        if len(mute) == len(asked) and not instead:
            raise Refused(f"this Orchestrator cannot be asked for Jobs by {' or '.join(asked)}")
        for tag in mute:
            self.tags.dismiss(tag)
        if len(mute) == len(asked):
            return await self._look(folder, mark, instead, since)
        return list({job.id: job for jobs in answers.values() for job in jobs or ()}.values())

    async def aclose(self) -> None:
        """Look no more. Whoever still waits is cancelled."""
        await self._inquiry.aclose()

    def _asked(self, mark: Mark) -> list[Tag]:
        """By which tags to ask. Raises Unresolved where there is none."""
        asked = self.tags.worth_asking(mark)
        if not asked:
            raise Unresolved("this Orchestrator does not keep the key of a start, so its Jobs cannot be looked up")
        return asked
