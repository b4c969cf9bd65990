"""Jobs themselves, run or no run: the calls of Orchestrator's API guide as use cases.

Every one of them takes Settings and a Place, and raises UsageError and OrchestratorError. Starting and waiting are in
`started.py`.
"""

from __future__ import annotations

import errno
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun import bootstrap, whole
from flowrun.api.moments import moment
from flowrun.engines.clock import SystemClock
from flowrun.errors import Ambiguous, OrchestratorError, UsageError
from flowrun.orchestrator import odata
from flowrun.orchestrator.query import JobPage, JobQuery
from flowrun.orchestrator.wire import ExportStatus, JobState, StopStrategy
from flowrun.steps.job.outputs import BadOutput, read_outputs
from flowrun.steps.pace import Backoff, each

if TYPE_CHECKING:
    from flowrun.core.plan import Json
    from flowrun.orchestrator.protocol import JobCalls
    from flowrun.orchestrator.wire import Export, Folder, Job
    from flowrun.settings import Settings

AT_ONCE = 8
_FASTEST, _SLOWEST = 0.2, 5.0
_DOWNLOAD_TRIES = 3
_STOPS_AT_ONCE = 100
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_STRATEGIES = {"softstop": StopStrategy.SOFT_STOP, "1": StopStrategy.SOFT_STOP}
_STRATEGIES |= {"kill": StopStrategy.KILL, "2": StopStrategy.KILL}


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look: a folder by path, key or id, None being the configured one; or all that the account sees.

    Where none is configured, reading looks into all of them too. `catalog` is that of the embedded Orchestrator, for
    where none is configured; else `emulator.yaml` of the present folder.
    """

    folder: str | None = None
    all_folders: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of an export. `size` is in bytes; the file is there only where it was Completed in time."""

    export: Export
    size: int = 0
    late: bool = False

    @property
    def done(self) -> bool:
        """Whether the file is there."""
        return self.export.status == ExportStatus.COMPLETED and not self.late


@dataclass(frozen=True, slots=True)
class Stopped:
    """`asked` are the Jobs that were asked to end, `ended` those that had ended before. As they were read last."""

    asked: tuple[Job, ...]
    ended: tuple[Job, ...]


@asynccontextmanager
async def at(settings: Settings, place: Place) -> AsyncIterator[tuple[bootstrap.Connected, Folder | None]]:
    """The Orchestrator and the folder in it; None for all folders."""
    async with bootstrap.connect(settings, Path.cwd() / bootstrap.CATALOG) as connected:
        connection = settings.connection
        everywhere = place.all_folders or (
            place.folder is None and connection is not None and connection.folder is None
        )
        yield connected, None if everywhere else await connected.orchestrator.folder(place.folder)


def job_query(  # noqa: PLR0913 - one keyword for each condition of the guide
    *,
    robot: str | None = None,
    states: Sequence[str] = (),
    ended_after: str | None = None,
    ended_before: str | None = None,
    started_after: str | None = None,
    started_before: str | None = None,
    created_after: str | None = None,
    error: str | None = None,
    release: str | None = None,
    environment: int | None = None,
    expand: Sequence[str] = (),
    order_by: str = "",
    top: int | None = 50,
    skip: int = 0,
    count: bool = False,
) -> JobQuery:
    """A query as people write it: a robot's id or name, times as `moments.moment` reads them. Raises UsageError."""
    now = SystemClock().now()
    number = int(robot) if robot is not None and robot.isascii() and robot.isdecimal() else None
    return JobQuery(
        robot=robot if number is None else number,
        states=tuple(_state(word) for word in states),
        ended_after=moment(ended_after, now),
        ended_before=moment(ended_before, now),
        started_after=moment(started_after, now),
        started_before=moment(started_before, now),
        created_after=moment(created_after, now),
        error=error,
        release=release,
        environment=environment,
        expand=tuple(dict.fromkeys(word.strip().lower() for word in expand)),
        order_by=order_by,
        top=top,
        skip=skip,
        count=count,
    )


async def list_jobs(settings: Settings, place: Place, query: JobQuery) -> JobPage:
    """The Jobs of a query. Their arguments are null, as Orchestrator leaves them out of lists."""
    async with at(settings, place) as (connected, folder):
        return await connected.orchestrator.query_jobs(folder, query)


async def show_job(settings: Settings, place: Place, name: str) -> Job:
    """One Job by id or key, whole; outputs that are in an attachment are read from there."""
    async with at(settings, place) as (connected, folder):
        (job,) = await find_jobs(connected.orchestrator, folder, [name])
        if job.output_file and not job.output_arguments and (where := folder_of(job, folder)) is not None:
            data = await connected.orchestrator.download(where, job.output_file)
            job = job.model_copy(update={"output_arguments": data.decode("utf-8", "replace")})
        return job


async def stop_jobs(settings: Settings, place: Place, names: Sequence[str], strategy: str) -> Stopped:
    """Ask Jobs to end, by one request for each folder; those that have ended are left alone.

    That a request was taken proves nothing: `wait_jobs` sees them end.
    """
    wanted = _STRATEGIES.get(strategy.lower())
    if wanted is None:
        raise UsageError(f"there is no stop strategy {strategy!r}", hint="SoftStop (1) or Kill (2)")
    async with at(settings, place) as (connected, folder):
        orchestrator = connected.orchestrator
        found = await find_jobs(orchestrator, folder, names)
        alive = [job for job in found if not job.final]
        for where, jobs in _by_folder(alive, folder).items():
            for first in range(0, len(jobs), _STOPS_AT_ONCE):
                ids = [job.id for job in jobs[first : first + _STOPS_AT_ONCE]]
                await _stop(orchestrator, where, ids, wanted)
        again = await find_jobs(orchestrator, folder, [str(job.id) for job in alive])
        return Stopped(tuple(again), tuple(job for job in found if job.final))


async def export_jobs(
    settings: Settings,
    place: Place,
    query: JobQuery,
    file: Path,
    *,
    within: float | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Exported:
    """Have the server write the Jobs of a query as CSV, wait for it, and put it into the file: whole or not at all.

    Each call counts towards the 100 exports a day of a tenant (errorCode 4502). `within` is in seconds.
    """
    clock = SystemClock()
    part = whole.beside(file)
    try:
        part.open("wb").close()  # before the export is asked for: it counts
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
    try:
        async with at(settings, place) as (connected, folder):
            orchestrator = connected.orchestrator
            export = await orchestrator.export_jobs(folder, query)
            told(f"export {export.id} is asked for")
            waits, waited = Backoff(_FASTEST, _SLOWEST, 1.5), 0.0
            while export.status not in (ExportStatus.COMPLETED, ExportStatus.FAILED):
                wait = waits.next()
                if within is not None and waited + wait > within:
                    return Exported(export, late=True)
                await clock.sleep(wait)
                waited += wait
                export = await orchestrator.export(folder, export.id)
            if export.status == ExportStatus.FAILED:
                return Exported(export)
            await _save(orchestrator, folder, export.id, part)
            size = part.stat().st_size
            part.replace(file)
            return Exported(export, size)
    finally:
        part.unlink(missing_ok=True)


def job_data(job: Job) -> dict[str, Json]:
    """A Job as plain JSON: the API's names in snake case, its arguments as values where they are JSON."""
    data: dict[str, Json] = job.model_dump(mode="json")
    for name in ("input_arguments", "output_arguments"):
        try:
            data[name] = None if data[name] is None else json.loads(data[name])
        except ValueError:
            continue
    return data


def outputs_of(job: Job) -> Mapping[str, Json]:
    """The outputs of a Job by name; empty where there are none that can be read."""
    try:
        return read_outputs(job.output_arguments)
    except BadOutput:
        return {}


async def find_jobs(orchestrator: JobCalls, folder: Folder | None, names: Sequence[str]) -> list[Job]:
    """Jobs by id or key, in this order, each once. Raises UsageError for those that are not there."""
    asked = [_name(text) for text in dict.fromkeys(names)]

    async def find(name: int | str) -> Job | None:
        if isinstance(name, int):
            return await orchestrator.job_by_id(folder, name)
        return await orchestrator.job_by_key(folder, name)

    found = dict(await each(asked, find, AT_ONCE))
    for answer in found.values():
        if isinstance(answer, OrchestratorError):
            raise answer
    where = f"folder {folder.fully_qualified_name or folder.id}" if folder else "the folders that this account sees"
    missing = [str(name) for name in asked if found[name] is None]
    if missing:
        raise UsageError(
            f"there is no Job {', '.join(missing)} in {where}",
            hint="flowrun jobs list shows those that there are; --all-folders looks into every folder",
        )
    jobs = {job.id: job for name in asked if (job := found[name]) is not None and not isinstance(job, Exception)}
    return list(jobs.values())


def folder_of(job: Job, folder: Folder | None) -> Folder | None:
    """The folder of a Job: its own word for it, else the one that was looked into."""
    from flowrun.orchestrator.wire import Folder as Entity  # noqa: PLC0415 - a name for types alone above

    if job.organization_unit_id is None:
        return folder
    return Entity(id=job.organization_unit_id, fully_qualified_name=job.organization_unit_fully_qualified_name or "")


def _by_folder(jobs: Sequence[Job], folder: Folder | None) -> dict[Folder, list[Job]]:
    found: dict[Folder, list[Job]] = {}
    for job in jobs:
        where = folder_of(job, folder)
        if where is None:
            raise UsageError(f"Orchestrator does not say which folder Job {job.id} is in", hint="name it by --folder")
        found.setdefault(where, []).append(job)
    return found


async def _stop(orchestrator: JobCalls, folder: Folder, ids: Sequence[int], strategy: StopStrategy) -> None:
    """Once more after a reply that was lost: to ask twice harms nothing."""
    try:
        await orchestrator.stop_jobs(folder, ids, strategy)
    except Ambiguous:
        await orchestrator.stop_jobs(folder, ids, strategy)


async def _save(orchestrator: JobCalls, folder: Folder | None, export_id: int, file: Path) -> None:
    """Read what an export holds into the file, again from the start where the connection breaks."""
    for left in range(_DOWNLOAD_TRIES - 1, -1, -1):
        try:
            with file.open("wb") as out:
                await orchestrator.read_export(folder, export_id, out.write)
        except Ambiguous as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno in _DISK:
                reason = error.__cause__.strerror
                raise UsageError(f"the export cannot be written to {file.parent}: {reason}") from error
            if not left:
                raise
        else:
            return


def _state(word: str) -> JobState:
    for state in JobState:
        if word.strip().lower() == state.lower():
            return state
    raise UsageError(f"there is no State {word!r} of a Job", hint=", ".join(JobState))


def _name(text: str) -> int | str:
    if text.isascii() and text.isdecimal():
        return int(text)
    if odata.is_guid(text):
        return text.lower()
    raise UsageError(f"{text!r} names no Job", hint="write its id, such as 1042, or its key, a UUID")
