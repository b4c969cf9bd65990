from __future__ import annotations

from tests.unit.emulator.conftest import Serve

CATALOG = """
folders:
  One: {robots: [{name: DocBot, id: 749, machine: vm7}, Other], releases: {Echo: {builtin: echo}}}
  Two: {robots: 1, releases: {Echo: {builtin: echo}}}
"""


async def test_robots_of_the_folder(serve: Serve) -> None:
    served = await serve(CATALOG)
    text = {"$filter": "Name eq 'DocBot'"}
    (robot,) = (await served.http.get("/odata/Robots", params=text)).json()["value"]
    assert (robot["Id"], robot["MachineName"], robot["Type"]) == (749, "vm7", "Unattended")
    assert (await served.http.get("/odata/Robots(749)")).json()["Name"] == "DocBot"
    other = {"X-UIPATH-FolderPath": "Two"}
    assert (await served.http.get("/odata/Robots(749)", headers=other)).status_code == 404
    path = "/odata/Robots/UiPath.Server.Configuration.OData.GetRobotsFromFolder(folderId=1)"
    assert len((await served.http.get(path)).json()["value"]) == 2


async def test_jobs_of_a_robot_by_id_and_by_name(serve: Serve) -> None:
    served = await serve(CATALOG)
    (job,) = await served.start("Echo", Strategy="Specific", RobotIds=[749])
    await served.until(job["Id"])
    for text in ("Robot/Id eq 749", "Robot/Name eq 'DocBot' and State eq 'Successful'"):
        answer = await served.http.get("/odata/Jobs", params={"$filter": text, "$expand": "Robot"})
        (found,) = answer.json()["value"]
        assert (found["Id"], found["Robot"]["Name"]) == (job["Id"], "DocBot")
