"""Robots: who runs the folder's Jobs."""

from __future__ import annotations

from flowrun.emulator.call import Call, Reply
from flowrun.emulator.handlers import reading
from flowrun.emulator.properties import ROBOT


def listed(call: Call) -> Reply:
    """`GET /odata/Robots`."""
    folder = call.need_folder()
    found = [robot for robot in call.tenant.store.robots if robot.folder == folder]
    return reading.listed(call, ROBOT, found, reading.filter_of(call, ROBOT))


def single(call: Call) -> Reply:
    """`GET /odata/Robots({id})`."""
    wanted, folder = reading.number(call.key), call.need_folder()
    found = [robot for robot in call.tenant.store.robots if (robot.id, robot.folder) == (wanted, folder)]
    return reading.single(call, ROBOT, found[0] if found else None, "Robot")


def from_folder(call: Call) -> Reply:
    """`GET /odata/Robots/….GetRobotsFromFolder(folderId={id})`."""
    wanted = reading.number(call.arguments.get("folderid", ""))
    found = [robot for robot in call.tenant.store.robots if robot.folder.id == wanted]
    return reading.listed(call, ROBOT, found, reading.filter_of(call, ROBOT))
