"""A workflow of what the triggers of a folder start: each step that the API tells, and no edge, since it tells none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from flowrun.api.imported import Imported, take_arguments, written
from flowrun.errors import NotSignedIn, Refused, UsageError
from flowrun.orchestrator.wire import JobPriority

if TYPE_CHECKING:
    from flowrun.api.jobs import Place
    from flowrun.core.plan import Json
    from flowrun.orchestrator.protocol import JobCalls
    from flowrun.orchestrator.wire import Folder, ProcessSchedule
    from flowrun.settings import Settings

_ALL_ROBOTS, _NAMED_ROBOTS = -1, 0
"""Of StartStrategy; above these it is how many Jobs."""


async def import_triggers(settings: Settings, place: Place) -> str:
    """A workflow of the enabled triggers of one folder, without an edge. Raises UsageError, OrchestratorError."""
    from flowrun.api.jobs import at  # noqa: PLC0415 - a script can be read without an HTTP client

    async with at(settings, place) as (connected, folder):
        if folder is None:
            raise UsageError("no folder is named", hint="name the one with the triggers by --folder")
        found = await connected.orchestrator.triggers(folder)
        enabled = sorted((one for one in found if one.enabled), key=lambda one: one.of_queue)
        disabled = [one for one in found if not one.enabled]
        where = folder.fully_qualified_name or str(folder.id)
        if not enabled:
            names = ", ".join(one.name for one in disabled)
            raise UsageError(
                f"all triggers of folder {where} are disabled: {names}" if names else f"folder {where} has no triggers"
            )
        robots = await _robots(connected.orchestrator, folder, enabled)
        beside = await _unread(connected.orchestrator, folder, found)
    steps = [_of_trigger(one, robots) for one in enabled]
    head = [
        f"From the triggers of folder {where}, those of times first.",
        "Which process fills which queue is in no part of the API, so no step needs another yet: write `needs` where a",
        "comment asks, and disable the triggers in Orchestrator once this workflow starts what they start.",
        *beside,
        *(f"Disabled, so not here: {_told(one)} It would start {one.release_name}." for one in disabled),
    ]
    return written(where.rpartition("/")[2], steps, head, top={"defaults": {"folder": where}}, graph=True)


def _of_trigger(trigger: ProcessSchedule, robots: Mapping[int, str]) -> Imported:
    if not trigger.release_name:
        raise UsageError(f"trigger {trigger.name} does not say of which Release it is")
    made = Imported({"release": trigger.release_name}, [_told(trigger)])
    _take_strategy(made, trigger, robots)
    if trigger.runtime_type:
        made.keys["runtime_type"] = trigger.runtime_type
    if trigger.job_priority in tuple(JobPriority):
        made.keys["job_priority"] = trigger.job_priority
    take_arguments(made, trigger.input_arguments)
    if trigger.of_queue:
        made.notes.append("How many Jobs it starts depends on the items; this step starts one.")
        made.notes.append(f"needs: who fills queue {_queue(trigger)}?")
    return made


def _take_strategy(made: Imported, trigger: ProcessSchedule, robots: Mapping[int, str]) -> None:
    strategy = trigger.start_strategy
    if strategy == _ALL_ROBOTS:
        made.keys["strategy"] = "All"
    elif strategy == _NAMED_ROBOTS:
        ids = [robot.id for robot in trigger.executor_robots or ()]
        names: list[Json] = [robots[number] for number in ids if number in robots]
        if not ids:
            made.notes.append("It is for certain robots, and the API does not tell which; this step takes any.")
        elif len(names) == len(ids):
            made.keys |= {"strategy": "Specific", "robots": names}
        else:
            made.keys |= {"strategy": "Specific", "robot_ids": list(ids)}
    elif strategy and not trigger.of_queue and strategy > 1:
        made.keys["jobs_count"] = strategy
    if trigger.machine_robots:
        pairs = (
            f"{one.robot_user_name or 'any account'} on {one.machine_name or 'any machine'}"
            for one in trigger.machine_robots
        )
        made.notes.append(f"It is for {', '.join(pairs)}, which a step cannot say.")


def _told(trigger: ProcessSchedule) -> str:
    """What makes a trigger start something, as a sentence."""
    time = " ".join(_time(trigger))
    if not trigger.of_queue:
        return f"Trigger {trigger.name}: {time or 'the API tells no time for it'}."
    parts = [f"queue {_queue(trigger)}"]
    if trigger.items_activation_threshold is not None:
        parts.append(f"from {trigger.items_activation_threshold} items on")
    if trigger.items_per_job_activation_target is not None:
        parts.append(f"a further Job for each {trigger.items_per_job_activation_target} more")
    if trigger.max_jobs_for_activation is not None:
        parts.append(f"{trigger.max_jobs_for_activation} Jobs at most")
    if time:
        parts.append(f"looked at {time}")
    return f"Trigger {trigger.name}: {', '.join(parts)}."


def _time(trigger: ProcessSchedule) -> Iterator[str]:
    if trigger.start_process_cron:
        yield f"cron {trigger.start_process_cron}"
        if trigger.time_zone_id:
            yield f"({trigger.time_zone_id})"


def _queue(trigger: ProcessSchedule) -> str:
    return trigger.queue_definition_name or f"number {trigger.queue_definition_id}"


async def _robots(orchestrator: JobCalls, folder: Folder, triggers: Sequence[ProcessSchedule]) -> dict[int, str]:
    """The names of robots by their ids, where a trigger names any; those that may not be seen are left out."""
    named = [robot for one in triggers for robot in one.executor_robots or ()]
    if not named:
        return {}
    try:
        there = await orchestrator.robots(folder)
    except (NotSignedIn, Refused):
        there = named
    return {robot.id: robot.name for robot in there if robot.name}


async def _unread(orchestrator: JobCalls, folder: Folder, triggers: Sequence[ProcessSchedule]) -> list[str]:
    """A line about the queues that no trigger of the folder watches, for whoever looks for edges."""
    try:
        queues = await orchestrator.queues(folder)
    except (NotSignedIn, Refused) as error:
        return [f"Which other queues there are could not be read: {error.message}."]
    watched = {one.queue_definition_id for one in triggers}
    names = [one.name for one in queues if one.id not in watched]
    return [f"No trigger of this folder watches the queues {', '.join(names)}."] if names else []
