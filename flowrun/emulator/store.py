"""What this Orchestrator knows, with its indexes. Every change of a Job passes through here and into the ledger."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Sequence

from flowrun.emulator.entities import Folder, FolderKind, Job, Json, Release, Robot
from flowrun.emulator.ledger import Clock, Ledger
from flowrun.emulator.versions import Versions
from flowrun.orchestrator.wire import JobState

_PENDING, _RUNNING = JobState.PENDING, JobState.RUNNING
_STOPPING, _TERMINATING = JobState.STOPPING, JobState.TERMINATING
_SUSPENDED, _RESUMED = JobState.SUSPENDED, JobState.RESUMED
_ENDS = frozenset({JobState.SUCCESSFUL, JobState.FAULTED, JobState.STOPPED})
LEGAL: dict[JobState, frozenset[JobState]] = {
    _PENDING: frozenset({_RUNNING, JobState.STOPPED, JobState.FAULTED}),
    _RUNNING: _ENDS | {_STOPPING, _TERMINATING, _SUSPENDED},
    _STOPPING: _ENDS | {_TERMINATING},
    _TERMINATING: frozenset({JobState.STOPPED, JobState.FAULTED}),
    _SUSPENDED: frozenset({_RESUMED, JobState.STOPPED}),
    _RESUMED: frozenset({_RUNNING, JobState.STOPPED, JobState.FAULTED}),
}
"""The moves that a Job may make (API facts 3.1)."""

LOST = "The robot was lost: the emulator ended while this Job was not final."
_CHANGES = frozenset(
    {"state", "started", "ended", "info", "output_arguments", "output_file", "stop_strategy", "error_code"}
) | frozenset({"persistence_id", "resume_version", "resume_time", "resumed_with", "input_arguments"})
_SCALARS = (
    *("id", "key", "batch_execution_key", "created", "reference", "input_arguments", "source", "priority"),
    *("runtime_type", "pinned_robot_id", "echoed", "stop_after", "stop_with", "kill_after"),
)


class IllegalMove(AssertionError):
    """A Job was asked to make a move that no Job makes: a bug of the emulator's."""


class Store:
    """Folders, robots and Releases from the catalog; Jobs by id, by key and by batch key. `tell` hears every move."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self.clock = clock
        self.tell: Callable[[Job], None] = lambda _: None
        self.folders: tuple[Folder, ...] = ()
        self.robots: tuple[Robot, ...] = ()
        self.releases: tuple[Release, ...] = ()
        self.jobs: dict[int, Job] = {}
        self._open: dict[int, Job] = {}
        self._ledger = ledger
        self._by_key: dict[str, Job] = {}
        self._by_batch: dict[str, list[Job]] = {}
        self._releases_by_key: dict[str, Release] = {}
        self.versions = Versions(ledger, clock)

    def deploy(self, folders: Sequence[Folder], robots: Sequence[Robot], releases: Sequence[Release]) -> None:
        """Take what the catalog says. Jobs that wait will run the Release as it is now."""
        self.folders, self.robots, self.releases = tuple(folders), tuple(robots), self.versions.deployed(releases)
        self._releases_by_key = {release.key: release for release in self.releases}

    def release(self, key: str) -> Release | None:
        """By key."""
        return self._releases_by_key.get(key.lower())

    def move_release(self, release: Release, number: str) -> Release | None:
        """Give a Release another version of its package; None where there is none of that number."""
        moved = self.versions.move(release, number)
        if moved is not None:
            self.releases = tuple(moved if one.key == release.key else one for one in self.releases)
            self._releases_by_key[moved.key] = moved
        return moved

    @property
    def open_jobs(self) -> int:
        """How many are not final."""
        return len(self._open)

    @property
    def busy_jobs(self) -> int:
        """How many need this process to go on: those that are neither final nor wait for a delivery."""
        return sum(job.state is not _SUSPENDED or job.sleeping for job in self._open.values())

    def open(self) -> list[Job]:
        """Those that are not final, oldest first."""
        return list(self._open.values())

    def job_by_key(self, key: str) -> Job | None:
        """By key, in any case."""
        return self._by_key.get(key.lower())

    def jobs_by_keys(self, keys: Iterable[str]) -> list[Job]:
        """Those of the keys that exist."""
        return [self._by_key[key] for key in {key.lower() for key in keys} if key in self._by_key]

    def jobs_by_ids(self, ids: Iterable[int]) -> list[Job]:
        """Those of the ids that exist."""
        return [self.jobs[job_id] for job_id in set(ids) if job_id in self.jobs]

    def jobs_by_batches(self, keys: Iterable[str]) -> list[Job]:
        """All Jobs of these starts."""
        return [job for key in {key.lower() for key in keys} for job in self._by_batch.get(key, ())]

    def create(self, template: Job) -> Job:
        """Add a Job like `template`, Pending, with an id, a key and times of its own."""
        now = self.clock()
        job_id = next(reversed(self.jobs), 0) + 1
        job = dataclasses.replace(template, id=job_id, key=str(uuid.uuid4()), created=now, modified=now)
        self._ledger.write("job_created", job=_recorded(job))
        self._add(job)
        return job

    def move(self, job: Job, state: JobState, *, robot: Robot | None = None, **changes: Json) -> None:
        """Change a Job's state and what changes with it. Raises IllegalMove."""
        if state not in LEGAL.get(job.state, ()):
            raise IllegalMove(f"Job {job.id} cannot go from {job.state} to {state}")
        now = self.clock()
        changes["state"] = state
        if state is _RUNNING and job.started is None:
            changes["started"] = now
        if state in _ENDS:
            changes["ended"] = now
        if state is _RESUMED:
            changes["resume_time"] = now
        self._ledger.write("job_state", id=job.id, old=job.state, robot_id=robot.id if robot else None, **changes)
        self._apply(job, changes, robot, now)
        self.tell(job)

    def restore(self, records: Iterable[Json]) -> None:
        """Rebuild the Jobs from an earlier emulator's ledger; those that a robot had become Faulted."""
        robots = {robot.id: robot for robot in self.robots}
        for record in records:
            if record["type"] == "job_created":
                self._add(self._remembered(record["job"]))
            elif record["type"] == "job_state":
                changes = {name: value for name, value in record.items() if name in _CHANGES}
                changes["state"] = JobState(changes["state"])
                moment = changes.get("ended") or changes.get("started") or self.jobs[record["id"]].modified
                self._apply(self.jobs[record["id"]], changes, robots.get(record["robot_id"] or 0), moment)
        self.lose()

    def lose(self) -> None:
        """Fault every Job that is not final: its robot is gone. A Suspended one has none, and can still go on."""
        for job in self.open():
            if job.state not in {_SUSPENDED, _RESUMED}:
                self.move(job, JobState.FAULTED, info=LOST, error_code="Robot")

    def _add(self, job: Job) -> None:
        self.jobs[job.id] = job
        self._by_key[job.key.lower()] = job
        self._by_batch.setdefault(job.batch_execution_key.lower(), []).append(job)
        self._open[job.id] = job

    def _apply(self, job: Job, changes: dict[str, Json], robot: Robot | None, now: float) -> None:
        for name, value in changes.items():
            setattr(job, name, value)
        job.robot = robot or job.robot
        job.modified = now
        if job.final:
            self._open.pop(job.id, None)

    def _remembered(self, data: dict[str, Json]) -> Job:
        place, what = data["folder"], data["release"]
        folder = next((folder for folder in self.folders if folder.key == place["key"]), None) or Folder(
            place["id"], place["key"], place["path"], FolderKind.ANY
        )
        release = self.release(what["key"]) or Release(
            what["id"], what["key"], what["name"], what["version"], folder, None
        )
        if release.version_id != what.get("version_id", release.version_id):
            had = tuple(one for one in release.history if one.id <= what["version_id"])
            release = dataclasses.replace(release, version=what["version"], moves=had)
        kept = {name: data[name] for name in _SCALARS if name in data}
        return Job(folder=folder, release=release, modified=data["created"], **kept)


def _recorded(job: Job) -> dict[str, Json]:
    release, folder = job.release, job.folder
    return {
        **{name: getattr(job, name) for name in _SCALARS},
        "folder": {"id": folder.id, "key": folder.key, "path": folder.path},
        "release": {
            "id": release.id,
            "key": release.key,
            "name": release.name,
            "version": release.version,
            "version_id": release.version_id,
        },
    }
