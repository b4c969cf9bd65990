"""Triggers, which the API calls ProcessSchedules, and queues: their words in the catalog, and their look on the wire.

They are there to be read. Nothing here starts a Job at a time, and no queue holds an item.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Annotated, TypeAlias

from pydantic import Field, model_validator

from flowrun.emulator.entities import Folder, Json, Release, Robot
from flowrun.emulator.properties import EntityType, Property
from flowrun.emulator.words import Identifier, Words, wrong
from flowrun.orchestrator.wire import JobPriority

CUSTOM_ROBOTS = 0
"""The StartStrategy for robots that are named; -1 is all of them, and above 0 it is how many Jobs (API guide)."""

_NAMESPACE = uuid.UUID("0a4ce1a5-6a5f-5d0e-8b5b-6f8d6f0f5c11")
_LOOKED_AT = "0 0/30 * 1/1 * ? *"
"""When Orchestrator looks at a queue on its own, beside each new item."""


class QueueWords(Words):
    """A queue: an empty map, or what is known of it."""

    id: Identifier | None = None
    description: str | None = None
    max_number_of_retries: Annotated[int, Field(ge=0, le=50)] = 0
    enforce_unique_reference: bool = False


class TriggerWords(Words):
    """A trigger: of a time, by `start_process_cron`, or of a queue. Its keys are the API's in snake case."""

    id: Identifier | None = None
    release: Annotated[str, Field(min_length=1)]
    enabled: bool = True
    start_process_cron: Annotated[str, Field(min_length=1)] | None = None
    time_zone_id: str = "UTC"
    start_strategy: Annotated[int, Field(ge=-1, le=10_000)] | None = None
    robots: list[str] = Field(default_factory=list)
    runtime_type: str | None = "Unattended"
    job_priority: Annotated[JobPriority | None, Field(strict=False)] = None
    input_arguments: dict[str, Json] | None = None
    queue: Annotated[str, Field(min_length=1)] | None = None
    items_activation_threshold: Annotated[int, Field(ge=1)] = 1
    items_per_job_activation_target: Annotated[int, Field(ge=1)] = 1
    max_jobs_for_activation: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _started_by_something(self) -> TriggerWords:
        if self.queue is None and self.start_process_cron is None:
            raise wrong("a trigger has a queue or a start_process_cron")
        if self.robots and self.start_strategy not in (None, CUSTOM_ROBOTS):
            raise wrong("robots are named with start_strategy 0 alone")
        return self


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of a folder."""

    id: int
    name: str
    folder: Folder
    words: QueueWords


@dataclass(frozen=True, slots=True)
class ProcessSchedule:
    """A trigger of a folder, with the Release that it starts and the queue that it watches, if any."""

    id: int
    name: str
    folder: Folder
    release: Release
    queue: Queue | None
    robots: tuple[Robot, ...]
    words: TriggerWords

    @property
    def strategy(self) -> int:
        """StartStrategy as the API has it."""
        if self.words.start_strategy is not None:
            return self.words.start_strategy
        return CUSTOM_ROBOTS if self.robots else 1


OfFolder: TypeAlias = tuple[Folder, Mapping[str, QueueWords], Mapping[str, TriggerWords]]
"""A folder, and what the catalog says of its queues and its triggers, by their names."""
Fault: TypeAlias = tuple[str, tuple[str, ...], str]
"""The path of a folder, the keys in it that lead to what is wrong, and a sentence."""


def deployed(
    given: Sequence[OfFolder], releases: Sequence[Release], robots: Sequence[Robot]
) -> tuple[tuple[Queue, ...], tuple[ProcessSchedule, ...], list[Fault]]:
    """The queues and triggers of all folders, in the order of the file, and what is wrong with them."""
    faults: list[Fault] = []
    queues: list[Queue] = []
    schedules: list[ProcessSchedule] = []
    queue_ids = _Ids("queue", (one.id for _, many, _ in given for one in many.values()))
    ids = _Ids("trigger", (one.id for _, _, many in given for one in many.values()))
    for folder, queue_words, trigger_words in given:
        for name, words in queue_words.items():
            queues.append(Queue(queue_ids.of(folder, name, words.id, faults), name, folder, words))
        here = {one.name: one for one in releases if one.folder == folder}
        able = {one.name: one for one in robots if one.folder == folder}
        known = {one.name: one for one in queues if one.folder == folder}
        for name, asked in trigger_words.items():
            number = ids.of(folder, name, asked.id, faults)
            named_things: list[tuple[str, str, str | None, Mapping[str, Json]]]
            named_things = [("release", "Release", asked.release, here), ("queue", "queue", asked.queue, known)]
            named_things += [("robots", "robot", robot, able) for robot in asked.robots]
            unknown = [(key, f"{what} {one}") for key, what, one, there in named_things if one and one not in there]
            for key, what in unknown:
                faults.append((folder.path, ("triggers", name, key), f"folder {folder.path} has no {what}"))
            if not unknown:
                queue = known[asked.queue] if asked.queue else None
                named = tuple(able[robot] for robot in asked.robots)
                schedules.append(ProcessSchedule(number, name, folder, here[asked.release], queue, named, asked))
    return tuple(queues), tuple(schedules), faults


class _Ids:
    """Ids of one kind of thing: those that are given, and free ones for the others."""

    def __init__(self, what: str, given: Iterable[int | None]) -> None:
        self._what = what
        self._given = {number for number in given if number is not None}
        self._free = (number for number in count(1) if number not in self._given)
        self._owners: dict[int, str] = {}

    def of(self, folder: Folder, name: str, given: int | None, faults: list[Fault]) -> int:
        """The id of one of them."""
        number = given or next(self._free)
        if number in self._owners:
            message = f"the {self._what} id {number} is taken by {self._owners[number]}"
            faults.append((folder.path, (f"{self._what}s", name, "id"), message))
        self._owners.setdefault(number, name)
        return number


def _key(what: str, one: Queue | ProcessSchedule) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{what}/{one.folder.path}/{one.name}"))


def _arguments(schedule: ProcessSchedule) -> str | None:
    given = schedule.words.input_arguments
    return None if given is None else json.dumps(given, ensure_ascii=False, separators=(",", ":"))


def _of_queue(schedule: ProcessSchedule, name: str) -> int | None:
    return getattr(schedule.words, name) if schedule.queue else None


def _always(value: Json, *names: str) -> Iterable[Property]:
    return [Property(name, lambda _: value) for name in names]


def _table(items: Iterable[Property]) -> dict[str, Property]:
    return {item.name.lower(): item for item in items}


PROCESS_SCHEDULE = EntityType(
    "ProcessSchedules",
    _table(
        [
            Property("Enabled", lambda one: one.words.enabled),
            Property("Name", lambda one: one.name),
            Property("ReleaseId", lambda one: one.release.id),
            Property("ReleaseKey", lambda one: one.release.key),
            Property("ReleaseName", lambda one: one.release.name),
            Property("PackageName", lambda one: one.release.name),
            *_always(None, "EnvironmentName", "EnvironmentId"),
            Property("JobPriority", lambda one: one.words.job_priority, members=tuple(JobPriority)),
            *_always(None, "SpecificPriorityValue"),
            Property("RuntimeType", lambda one: one.words.runtime_type),
            Property("StartProcessCron", lambda one: one.words.start_process_cron or _LOOKED_AT),
            *_always(None, "StartProcessCronDetails", "StartProcessCronSummary", "StartProcessNextOccurrence"),
            Property("StartStrategy", lambda one: one.strategy),
            *_always(None, "StopProcessExpression", "StopStrategy", "ExternalJobKey"),
            Property("TimeZoneId", lambda one: one.words.time_zone_id),
            *_always(None, "TimeZoneIana"),
            *_always(False, "UseCalendar"),  # noqa: FBT003 - the value itself
            *_always(None, "CalendarId", "CalendarName", "StopProcessDate"),
            Property("InputArguments", _arguments),
            Property("QueueDefinitionId", lambda one: one.queue.id if one.queue else None),
            Property("QueueDefinitionName", lambda one: one.queue.name if one.queue else None),
            Property("ItemsActivationThreshold", lambda one: _of_queue(one, "items_activation_threshold")),
            Property("ItemsPerJobActivationTarget", lambda one: _of_queue(one, "items_per_job_activation_target")),
            Property("MaxJobsForActivation", lambda one: _of_queue(one, "max_jobs_for_activation")),
            # servers on premises leave this empty whatever is asked for: GetRobotIdsForSchedule says who it is
            *_always([], "ExecutorRobots"),
            Property("Key", lambda one: _key("trigger", one)),
            Property("Id", lambda one: one.id),
        ]
    ),
)

QUEUE_DEFINITION = EntityType(
    "QueueDefinitions",
    _table(
        [
            Property("Key", lambda one: _key("queue", one)),
            Property("Name", lambda one: one.name),
            Property("Description", lambda one: one.words.description),
            Property("MaxNumberOfRetries", lambda one: one.words.max_number_of_retries),
            Property("AcceptAutomaticallyRetry", lambda one: one.words.max_number_of_retries > 0),
            Property("EnforceUniqueReference", lambda one: one.words.enforce_unique_reference),
            Property("OrganizationUnitId", lambda one: one.folder.id),
            Property("OrganizationUnitFullyQualifiedName", lambda one: one.folder.path),
            Property("Id", lambda one: one.id),
        ]
    ),
)
