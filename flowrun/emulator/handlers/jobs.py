"""Jobs: read, start, stop, restart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flowrun.emulator.call import PLAIN_JSON, ApiError, Call, Reply, folded
from flowrun.emulator.entities import Folder, Job, Json
from flowrun.emulator.handlers import reading
from flowrun.emulator.handlers.starting import input_arguments, invalid, member, release_of, templates
from flowrun.emulator.properties import JOB
from flowrun.emulator.query import Filter
from flowrun.emulator.store import Store
from flowrun.orchestrator.wire import JobState, StopStrategy

_TOLD = ("ReleaseKey", "Strategy", "RobotIds", "JobsCount", "Source")
"""What job.created says of a start."""
_NO_JOB = "Job does not exist."


def listed(call: Call) -> Reply:
    """`GET /odata/Jobs`: of the folder, or of all where none is named. Arguments are null."""
    filter_ = reading.filter_of(call, JOB)
    return reading.listed(call, JOB, shown(call, filter_), filter_)


def shown(call: Call, filter_: Filter | None) -> Iterable[Job]:
    """The Jobs that a list looks at: of the folder, and old enough to be seen."""
    folder = call.folder()
    found = _candidates(call.tenant.store, filter_)
    fault = call.tenant.faults.passive("Jobs", "list_lag")
    lag = max(call.tenant.profile.list_lag, fault.seconds if fault else 0.0)
    latest = call.tenant.store.clock() - lag if lag else None
    return (
        job for job in found if (folder is None or job.folder == folder) and (latest is None or job.created <= latest)
    )


def single(call: Call) -> Reply:
    """`GET /odata/Jobs({id})`: whole, and never late."""
    return reading.single(call, JOB, _visible(call.tenant.store.jobs.get(reading.number(call.key)), call), "Job")


def by_key(call: Call) -> Reply:
    """`GET /odata/Jobs/….GetByKey(identifier={key})`. It needs a folder (API facts 1.3)."""
    call.need_folder()
    return reading.single(
        call, JOB, _visible(call.tenant.store.job_by_key(call.arguments.get("identifier", "")), call), "Job"
    )


def start(call: Call) -> Reply:
    """`POST /odata/Jobs/….StartJobs`: 201, with one Job for each that was created."""
    info = _start_info(call)
    tenant = call.tenant
    made = templates(info, call.need_folder(), tenant, tenant.faults)
    created = [tenant.store.create(template) for template in made]
    # Shown before a robot takes them: the real server answers while they are Pending.
    value = [JOB.project(job) for job in created]
    tenant.deliveries.created(created, {name: info.get(name.lower()) for name in _TOLD})
    tenant.robots.submit(created)
    return Reply(201, {"@odata.context": call.context("Jobs"), "value": value})


def validate(call: Call) -> Reply:
    """`POST /odata/Jobs/….ValidateDynamicJob`: whether a start would find its Release, folder and robots."""
    errors: list[str] = []
    codes: list[str] = []
    try:
        templates(_start_info(call), call.need_folder(), call.tenant)
    except ApiError as error:
        errors.append(error.message)
        codes += ["RobotNotFound"] if error.code == 1671 else []  # noqa: PLR2004 - InvalidStartJobRobotIds
    return Reply(200, {"IsValid": not errors, "Errors": errors, "ErrorCodes": codes}, PLAIN_JSON)


def stop_one(call: Call) -> Reply:
    """`POST /odata/Jobs({id})/….StopJob`: an empty 200."""
    return _stop(call, [reading.number(call.key)], call.json().get("strategy"))


def stop_many(call: Call) -> Reply:
    """`POST /odata/Jobs/….StopJobs`: an empty 200. An unknown id stops nothing; final Jobs stay as they are."""
    body = call.json()
    ids = body.get("jobids")
    if not isinstance(ids, list) or not all(isinstance(item, int) and not isinstance(item, bool) for item in ids):
        raise invalid("jobIds is not a list of numbers.")
    return _stop(call, ids, body.get("strategy"))


def restart(call: Call) -> Reply:
    """`POST /odata/Jobs/….RestartJob`: a new Job like a final one."""
    job_id = call.json().get("jobid")
    job = _visible(call.tenant.store.jobs.get(job_id) if isinstance(job_id, int) else None, call)
    if job is None:
        raise ApiError(404, 1002, _NO_JOB)
    if not job.final:
        raise ApiError(409, 1017, "A job that has not finished cannot be restarted.")
    release = release_of({"releasekey": job.release.key}, job.folder, call.tenant)
    blank = Job(0, "", job.folder, release, job.batch_execution_key, 0.0, 0.0)
    again = replace(
        blank,
        reference=job.reference,
        input_arguments=job.input_arguments,
        source=job.source,
        priority=job.priority,
        runtime_type=job.runtime_type,
        pinned_robot_id=job.pinned_robot_id,
        echoed=job.echoed,
        stop_after=job.stop_after,
        stop_with=job.stop_with,
        kill_after=job.kill_after,
    )
    created = call.tenant.store.create(again)
    value = JOB.project(created)
    call.tenant.robots.submit([created])
    return Reply(200, {"@odata.context": call.context("Jobs/$entity"), **value})


def resume(call: Call) -> Reply:
    """`POST /odata/Jobs/….ResumeJob {"jobKey": …}`: a Suspended Job goes on; its arguments may be given anew."""
    body = call.json()
    job = _visible(call.tenant.store.job_by_key(str(body.get("jobkey"))), call)
    if job is None:
        raise ApiError(404, 1002, _NO_JOB)
    if job.state is not JobState.SUSPENDED:
        raise ApiError(409, 1017, f"A job that is {job.state} cannot be resumed.")
    call.tenant.robots.resume(job, text=input_arguments(body))
    return Reply(200, {"@odata.context": call.context("Jobs/$entity"), **JOB.project(job)})


def _start_info(call: Call) -> dict[str, Json]:
    info = call.json().get("startinfo")
    if not isinstance(info, dict):
        raise invalid("startInfo is missing.")
    return folded(info)


def _stop(call: Call, ids: list[int], given: Json) -> Reply:
    strategy = member(given, list(StopStrategy), "Strategy", first=1)
    call.need_folder()
    jobs = [_visible(call.tenant.store.jobs.get(job_id), call) for job_id in ids]
    if None in jobs:
        raise ApiError(404, 1002, _NO_JOB)
    if not call.tenant.faults.passive("StopJobs", "stuck_stop"):
        deaf = call.tenant.faults.passive("StopJobs", "deaf_stop") is not None
        for job in jobs:
            if job is not None:
                call.tenant.robots.stop(job, strategy, deaf=deaf)
    return Reply(200)


def _visible(job: Job | None, call: Call) -> Job | None:
    """The Job, if it is in the folder that the call names, or the call names none."""
    folder: Folder | None = call.folder()
    return None if job is None or (folder is not None and job.folder != folder) else job


def _candidates(store: Store, filter_: Filter | None) -> Iterable[Job]:
    """The Jobs that can match, through an index where the filter names ids, keys or starts."""
    bounds = filter_.bounds if filter_ is not None else {}
    if "id" in bounds:
        return sorted(store.jobs_by_ids(value for value in bounds["id"] if isinstance(value, int)), key=_id)
    for name, find in (("key", store.jobs_by_keys), ("batchexecutionkey", store.jobs_by_batches)):
        if name in bounds:
            return sorted(find(str(value) for value in bounds[name]), key=_id)
    return store.jobs.values()


def _id(job: Job) -> int:
    return job.id
