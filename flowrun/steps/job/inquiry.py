"""Inquiry: look-ups by tag, many in one list call. What is asked while a call is under way goes with the next one."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from flowrun.errors import OrchestratorError
from flowrun.orchestrator.odata import KEYS_CHUNK
from flowrun.orchestrator.protocol import Orchestrator
from flowrun.orchestrator.wire import Folder, Job, Tag
from flowrun.steps.job.key import Mark
from flowrun.steps.pace import Budget, asked_for

logger = logging.getLogger(__name__)

Found: TypeAlias = list[Job] | None
Place: TypeAlias = tuple[int, Tag]


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """One start that somebody looks for. `since` as `find_jobs` takes it."""

    folder: Folder
    mark: Mark
    since: float | None
    answer: asyncio.Future[Found]


class Inquiry:
    """All look-ups of a process: one call at a time for each folder and tag, under the budget of list calls."""

    def __init__(self, orchestrator: Orchestrator, budget: Budget) -> None:
        self._orchestrator = orchestrator
        self._budget = budget
        self._asked: defaultdict[Place, list[_Question]] = defaultdict(list)
        self._asking: dict[Place, asyncio.Task[None]] = {}

    async def jobs(self, folder: Folder, tag: Tag, mark: Mark, since: float | None) -> Found:
        """The Jobs with this mark in a list that is begun after this was asked; None where it cannot be asked so.

        Raises OrchestratorError.
        """
        place = (folder.id, tag)
        question = _Question(folder, mark, since, asyncio.get_running_loop().create_future())
        self._asked[place].append(question)
        if place not in self._asking:
            self._asking[place] = asyncio.create_task(self._ask(place), name=f"look up by {tag} in {folder.id}")
        return await question.answer

    async def aclose(self) -> None:
        """Ask no more. Whoever still waits is cancelled."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, place: Place) -> None:
        """Calls, until nobody asks anything."""
        asked: list[_Question] = []
        try:
            while self._asked[place]:
                await self._budget.take()  # meanwhile more may be asked, and goes along
                asked, self._asked[place] = self._asked[place][:KEYS_CHUNK], self._asked[place][KEYS_CHUNK:]
                await self._answer(place[1], [one for one in asked if not one.answer.done()])
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - it goes to whoever asked
            for question in [*asked, *self._asked.pop(place, ())]:
                if not question.answer.done():
                    question.answer.set_exception(error)
        finally:
            self._asking.pop(place, None)

    async def _answer(self, tag: Tag, questions: list[_Question]) -> None:
        values = [value for question in questions if (value := question.mark.value(tag)) is not None]
        times = [question.since for question in questions if question.since is not None]
        since = min(times) if times and len(times) == len(questions) else None
        try:
            found = await self._orchestrator.find_jobs(questions[0].folder, tag, values, since) if values else None
        except OrchestratorError as error:
            self._budget.hold(asked_for(error))
            for question in questions:
                if not question.answer.done():
                    question.answer.set_exception(error)
            return
        carried: set[int] = set()
        for question in questions:
            mine = None if found is None else [job for job in found if question.mark.is_on(job)]
            carried.update(job.id for job in mine or ())
            if not question.answer.done():
                question.answer.set_result(mine)
        _warn([job for job in found or () if job.id not in carried])


def _warn(strangers: Sequence[Job]) -> None:
    """A filter that a server or a proxy ignored must not make us adopt a stranger."""
    for job in strangers:
        logger.warning("Job %s was given for a key that it does not carry; it is left alone", job.id)
