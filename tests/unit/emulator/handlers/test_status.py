from __future__ import annotations

from tests.unit.emulator.conftest import Served


async def test_status_is_an_empty_200_and_the_version_says_20(served: Served) -> None:
    answer = await served.http.get("/api/Status/Get")
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await served.http.get("/api/Status/Version")).json()["version"] == "20.0"
