from __future__ import annotations

import re
from typing import Any

import pytest

from flowrun.errors import Ambiguous, NotSignedIn, OrchestratorError, Refused, Throttled
from flowrun.orchestrator.client import OrchestratorClient
from flowrun.orchestrator.protocol import Orchestrator
from flowrun.orchestrator.wire import StartInfo, StopStrategy, Strategy
from tests.unit.orchestrator.server import (
    FOLDER,
    Behaviour,
    Server,
    Settled,
    StillClock,
    job,
    raw,
    reply,
    reset,
    rows,
    silent,
)

API = "/acme/prod/orchestrator_/odata"
KEY = "795cbab2-8008-4a54-b1cb-f9ff1ece139e"
START = StartInfo(release_key="k", strategy=Strategy.MODERN_JOBS_COUNT, jobs_count=2, input_arguments='{"a":1}')


def release(name: str, number: int = 1, key: str = "rk") -> dict[str, Any]:
    return {"Id": number, "Key": key, "Name": name}


def folder(path: str, number: int = 7) -> dict[str, Any]:
    return {"Id": number, "Key": KEY, "DisplayName": path.rpartition("/")[2], "FullyQualifiedName": path}


def test_it_is_an_orchestrator(client: OrchestratorClient) -> None:
    protocol: Orchestrator = client
    assert protocol is client


async def test_starting(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(201, {"value": [job(1, BatchExecutionKey=KEY), job(2)]}))
    jobs = await client.start_jobs(FOLDER, START)
    assert [(one.id, one.key, one.state) for one in jobs] == [(1, "key-1", "Pending"), (2, "key-2", "Pending")]
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", f"{API}/Jobs/UiPath.Server.Configuration.OData.StartJobs")
    assert asked.headers["x-uipath-organizationunitid"] == "7"
    assert asked.headers["content-type"] == "application/json"
    assert asked.json == {
        "startInfo": {
            "ReleaseKey": "k", "Strategy": "ModernJobsCount", "JobsCount": 2, "InputArguments": '{"a":1}'
        }
    }  # fmt: skip


async def test_a_start_that_made_no_job(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(201, {"value": []}))
    assert await client.start_jobs(FOLDER, START) == []


async def test_names_in_another_case(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(200, {"Value": [{"id": 1, "key": "k", "state": "Pending", "batchExecutionKey": KEY}]}))
    (one,) = await client.start_jobs(FOLDER, START)
    assert one.batch_execution_key == KEY


async def test_of_several_jobs_those_that_can_be_read_are_kept(
    client: OrchestratorClient, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.will(reply(201, {"value": [{"Id": 1}, job(2)]}))
    assert [one.id for one in await client.start_jobs(FOLDER, START)] == [2]
    assert "1 of 2" in caplog.text


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (reply(201, b""), Ambiguous),
        (reply(201, b"<html>"), Ambiguous),
        (reply(201, {"value": [{"Id": "x"}]}), Ambiguous),
        (reply(201, {"jobs": []}), Ambiguous),
        (reply(201, b'{"value": [{"Id": 1, "Key": "k"'), Ambiguous),
        (reply(302, location="/login"), Ambiguous),
        (reply(408), Ambiguous),
        (reply(500), Ambiguous),
        (reply(503, retry_after="1"), Ambiguous),
        (raw(b""), Ambiguous),
        (raw(b"HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\n{"), Ambiguous),
        (reset, Ambiguous),
        (silent, Ambiguous),
        (reply(401), NotSignedIn),
        (reply(403), NotSignedIn),
        (reply(429, retry_after="7"), Throttled),
        (reply(400, {"message": "m", "errorCode": 1000}), Refused),
        (reply(404, {"message": "m", "errorCode": 1002}), Refused),
        (reply(404, b"<html>"), Refused),
        (reply(409, {"message": "m", "errorCode": 1670}), Refused),
    ],
)
async def test_a_start_is_one_request_whatever_comes_back(
    client: OrchestratorClient, server: Server, clock: StillClock, behaviour: Behaviour, kind: Any
) -> None:
    server.will(behaviour)
    with pytest.raises(OrchestratorError) as caught:
        await client.start_jobs(FOLDER, START)
    assert isinstance(caught.value, kind)
    assert [len(server.asked), clock.slept, client.counts] == [1, [], {"start_jobs": 1}]
    assert "secret-token" not in f"{caught.value!r} {caught.value.hint} {vars(caught.value)}"


async def test_a_throttled_start_says_how_long_to_wait(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(429, retry_after="7"))
    with pytest.raises(Throttled) as caught:
        await client.start_jobs(FOLDER, START)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (404, 1002, "folder Shared"),
        (400, 1100, "path of folder Shared"),
        (400, 1101, "UIPATH_FOLDER_PATH"),
        (409, 1230, "desktop"),
        (409, 1670, "ModernJobsCount"),
        (409, 1671, "unattended robot to folder Shared"),
        (409, 2818, "runtimes to folder Shared"),
        (400, 1000, "version"),
    ],
)
async def test_a_refusal_says_what_to_do(
    client: OrchestratorClient, server: Server, status: int, code: Any, words: str
) -> None:
    server.will(reply(status, {"message": "Their words.", "errorCode": code, "traceId": "00-1"}))
    with pytest.raises(Refused, match=re.escape("cannot start Jobs: Their words.")) as caught:
        await client.start_jobs(FOLDER, START)
    error = caught.value
    assert words in (error.hint or "")
    assert (error.status, error.code, error.trace_id, error.method) == (status, code, "00-1", "POST")


async def test_what_is_not_allowed_names_scope_and_permission(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(403, {"message": "You are not authorized!"}))
    with pytest.raises(NotSignedIn) as caught:
        await client.start_jobs(FOLDER, START)
    assert (
        caught.value.hint
        == "The token needs the scope OR.Jobs.Write, and the account the permission Jobs.Create in folder Shared."
    )


@pytest.mark.parametrize("body", [b"", b"{}", b"null"])
async def test_stopping(client: OrchestratorClient, server: Server, body: Any) -> None:
    server.will(reply(200, body))
    await client.stop_jobs(FOLDER, [1, 2], StopStrategy.SOFT_STOP)
    (asked,) = server.asked
    assert asked.path == f"{API}/Jobs/UiPath.Server.Configuration.OData.StopJobs"
    assert asked.json == {"jobIds": [1, 2], "strategy": "SoftStop"}


@pytest.mark.parametrize("behaviour", [reply(200, b"<html>sign in</html>"), reply(500), reset, silent])
async def test_a_stop_is_one_request(client: OrchestratorClient, server: Server, behaviour: Behaviour) -> None:
    server.will(behaviour)
    with pytest.raises(Ambiguous):
        await client.stop_jobs(FOLDER, [1], StopStrategy.KILL)
    assert len(server.asked) == 1


async def test_reading_one_job(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(200, job(5, OutputArguments='{"a": 1}', Robot={"Id": 1, "Name": "Bot"})))
    one = await client.job(FOLDER, 5)
    assert one is not None
    assert one.output_arguments == '{"a": 1}'
    assert one.robot is not None
    assert one.robot.name == "Bot"
    assert server.asked[0].path == f"{API}/Jobs(5)"


async def test_a_job_is_gone_only_if_orchestrator_says_so(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(404, {"message": "Job does not exist.", "errorCode": 1002}))
    assert await client.job(FOLDER, 5) is None
    server.will(*[reply(404, b"<html>no backend</html>")] * 3)
    with pytest.raises(Ambiguous):
        await client.job(FOLDER, 5)


async def test_a_read_goes_on_through_an_outage(client: OrchestratorClient, server: Server, clock: StillClock) -> None:
    server.will(reset, reply(503), reply(429, retry_after="5"), raw(b"HTTP/1.1 200"), reply(200, job(5)))
    assert await client.job(FOLDER, 5) is not None
    assert client.counts == {"job": 5}
    assert any(seconds >= 5 for seconds in clock.slept)


async def test_listing_by_ids_in_chunks(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(*(job(n) for n in range(100))), rows(*(job(n) for n in range(100, 120))))
    jobs = await client.jobs(FOLDER, range(120))
    assert [one.id for one in jobs] == list(range(120))
    assert server.asked[0].query["$filter"] == f"Id in ({','.join(map(str, range(100)))})"
    assert server.asked[0].query["$top"] == "100"
    assert len(server.asked) == 2


async def test_a_server_without_in_is_asked_with_or_from_then_on(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(400, {"message": "Invalid OData query options.", "errorCode": 1000}))
    server.otherwise = rows(job(1), job(99))
    assert [one.id for one in await client.jobs(FOLDER, range(16))] == [1]
    await client.jobs(FOLDER, [1, 2])
    filters = [asked.query["$filter"] for asked in server.asked]
    assert [text.count(" or ") for text in filters] == [0, 14, 0, 1]
    assert filters[-1] == "Id eq 1 or Id eq 2"


async def test_a_refusal_about_the_folder_is_not_about_the_filter(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(400, {"message": "Folder does not exist.", "errorCode": 1100}))
    with pytest.raises(Refused, match="Folder does not exist"):
        await client.jobs(FOLDER, [1])
    assert len(server.asked) == 1


async def test_no_ids_no_request(client: OrchestratorClient, server: Server) -> None:
    assert await client.jobs(FOLDER, []) == []
    assert server.asked == []


@pytest.mark.parametrize("pages", [[100, 100, 3], [100, 0], [3]])
async def test_all_pages_are_read(client: OrchestratorClient, server: Server, pages: Any) -> None:
    start = 0
    for size in pages:
        server.will(rows(*(release(f"r{n}", n) for n in range(start, start + size))))
        start += size
    assert len(await client.releases(FOLDER)) == sum(pages)
    assert [asked.query["$skip"] for asked in server.asked] == [str(100 * n) for n in range(len(pages))]


async def test_a_server_that_ignores_skip_does_not_hold_us(client: OrchestratorClient, server: Server) -> None:
    server.otherwise = rows(*(release(f"r{n}", n) for n in range(100)))
    assert len(await client.releases(FOLDER)) == 100
    assert len(server.asked) == 2


@pytest.mark.parametrize("body", [{"value": {}}, {"value": [{"Name": "x"}]}, [], {"value": ["x"]}])
async def test_a_list_that_is_none_is_ambiguous(client: OrchestratorClient, server: Server, body: Any) -> None:
    server.otherwise = reply(200, body)
    with pytest.raises(Ambiguous):
        await client.releases(FOLDER)


@pytest.mark.parametrize("name", ["Finance/Close", "/Finance/Close/", " finance/close "])
async def test_a_folder_by_path_is_asked_for_once(client: OrchestratorClient, server: Server, name: str) -> None:
    server.will(rows(folder("Finance/Close", 9)))
    assert (await client.folder(name)).id == 9
    assert (await client.folder("Finance/Close")).id == 9
    (asked,) = server.asked
    assert asked.query["$filter"].lower() == "fullyqualifiedname eq 'finance/close'"
    assert "x-uipath-organizationunitid" not in asked.headers


async def test_the_configured_folder(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(folder("Shared")))
    assert (await client.folder(None)).fully_qualified_name == "Shared"


async def test_a_folder_by_id_and_by_key(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(folder("A", 9)), reply(200, folder("B", 10)))
    assert (await client.folder(9)).id == 9
    assert server.asked[0].query["$filter"] == "Id eq 9 or FullyQualifiedName eq '9'"
    assert (await client.folder(KEY)).id == 10
    assert server.asked[1].path == f"{API}/Folders/UiPath.Server.Configuration.OData.GetByKey(identifier={KEY})"


async def test_a_folder_that_does_not_exist_names_the_near_ones(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(), rows(folder("Finance/Close"), folder("Shared", 8)))
    with pytest.raises(Refused, match="no folder Finance/Clsoe") as caught:
        await client.folder("Finance/Clsoe")
    assert caught.value.hint == "Did you mean Finance/Close?"


async def test_a_folder_key_that_does_not_exist(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(404, {"message": "no", "errorCode": 1002}), rows())
    with pytest.raises(Refused, match=f"no folder {KEY}") as caught:
        await client.folder(KEY)
    assert caught.value.hint == "The account sees no folders there at all."


async def test_no_folder_at_all(server: Server, clock: StillClock) -> None:
    async with OrchestratorClient(Settled(server.url, folder=None), clock=clock, dice=lambda: 0.5) as client:
        with pytest.raises(Refused, match="no folder is named") as caught:
            await client.folder(None)
    assert "UIPATH_FOLDER_PATH" in (caught.value.hint or "")
    assert server.asked == []


async def test_a_release_by_name_is_asked_for_once(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(release("O'Hara")))
    assert (await client.release(FOLDER, name="O'Hara")).key == "rk"
    assert (await client.release(FOLDER, name="O'Hara")).key == "rk"
    (asked,) = server.asked
    assert asked.query["$filter"] == "Name eq 'O''Hara'"
    assert asked.headers["x-uipath-organizationunitid"] == "7"


async def test_a_release_by_key(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(release("A", key=KEY)))
    assert (await client.release(FOLDER, key=KEY)).name == "A"
    assert server.asked[0].query["$filter"] == f"Key eq '{KEY}'"


async def test_a_release_that_does_not_exist(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(), rows(release("PostLedger"), release("Extract", 2)))
    with pytest.raises(Refused, match="no Release postleger in folder Shared") as caught:
        await client.release(FOLDER, name="postleger")
    assert caught.value.hint == "Did you mean PostLedger?"
    server.will(rows(), rows(release("B"), release("A", 2)))
    with pytest.raises(Refused) as caught:
        await client.release(FOLDER, name="Quite different")
    assert caught.value.hint == "The account sees 2 Releases, among them A, B."


async def test_two_releases_of_one_name(client: OrchestratorClient, server: Server) -> None:
    server.will(rows(release("A", 1, "k1"), release("A", 2, "k2")))
    with pytest.raises(Refused, match="2 Releases") as caught:
        await client.release(FOLDER, name="A")
    assert caught.value.hint == "Use release_key: k1, k2."


async def test_robots_are_remembered_for_a_while(client: OrchestratorClient, server: Server, clock: StillClock) -> None:
    server.otherwise = rows({"Id": 1, "Name": "Bot"})
    assert [robot.name for robot in await client.robots(FOLDER)] == ["Bot"]
    await client.robots(FOLDER)
    assert len(server.asked) == 1
    assert server.asked[0].path.endswith("GetRobotsFromFolder(folderId=7)")
    clock.time += 61
    await client.robots(FOLDER)
    assert len(server.asked) == 2


async def test_robots_of_an_older_server(client: OrchestratorClient, server: Server) -> None:
    server.will(reply(404), rows({"Id": 1, "Name": "Bot"}))
    assert len(await client.robots(FOLDER)) == 1
    assert server.asked[1].path == f"{API}/Robots"
