"""Folders: the OData set, and the two plain calls that clients use to find one."""

from __future__ import annotations

from flowrun.emulator.call import PLAIN_JSON, ApiError, Call, Reply
from flowrun.emulator.handlers import reading
from flowrun.emulator.properties import FOLDER

_TAKE_LIMIT = 100


def listed(call: Call) -> Reply:
    """`GET /odata/Folders`."""
    return reading.listed(call, FOLDER, call.tenant.store.folders, reading.filter_of(call, FOLDER))


def single(call: Call) -> Reply:
    """`GET /odata/Folders({id})`."""
    wanted = reading.number(call.key)
    found = next((folder for folder in call.tenant.store.folders if folder.id == wanted), None)
    return reading.single(call, FOLDER, found, "Folder")


def by_key(call: Call) -> Reply:
    """`GET /odata/Folders/….GetByKey(identifier={key})`."""
    wanted = call.arguments.get("identifier", "").lower()
    found = next((folder for folder in call.tenant.store.folders if folder.key == wanted), None)
    return reading.single(call, FOLDER, found, "Folder")


def for_current_user(call: Call) -> Reply:
    """`GET /api/FoldersNavigation/GetFoldersForCurrentUser`, and `GET /api/Folders/GetAllForCurrentUser`."""
    query = {name.lower(): value for name, value in call.query.items()}
    try:
        skip, take = int(query.get("skip", "0")), int(query.get("take", str(_TAKE_LIMIT)))
    except ValueError:
        raise ApiError(400, 1009, "Skip and take must be numbers.") from None
    if skip < 0 or not 0 <= take <= _TAKE_LIMIT:
        raise ApiError(400, 1009, f"Take must be between 0 and {_TAKE_LIMIT}, and skip not negative.")
    text = query.get("searchtext", "").lower()
    found = [folder for folder in call.tenant.store.folders if text in folder.path.lower()]
    shown = ("key", "displayname", "fullyqualifiedname", "description", "foldertype", "parentid", "parentkey", "id")
    items = [FOLDER.project(folder, select=frozenset(shown)) for folder in found[skip : skip + take]]
    return Reply(200, {"PageItems": items, "Count": len(found)}, PLAIN_JSON)
