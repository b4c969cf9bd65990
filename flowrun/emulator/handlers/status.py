"""Status: whether the server is there, and its version."""

from __future__ import annotations

from flowrun.emulator.call import PLAIN_JSON, Call, Reply

VERSIONS = ("12.0", "13.0", "14.0", "15.0", "16.0", "17.0", "18.0", "19.0", "20.0")
"""The versions of the API that `api-supported-versions` names."""


def get(_: Call) -> Reply:
    """`GET /api/Status/Get`: an empty 200."""
    return Reply(200)


def version(_: Call) -> Reply:
    """`GET /api/Status/Version`."""
    return Reply(200, {"version": VERSIONS[-1]}, PLAIN_JSON)
