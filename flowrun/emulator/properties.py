"""How each entity looks on the wire: the names of the OpenAPI definition (UiPath.WebApi 20.0), and how each is read.

`$filter`, `$select`, `$expand` and `$orderby` all ask these tables, so a name is spelled once.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flowrun.emulator import arguments
from flowrun.emulator.entities import Builtin, Job, Json, Release, ReleaseVersion, Trick, iso
from flowrun.emulator.files import Export
from flowrun.emulator.versions import latest
from flowrun.orchestrator.wire import JobPriority, JobState

Read = Callable[[Json], Json]


@dataclass(frozen=True, slots=True)
class Property:
    """One property. `members` are an enum's, in the order of their numbers; `heavy` ones are null in lists.

    `hidden` ones can be filtered by, and are not shown.
    """

    name: str
    read: Read
    members: tuple[str, ...] = ()
    heavy: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class EntityType:
    """An entity's properties and navigations, by their names in lower case."""

    name: str
    properties: Mapping[str, Property]
    navigations: Mapping[str, tuple[Property, EntityType]] = field(default_factory=dict)

    def without(self, names: Sequence[str]) -> EntityType:
        """The same type without these properties, in whichever case they are written."""
        if not names:
            return self
        gone = {name.lower() for name in names}
        return replace(self, properties={key: item for key, item in self.properties.items() if key not in gone})

    def project(
        self,
        entity: Json,
        *,
        select: frozenset[str] | None = None,
        expand: frozenset[str] = frozenset(),
        listed: bool = False,
    ) -> dict[str, Json]:
        """As JSON. `select` and `expand` are names in lower case; `listed` leaves the heavy properties null."""
        shown = {
            item.name: None if listed and item.heavy else item.read(entity)
            for key, item in self.properties.items()
            if (select is None and not item.hidden) or (select is not None and key in select)
        }
        for key, (navigation, target) in self.navigations.items():
            if key in expand:
                other = navigation.read(entity)
                many = isinstance(other, list)
                each = [target.project(one) for one in other] if many else None
                shown[navigation.name] = each if many or other is None else target.project(other)
            elif select is None:
                shown[navigation.name] = None
        return shown


def priority_word(value: int) -> str:
    """The old word for a priority of 1 to 100 (Low 25, Normal 45, High 65)."""
    if value < 45:  # noqa: PLR2004 - the band as the API documents it
        return JobPriority.LOW
    return JobPriority.NORMAL if value < 65 else JobPriority.HIGH  # noqa: PLR2004 - the same


def machine_id(name: str) -> int:
    """A stable id for a machine, which catalogs only name."""
    return uuid.uuid5(uuid.NAMESPACE_OID, name).int % 100_000


def _table(items: Iterable[Property]) -> dict[str, Property]:
    return {item.name.lower(): item for item in items}


def _null(*names: str) -> list[Property]:
    return [Property(name, lambda _: None) for name in names]


def _always(value: Json, *names: str) -> list[Property]:
    return [Property(name, lambda _: value) for name in names]


def _echoed(*names: str) -> list[Property]:
    def reader(name: str) -> Read:
        return lambda job: job.echoed.get(name)

    return [Property(name, reader(name)) for name in names]


FOLDER = EntityType(
    "Folders",
    _table(
        [
            Property("Key", lambda folder: folder.key),
            Property("DisplayName", lambda folder: folder.name),
            Property("FullyQualifiedName", lambda folder: folder.path),
            *_null("Description"),
            *_always("Standard", "FolderType"),
            *_always(False, "IsPersonal"),  # noqa: FBT003 - the value itself
            Property("ProvisionType", lambda folder: "Manual" if folder.kind == "classic" else "Automatic"),
            *_always("FineGrained", "PermissionModel"),
            Property("ParentId", lambda folder: folder.parent_id),
            Property("ParentKey", lambda folder: folder.parent_key),
            *_always("Processes", "FeedType"),
            Property("Id", lambda folder: folder.id),
        ]
    ),
)

ROBOT = EntityType(
    "Robots",
    _table(
        [
            *_null("LicenseKey"),
            Property("MachineName", lambda robot: robot.machine),
            Property("MachineId", lambda robot: machine_id(robot.machine)),
            Property("Name", lambda robot: robot.name),
            Property("Username", lambda robot: robot.username),
            *_null("ExternalName", "Description"),
            Property("Type", lambda robot: robot.type),
            *_always("Standard", "HostingType"),
            Property("ProvisionType", lambda robot: "Manual" if robot.folder.kind == "classic" else "Automatic"),
            *_null("Password", "CredentialStoreId", "UserId"),
            *_always(True, "Enabled"),  # noqa: FBT003 - the value itself
            *_always("Default", "CredentialType"),
            *_always("", "RobotEnvironments"),
            *_null("ExecutionSettings"),
            *_always(False, "IsExternalLicensed", "LimitConcurrentExecution"),  # noqa: FBT003 - the value itself
            Property("Id", lambda robot: robot.id),
        ]
    ),
)

MACHINE = EntityType(
    "Machines",
    _table(
        [
            Property("Name", lambda name: name),
            *_always("Template", "Type"),
            *_always("Default", "Scope"),
            Property("Id", machine_id),
        ]
    ),
)


def _release_arguments(release: Release) -> Json:
    if release.inputs is None and release.outputs is None:
        return None
    return {
        "Input": arguments.input_schema(release.inputs or ()),
        "Output": arguments.output_schema(release.outputs or ()),
    }


def _tags(release: Release) -> list[Json]:
    run = release.run
    return [{"Name": f"builtin:{Builtin(run.builtin)}"}] if isinstance(run, Trick) else []


RELEASE_VERSION = EntityType(
    "ReleaseVersions",
    _table(
        [
            Property("ReleaseId", lambda seen: seen[0].id),
            Property("VersionNumber", lambda seen: seen[1].number),
            Property("CreationTime", lambda seen: iso(seen[1].created)),
            Property("ReleaseName", lambda seen: seen[0].name),
            Property("Id", lambda seen: seen[1].id),
        ]
    ),
)
"""Of a pair: the Release, and the version that it has or had."""


def _versions(release: Release) -> list[tuple[Release, ReleaseVersion]]:
    return [(release, one) for one in release.history]


def _is_latest(release: Release) -> bool:
    return release.version == latest(release)


RELEASE = EntityType(
    "Releases",
    _table(
        [
            Property("Key", lambda release: release.key),
            Property("ProcessKey", lambda release: release.name),
            Property("ProcessVersion", lambda release: release.version),
            Property("IsLatestVersion", _is_latest),
            *_always(False, "IsProcessDeleted"),  # noqa: FBT003 - the value itself
            Property("Description", lambda release: release.description),
            Property("Name", lambda release: release.name),
            *_null("EntryPointId"),
            Property("EntryPointPath", lambda release: getattr(release.run, "entry_point", None)),
            Property("EnvironmentId", lambda _: None, hidden=True),  # of the API guide; no longer in the definition
            Property("InputArguments", lambda release: arguments.defaults(release.inputs or ())),
            *_null("EnvironmentVariables"),
            *_always("Process", "ProcessType"),
            *_always(False, "SupportsMultipleEntryPoints", "RequiresUserInteraction"),  # noqa: FBT003 - the same
            *_always(False, "IsAttended", "IsCompiled", "AutoUpdate", "HiddenForAttendedUser"),  # noqa: FBT003 - same
            Property("Arguments", _release_arguments),
            *_null("FeedId"),
            *_always("Normal", "JobPriority"),
            *_always(45, "SpecificPriorityValue"),
            Property("FolderKey", lambda release: release.folder.key),
            Property("OrganizationUnitId", lambda release: release.folder.id),
            Property("OrganizationUnitFullyQualifiedName", lambda release: release.folder.path),
            *_always("Portable", "TargetFramework"),
            Property("Tags", _tags),
            *_always("None", "RemoteControlAccess"),
            Property("LastModificationTime", lambda release: iso(release.modified)),
            Property("CreationTime", lambda release: iso(release.modified)),
            Property("Id", lambda release: release.id),
        ]
    ),
    {
        "currentversion": (
            Property("CurrentVersion", lambda release: (release, release.history[-1])),
            RELEASE_VERSION,
        ),
        "releaseversions": (Property("ReleaseVersions", _versions), RELEASE_VERSION),
    },
)


ATTACHMENT = EntityType(
    "Attachments",
    _table(
        [
            Property("Name", lambda attachment: attachment.name),
            Property("CreationTime", lambda attachment: iso(attachment.created)),
            *_null("LastModificationTime", "LastModifierUserId", "CreatorUserId"),
            Property("Id", lambda attachment: attachment.id),
        ]
    ),
)


TRIGGER = EntityType(
    "JobTriggers",
    _table(
        [
            Property("JobId", lambda trigger: trigger.job_id),
            Property("TriggerType", lambda trigger: trigger.type),
            Property("Status", lambda trigger: "Fired" if trigger.fired else "New"),
            Property("ItemKey", lambda trigger: trigger.inbox),
            *_null("ItemId"),
            Property("Timer", lambda trigger: iso(trigger.timer)),
            Property("TriggerMessage", lambda trigger: trigger.message),
            *_null("TriggerConfiguration"),
            Property("Id", lambda trigger: trigger.id),
        ]
    ),
)


WEBHOOK = EntityType(
    "Webhooks",
    _table(
        [
            Property("Key", lambda webhook: webhook.key),
            Property("Name", lambda webhook: webhook.name),
            Property("Description", lambda webhook: webhook.description),
            Property("Url", lambda webhook: webhook.url),
            Property("Enabled", lambda webhook: webhook.enabled),
            Property("Secret", lambda webhook: webhook.secret),
            Property("SubscribeToAllEvents", lambda webhook: webhook.all_events),
            Property("AllowInsecureSsl", lambda webhook: webhook.insecure),
            Property("Events", lambda webhook: [{"EventType": name} for name in webhook.events]),
            Property("Id", lambda webhook: webhook.id),
        ]
    ),
)


def _export_status(export: Export, now: float) -> str:
    if now >= export.ready:
        return "Failed" if export.failed else "Completed"
    return "New" if now * 2 < export.requested + export.ready else "InProgress"


EXPORT = EntityType(
    "Exports",
    _table(
        [
            Property("Id", lambda seen: seen[0].id),
            Property("Name", lambda seen: seen[0].name),
            *_always("Jobs", "Type"),
            Property("Status", lambda seen: _export_status(*seen)),
            Property("RequestedAt", lambda seen: iso(seen[0].requested)),
            Property("ExecutedAt", lambda seen: iso(seen[0].ready) if seen[1] >= seen[0].ready else None),
            Property("Size", lambda seen: seen[0].size if _export_status(*seen) == "Completed" else None),
        ]
    ),
)
"""Of a pair: the Export, and the time at which it is looked at."""


def _job_error(job: Job) -> Json:
    if job.state is not JobState.FAULTED:
        return None
    title = (job.info or "").split("\r\n", 1)[0]
    return {
        "code": job.error_code,
        "title": title,
        "detail": job.info,
        "category": "User",
        "status": None,
        "timestamp": iso(job.ended),
    }


ECHOED = (
    *("EnvironmentVariables", "InputFile", "ProfilingOptions", "FpsProperties", "FpsContext", "TraceId"),
    *("ParentSpanId", "RootSpanId", "EntryPointPath", "ResumeOnSameContext", "RequiresUserInteraction"),
    *("RemoteControlAccess", "AutopilotForRobots", "ParentJobKey"),
)
"""Fields of startInfo that a Job gives back as they came."""

JOB = EntityType(
    "Jobs",
    _table(
        [
            Property("Key", lambda job: job.key),
            Property("StartTime", lambda job: iso(job.started)),
            Property("EndTime", lambda job: iso(job.ended)),
            Property("State", lambda job: job.state, members=tuple(JobState)),
            *_null("SubState"),
            Property("JobPriority", lambda job: priority_word(job.priority), members=tuple(JobPriority)),
            Property("SpecificPriorityValue", lambda job: job.priority),
            *_null("ResourceOverwrites"),
            Property("Source", lambda job: job.source),
            Property("SourceType", lambda job: job.source),
            Property("BatchExecutionKey", lambda job: job.batch_execution_key),
            Property("Info", lambda job: job.info),
            Property("CreationTime", lambda job: iso(job.created)),
            *_null("StartingScheduleId"),
            Property("ReleaseName", lambda job: job.release.name),
            *_always("Unattended", "Type"),
            Property("InputArguments", lambda job: job.input_arguments, heavy=True),
            Property("OutputArguments", lambda job: job.output_arguments, heavy=True),
            Property("InputFile", lambda job: job.echoed.get("InputFile"), heavy=True),
            Property("OutputFile", lambda job: job.output_file, heavy=True),
            Property("HostMachineName", lambda job: job.robot.machine if job.robot else None),
            *_always(False, "HasMediaRecorded", "HasVideoRecorded"),  # noqa: FBT003 - the value itself
            Property("PersistenceId", lambda job: job.persistence_id),
            Property("ResumeVersion", lambda job: job.resume_version),
            Property("StopStrategy", lambda job: job.stop_strategy, members=("None", "SoftStop", "Kill")),
            Property("RuntimeType", lambda job: job.runtime_type),
            Property("ReleaseVersionId", lambda job: job.release.version_id),
            Property("OrganizationUnitId", lambda job: job.folder.id),
            Property("OrganizationUnitFullyQualifiedName", lambda job: job.folder.path),
            Property("FolderKey", lambda job: job.folder.key),
            Property("Reference", lambda job: job.reference),
            *_always("Process", "ProcessType"),
            *_null("LocalSystemAccount", "OrchestratorUserIdentity", "StartingTriggerId"),
            *_echoed("MaxExpectedRunningTimeSeconds"),
            *_null("ServerlessJobType"),
            Property("ResumeTime", lambda job: iso(job.resume_time)),
            Property("LastModificationTime", lambda job: iso(job.modified)),
            Property("JobError", _job_error),
            Property("ErrorCode", lambda job: job.error_code),
            *_echoed(*(name for name in ECHOED if name != "InputFile")),
            Property("Id", lambda job: job.id),
        ]
    ),
    {
        "robot": (Property("Robot", lambda job: job.robot), ROBOT),
        "release": (Property("Release", lambda job: job.release), RELEASE),
        "machine": (Property("Machine", lambda job: job.robot.machine if job.robot else None), MACHINE),
    },
)
