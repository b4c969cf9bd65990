"""Starter: one StartJobs for one attempt, and never a second one while the first may still have made its Jobs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from flowrun.core.status import Cancelled, ErrorClass, Failed, Unknown
from flowrun.errors import FlowrunError, NotSignedIn, OrchestratorError, PlanError, Refused, Throttled, Unreachable
from flowrun.orchestrator.protocol import Orchestrator
from flowrun.orchestrator.wire import Folder, Job
from flowrun.steps.job.handle import Handle
from flowrun.steps.job.key import mark_of, start_key
from flowrun.steps.job.lookup import LookUp, Unresolved
from flowrun.steps.job.request import Request, build, expected_jobs, strategy_of
from flowrun.steps.pace import Backoff, Quiet, Unsigned, asked_for, spent
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Attempt, Clock, Permission, Started
from flowrun.steps.secrets import NO_SECRETS, Secrets, filled

logger = logging.getLogger(__name__)

Answer: TypeAlias = Started | Failed | Cancelled | Unknown

_SLICE = 1.0
"""Seconds after which a wait between two posts looks whether the run still wants the start."""


class Starter:
    """Carries out the start protocol of guarantees.md. One object for all starts of a process."""

    def __init__(
        self,
        orchestrator: Orchestrator,
        clock: Clock,
        policy: Policy,
        look_up: LookUp,
        secrets: Secrets = NO_SECRETS,
    ) -> None:
        self.orchestrator = orchestrator
        self.clock = clock
        self.policy = policy
        self.look_up = look_up
        self.secrets = secrets
        self.slots = asyncio.Semaphore(policy.concurrent_starts)
        self.quiet = Quiet(clock)

    async def start(self, attempt: Attempt, may_start: Permission) -> Answer:
        """Start the attempt's Jobs once. Of what the outside does, raises only that nobody is signed in any more."""
        try:
            return await _Start(self, attempt, may_start).carry_out()
        except _Settled as settled:
            return settled.answer
        except Unresolved as reason:
            message = f"{reason}; a Job with key {start_key(attempt)} may be running"
            logger.error("step %s: %s", attempt.step_id, message)  # noqa: TRY400 - for a person, who needs no traceback
            return Unknown(message, facts={"key": start_key(attempt)})


class _Settled(Exception):
    """What the start came to, from deep inside."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class _Start:
    """One attempt's start.

    `rounds` counts the posts whose reply was lost. `open` is whether something may have been posted that was not
    looked up yet: while it is, nothing but a look-up can say what the start came to.
    """

    def __init__(self, starter: Starter, attempt: Attempt, may_start: Permission) -> None:
        self._at = starter
        self._policy = starter.policy
        self._attempt = attempt
        self._may_start = may_start
        self._mark = mark_of(attempt)
        self._waits = Backoff(self._policy.retry_first, self._policy.retry_slowest)
        self._unsigned = Unsigned(self._policy.sign_in_patience)
        self._waited = 0.0
        self._rounds = 0
        self._posted_before = self._open = attempt.recheck or attempt.adopt_only
        self._since = None if self._posted_before else starter.clock.now()
        self._request: Request | None = None

    async def carry_out(self) -> Answer:
        """Raises _Settled and Unresolved."""
        try:
            expected = expected_jobs(self._attempt.arguments)
        except PlanError as error:
            return _failed(error)
        folder = await self._folder()
        if self._open:
            found = await self._look_up(folder, expected)
            if found:
                return self._adopted(folder, found, expected)
            if self._attempt.adopt_only:
                return Cancelled("it had not been started")
        self._request = await self._build(folder)
        return await self._post(self._request, expected)

    async def _folder(self) -> Folder:
        while True:
            began = self._at.clock.now()
            try:
                return await self._at.orchestrator.folder(self._attempt.arguments.get("folder"))
            except OrchestratorError as error:
                await self._outlast(error, began)

    async def _build(self, folder: Folder) -> Request:
        while True:
            self._ask_permission()
            began = self._at.clock.now()
            try:
                whole = filled(self._attempt.arguments, self._at.secrets)  # nowhere else do their values appear
                return await build(self._at.orchestrator, folder, whole, start_key(self._attempt))
            except PlanError as error:
                raise _Settled(_failed(error)) from error
            except OrchestratorError as error:
                await self._outlast(error, began)

    async def _post(self, request: Request, expected: int | None) -> Answer:
        while True:
            async with self._at.slots:
                await self._keep_quiet()
                self._ask_permission()
                began = self._at.clock.now()
                try:
                    jobs = await self._at.orchestrator.start_jobs(request.folder, request.info)
                except (Unreachable, Throttled, NotSignedIn) as error:
                    if isinstance(error, NotSignedIn) and not error.lost:
                        return await self._after_refusal(request.folder, expected, error)
                    setback: OrchestratorError = error
                except Refused as error:
                    return await self._after_refusal(request.folder, expected, error)
                except OrchestratorError as error:
                    answer = await self._after_ambiguous(request.folder, expected, error)
                    if answer is not None:
                        return answer
                    continue
                else:
                    return self._started(request.folder, jobs, expected)
            await self._outlast(setback, began)

    async def _after_ambiguous(self, folder: Folder, expected: int | None, error: OrchestratorError) -> Answer | None:
        """Adopt what it made; None where it made nothing and may be posted again."""
        self._rounds += 1
        self._open = True
        logger.warning("step %s: the reply to a start was lost (%s); looking its Jobs up", self._step, error.message)
        found = await self._look_up(folder, expected)
        if found:
            return self._adopted(folder, found, expected)
        if self._rounds >= self._policy.rounds:
            raise Unresolved(f"the reply to each of {self._rounds} starts was lost, the last one: {error.message}")
        return None

    async def _after_refusal(self, folder: Folder, expected: int | None, error: OrchestratorError) -> Answer:
        """It was not done; but where an earlier reply was lost, the Job that it made may be why."""
        if self._rounds or self._posted_before:
            try:
                found = await self._at.look_up.once(folder, self._mark, self._since)
            except OrchestratorError as trouble:
                logger.warning("step %s: could not look once more: %s", self._step, trouble.message)
            else:
                if found:
                    return self._adopted(folder, found, expected)
        return _failed(error)

    async def _look_up(self, folder: Folder, expected: int | None) -> tuple[Job, ...]:
        found = await self._at.look_up.over_window(folder, self._mark, expected, self._may_start, self._since)
        self._open = False
        return found

    def _started(self, folder: Folder, jobs: Sequence[Job], expected: int | None) -> Answer:
        if not jobs:
            return Failed(
                ErrorClass.START_REJECTED,
                "Orchestrator took the start and made no Job; is a robot assigned to the folder, and free?",
            )
        self._at.look_up.tags.learn(jobs, self._mark)
        if expected is not None and len(jobs) != expected:
            logger.warning("step %s: %d Jobs were asked for and %d made", self._step, expected, len(jobs))
        again = self._rounds > 0 or self._posted_before
        handle = self._handle(folder, jobs, (), again=again)
        if again and not self._at.look_up.tags.worth_asking(self._mark):
            doubt = "an earlier start may have made another Job, and this Orchestrator keeps no key to find it by"
            logger.error("step %s: %s", self._step, doubt)
            handle = replace(handle, doubt=doubt)
        return Started(handle.to_json())

    def _adopted(self, folder: Folder, found: Sequence[Job], expected: int | None) -> Answer:
        """The Jobs of the first start that got through; those of a second one, which are newer, are to be stopped."""
        found = sorted(found, key=lambda job: job.id)
        kept = found if expected is None else found[:expected]
        spare = found[len(kept) :]
        self._at.look_up.tags.learn(kept, self._mark)
        logger.warning("step %s: found Job %s of an earlier start and adopted it", self._step, _ids(kept))
        if spare:
            logger.error("step %s: started twice; Job %s is newer and will be stopped", self._step, _ids(spare))
        again = self._rounds > 1 or self._posted_before
        return Started(self._handle(folder, kept, spare, again=again).to_json())

    def _handle(self, folder: Folder, jobs: Sequence[Job], spare: Sequence[Job], *, again: bool) -> Handle:
        release = self._request.release if self._request else None
        named = self._attempt.arguments
        return Handle(
            folder_id=folder.id,
            folder_path=folder.fully_qualified_name,
            jobs=tuple((job.id, job.key) for job in jobs),
            spare=tuple((job.id, job.key) for job in spare),
            again=again,
            tags_kept=self._at.look_up.tags.known(),
            release={
                "key": release.key if release else named.get("release_key"),
                "name": release.name if release else jobs[0].release_name or named.get("release"),
                "version": release.process_version if release else None,
            },
            strategy=strategy_of(named, folder),
        )

    def _ask_permission(self) -> None:
        """Everything that was posted so far has been looked up by now, so that there is nothing to end."""
        if not self._may_start():
            raise _Settled(Cancelled("the run ended before it was started"))

    async def _outlast(self, error: OrchestratorError, began: float) -> None:
        """Wait for the next try. Raises _Settled or Unresolved when there shall be none, NotSignedIn where nobody is.

        What the failed try took counts as waiting too, for a read may have been repeated inside.
        """
        self._at.quiet.hold(asked_for(error))
        self._waited += spent(self._at.clock, began)
        wait = self._waits.after(error)
        lost = isinstance(error, NotSignedIn) and error.lost
        if lost:
            self._unsigned.wait(error, wait)
        hopeless = isinstance(error, Refused | NotSignedIn) and not lost
        impatient = (
            not (lost and self._may_start())
            and self._waited + wait > self._policy.patience
            and not (self._open and self._may_start())
        )
        if self._open and (hopeless or impatient):
            raise Unresolved(f"an earlier start could not be looked up: {error.message}") from error
        if hopeless or impatient:
            more = f" (tried for {self._waited:.0f} s)" if impatient and self._waited else ""
            raise _Settled(_failed(error, more)) from error
        self._waited += wait
        await self._sleep(wait)
        if not self._open:
            self._ask_permission()

    async def _keep_quiet(self) -> None:
        """A 429 to one start is a word to all of them, also to those that wait already."""
        heard = -1
        while heard != self._at.quiet.heard:
            heard, wait = self._at.quiet.heard, self._at.quiet.left()
            if wait > self._policy.patience:
                message = f"Orchestrator asked for {wait:.0f} s without another start"
                raise _Settled(Failed(ErrorClass.RATE_LIMITED, message))
            await self._sleep(wait)

    async def _sleep(self, seconds: float) -> None:
        """Return after that many seconds, or soon after the run no longer wants a start of which nothing is open."""
        while seconds > 0.0 and (self._open or self._may_start()):
            await self._at.clock.sleep(min(seconds, _SLICE))
            seconds -= _SLICE

    @property
    def _step(self) -> str:
        return f"{self._attempt.step_id}[{self._attempt.leg}]" if self._attempt.leg else self._attempt.step_id


def _failed(error: FlowrunError, more: str = "") -> Failed:
    kind = ErrorClass.RATE_LIMITED if isinstance(error, Throttled) else ErrorClass.START_REJECTED
    hint = f"; {error.hint}" if error.hint else ""
    if not isinstance(error, OrchestratorError):
        return Failed(kind, f"{error.message}{hint}")
    code = f" (errorCode {error.code})" if error.code else ""
    facts = {"status": error.status, "code": error.code, "trace_id": error.trace_id}
    return Failed(kind, f"{error.message}{code}{more}{hint}", facts=facts)


def _ids(jobs: Sequence[Job]) -> str:
    return ", ".join(str(job.id) for job in jobs)
