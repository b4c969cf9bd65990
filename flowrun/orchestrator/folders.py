"""Folders by path, key or id: through OData, and where that is not allowed, through what the web page itself asks.

Without the scope or the permission for folders, `/odata/Folders` answers 403, and `/api/FoldersNavigation` still shows
an account its own (API facts, 1.3).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from flowrun.errors import NotSignedIn, Refused
from flowrun.orchestrator import advice, odata
from flowrun.orchestrator.replies import folded
from flowrun.orchestrator.requests import Requests
from flowrun.orchestrator.wire import Folder

_FOLDERS = "/odata/Folders"
_NAVIGATION = "/api/FoldersNavigation/GetFoldersForCurrentUser"
_TAKE = 100
_MOST_PAGES = 100
_FORBIDDEN = 403
_NOT_FOUND = 404


class Folders:
    """The folders that the account sees."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def find(self, name: str) -> Folder:
        """The one with this path, key or id. Refused where there is none, with the near ones in the hint."""
        try:
            found = await self._by_odata(name)
        except NotSignedIn as error:
            if error.status != _FORBIDDEN:
                raise
            found = await self._by_navigation(name, error)
        if found:
            return found[0]
        known = [folder.fully_qualified_name or folder.display_name for folder in await self.all()]
        raise Refused(f"there is no folder {name}, or the account does not see it", hint=near(name, known, "folders"))

    async def all(self) -> list[Folder]:
        """All of them."""
        try:
            return await self._requests.rows(advice.FOLDERS, Folder, _FOLDERS)
        except NotSignedIn as error:
            if error.status != _FORBIDDEN:
                raise
            return await self._navigated("", error)

    async def _by_odata(self, name: str) -> list[Folder]:
        if not odata.is_guid(name):
            by_path = f"FullyQualifiedName eq {odata.text(name)}"
            wanted = f"Id eq {name} or {by_path}" if _is_id(name) else by_path
            return await self._requests.rows(advice.FOLDERS, Folder, _FOLDERS, filter=wanted)
        path = f"{_FOLDERS}/{odata.ODATA}.GetByKey(identifier={odata.guid(name)})"
        try:
            return [self._requests.entity(Folder, await self._requests.read(advice.FOLDERS, path), path)]
        except Refused as error:
            if error.status != _NOT_FOUND:
                raise
            return []

    async def _by_navigation(self, name: str, refusal: NotSignedIn) -> list[Folder]:
        is_it: Callable[[Folder], bool]
        if odata.is_guid(name):
            search, key = "", odata.guid(name)
            is_it = lambda folder: (folder.key or "").lower() == key  # noqa: E731 - one of two, by what the name is
        else:
            search = "" if _is_id(name) else name.rpartition("/")[2]
            is_it = lambda folder: name.lower() in (folder.fully_qualified_name.lower(), str(folder.id))  # noqa: E731 - the other
        return [folder for folder in await self._navigated(search, refusal) if is_it(folder)]

    async def _navigated(self, search: str, refusal: NotSignedIn) -> list[Folder]:
        """What it shows for a part of a name. Where this is not allowed either, the first refusal says more."""
        found: dict[int, Folder] = {}
        for number in range(_MOST_PAGES):
            query = {"skip": str(number * _TAKE), "take": str(_TAKE)} | ({"searchText": search} if search else {})
            try:
                answer = folded(await self._requests.read(advice.FOLDERS, _NAVIGATION, query=query))
            except (NotSignedIn, Refused) as error:
                raise refusal from error
            rows = self._requests.entities(Folder, answer.get("pageitems"), _NAVIGATION)
            known = len(found)
            found.update({folder.id: folder for folder in rows})
            if len(rows) < _TAKE or len(found) == known:
                break
        return list(found.values())


def near(name: str, known: Sequence[str], what: str) -> str:
    """The names nearest to one that does not exist."""
    folded_names = {one.lower(): one for one in known}
    close = [folded_names[one] for one in difflib.get_close_matches(name.lower(), folded_names, n=3)]
    if close:
        return f"Did you mean {' or '.join(close)}?"
    if not known:
        return f"The account sees no {what} there at all."
    return f"The account sees {len(known)} {what}, among them {', '.join(sorted(known)[:5])}."


def _is_id(name: str) -> bool:
    return name.isascii() and name.isdecimal()
