"""Whatever a server answers: each method gives what it should, or one of the errors that the engine knows."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun.errors import OrchestratorError
from flowrun.orchestrator.client import OrchestratorClient
from flowrun.orchestrator.replies import Reply, document, error_of
from flowrun.orchestrator.wire import StartInfo, StopStrategy, Strategy, Tag
from tests.unit.orchestrator.server import FOLDER, Behaviour, Server, job, reply

START = StartInfo(release_key="k", strategy=Strategy.MODERN_JOBS_COUNT, jobs_count=1)
METHODS: dict[str, Callable[[OrchestratorClient], Awaitable[Any]]] = {
    "folder": lambda client: client.folder("Other"),
    "release": lambda client: client.release(FOLDER, name="R"),
    "releases": lambda client: client.releases(FOLDER),
    "robots": lambda client: client.robots(FOLDER),
    "start": lambda client: client.start_jobs(FOLDER, START),
    "find": lambda client: client.find_jobs(FOLDER, Tag.REFERENCE, ["fr1:a:b:1"]),
    "jobs": lambda client: client.jobs(FOLDER, [1, 2]),
    "job": lambda client: client.job(FOLDER, 1),
    "stop": lambda client: client.stop_jobs(FOLDER, [1], StopStrategy.KILL),
}
DEEP = b'{"value": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"
JOB = '{"Id": 1, "Key": "k", "State": "Pending", "Info": %s}'
ROWS: tuple[Any, ...] = (
    *(None, 1, "x", [], {}, [[]], {"Id": None}, {"Id": "one"}, {"Id": 10**400, "Key": "k", "State": "Pending"}),
    *(job(1, State=None), job(1, State={"a": 1}), job(1, Info=[1]), job(1, OutputArguments={"a": 1}), job(1, Robot=7)),
    *(job(1, StartTime="never"), job(-1), job(1, Key="\x00"), job(1, State="\u202eRunning"), job(1, Id=True)),
)
POISON: dict[str, Behaviour] = {
    "deep": reply(200, DEEP),
    "deeper": reply(200, b"[" * 90_000),
    "deep, and refused": reply(400, DEEP),
    "deep names": reply(200, b'{"value": [{"Id": 1, "Key": "k", "State": "Pending", "More": ' + DEEP + b"}]}"),
    "NaN": reply(200, b'{"value": [{"Id": NaN}]}'),
    "endless": reply(200, b'{"value": [{"Id": 1e999}]}'),
    "digits": reply(200, b'{"value": [{"Id": ' + b"9" * 9_999 + b"}]}"),
    "half a character": reply(200, ('{"value": [' + JOB % '"\\ud800"' + "]}").encode()),
    "half a character, refused": reply(400, b'{"message": "\\ud800", "errorCode": 1}'),
    "bytes": reply(200, bytes(range(256))),
    "large": reply(200, b'{"value": ["' + b"x" * 250_000 + b'"]}'),
    "names twice": reply(200, b'{"value": 1, "Value": [], "VALUE": {}}'),
    "no object": reply(200, b"[]"),
    "moved": reply(302, b"", location="http://127.0.0.1:1/elsewhere"),
    "when": reply(429, b"{}", retry_after="Mon, 01 Jan 99999999999999999999 00:00:00 GMT"),
    "kind of": reply(400, {"message": {"a": 1}, "errorCode": [1], "traceId": 7}),
    "wordy": reply(500, {"message": "x" * 150_000}),
    **{f"row {at}": reply(200, {"value": [row]}) for at, row in enumerate(ROWS)},
    **{f"row {at} alone": reply(200, row if isinstance(row, dict) else [row]) for at, row in enumerate(ROWS)},
}


@pytest.mark.parametrize("poison", POISON)
async def test_no_answer_is_more_than_an_error(client: OrchestratorClient, server: Server, poison: str) -> None:
    server.otherwise = POISON[poison]
    for call in METHODS.values():
        try:
            found = await call(client)
        except OrchestratorError as error:
            error.message.encode()
            assert len(error.message) < 5_000  # noqa: PT017 - either way is right
        else:
            repr(found).encode()


bodies = st.one_of(
    st.binary(max_size=60),
    st.text('[]{}:,"\\ud80 19e.-NaIfinty', max_size=60).map(str.encode),
)
headers = st.dictionaries(st.sampled_from(["retry-after", "location", "x-uipath-traceid"]), st.text(max_size=30))


@given(st.integers(100, 999), headers, bodies, st.sampled_from(["GET", "POST"]))
def test_whatever_is_replied_is_read_or_is_an_error(
    status: int, headers: dict[str, str], body: bytes, method: str
) -> None:
    answer = Reply(method, "http://h/x", status, headers, body)
    assert isinstance(error_of(answer, "do it", 1_700_000_000.0), OrchestratorError)
    with contextlib.suppress(OrchestratorError):
        repr(document(answer)).encode()
