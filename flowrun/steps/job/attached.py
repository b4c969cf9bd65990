"""Attached: outputs that a robot gave as an attachment (OutputFile), because they are too large for OutputArguments."""

from __future__ import annotations

import logging

from flowrun.errors import NotSignedIn, OrchestratorError, Refused
from flowrun.orchestrator.protocol import Orchestrator
from flowrun.orchestrator.wire import Folder, Job
from flowrun.steps.pace import Backoff
from flowrun.steps.policy import Policy
from flowrun.steps.protocol import Clock

logger = logging.getLogger(__name__)


class Attached:
    """Fetches them. Goes on through outages, as the watcher does."""

    def __init__(self, orchestrator: Orchestrator, clock: Clock, policy: Policy) -> None:
        self._orchestrator = orchestrator
        self._clock = clock
        self._policy = policy

    async def whole(self, folder: Folder, job: Job) -> Job:
        """The Job with its outputs in OutputArguments, wherever they were.

        As it is where there is no attachment, or none that can be read: what is missing then is named by the verdict.
        """
        if not job.output_file or (job.output_arguments or "").strip():
            return job
        waits = Backoff(self._policy.retry_first, self._policy.outage_slowest)
        while True:
            try:
                data = await self._orchestrator.download(folder, job.output_file)
                return job.model_copy(update={"output_arguments": data.decode("utf-8-sig")})
            except (Refused, NotSignedIn, ValueError) as error:
                logger.warning("the outputs of Job %s are in attachment %s: %s", job.id, job.output_file, error)
                return job
            except OrchestratorError as error:
                wait = waits.after(error)
                logger.warning("%s; trying again in %.0f s", error.message, wait)
                await self._clock.sleep(wait)
