"""Entities as they go over HTTP: UiPath's names on the wire, snake case in Python.

Source: the OpenAPI definition of UiPath.WebApi 20.0 and the Jobs requests of the API guide. Readers are tolerant:
names in any case, unknown fields kept out, unknown states kept as text. Times stay ISO 8601 text as they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_pascal

ODATA = "UiPath.Server.Configuration.OData"


LONGEST_ARGUMENTS = 10_000
"""Characters of InputArguments as JSON text: names, values, brackets and escapes all count (API guide, Jobs)."""


def characters(text: str) -> int:
    """How many Orchestrator counts in a text: UTF-16 code units, as .NET does."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class JobState(StrEnum):
    """The nine states of a Job (enumerated types of the API guide)."""

    PENDING = "Pending"
    RUNNING = "Running"
    STOPPING = "Stopping"
    TERMINATING = "Terminating"
    FAULTED = "Faulted"
    SUCCESSFUL = "Successful"
    STOPPED = "Stopped"
    SUSPENDED = "Suspended"
    RESUMED = "Resumed"


FINAL_STATES = frozenset({JobState.FAULTED, JobState.SUCCESSFUL, JobState.STOPPED})


class Strategy(StrEnum):
    """How StartJobs chooses robots. The first three are for classic folders."""

    ALL = "All"
    SPECIFIC = "Specific"
    ROBOT_COUNT = "RobotCount"
    JOBS_COUNT = "JobsCount"
    MODERN_JOBS_COUNT = "ModernJobsCount"


class StopStrategy(StrEnum):
    """SoftStop sets a flag that the automation may read; Kill cancels, and kills after three seconds."""

    SOFT_STOP = "SoftStop"
    KILL = "Kill"


class Tag(StrEnum):
    """What a start may put on its Jobs to know them by. Servers before WebApi 15 know Reference alone."""

    BATCH = "BatchExecutionKey"
    REFERENCE = "Reference"


class JobPriority(StrEnum):
    """The priority of a Job among those that wait."""

    LOW = "Low"
    NORMAL = "Normal"
    HIGH = "High"


class Entity(BaseModel):
    """A thing on the wire. Reads PascalCase, camelCase and snake case; writes PascalCase."""

    model_config = ConfigDict(
        alias_generator=to_pascal,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _fold_case(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        known = _names_of(cls)
        return {known.get(str(name).lower().replace("_", ""), name): value for name, value in data.items()}

    def to_wire(self) -> dict[str, Any]:
        """As JSON with PascalCase names."""
        return self.model_dump(mode="json", by_alias=True)


_NAMES: dict[type[Entity], dict[str, str]] = {}


def _names_of(entity: type[Entity]) -> dict[str, str]:
    if entity not in _NAMES:
        _NAMES[entity] = {name.replace("_", ""): name for name in entity.model_fields}
    return _NAMES[entity]


class Robot(Entity):
    """A robot: what runs a Job."""

    id: int
    name: str = ""
    machine_name: str | None = None
    username: str | None = None
    type: str | None = None
    description: str | None = None


class Machine(Entity):
    """A machine: where a robot runs."""

    id: int | None = None
    name: str = ""


class ReleaseArguments(Entity):
    """The argument schema of a Release: each a JSON text that holds a list of `{name, type, …}`."""

    input: str | None = None
    output: str | None = None


class ReleaseVersion(Entity):
    """That a Release had a version of its package; each time that it gets one it is a new of these."""

    id: int
    version_number: str


class Release(Entity):
    """A package deployed to a folder; the product's pages call it a Process."""

    id: int
    key: str
    name: str
    process_key: str | None = None
    process_version: str | None = None
    is_latest_version: bool | None = None
    description: str | None = None
    arguments: ReleaseArguments | None = None
    input_arguments: str | None = None
    entry_point_path: str | None = None
    organization_unit_id: int | None = None
    organization_unit_fully_qualified_name: str | None = None
    release_versions: tuple[ReleaseVersion, ...] | None = None


class Folder(Entity):
    """Where Releases, robots and Jobs live. `id` travels as `X-UIPATH-OrganizationUnitId`."""

    id: int
    key: str | None = None
    display_name: str = ""
    fully_qualified_name: str = ""
    provision_type: str | None = None

    @property
    def is_classic(self) -> bool:
        """`Manual` is a classic folder and `Automatic` a modern one; where nobody says, it is taken for modern."""
        return self.provision_type == "Manual"


class JobError(Entity):
    """What went wrong in a Job, as newer servers tell it."""

    code: str | None = None
    title: str | None = None
    detail: str | None = None
    category: str | None = None
    status: int | None = None
    timestamp: str | None = None


class Job(Entity):
    """One execution of a Release on a robot. A reader needs `id`, `key` and `state`, and can bear anything else."""

    id: int
    key: str
    state: str
    start_time: str | None = None
    end_time: str | None = None
    creation_time: str | None = None
    last_modification_time: str | None = None
    info: str | None = None
    release_name: str | None = None
    release_version_id: int | None = None
    entry_point_path: str | None = None
    source: str | None = None
    source_type: str | None = None
    type: str | None = None
    runtime_type: str | None = None
    job_priority: str | None = None
    specific_priority_value: int | None = None
    reference: str | None = None
    batch_execution_key: str | None = None
    input_arguments: str | None = None
    output_arguments: str | None = None
    input_file: str | None = None
    output_file: str | None = None
    stop_strategy: str | None = None
    host_machine_name: str | None = None
    organization_unit_id: int | None = None
    organization_unit_fully_qualified_name: str | None = None
    folder_key: str | None = None
    error_code: str | None = None
    job_error: JobError | None = None
    sub_state: str | None = None
    robot: Robot | None = None
    release: Release | None = None
    machine: Machine | None = None

    @property
    def final(self) -> bool:
        """Whether it has ended. A state that this version has never heard of is not final."""
        return self.state in FINAL_STATES


class MachineRobot(Entity):
    """On whose robot and which machine a trigger of a modern folder starts its Jobs; either may be left open."""

    robot_user_name: str | None = None
    machine_name: str | None = None


class ProcessSchedule(Entity):
    """A trigger of a time or of a queue. `start_strategy`: -1 all robots, 0 those that it names, else how many Jobs."""

    id: int
    name: str
    enabled: bool = True
    release_name: str | None = None
    release_key: str | None = None
    start_strategy: int | None = None
    start_process_cron: str | None = None
    time_zone_id: str | None = None
    runtime_type: str | None = None
    job_priority: str | None = None
    input_arguments: str | None = None
    queue_definition_id: int | None = None
    queue_definition_name: str | None = None
    items_activation_threshold: int | None = None
    items_per_job_activation_target: int | None = None
    max_jobs_for_activation: int | None = None
    executor_robots: tuple[Robot, ...] | None = None
    machine_robots: tuple[MachineRobot, ...] | None = None

    @property
    def of_queue(self) -> bool:
        """Whether it watches a queue; triggers of times have none, or one with the id 0."""
        return bool(self.queue_definition_id)


class QueueDefinition(Entity):
    """A queue of a folder."""

    id: int
    name: str
    description: str | None = None


class StartInfo(Entity):
    """The `startInfo` of StartJobs (StartProcessDto). What is None is not sent; `more` is sent as it stands."""

    release_key: str | None = None
    release_name: str | None = None
    strategy: Strategy | None = None
    robot_ids: tuple[int, ...] | None = None
    no_of_robots: int | None = None
    jobs_count: int | None = None
    source: str | None = None
    input_arguments: str | None = None
    input_file: str | None = None
    job_priority: JobPriority | None = None
    runtime_type: str | None = None
    reference: str | None = None
    batch_execution_key: str | None = None
    more: dict[str, Any] | None = None

    def to_wire(self) -> dict[str, Any]:
        """As the API takes it: PascalCase, without what was left out."""
        body = self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"more"})
        return {**body, **(self.more or {})}


class BlobHeaders(Entity):
    """Headers as two lists of one length."""

    keys: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


class BlobAccess(Entity):
    """Where the bytes of an attachment or an export are read or written, often at another server (BlobFileAccessDto).

    `requires_auth`: whether that server is Orchestrator itself and wants our token.
    """

    uri: str
    requires_auth: bool = False
    headers: BlobHeaders | None = None

    def header_map(self) -> dict[str, str]:
        """The headers that must go with the request."""
        return dict(zip(self.headers.keys, self.headers.values, strict=False)) if self.headers else {}


class Attachment(Entity):
    """A file beside Jobs: arguments that are too large to be sent with one."""

    id: str
    name: str = ""
    blob_file_access: BlobAccess


class ExportStatus(StrEnum):
    """The life of an export."""

    NEW = "New"
    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"


class Export(Entity):
    """A list that the server writes as CSV. `size` is in bytes."""

    id: int
    name: str = ""
    status: str
    requested_at: str | None = None
    executed_at: str | None = None
    size: int | None = None


class Validation(Entity):
    """What ValidateDynamicJob says of a start: `error_codes` are reasons for which a Job would stay Pending."""

    is_valid: bool = True
    errors: tuple[str, ...] = ()
    error_codes: tuple[str, ...] = ()
