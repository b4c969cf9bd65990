"""Releases: what the folder's Jobs can be started from."""

from __future__ import annotations

from flowrun.emulator.call import Call, Reply
from flowrun.emulator.handlers import reading
from flowrun.emulator.properties import RELEASE


def listed(call: Call) -> Reply:
    """`GET /odata/Releases`, and `GET /odata/Releases/….ListReleases`."""
    folder = call.need_folder()
    found = [release for release in call.tenant.store.releases if release.folder == folder]
    return reading.listed(call, RELEASE, found, reading.filter_of(call, RELEASE))


def single(call: Call) -> Reply:
    """`GET /odata/Releases({id})`."""
    wanted, folder = reading.number(call.key), call.need_folder()
    found = [release for release in call.tenant.store.releases if (release.id, release.folder) == (wanted, folder)]
    return reading.single(call, RELEASE, found[0] if found else None, "Release")
