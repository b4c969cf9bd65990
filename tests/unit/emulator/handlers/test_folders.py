from __future__ import annotations

import base64

import pytest

from tests.unit.emulator.conftest import Serve, Served

FOLDERS = """
folders:
  Finance: {releases: {Echo: {builtin: echo}}}
  Finance/Close: {releases: {Close: {builtin: echo}}}
  Shared/Ünï: {releases: {Echo: {builtin: echo}}}
"""


@pytest.fixture
async def many(serve: Serve) -> Served:
    served = await serve(FOLDERS)
    del served.http.headers["X-UIPATH-FolderPath"]
    return served


async def test_a_folder_by_every_way(many: Served) -> None:
    text = "FullyQualifiedName eq 'Finance/Close'"
    (found,) = (await many.http.get("/odata/Folders", params={"$filter": text, "$top": "1"})).json()["value"]
    assert (found["DisplayName"], found["ParentId"]) == ("Close", 1)
    by_id = (await many.http.get(f"/odata/Folders({found['Id']})")).json()
    by_key = (await many.http.get(f"/odata/Folders/GetByKey(identifier={found['Key'].upper()})")).json()
    assert by_id["Key"] == by_key["Key"] == found["Key"]


async def test_the_search_that_the_python_sdk_uses(many: Served) -> None:
    answer = (
        await many.http.get("/api/FoldersNavigation/GetFoldersForCurrentUser?searchText=Close&skip=0&take=20")
    ).json()
    assert (answer["Count"], answer["PageItems"][0]["FullyQualifiedName"]) == (1, "Finance/Close")
    assert (await many.http.get("/api/Folders/GetAllForCurrentUser?take=101")).json()["errorCode"] == 1009
    assert (await many.http.get("/api/Folders/GetAllForCurrentUser?take=x")).json()["errorCode"] == 1009


async def test_headers_name_a_folder_and_the_path_goes_first(many: Served) -> None:
    encoded = base64.b64encode("Shared/Ünï".encode("utf-16-le")).decode()
    for headers in (
        {"x-uipath-folderpath-encoded": encoded},
        {"x-uipath-folderpath-encoded": encoded, "x-uipath-organizationunitid": "2"},
        {"X-UIPATH-OrganizationUnitId": "3"},
    ):
        (release,) = (await many.http.get("/odata/Releases", headers=headers)).json()["value"]
        assert release["OrganizationUnitFullyQualifiedName"] == "Shared/Ünï"


@pytest.mark.parametrize(
    "headers",
    [{"x-uipath-folderpath": "Nope"}, {"x-uipath-folderkey": "1"}, {"x-uipath-folderpath-encoded": "%%%"}],
)
async def test_a_wrong_folder(many: Served, headers: dict[str, str]) -> None:
    answer = await many.http.get("/odata/Jobs", headers=headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, 1100)
