"""Status: whether the server is there, and its version."""

from __future__ import annotations

from flowrun.emulator.call import PLAIN_JSON, Call, Reply


def get(_: Call) -> Reply:
    """`GET /api/Status/Get`: an empty 200."""
    return Reply(200)


def version(call: Call) -> Reply:
    """`GET /api/Status/Version`."""
    return Reply(200, {"version": call.tenant.profile.versions[-1]}, PLAIN_JSON)
