"""Triggers of times and queues (ProcessSchedules), and the queues: to be read, as the catalog has them."""

from __future__ import annotations

from flowrun.emulator.call import ApiError, Call, Reply
from flowrun.emulator.handlers import reading
from flowrun.emulator.schedules import PROCESS_SCHEDULE, QUEUE_DEFINITION, ProcessSchedule


def listed(call: Call) -> Reply:
    """`GET /odata/ProcessSchedules`."""
    return reading.listed(call, PROCESS_SCHEDULE, _there(call), reading.filter_of(call, PROCESS_SCHEDULE))


def single(call: Call) -> Reply:
    """`GET /odata/ProcessSchedules({id})`."""
    return reading.single(call, PROCESS_SCHEDULE, _by_id(call, call.key), "Schedule")


def robot_ids(call: Call) -> Reply:
    """`GET /odata/ProcessSchedules/….GetRobotIdsForSchedule(key={id})`: of those that it names."""
    found = _by_id(call, call.arguments.get("key", ""))
    if found is None:
        raise ApiError(404, 1002, "Schedule does not exist.")
    return Reply(
        200, {"@odata.context": call.context("Collection(Edm.Int64)"), "value": [one.id for one in found.robots]}
    )


def queues(call: Call) -> Reply:
    """`GET /odata/QueueDefinitions`."""
    folder = call.need_folder()
    found = [queue for queue in call.tenant.deployment.queues if queue.folder == folder]
    return reading.listed(call, QUEUE_DEFINITION, found, reading.filter_of(call, QUEUE_DEFINITION))


def _there(call: Call) -> list[ProcessSchedule]:
    folder = call.need_folder()
    return [one for one in call.tenant.deployment.schedules if one.folder == folder]


def _by_id(call: Call, key: str) -> ProcessSchedule | None:
    wanted = reading.number(key)
    return next((one for one in _there(call) if one.id == wanted), None)
