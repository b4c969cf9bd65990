"""The emulator with 10,000 Jobs: how fast it starts, lists and filters, and how much memory it takes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from tests.benchmarks.measure import emulator, peak
from tests.benchmarks.workloads import Workload, write

JOBS = 10_000
CLIENTS = 16
TIMES = 30
START = "/Jobs/UiPath.Server.Configuration.OData.StartJobs"

QUERIES: Mapping[str, Mapping[str, str]] = {
    "a page of 100": {"$top": "100", "$skip": "5000", "$orderby": "Id asc"},
    "100 by `Id in (…)`": {"$filter": f"Id in ({','.join(str(at) for at in range(100, 9_900, 98))})"},
    "by robot and state": {"$filter": "Robot/Id eq 7 and State eq 'Successful'", "$top": "100"},
    "by end date": {"$filter": "EndTime gt 2000-01-01T00:00:00Z", "$orderby": "EndTime desc", "$top": "100"},
    "by a text in Info": {"$filter": "indexof(Info,'Logon failure') ne -1", "$top": "100"},
    "the count alone": {"$filter": "State eq 'Faulted'", "$count": "true", "$top": "1"},
}


def table(folder: Path) -> None:
    """Print it."""
    _, catalog = write(folder, Workload("crowd", {"one": ()}), robots=64)
    print("### The emulator with 10,000 Jobs\n\n| what | calls a second | Jobs a second |\n|---|---|---|")
    with emulator(catalog, folder / "one") as environment, client(environment) as http:
        took = timed(lambda: started(http, JOBS))
        print(f"| one StartJobs of 10,000, all ended after {took + settled(http):.1f} s | | {JOBS / took:,.0f} |")
        at_once_peak = peak(int(environment["PID"]))
    with emulator(catalog, folder / "many") as environment, client(environment) as http:
        bare = peak(int(environment["PID"]))
        took = timed(lambda: list(at_once(http, JOBS)))
        print(f"| 10,000 StartJobs of one, from {CLIENTS} clients at once | {JOBS / took:,.0f} | {JOBS / took:,.0f} |")
        settled(http)
        for name, query in QUERIES.items():
            asked = query

            def ask(query: Mapping[str, str] = asked) -> Any:
                return http.get("/Jobs", params=query).raise_for_status()

            ask()  # the first filter loads the parser
            took = timed(lambda ask=ask: [ask() for _ in range(TIMES)])
            rows = len(ask().json()["value"])
            print(f"| list: {name} ({rows} rows) | {TIMES / took:,.0f} | |")
        took = timed(lambda: [http.get(f"/Jobs({at})").raise_for_status() for at in range(1, 301)])
        print(f"| one Job by its id | {300 / took:,.0f} | |")
        one_by_one = peak(int(environment["PID"]))
    print(
        f"\nPeak memory: {bare:.0f} MiB before any Job, {one_by_one:.0f} MiB with 10,000 ended Jobs of as many starts, "
        f"{at_once_peak:.0f} MiB where one answer named all 10,000."
    )


def client(environment: Mapping[str, str]) -> httpx.Client:
    """Signed in, in the folder."""
    headers = {
        "Authorization": f"Bearer {environment['UIPATH_ACCESS_TOKEN']}",
        "X-UIPATH-FolderPath": environment["UIPATH_FOLDER_PATH"],
    }
    base = environment["UIPATH_URL"] + "/orchestrator_/odata"
    return httpx.Client(base_url=base, headers=headers, timeout=120, trust_env=False)


def started(http: httpx.Client, count: int) -> Sequence[Any]:
    """The Jobs of one start."""
    info = {"ReleaseName": "Echo", "Strategy": "ModernJobsCount", "JobsCount": count}
    jobs: Sequence[Any] = http.post(START, json={"startInfo": info}).raise_for_status().json()["value"]
    return jobs


def at_once(http: httpx.Client, count: int) -> Iterator[Any]:
    """So many starts of one, from several threads."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        yield from pool.map(lambda _: started(http, 1), range(count))


def settled(http: httpx.Client) -> float:
    """Seconds until no Job is open any more."""

    def wait() -> None:
        open_ones = "State eq 'Pending' or State eq 'Running'"
        while http.get("/Jobs", params={"$filter": open_ones, "$top": "1"}).raise_for_status().json()["value"]:
            time.sleep(0.2)  # noqa: TID251 - a benchmark lives in real time

    return timed(wait)


def timed(what: Any) -> float:
    """Seconds of a call."""
    began = time.perf_counter()
    what()
    return time.perf_counter() - began
