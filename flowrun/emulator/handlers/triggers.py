"""Job triggers: what Suspended Jobs wait for, and the inboxes that wake them (API facts 2.5)."""

from __future__ import annotations

from collections.abc import Callable

from flowrun.emulator.call import PLAIN_JSON, ApiError, Call, Reply
from flowrun.emulator.handlers import reading
from flowrun.emulator.properties import TRIGGER
from flowrun.emulator.triggers import Trigger
from flowrun.orchestrator.wire import JobState

_PAYLOAD_LIMIT = 4000


def listed(call: Call) -> Reply:
    """`GET /odata/JobTriggers`."""
    return _list(call, lambda _: True)


def by_job_key(call: Call) -> Reply:
    """`GET /odata/JobTriggers/….GetByJobKey(jobKey={key})`."""
    job = call.tenant.store.job_by_key(call.arguments.get("jobkey", ""))
    if job is None:
        raise ApiError(404, 1002, "Job does not exist.")
    return _list(call, lambda trigger: trigger.job_id == job.id)


def with_wait_events(call: Call) -> Reply:
    """`GET /odata/JobTriggers/….GetWithWaitEvents(jobId={id})`. Wait events beside triggers there are none here."""
    wanted = reading.number(call.arguments.get("jobid", ""))
    return _list(call, lambda trigger: trigger.job_id == wanted)


def deliver(call: Call) -> Reply:
    """`POST /api/JobTriggers/DeliverPayload/{inboxId}`: 202, and 208 for an inbox that was delivered to before."""
    trigger = call.tenant.triggers.find(call.key)
    job = None if trigger is None else call.tenant.store.jobs.get(trigger.job_id)
    if trigger is None or job is None or trigger.timer is not None:
        raise ApiError(404, 1002, "Inbox does not exist.")
    if trigger.fired:
        return Reply(208)
    if job.state is not JobState.SUSPENDED:
        raise ApiError(404, 1002, "The Job of the inbox has ended.")
    if len(call.body) > _PAYLOAD_LIMIT:
        raise ApiError(400, 1000, f"Invalid request! The payload is larger than {_PAYLOAD_LIMIT} bytes.")
    call.tenant.robots.resume(job, call.json())
    return Reply(202)


def payload(call: Call) -> Reply:
    """`GET /api/JobTriggers/GetPayload/{inboxId}`: what was delivered."""
    trigger = call.tenant.triggers.find(call.key)
    if trigger is None or trigger.delivered is None:
        raise ApiError(404, 1002, "There is no payload.")
    return Reply(200, trigger.delivered, PLAIN_JSON)


def _list(call: Call, wanted: Callable[[Trigger], bool]) -> Reply:
    """Those of the folder that the call names, or of all."""
    folder, jobs = call.folder(), call.tenant.store.jobs
    found = [
        trigger
        for trigger in call.tenant.triggers.listed()
        if wanted(trigger) and (folder is None or jobs[trigger.job_id].folder == folder)
    ]
    return reading.listed(call, TRIGGER, found, reading.filter_of(call, TRIGGER))
