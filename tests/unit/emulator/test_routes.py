from __future__ import annotations

import pytest

from flowrun.emulator import routes
from flowrun.emulator.handlers import control, folders, identity, jobs, status

LONG = "UiPath.Server.Configuration.OData"


@pytest.mark.parametrize("mount", ["", "/org/tenant", "/org/tenant/orchestrator_", "/orchestrator_"])
@pytest.mark.parametrize(
    ("method", "path", "handler", "key", "operation"),
    [
        ("GET", "/odata/Jobs", jobs.listed, "", "Jobs"),
        ("GET", "/odata/jobs()", jobs.listed, "", "Jobs"),
        ("GET", "/odata/Jobs/", jobs.listed, "", "Jobs"),
        ("GET", "/odata/Jobs(12)", jobs.single, "12", "Job"),
        ("POST", f"/odata/Jobs/{LONG}.StartJobs", jobs.start, "", "StartJobs"),
        ("POST", f"/odata/Jobs/{LONG.lower()}.startjobs()", jobs.start, "", "StartJobs"),
        ("POST", "/odata/Jobs/StopJobs", jobs.stop_many, "", "StopJobs"),
        ("POST", f"/odata/Jobs(12)/{LONG}.StopJob", jobs.stop_one, "12", "StopJob"),
        ("GET", "/api/status/get", status.get, "", "Status"),
    ],
)
def test_what_is_built(mount: str, method: str, path: str, handler: object, key: str, operation: str) -> None:
    route = routes.find(method, mount + path)
    assert route is not None
    assert (route.handler, route.key, route.operation, route.mount) == (handler, key, operation, mount)


def test_arguments_of_a_function() -> None:
    route = routes.find("GET", f"/odata/Folders/{LONG}.GetByKey(identifier='AB-1')")
    assert route is not None
    assert route.handler is folders.by_key
    assert route.arguments == {"identifier": "AB-1"}


@pytest.mark.parametrize(
    "path", ["/identity_/connect/token", "/org/identity_/connect/token", "/identity/connect/token"]
)
def test_identity(path: str) -> None:
    route = routes.find("POST", path)
    assert route is not None
    assert route.handler is identity.token


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/odata/QueueItems", "QueueItems"),
        ("POST", "/odata/Jobs", "Jobs"),
        ("POST", f"/odata/Jobs({1})/{LONG}.ValidateExistingJob", "ValidateExistingJob"),
        ("DELETE", "/odata/Releases(4)", "Releases"),
        ("GET", "/odata/$metadata", "$metadata"),
        ("POST", "/org/tenant/orchestrator_/api/Logs/GetLogs", "GetLogs"),
    ],
)
def test_what_is_not_built_has_a_name(method: str, path: str, operation: str) -> None:
    route = routes.find(method, path)
    assert route is not None
    assert (route.handler, route.operation) == (None, operation)


def test_the_emulators_own_paths_are_not_mounted() -> None:
    route = routes.find("GET", "/emulator/state")
    assert route is not None
    assert (route.handler, route.operation) == (control.state, "emulator")
    assert routes.find("GET", "/org/tenant/emulator/state") is None


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/a/b/c/d/odata/Jobs", "/odata"])
def test_what_is_no_path_of_the_api(path: str) -> None:
    assert routes.find("GET", path) is None
