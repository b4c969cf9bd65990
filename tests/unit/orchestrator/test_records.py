from __future__ import annotations

import json

import pytest

from flowrun.errors import Ambiguous, NotSignedIn, Refused, Throttled, Unreachable
from flowrun.orchestrator.client import OrchestratorClient
from flowrun.orchestrator.protocol import JobCalls
from flowrun.orchestrator.query import JobQuery
from flowrun.orchestrator.wire import StartInfo, Validation
from tests.unit.orchestrator.server import FOLDER, Server, job, reply, reset, rows

KEY = "795cbab2-8008-4a54-b1cb-f9ff1ece139e"
FUNCTION = "UiPath.Server.Configuration.OData"


def test_it_has_the_calls_of_the_guide(client: OrchestratorClient) -> None:
    calls: JobCalls = client
    assert calls is client


async def test_a_query_is_one_list_call(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(job(2), job(1), **{"@odata.count": 13}))
    page = await client.query_jobs(FOLDER, JobQuery(robot=749, top=3, skip=1, count=True, expand=("robot",)))
    assert ([one.id for one in page.jobs], page.count) == ([2, 1], 13)
    (asked,) = server.asked
    assert asked.query == {
        "$filter": "Robot/Id eq 749", "$expand": "Robot", "$orderby": "Id desc",
        "$top": "3", "$skip": "1", "$count": "true",
    }  # fmt: skip
    assert asked.headers["x-uipath-organizationunitid"] == "7"


async def test_all_folders_are_asked_without_a_folder(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(job(1)))
    await client.query_jobs(None, JobQuery())
    assert "x-uipath-organizationunitid" not in server.asked[0].headers


async def test_a_server_that_gives_a_hundred_at_most_is_asked_again(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(*map(job, range(300, 200, -1))), rows(*map(job, range(200, 150, -1))))
    page = await client.query_jobs(FOLDER, JobQuery(top=150))
    assert [one.id for one in page.jobs] == list(range(300, 150, -1))
    assert [(one.query["$top"], one.query["$skip"]) for one in server.asked] == [("150", "0"), ("50", "100")]


async def test_a_count_that_nobody_asked_for_is_not_told(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(job(1), **{"@odata.count": 13}))
    assert (await client.query_jobs(FOLDER, JobQuery())).count is None


async def test_a_job_by_key(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(200, job(5)))
    found = await client.job_by_key(FOLDER, KEY.upper())
    assert found is not None
    assert found.id == 5
    assert server.asked[0].path.endswith(f"/Jobs/{FUNCTION}.GetByKey(identifier={KEY})")


@pytest.mark.parametrize("status", [404, 405])
async def test_a_job_by_key_where_there_is_no_such_function(
    client: OrchestratorClient, server: Server, status: int
) -> None:
    server.will(reply(status, {"message": "no"}), rows({**job(5), "Key": KEY}), reply(200, job(5)))
    found = await client.job_by_key(FOLDER, KEY)
    assert found is not None
    assert server.asked[1].query["$filter"] == f"Key in ('{KEY}')"
    assert server.asked[2].path.endswith("/Jobs(5)")


async def test_no_job_has_that_key(client: OrchestratorClient, server: Server) -> None:
    server.will(rows())
    assert await client.job_by_key(None, KEY) is None
    with pytest.raises(ValueError, match="badly formed"):
        await client.job_by_key(None, "x') or (1 eq 1")


async def test_an_export_from_first_call_to_last(client: OrchestratorClient, server: Server) -> None:
    link = {
        "Uri": f"{_origin(server)}/blob/1?sig=s3cret",
        "RequiresAuth": False,
        "Headers": {"Keys": ["x-a"], "Values": ["b"]},
    }
    server.will(
        reply(200, {"Id": 8661, "Name": "jobs", "Status": "New", "Size": None}),
        reply(200, {"Id": 8661, "Name": "jobs", "Status": "Completed", "Size": 4}),
        reply(200, link),
        reply(200, b"a,b\n"),
    )
    export = await client.export_jobs(FOLDER, JobQuery(robot=749, top=None))
    assert (export.id, export.status) == (8661, "New")
    assert (await client.export(FOLDER, 8661)).status == "Completed"
    parts: list[bytes] = []
    await client.read_export(FOLDER, 8661, parts.append)
    assert b"".join(parts) == b"a,b\n"
    first, _, third, last = server.asked
    assert (first.method, first.query["$filter"]) == ("POST", "Robot/Id eq 749")
    assert third.path.endswith(f"/Exports(8661)/{FUNCTION}.GetDownloadLink")
    assert (last.headers["x-a"], "authorization" in last.headers) == ("b", False)


async def test_an_export_is_asked_for_once(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(503))
    with pytest.raises(Ambiguous):
        await client.export_jobs(FOLDER, JobQuery())
    assert len(server.asked) == 1


@pytest.mark.parametrize(("status", "kind"), [(409, Refused), (429, Throttled)])
async def test_the_daily_limit_is_said_clearly(
    client: OrchestratorClient, server: Server, status: int, kind: type[Exception]
) -> None:
    server.will(reply(status, {"message": "limit", "errorCode": 4502}))
    with pytest.raises(kind) as caught:
        await client.export_jobs(FOLDER, JobQuery())
    assert "00:00 UTC" in str(vars(caught.value)["hint"])


async def test_a_blob_that_fails_does_not_show_its_signature(client: OrchestratorClient, server: Server) -> None:
    for behaviour in (reply(403), reset):
        server.will(reply(200, {"Uri": f"{_origin(server)}/blob/1?sig=s3cret"}), behaviour)
        with pytest.raises((NotSignedIn, Ambiguous)) as caught:
            await client.read_export(FOLDER, 1, lambda _: None)
        assert "s3cret" not in f"{caught.value!r} {vars(caught.value)}"


@pytest.mark.parametrize(
    ("uri", "requires_auth"),
    [("http://blobs.example/1", False), ("file:///etc/passwd", False), ("https://blobs.example/1", True)],
)
async def test_addresses_that_are_not_gone_to(
    client: OrchestratorClient, server: Server, uri: str, requires_auth: object
) -> None:
    server.will(reply(200, {"Uri": uri, "RequiresAuth": requires_auth}))
    with pytest.raises(Refused):
        await client.read_export(FOLDER, 1, lambda _: None)
    assert len(server.asked) == 1


async def test_our_own_server_gets_our_token_where_it_asks_for_it(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(200, {"Uri": f"{_origin(server)}/blob/1", "RequiresAuth": True}), reply(200, b"x"))
    await client.read_export(FOLDER, 1, lambda _: None)
    assert server.asked[1].headers["authorization"] == "Bearer secret-token"


async def test_an_attachment_there_and_back(client: OrchestratorClient, server: Server) -> None:
    access = {"Uri": f"{_origin(server)}/blob/1", "Headers": {"Keys": ["x-ms-blob-type"], "Values": ["BlockBlob"]}}
    made = {"Id": KEY, "Name": "a.json", "BlobFileAccess": access}
    server.will(reply(201, made), reply(201), reply(200, made), reply(200, b'{"a": 1}'))
    assert await client.upload(FOLDER, b'{"a": 1}') == KEY
    assert await client.download(FOLDER, KEY) == b'{"a": 1}'
    first, put, second, get = server.asked
    assert first.json["Name"].endswith(".json")
    assert (put.method, put.body, put.headers["x-ms-blob-type"]) == ("PUT", b'{"a": 1}', "BlockBlob")
    assert second.path.endswith(f"/Attachments({KEY})")
    assert [("authorization" in one.headers) for one in (first, put, second, get)] == [True, False, True, False]


@pytest.mark.parametrize("status", [404, 405, 501, 400, 403, 500, 503])
async def test_a_server_that_cannot_be_asked_beforehand(
    client: OrchestratorClient, server: Server, status: int
) -> None:
    server.will(reply(status, {"message": "no", "errorCode": 1}))
    assert await client.validate(FOLDER, StartInfo(release_key="k")) is None
    assert len(server.asked) == 1


async def test_what_the_server_says_beforehand(client: OrchestratorClient, server: Server) -> None:
    said = {"IsValid": False, "Errors": ["no"], "ErrorCodes": ["TemplateNoLicense"]}
    server.will(reply(200, said))
    answer = await client.validate(FOLDER, StartInfo(release_key="k"))
    assert answer == Validation(is_valid=False, errors=("no",), error_codes=("TemplateNoLicense",))
    assert json.loads(server.asked[0].body) == {"startInfo": {"ReleaseKey": "k"}}


async def test_nobody_to_ask_is_said(client: OrchestratorClient) -> None:
    client._requests._api = "http://127.0.0.1:1/x"
    with pytest.raises(Unreachable):
        await client.validate(FOLDER, StartInfo(release_key="k"))


def _origin(server: Server) -> str:
    return server.url.rsplit("/acme", 1)[0]
