from __future__ import annotations

from typing import Any

import pytest

from flowrun.errors import NotSignedIn, Refused
from flowrun.orchestrator.client import OrchestratorClient
from flowrun.orchestrator.folders import near
from tests.unit.orchestrator.server import Server, reply, rows

FORBIDDEN = reply(403, {"message": "You are not authorized!"})
KEY = "5a0e2f0c-8f5b-5c0e-9b0e-6d1f5c2a7e11"
SHARED = {"Id": 7, "Key": KEY, "DisplayName": "Close", "FullyQualifiedName": "Finance/Close"}
OTHER = {"Id": 8, "Key": KEY.replace("5", "6"), "DisplayName": "Close", "FullyQualifiedName": "Sales/Close"}


def page(*items: dict[str, Any]) -> Any:
    return reply(200, {"PageItems": list(items), "Count": len(items)})


@pytest.mark.parametrize(("name", "searched"), [("finance/close", "close"), ("7", None), (KEY.upper(), None)])
async def test_what_the_web_page_asks_stands_in(
    client: OrchestratorClient, server: Server, name: str, searched: str | None
) -> None:
    server.will(FORBIDDEN, page(OTHER, SHARED))
    assert (await client.folder(name)).id == 7
    asked = server.asked[1]
    assert asked.path.endswith("/api/FoldersNavigation/GetFoldersForCurrentUser")
    assert asked.query.get("searchText") == searched
    assert (asked.query["skip"], asked.query["take"]) == ("0", "100")


async def test_it_goes_page_by_page(client: OrchestratorClient, server: Server) -> None:
    first = [{**OTHER, "Id": 100 + number} for number in range(100)]
    server.will(FORBIDDEN, page(*first), page(SHARED))
    assert (await client.folder("Finance/Close")).id == 7


async def test_a_folder_that_is_not_there_is_told_with_those_that_are(
    client: OrchestratorClient, server: Server
) -> None:
    server.will(FORBIDDEN, page(), FORBIDDEN, page(SHARED))
    with pytest.raises(Refused, match="no folder Finance/Clos,") as caught:
        await client.folder("Finance/Clos")
    assert "Finance/Close" in (caught.value.hint or "")


async def test_where_neither_is_allowed_the_scope_is_named(client: OrchestratorClient, server: Server) -> None:
    server.will(FORBIDDEN, FORBIDDEN)
    with pytest.raises(NotSignedIn) as caught:
        await client.folder("Finance/Close")
    assert "OR.Folders.Read" in (caught.value.hint or "")


async def test_a_401_is_not_gone_around(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(401))
    with pytest.raises(NotSignedIn):
        await client.folder("Finance/Close")
    assert len(server.asked) == 1


async def test_all_of_them(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(SHARED), FORBIDDEN, page(SHARED, OTHER))
    assert [folder.id for folder in await client.inspection.folders()] == [7]
    assert [folder.id for folder in await client.inspection.folders()] == [7, 8]


def test_near_names() -> None:
    assert near("clos", ["Close", "Open"], "folders") == "Did you mean Close?"
    assert near("x", [], "folders") == "The account sees no folders there at all."
    assert near("x", ["B", "A"], "folders") == "The account sees 2 folders, among them A, B."
