"""Releases: what the folder's Jobs can be started from."""

from __future__ import annotations

from flowrun.emulator.call import ApiError, Call, Reply
from flowrun.emulator.entities import Release
from flowrun.emulator.handlers import reading
from flowrun.emulator.properties import RELEASE
from flowrun.emulator.versions import latest

_NO_RELEASE = "Release does not exist."


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


def update(call: Call) -> Reply:
    """`POST …/….UpdateToSpecificPackageVersion`, by id or by key. The package must have that version."""
    wanted = call.json().get("packageversion")
    if not isinstance(wanted, str) or not wanted:
        raise ApiError(400, 1000, "Invalid request! packageVersion is not a text.")
    return _moved(call, _wanted(call), wanted)


def update_to_latest(call: Call) -> Reply:
    """`POST …/….UpdateToLatestPackageVersion`, by id or by key."""
    release = _wanted(call)
    return _moved(call, release, latest(release))


def roll_back(call: Call) -> Reply:
    """`POST …/….RollbackToPreviousReleaseVersion`, by id or by key: to the version before the present one."""
    release = _wanted(call)
    if len(release.history) < 2:  # noqa: PLR2004 - the present one and one before it
        raise ApiError(409, 1017, "The process has had no other version.")
    return _moved(call, release, release.history[-2].number)


def _wanted(call: Call) -> Release:
    folder, key = call.need_folder(), call.arguments.get("identifier", "").lower()
    for release in call.tenant.store.releases:
        if release.folder == folder and (release.key == key if key else release.id == reading.number(call.key)):
            return release
    raise ApiError(404, 1002, _NO_RELEASE)


def _moved(call: Call, release: Release, number: str) -> Reply:
    moved = release if number == release.version else call.tenant.store.move_release(release, number)
    if moved is None:
        raise ApiError(404, 1002, f"Package {release.name} has no version {number}.")
    value = moved.key if "identifier" in call.arguments else moved.id
    return Reply(200, {"@odata.context": call.context("Edm"), "value": value})
