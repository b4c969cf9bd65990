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
