"""Deliveries: one POST for each event and webhook, signed, in order, once.

Nothing is repeated. A delivery that fails opens the webhook's breaker: for an hour it is told of nothing, and the
events of that hour are lost, those that waited too (user guide, about webhooks). A webhook that is changed is closed
again. Every delivery leaves a record in the ledger.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import ipaddress
import json
import ssl
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

from flowrun.emulator.entities import Job, Json, iso
from flowrun.emulator.ledger import Clock, Ledger
from flowrun.emulator.profile import Profile, Signature
from flowrun.emulator.properties import machine_id
from flowrun.emulator.webhooks import Webhook, Webhooks
from flowrun.orchestrator.wire import JobState

TIMEOUT_S = 5.0
_OF_STATE = {
    JobState.RUNNING: "job.started",
    JobState.SUCCESSFUL: "job.completed",
    JobState.FAULTED: "job.faulted",
    JobState.STOPPED: "job.stopped",
    JobState.SUSPENDED: "job.suspended",
    JobState.RESUMED: "job.resumed",
    JobState.STOPPING: "job.stopping",
    JobState.TERMINATING: "job.terminating",
}
_BY_USERS = frozenset({"job.created", "job.stopping", "job.terminating"})


class Deliveries:
    """What is told to whom. `profile` gives the profile of the moment."""

    def __init__(self, webhooks: Webhooks, ledger: Ledger, clock: Clock, profile: Callable[[], Profile]) -> None:
        self._webhooks = webhooks
        self._ledger = ledger
        self._clock = clock
        self._profile = profile
        self._queues: dict[int, asyncio.Queue[dict[str, Json]]] = {}
        self._workers: dict[int, asyncio.Task[None]] = {}
        self._broken_until: dict[int, float] = {}

    def created(self, jobs: list[Job], info: Json) -> None:
        """Tell of the Jobs of one start."""
        if jobs and self._webhooks.listed():
            self._tell("job.created", jobs[0], {"StartInfo": info, "Jobs": [_wrapped(job) for job in jobs]})

    def moved(self, job: Job) -> None:
        """Tell of a Job's new state."""
        if not self._webhooks.listed() or (job.state is JobState.RUNNING and job.resume_version):
            return
        shown = _simple(job)
        event = _OF_STATE[job.state]
        self._tell(event, job, {"Jobs": [shown]} if event == "job.stopped" else {"Job": shown})

    def ping(self, webhook: Webhook) -> Json:
        """Send a ping to one webhook; gives what is sent."""
        event = {"Type": "ping", "EventId": uuid.uuid4().hex, **self._times(), "EntityKey": webhook.key, "TenantId": 1}
        self._queue(webhook, {"Name": webhook.name, **event, "UserId": 1})
        return event

    def close_breaker(self, webhook: Webhook) -> None:
        """Deliver to a webhook again."""
        self._broken_until.pop(webhook.id, None)

    async def aclose(self) -> None:
        """Stop. What waits is lost."""
        for worker in self._workers.values():
            worker.cancel()
        if self._workers:
            await asyncio.wait(list(self._workers.values()))

    def _times(self) -> dict[str, Json]:
        now = iso(self._clock())
        return {"Timestamp": now, "EventTime": now}

    def _tell(self, event: str, job: Job, more: dict[str, Json]) -> None:
        common: dict[str, Json] = {
            "Type": event,
            "EventId": uuid.uuid4().hex,
            **self._times(),
            "EntityKey": job.key,
            "TenantId": 1,
            "OrganizationUnitId": job.folder.id,
            "OrganizationUnitKey": job.folder.key,
            "FolderId": job.folder.id,
            **({"UserId": 1} if event in _BY_USERS else {}),
            **more,
        }
        for webhook in self._webhooks.listed():
            if webhook.wants(event):
                self._queue(webhook, {"Name": webhook.name, **common})

    def _queue(self, webhook: Webhook, event: dict[str, Json]) -> None:
        if self._is_broken(webhook.id):
            self._record(webhook.id, event, None, "lost: the breaker is open")
            return
        queue = self._queues.setdefault(webhook.id, asyncio.Queue())
        queue.put_nowait(event)
        if webhook.id not in self._workers:
            self._workers[webhook.id] = asyncio.get_running_loop().create_task(self._work(webhook.id, queue))

    async def _work(self, number: int, queue: asyncio.Queue[dict[str, Json]]) -> None:
        while True:
            event = await queue.get()
            webhook = self._webhooks.find(number)
            if webhook is None or self._is_broken(number):
                self._record(number, event, None, "lost: the breaker is open" if webhook else "lost: it was deleted")
                continue
            try:
                status = await asyncio.wait_for(self._post(webhook, event), TIMEOUT_S)
                failure = None if 200 <= status < 300 else f"failed: {status}"  # noqa: PLR2004 - the good ones
            except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
                status, failure = None, f"failed: {type(error).__name__}"
            if failure is not None:
                self._broken_until[number] = self._clock() + self._profile().breaker_seconds
            self._record(number, event, status, failure)

    async def _post(self, webhook: Webhook, event: dict[str, Json]) -> int:
        """Send it; gives the status of the answer. Redirections are not followed."""
        address = urlsplit(webhook.url)
        body = json.dumps(event, ensure_ascii=False).encode("utf-8", errors="replace")
        headers = {
            "Host": address.netloc,
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        if webhook.secret:
            headers["X-UiPath-Signature"] = signature(webhook.secret, body, self._profile().webhook_signature)
        target = (address.path or "/") + (f"?{address.query}" if address.query else "")
        head = f"POST {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        secure = address.scheme == "https"
        reader, writer = await asyncio.open_connection(
            address.hostname, address.port or (443 if secure else 80), ssl=_context(webhook) if secure else None
        )
        try:
            # A name may mean another machine by now than when the webhook was made.
            if not is_here(writer.get_extra_info("peername")):
                raise ValueError("it leads to another machine")
            writer.write(f"{head}\r\n".encode("ascii") + body)
            await writer.drain()
            return int((await reader.readuntil(b"\r\n")).split()[1])
        except IndexError:
            raise ValueError("this is not HTTP") from None
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _is_broken(self, number: int) -> bool:
        return self._broken_until.get(number, 0.0) > self._clock()

    def _record(self, number: int, event: dict[str, Json], status: int | None, failure: str | None) -> None:
        self._ledger.write(
            "delivery", webhook=number, event=event["Type"], event_id=event["EventId"], status=status, failure=failure
        )


def signature(secret: str, body: bytes, form: Signature) -> str:
    """HMAC-SHA256 of the raw body, in one of the two forms that are told of."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256)
    if form is Signature.SHA256:
        return f"sha256={digest.hexdigest()}"
    return base64.b64encode(digest.digest()).decode()


def is_here(peer: tuple[str, int] | None) -> bool:
    """Whether the other end of a connection is on this machine."""
    return peer is not None and ipaddress.ip_address(peer[0]).is_loopback


def _context(webhook: Webhook) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if webhook.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _simple(job: Job) -> dict[str, Json]:
    """SimpleJobEventDto: the outputs are an object, and the tags are missing (API facts 7.3)."""
    robot = job.robot
    return {
        "Id": job.id,
        "Key": job.key,
        "State": job.state,
        "JobSubState": None,
        "StartTime": iso(job.started),
        "EndTime": iso(job.ended),
        "CreationTime": iso(job.created),
        "Info": job.info,
        "ErrorCode": job.error_code,
        "Error": None if job.error_code is None else {"Code": job.error_code, "Detail": job.info},
        "RuntimeType": job.runtime_type,
        "SourceType": job.source,
        "OutputArguments": None if job.output_arguments is None else json.loads(job.output_arguments),
        "Robot": None if robot is None else {"Id": robot.id, "Name": robot.name, "MachineName": robot.machine},
        "Machine": None if robot is None else {"Id": machine_id(robot.machine), "Name": robot.machine},
        "Release": {"Id": job.release.id, "Key": job.release.key, "ProcessKey": job.release.name},
        "ParentJobKey": job.echoed.get("ParentJobKey"),
        "EntryPointPath": job.echoed.get("EntryPointPath"),
    }


def _wrapped(job: Job) -> dict[str, Json]:
    """WrappedJobDto: it has the batch key, which the later events have not."""
    return {**_simple(job), "BatchExecutionKey": job.batch_execution_key}
