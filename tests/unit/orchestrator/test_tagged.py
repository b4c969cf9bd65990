from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import pytest

from flowrun.errors import Refused
from flowrun.orchestrator import tagged
from flowrun.orchestrator.client import OrchestratorClient
from flowrun.orchestrator.wire import Tag
from tests.unit.orchestrator.server import FOLDER, Server, reply, rows

BAD_QUERY = {"message": "Invalid OData query options.", "errorCode": 1000}
KEY = "1b671a64-40d5-491e-99b0-da01ff1f3341"
OTHER = str(uuid.UUID(int=7))


def job(number: int, **more: Any) -> dict[str, Any]:
    return {"Id": number, "Key": f"k{number}", "State": "Running", **more}


def filters(server: Server) -> list[str]:
    return [asked.query.get("$filter", "") for asked in server.asked]


async def test_one_start_by_its_batch(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(job(1, BatchExecutionKey=KEY)))
    found = await client.find_jobs(FOLDER, Tag.BATCH, [KEY.upper()])
    assert [one.id for one in found or ()] == [1]
    assert filters(server) == [f"BatchExecutionKey eq {KEY}"]
    assert server.asked[0].query["$orderby"] == "Id asc"


async def test_many_starts_go_in_few_calls(client: OrchestratorClient, server: Server) -> None:
    server.otherwise = rows()
    assert await client.find_jobs(FOLDER, Tag.BATCH, [str(uuid.UUID(int=at)) for at in range(120)]) == []
    assert [text.count(",") + 1 for text in filters(server)] == [50, 50, 20]
    assert filters(server)[0].startswith("BatchExecutionKey in (00000000-0000-0000-0000-000000000000,")


async def test_references_are_quoted_and_their_length_is_counted(client: OrchestratorClient, server: Server) -> None:
    server.otherwise = rows()
    await client.find_jobs(
        FOLDER, Tag.REFERENCE, ["fr1:run:O'Hara:1", *(f"fr1:run:{'ä' * 100}:{at}" for at in range(9))]
    )
    assert filters(server)[0].startswith("Reference in ('fr1:run:O''Hara:1','fr1:run:ä")
    assert [text.count(",") + 1 for text in filters(server)] == [4, 3, 3]
    assert all(len(quote(text)) < 2_200 for text in filters(server))


@pytest.mark.parametrize(
    ("refusals", "form"),
    [
        (0, f"BatchExecutionKey in ({KEY},{OTHER})"),
        (1, f"BatchExecutionKey in ('{KEY}','{OTHER}')"),
        (2, f"BatchExecutionKey eq {KEY} or BatchExecutionKey eq {OTHER}"),
        (3, f"BatchExecutionKey eq '{KEY}' or BatchExecutionKey eq '{OTHER}'"),
    ],
)
async def test_the_form_that_a_server_takes_is_found_once(
    client: OrchestratorClient, server: Server, refusals: int, form: str
) -> None:
    server.will(*[reply(400, BAD_QUERY)] * refusals)
    server.otherwise = rows()
    for _ in range(2):
        assert await client.find_jobs(FOLDER, Tag.BATCH, [KEY, OTHER]) == []
    assert filters(server)[refusals:] == [form, form]


async def test_a_server_without_that_property(client: OrchestratorClient, server: Server) -> None:
    server.otherwise = reply(400, BAD_QUERY)
    assert await client.find_jobs(FOLDER, Tag.BATCH, [KEY]) is None


async def test_a_refusal_about_the_folder_is_not_about_the_tag(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(400, {"message": "Folder does not exist.", "errorCode": 1100}))
    with pytest.raises(Refused, match="Folder does not exist"):
        await client.find_jobs(FOLDER, Tag.BATCH, [KEY])
    assert len(server.asked) == 1


def cannot_filter(found: Any) -> Any:
    """Two forms are refused, and the list without such a filter is given."""
    return reply(400, BAD_QUERY), reply(400, BAD_QUERY), found


async def test_references_are_compared_here_where_the_server_cannot(client: OrchestratorClient, server: Server) -> None:
    server.will(*cannot_filter(rows(job(2, Reference="fr1:b"), job(1, Reference="fr1:a"), job(3))))
    found = await client.find_jobs(FOLDER, Tag.REFERENCE, ["fr1:a", "fr1:c"], since=1_795_000_000.0)
    assert [one.id for one in found or ()] == [1]
    asked = server.asked[-1].query
    assert asked["$filter"] == "CreationTime gt 2026-11-18T10:06:40Z"  # an hour earlier: clocks differ
    assert "Reference" in asked["$select"].split(",")


async def test_more_than_can_be_compared_says_nothing(
    client: OrchestratorClient, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tagged, "MOST_COMPARED", 2)
    server.will(*cannot_filter(rows(*(job(number) for number in range(3)))))
    assert await client.find_jobs(FOLDER, Tag.REFERENCE, ["fr1:a"]) is None
    assert "$filter" not in server.asked[-1].query
