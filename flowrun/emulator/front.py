"""From a request to a reply: who may ask, which fault it meets, which handler answers, what the ledger says of it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from flowrun.emulator import guard, routes, scopes
from flowrun.emulator.call import NESTING, PLAIN_JSON, ApiError, Call, Reply
from flowrun.emulator.entities import Json, nesting
from flowrun.emulator.faults import Fault
from flowrun.emulator.handlers import blobs
from flowrun.emulator.tenant import Tenant

Body: TypeAlias = Callable[[int], Awaitable[bytes | None]]
"""Reads the body; None where it has more bytes than that."""

_RECORDED = frozenset({"StartJobs", "StopJobs", "StopJob", "RestartJob"})
_SECRET = frozenset({"Token", "Authenticate", "CreateWebhook", "UpdateWebhook"})
"""Bodies with a secret in them: a digest would be something to guess against."""
_HTML = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in to continue.</body></html>"
_LOG = logging.getLogger("flowrun.emulator")


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Header names are in lower case. `body` is empty until it is known that it may be read."""

    method: str
    path: str
    query: Mapping[str, str]
    query_text: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply, and what a fault does to it: `lost` closes the connection, `cut` closes it half-way."""

    reply: Reply
    lost: bool = False
    cut: bool = False


async def answer(request: Request, read: Body, tenant: Tenant, hosts: frozenset[str]) -> Answer:
    """Answer one request, and record it. The body is not read for who may not ask."""
    route = _served(routes.find(request.method, request.path), request.path, tenant)
    operation = route.operation if route is not None else ""
    refusal = _refusal(request, route, tenant, hosts)
    if refusal is not None:
        return _recorded(request, operation, Answer(refusal), tenant, None)
    limit = guard.body_limit(request.path)
    body = await read(limit)
    if body is None:
        too_large = ApiError(413, 1000, f"The body is larger than {limit} bytes.").reply()
        return _recorded(request, operation, Answer(too_large), tenant, None)
    request = replace(request, body=body)
    fault = None if route is None or operation == "emulator" else tenant.faults.take(operation)
    if fault is None:
        return _recorded(request, operation, Answer(_handled(request, route, tenant, hosts)), tenant, None)
    if not fault.after_commit:
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        elif fault.kind != "cut":
            return _recorded(request, operation, _faulty(fault, Reply()), tenant, fault)
    reply = _handled(request, route, tenant, hosts)
    result = _recorded(request, operation, _faulty(fault, reply), tenant, fault)
    if fault.kind == "delay" and fault.after_commit:
        await asyncio.sleep(fault.seconds)
    return result


def _served(route: routes.Route | None, path: str, tenant: Tenant) -> routes.Route | None:
    """The route, if this kind of Orchestrator has it there."""
    if route is None or route.operation in {"emulator", "Blob"}:
        return route
    profile = tenant.profile
    if route.operation == "Token":
        return route if profile.signs_in(path) else None
    known = profile.serves(route.mount) and (route.operation != "Authenticate" or profile.signs_in(path))
    return route if known else None


def _refusal(request: Request, route: routes.Route | None, tenant: Tenant, hosts: frozenset[str]) -> Reply | None:
    """Why a request is not even looked at; None where it is."""
    large = guard.check_size(request.path, request.query_text, request.headers)
    if large is not None:
        return ApiError(large[0], 1000, large[1]).reply()
    foreign = guard.check_address(request.headers, hosts)
    if foreign is not None:
        return ApiError(403, 0, foreign).reply()
    is_open = route is not None and route.handler in routes.OPEN
    if route is not None and route.handler in routes.OF_ROBOTS:
        is_open = tenant.sessions.find(request.headers.get("x-robot-license")) is not None
    if route is not None and is_open:
        is_blob = route.operation == "Blob"
        return blobs.refusal(tenant, route.key, request.method, request.query, request.headers) if is_blob else None
    authorization = request.headers.get("authorization")
    if not tenant.guard.accepts(authorization):
        return _not_signed_in()
    if route is not None and not scopes.allows(tenant.guard.scopes(authorization), route.operation):
        return _not_allowed()
    return None


def _handled(request: Request, route: routes.Route | None, tenant: Tenant, hosts: frozenset[str]) -> Reply:
    if route is None:
        return ApiError(404, 0, f"{request.path} is no path of Orchestrator.").reply()
    if route.handler is None:
        text = f"This emulator does not build {route.operation} ({request.method} {request.path})."
        return ApiError(501, 0, text).reply()
    base = f"http://{request.headers.get('host', next(iter(hosts)))}{route.mount}"
    call = Call(
        tenant,
        request.method,
        base,
        request.query,
        request.headers,
        request.body,
        route.key,
        route.arguments,
    )
    limit = tenant.profile.list_calls_per_minute if route.operation == "Jobs" else 0
    wait, headers = tenant.list_calls.take(limit, tenant.store.clock()) if limit else (None, {})
    if wait is not None:
        text = f"Too many requests: {limit} list calls a minute. Try again in {wait} seconds."
        return replace(ApiError(429, 0, text).reply(), headers=headers)
    try:
        reply = route.handler(call)
        return replace(reply, headers={**reply.headers, **headers}) if headers else reply
    except ApiError as error:
        return replace(error.reply(), headers=headers)
    except Exception:  # noqa: BLE001 - whatever it is, a client gets an answer in the API's form
        _LOG.exception("%s %s failed", request.method, request.path)
        return ApiError(500, 0, "An internal error occurred in the emulator.").reply()


def _faulty(fault: Fault, reply: Reply) -> Answer:
    """What the client gets to see instead of `reply`."""
    if fault.kind == "status":
        text = ApiError(fault.status, 0, f"A fault was asked for: {fault.fault}.").reply()
        headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
        return Answer(replace(text, headers=headers))
    if fault.kind == "edge":
        body = {"message": "Too many requests.", "retry_after": _number(fault.retry_after)}
        return Answer(Reply(429, body, PLAIN_JSON))
    if fault.kind == "html":
        return Answer(Reply(200, media_type="text/html; charset=utf-8", text=_HTML))
    if fault.kind == "empty":
        return Answer(Reply(201, {"value": []}))
    return Answer(reply, lost=fault.kind == "lost", cut=fault.kind == "cut")


def _number(text: str | None) -> float | None:
    """`retry_after` as the body has it."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _recorded(request: Request, operation: str, given: Answer, tenant: Tenant, fault: Fault | None) -> Answer:
    """Write the request into the ledger; the emulator's own paths leave no mark."""
    if operation == "emulator":
        return given
    record: dict[str, Json] = {
        "method": request.method,
        "path": request.path,
        # The query of a blob's address is a key to it.
        "query": "" if operation == "Blob" else request.query_text,
        "operation": operation,
        "folder": _folder_header(request.headers),
        "status": None if given.lost else given.reply.status,
    }
    if fault is not None:
        record["fault"] = fault.fault
    if operation in _RECORDED:
        record["body"] = _readable(request.body)
    elif request.body and operation not in _SECRET:
        record["body_sha256"] = hashlib.sha256(request.body).hexdigest()
    tenant.ledger.write("request", **record)
    return given


def _readable(body: bytes) -> Json:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    return value if value is not None and nesting(value) <= NESTING else body.decode("utf-8", errors="replace")


def _folder_header(headers: Mapping[str, str]) -> str | None:
    for name in ("folderpath-encoded", "folderpath", "folderkey", "organizationunitid"):
        value = headers.get(f"x-uipath-{name}")
        if value:
            return value
    return None


def _not_signed_in() -> Reply:
    details = "You should be authenticated to access this."
    headers = {"WWW-Authenticate": "Bearer"}
    return Reply(401, _abp("You are not authenticated!", details), PLAIN_JSON, headers=headers)


def _not_allowed() -> Reply:
    return Reply(403, _abp("You are not authorized!", "You are not allowed to perform this operation."), PLAIN_JSON)


def _abp(text: str, details: str) -> Json:
    return {
        "message": text,
        "errorCode": 0,
        "result": None,
        "targetUrl": None,
        "success": False,
        "error": {"code": 0, "message": text, "details": details, "validationErrors": None},
        "unAuthorizedRequest": True,
        "__abp": True,
    }
