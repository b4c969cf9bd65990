"""The emulator's own paths under `/emulator`: faults, the ledger, its state. Not part of the API."""

from __future__ import annotations

import json
import os

from flowrun.emulator.call import PLAIN_JSON, ApiError, Call, Reply
from flowrun.emulator.faults import FaultError
from flowrun.errors import SpecError


def add_fault(call: Call) -> Reply:
    """`POST /emulator/faults`."""
    try:
        words = json.loads(call.body)
        fault = call.tenant.faults.add(words)
    except (ValueError, FaultError) as error:
        raise ApiError(400, 1000, str(error)) from None
    call.tenant.ledger.write("fault", on=fault.on, fault=fault.fault)
    return Reply(201, {"value": call.tenant.faults.listed()}, PLAIN_JSON)


def list_faults(call: Call) -> Reply:
    """`GET /emulator/faults`."""
    return Reply(200, {"value": call.tenant.faults.listed()}, PLAIN_JSON)


def clear_faults(call: Call) -> Reply:
    """`DELETE /emulator/faults`."""
    call.tenant.faults.clear()
    return Reply(204)


def issue_token(call: Call) -> Reply:
    """`POST /emulator/tokens`: a token that ends, as a personal one does. `{"lifetime": 60, "scopes": […]}`."""
    words = call.json()
    lifetime, scopes = words.get("lifetime", 3600), words.get("scopes")
    good = isinstance(lifetime, int | float) and not isinstance(lifetime, bool) and lifetime > 0
    if not good or not (scopes is None or (isinstance(scopes, list) and all(isinstance(one, str) for one in scopes))):
        raise ApiError(400, 1000, "lifetime is a number of seconds above 0, scopes a list of texts.")
    allowed = None if scopes is None else frozenset(scopes)
    claims = {"sub": "emulator"} if scopes is None else {"sub": "emulator", "scope": sorted(scopes)}
    return Reply(201, {"access_token": call.tenant.guard.issue(claims, lifetime, allowed)}, PLAIN_JSON)


def revoke_tokens(call: Call) -> Reply:
    """`DELETE /emulator/tokens`: end all that were issued; `?client_id=ci` only those of one application."""
    return Reply(200, {"revoked": call.tenant.guard.revoke(call.query.get("client_id"))}, PLAIN_JSON)


def ledger(call: Call) -> Reply:
    """`GET /emulator/ledger`: JSON lines. `?after=17` leaves out what is not newer than that sequence number."""
    text = call.tenant.ledger.path.read_text(encoding="utf-8")
    after = call.query.get("after", "0")
    if after.isdecimal() and int(after):
        lines = text.splitlines(keepends=True)
        text = "".join(lines[int(after) :])
    return Reply(200, media_type="application/jsonl; charset=utf-8", text=text)


def state(call: Call) -> Reply:
    """`GET /emulator/state`: which process this is, of which catalog, and how busy."""
    store = call.tenant.store
    body = {
        "pid": os.getpid(),
        "catalog": call.tenant.deployment.digest,
        "folder": store.folders[0].path,
        "jobs": len(store.jobs),
        "open_jobs": store.open_jobs,
        "connected_robots": len(call.tenant.sessions),
    }
    return Reply(200, body, PLAIN_JSON)


def reload(call: Call) -> Reply:
    """`POST /emulator/reload`: read the catalog again; the old one stays where the new one is wrong."""
    try:
        digest = call.tenant.reload()
    except SpecError as error:
        text = "; ".join(problem.message for problem in error.problems)
        raise ApiError(400, 1000, f"The catalog is wrong: {text}") from None
    return Reply(200, {"catalog": digest}, PLAIN_JSON)


def shut_down(call: Call) -> Reply:
    """`POST /emulator/shutdown`: end soon, and every Job with it."""
    call.tenant.shut_down()
    return Reply(202)
