"""Schedules: what starts Jobs by itself in a folder, and the queues that it watches. Reads only."""

from __future__ import annotations

from typing import Any

from flowrun.errors import Refused
from flowrun.orchestrator import odata
from flowrun.orchestrator.advice import QUEUES, TRIGGERS
from flowrun.orchestrator.replies import folded
from flowrun.orchestrator.requests import Requests
from flowrun.orchestrator.wire import Folder, ProcessSchedule, QueueDefinition, Robot

_TRIGGERS = "/odata/ProcessSchedules"
_QUEUES = "/odata/QueueDefinitions"
_NOT_BUILT = (404, 405, 501)
_NAMED_ROBOTS = 0


class Schedules:
    """The half of the client that knows of triggers."""

    _requests: Requests

    async def triggers(self, folder: Folder) -> list[ProcessSchedule]:
        """The folder's triggers, each whole: lists leave out what some servers tell of a single one only."""
        rows = await self._requests.rows(TRIGGERS, ProcessSchedule, _TRIGGERS, folder)
        return [await self._whole(folder, row.id) for row in rows]

    async def queues(self, folder: Folder) -> list[QueueDefinition]:
        """The folder's queues."""
        return await self._requests.rows(QUEUES, QueueDefinition, _QUEUES, folder)

    async def _whole(self, folder: Folder, number: int) -> ProcessSchedule:
        path = f"{_TRIGGERS}({int(number)})"
        found = self._requests.entity(ProcessSchedule, await self._requests.read(TRIGGERS, path, folder), path)
        if found.start_strategy != _NAMED_ROBOTS or found.executor_robots:
            return found
        path = f"{_TRIGGERS}/{odata.ODATA}.GetRobotIdsForSchedule(key={int(number)})"
        try:
            answer: Any = folded(await self._requests.read(TRIGGERS, path, folder))
        except Refused as error:
            if error.status not in _NOT_BUILT:
                raise
            return found
        ids = [one for one in answer.get("value") or () if isinstance(one, int)]
        return found.model_copy(update={"executor_robots": tuple(Robot(id=one) for one in ids)})
